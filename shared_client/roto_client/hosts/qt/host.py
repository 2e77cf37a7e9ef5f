"""What the panel needs of the application it is docked in.

Everything is called on the host's main thread and returns at once. Any call may raise RotoError,
which the panel shows as a line. Frames are the host's own unless called plate frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import (
    Any,
    Callable,
    Dict,
    Mapping,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    runtime_checkable,
)

from roto_shapes.errors import RotoError
from roto_shapes.frames import FrameRange

from ..orders import FrameMap
from ..state import JobRow

Color = Tuple[float, float, float]
Stop = Callable[[], None]

POSITIVE, NEGATIVE, BOX, SHAPES = "positive", "negative", "box", "shapes"
ABSENT, CLEAR, CANVAS = "absent", "clear", "canvas"
PICKS = (POSITIVE, NEGATIVE, BOX, SHAPES, ABSENT, CLEAR, CANVAS)
REPLACE, BESIDE = "replace", "beside"

OUTPUTS = ("shapes", "mattes", "cryptomatte", "overlay", "contact_sheet")
PRIORITIES = ("high", "normal", "low")
ENGINES = ("auto", "sam2", "flow")


@dataclass(frozen=True)
class Said:
    """What is prompted on one frame of an object."""

    frame: int
    positive: int = 0
    negative: int = 0
    box: bool = False
    outline: bool = False
    absent: bool = False

    def __str__(self) -> str:
        parts = [
            f"{self.positive}+" * bool(self.positive),
            f"{self.negative}-" * bool(self.negative),
        ]
        parts += ["box" * self.box, "shape" * self.outline, "absent" * self.absent]
        return f"{self.frame}: {' '.join(part for part in parts if part)}"


@dataclass(frozen=True)
class ObjectRow:
    """An object of the host's node. ``key`` stays when it is renamed; ``color``: r, g, b 0..1."""

    key: str
    name: str
    color: Color = (0.9, 0.6, 0.2)
    enabled: bool = True
    said: Tuple[Said, ...] = ()


@dataclass(frozen=True)
class SubmitChoices:
    """What the artist chose for a job. ``shot`` empty: named after the plate; ``frames`` None: all
    of the plate (host frames, inclusive)."""

    project: str = "default"
    shot: str = ""
    frames: Optional[Tuple[int, int]] = None
    outputs: Tuple[str, ...] = ("shapes", "mattes")
    priority: str = "normal"
    engine: str = "auto"

    def to_memory(self) -> Dict[str, Any]:
        """What is kept for the next time: not the shot and the range, which are of one plate."""
        return {
            "outputs": list(self.outputs),
            "priority": self.priority,
            "engine": self.engine,
        }

    @classmethod
    def from_memory(cls, kept: Mapping[str, Any]) -> SubmitChoices:
        """The choices that were kept; what is missing or unknown by now is the default."""
        plain = cls()
        listed = kept.get("outputs")
        outputs = tuple(o for o in OUTPUTS if isinstance(listed, list) and o in listed)
        return cls(
            project=str(kept.get("project") or plain.project),
            outputs=outputs or plain.outputs,
            priority=_one_of(PRIORITIES, kept.get("priority"), plain.priority),
            engine=_one_of(ENGINES, kept.get("engine"), plain.engine),
        )


def _one_of(known: Sequence[str], value: Any, default: str) -> str:
    return value if isinstance(value, str) and value in known else default


def frames_from_text(text: str) -> Optional[Tuple[int, int]]:
    """ "1001-1096" as a range, empty as None. Raises RotoError for anything else."""
    if not text.strip():
        return None
    chosen = FrameRange.parse(text.strip())
    return chosen.first, chosen.last


class Action(NamedTuple):
    """A button of the host's own. ``call`` runs on the main thread; RotoError becomes a line."""

    label: str
    call: Callable[[], None]
    tip: str = ""


class PanelHost(Protocol):
    """What every host does for the panel. What else it can do is in the protocols below: a host
    that has their methods gets the parts of the panel that need them."""

    def actions(self) -> Sequence[Action]:
        """Buttons above the list of jobs; may be none."""
        ...

    def fetch(self, job_id: str) -> None:
        """Bring a job's result into the host."""
        ...

    def jump(self, row: JobRow, object_name: str, frame: int) -> None:
        """Show a plate frame of a job's shot, and the object if the host can."""
        ...


@runtime_checkable
class ResultsHost(Protocol):
    """A host that applies results in two ways, and sends corrections of them."""

    def apply(self, job_id: str, how: str) -> None:
        """Bring a result in: ``replace`` the last version, or stand ``beside`` it."""
        ...

    def correct(self, job_id: str) -> None:
        """Send what was changed in the shapes of this job on the frame that is shown."""
        ...


@runtime_checkable
class FramesHost(Protocol):
    """A host that counts frames otherwise than the plate."""

    def frame_map(self, job_id: str) -> FrameMap:
        """From plate frames of a job to host frames."""
        ...


@runtime_checkable
class SubmitHost(Protocol):
    """A host whose jobs are described in the panel."""

    def frame_range(self) -> Optional[Tuple[int, int]]:
        """The frames its node has, None if it cannot be told."""
        ...

    def submit_job(self, choices: SubmitChoices) -> None:
        """Send the node's objects."""
        ...


@runtime_checkable
class ObjectsHost(Protocol):
    """A host whose objects are listed and prompted in the panel."""

    def picks(self) -> Sequence[str]:
        """The kinds of `pick` there are, of `PICKS`."""
        ...

    def node(self) -> str:
        """The name of the node that is worked on; empty if there is none."""
        ...

    def objects(self) -> Sequence[ObjectRow]:
        """The objects of the node, in its order."""
        ...

    def select(self, key: str) -> None:
        """The object that picks go to, from now on."""
        ...

    def add_object(self, name: str) -> str:
        """A new object; its key."""
        ...

    def remove_object(self, key: str) -> None:
        """Remove an object and its prompts, in one undo."""
        ...

    def change_object(
        self,
        key: str,
        *,
        name: Optional[str] = None,
        color: Optional[Color] = None,
        enabled: Optional[bool] = None,
    ) -> None:
        """Change what is given."""
        ...

    def pick(self, key: str, kind: str) -> None:
        """Prompt an object on the frame that is shown, see `PICKS`."""
        ...

    def watch(self, changed: Callable[[], None]) -> Stop:
        """Call ``changed`` when the node or its objects changed, until the returned call."""
        ...


def in_words(error: RotoError) -> str:
    """What happened, and what to do about it."""
    return f"{error.message} {error.hint}".strip()
