"""What a host asks for, in plate frames and plate pixels (origin top-left, y down)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from roto_shapes.document import Document
from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt

from ..api.corrections import CorrectionRequest
from ..api.corrections import Edit as HostEdit
from ..api.models import Shot
from ..api.request import ObjectPrompts, SubmitRequest

__all__ = (
    "FrameMap",
    "HostCorrection",
    "HostEdit",
    "HostRequest",
    "ObjectPrompts",
    "check_size",
)


@dataclass(frozen=True)
class FrameMap:
    """How a host counts: plate frame + ``offset`` = frame in the script."""

    offset: int = 0

    def to_plate(self, frame: int) -> int:
        """The plate frame of a script frame."""
        return frame - self.offset

    def to_script(self, frame: int) -> int:
        """The script frame of a plate frame."""
        return frame + self.offset


@dataclass(frozen=True)
class HostRequest(SubmitRequest):
    """A `SubmitRequest` from a host that knows its picture.

    ``width``, ``height``: pixels of the picture the prompts were given on, None if the host cannot
    tell. A plate of another size is refused rather than tracked in the wrong place.
    """

    width: Optional[int] = None
    height: Optional[int] = None

    def prompts_on(self, frame: int) -> Dict[str, FramePrompt]:
        """Object name -> its prompt on a plate frame, absences left out. Raises RotoError
        ``no_objects`` where there is none."""
        found = {
            one.name: prompt
            for one in self.objects
            for prompt in one.prompts
            if prompt.frame == frame and not prompt.absent
        }
        if not found:
            raise RotoError(
                f"Nothing is prompted on frame {frame}.",
                hint="Click on the object on this frame, or go to a frame that has prompts.",
                code="no_objects",
            )
        return found


@dataclass(frozen=True)
class HostCorrection:
    """Corrections of version ``base_version`` of a shot's shapes.

    ``edits`` is called on a worker thread with that version's document, since telling what an
    artist touched needs it, and may take a second. ``outputs`` and ``exports`` left out are the
    corrected job's. The same ``key`` never makes two jobs.
    """

    shot_id: str
    base_version: int
    edits: Callable[[Document], Sequence[HostEdit]]
    outputs: Optional[Tuple[str, ...]] = None
    exports: Optional[Tuple[str, ...]] = None
    priority: str = "normal"
    key: str = ""

    def body(self, base: Document) -> Dict[str, Any]:
        """The body of the request. Raises RotoError when there is nothing to correct."""
        edits = tuple(self.edits(base))
        if not edits:
            raise RotoError(
                f"Nothing differs from version {self.base_version}.",
                hint="Move points on a frame that is wrong, then correct from there.",
                code="no_objects",
            )
        return CorrectionRequest(
            self.base_version,
            edits,
            outputs=self.outputs,
            exports=self.exports,
            priority=self.priority,
        ).body()


def check_size(request: HostRequest, shot: Shot) -> None:
    """Raise RotoError ``bad_plate`` if the plate is not of the size the host showed it in."""
    here, there = (request.width, request.height), (shot.width, shot.height)
    if None in here or None in there or here == there:
        return
    raise RotoError(
        f"The prompts were given on {here[0]} x {here[1]} pixels, but the plate has "
        f"{there[0]} x {there[1]}.",
        hint="Switch proxy mode off and use the plate's own format; a picture that was reformatted "
        "or cropped has to be rendered and sent.",
        code="bad_plate",
        detail={"host": list(here), "plate": list(there)},
    )
