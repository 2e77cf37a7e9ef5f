"""What the panel needs of the application it is docked in.

Everything is called on the host's main thread and returns at once. Frames are the host's own.
Any call may raise RotoError, which the panel shows as a line; what comes of an action later, the
host tells through `PanelHost.watch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, Iterable, Mapping, Optional, Sequence, Tuple

from roto_shapes.errors import RotoError
from roto_shapes.frames import FrameRange

from ..orders import FrameMap

try:
    from typing import Protocol
except ImportError:  # pragma: no cover (Python 3.7 of an older host)
    Protocol = object  # type: ignore[assignment]

Color = Tuple[float, float, float]
Stop = Callable[[], None]

POSITIVE, NEGATIVE, BOX, SHAPES = "positive", "negative", "box", "shapes"
ABSENT, CLEAR, CANVAS = "absent", "clear", "canvas"
PICKS = (POSITIVE, NEGATIVE, BOX, SHAPES, ABSENT, CLEAR, CANVAS)
REPLACE, BESIDE = "replace", "beside"

OUTPUTS = ("shapes", "mattes", "cryptomatte", "overlay", "contact_sheet")
PRIORITIES = ("low", "normal", "high", "urgent")
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
        parts = [f"{self.positive}+" * bool(self.positive), f"{self.negative}-" * bool(self.negative)]
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


class PanelHost(Protocol):
    """The application, seen from the panel."""

    @property
    def title(self) -> str:
        """The application's name."""

    @property
    def abilities(self) -> FrozenSet[str]:
        """The kinds of `pick` there are; further "preview"."""

    def node(self) -> str:
        """The name of the node that is worked on; empty if there is none."""

    def objects(self) -> Sequence[ObjectRow]:
        """The objects of the node, in its order."""

    def frame(self) -> int:
        """The frame that is shown."""

    def frame_range(self) -> Optional[Tuple[int, int]]:
        """The frames the node has, None if it cannot be told."""

    def jobs(self) -> Iterable[str]:
        """The ids of the jobs sent from this script or project."""

    def frame_map(self, job_id: str) -> FrameMap:
        """From plate frames of a job to host frames."""

    def select(self, key: str) -> None:
        """The object that picks go to, from now on."""

    def add_object(self, name: str) -> str:
        """A new object; its key."""

    def remove_object(self, key: str) -> None:
        """Remove an object and its prompts, in one undo."""

    def change_object(
        self,
        key: str,
        *,
        name: Optional[str] = None,
        color: Optional[Color] = None,
        enabled: Optional[bool] = None,
    ) -> None:
        """Change what is given."""

    def pick(self, key: str, kind: str) -> None:
        """Prompt an object on the frame that is shown, see `PICKS`."""

    def preview(self) -> None:
        """Show what the prompts of this frame give."""

    def submit(self, choices: SubmitChoices) -> None:
        """Send the node's objects."""

    def apply(self, job_id: str, how: str) -> None:
        """Bring a job's result in: ``replace`` the last version or stand ``beside`` it."""

    def correct(self, job_id: str) -> None:
        """Send what was changed in the shapes of this job on the frame that is shown."""

    def jump(self, frame: int) -> None:
        """Show a frame."""

    def watch(self, changed: Callable[[], None], say: Callable[[str, bool], None]) -> Stop:
        """Call ``changed`` when node or objects changed, ``say(text, is_error)`` for a line to the
        artist, from now until the returned call."""


def in_words(error: RotoError) -> str:
    """What happened, and what to do about it."""
    return f"{error.message} {error.hint}".strip()
