"""From what a node says to what the core of the hosts takes, and back: script frames become plate
frames here, and nothing else is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple

from roto_client.hosts import (
    Desk,
    HostCorrection,
    HostEdit,
    HostRequest,
    HostResult,
    JobRow,
    ObjectPrompts,
    Preview,
)
from roto_shapes.edits import changed_frames
from roto_shapes.errors import RotoError
from roto_shapes.model import Document

from .errors import NodeError
from .node import RotoNode
from .plate import Plate
from .prompts import Said
from .readback import ReadBack
from .results import Mattes, Result

Failed = Callable[[RotoError], None]


@dataclass(frozen=True)
class Settings:
    """What the node's knobs ask for."""

    priority: str
    outputs: Tuple[str, ...]
    project: str = "default"
    shot: Optional[str] = None
    engine: str = "auto"


def settings_of(roto: RotoNode) -> Settings:
    """Raises NodeError when nothing is to come back."""
    outputs = tuple(name for name in ("mattes", "shapes") if roto.setting(name))
    if not outputs:
        raise NodeError("Neither mattes nor shapes are asked for.", hint="Tick at least one.")
    return Settings(
        priority=str(roto.setting("priority")),
        outputs=outputs,
        project=str(roto.setting("project")).strip() or "default",
        shot=str(roto.setting("shot")).strip() or None,
    )


def submit_request(
    objects: Sequence[Said], plate: Plate, frames: Tuple[int, int], settings: Settings
) -> HostRequest:
    """The request for ``frames`` (script frames, inclusive)."""
    shift = plate.offset
    return HostRequest(
        plate=plate.path,
        objects=tuple(_object(one, shift) for one in objects),
        project=settings.project,
        shot=settings.shot,
        engine=settings.engine,
        frame_range=(frames[0] - shift, frames[1] - shift),
        width=plate.width,
        height=plate.height,
        first_frame=plate.first_frame,
        colorspace=plate.colorspace,
        fps=plate.fps,
        outputs=settings.outputs,
        priority=settings.priority,
        # A temporary render is deleted as soon as it is sent.
        transfer="upload" if plate.rendered else "auto",
    )


def _object(one: Said, shift: int) -> ObjectPrompts:
    prompts = tuple(replace(prompt, frame=prompt.frame - shift) for prompt in one.prompts)
    span = one.frame_range
    return ObjectPrompts(
        name=one.name,
        prompts=prompts,
        color=one.color,
        frame_range=None if span is None else (span[0] - shift, span[1] - shift),
    )


def ask_preview(
    desk: Desk,
    objects: Sequence[Said],
    plate: Plate,
    frame: int,
    settings: Settings,
    view: str,
    done: Callable[[Preview], None],
    failed: Failed,
) -> None:
    """Ask what the objects' prompts on a script frame give. ``view``: a newer preview of the same
    view supersedes this one. ``done`` gets an ``api.previews.Preview``."""
    request = submit_request(objects, plate, plate.frame_range, settings)
    desk.preview(request, frame - plate.offset, done, failed, client_key=view)


class Chosen(NamedTuple):
    """The edits to send, and what the artist is told about the rest."""

    edits: List[HostEdit]
    notes: List[str]


def edits_of(back: ReadBack, base: Document, frame: Optional[int], offset: int) -> Chosen:
    """The layers the artist changed, each with the plate frames to track again from.

    ``frame``: the script frame he pressed the button on: a layer changed there is tracked again
    from there alone; one changed elsewhere from where it was changed. Raises NodeError when
    nothing was changed, or, with ``frame``, nothing there.
    """
    was = {layer.id: layer for layer in base.layers}
    edits: List[HostEdit] = []
    here = False
    elsewhere: List[int] = []
    for layer in back.layers:
        frames = changed_frames(was[layer.id], layer)
        if not frames:
            continue
        if frame is not None and frame - offset in frames:
            frames = [frame - offset]
            here = True
        elif frame is not None:
            elsewhere += frames
        edits.append(HostEdit(object=was[layer.id].name, frames=tuple(frames), layer=layer))
    if frame is not None and not here:
        raise _not_here(frame, [plate_frame + offset for plate_frame in elsewhere])
    if not edits:
        raise NodeError("Nothing was changed.", hint="Move points on a frame that is wrong.")
    return Chosen(edits, back.notes)


def _not_here(frame: int, elsewhere: Sequence[int]) -> NodeError:
    if not elsewhere:
        return NodeError("Nothing was changed.", hint="Move points on a frame that is wrong.")
    shown = ", ".join(str(one) for one in sorted(set(elsewhere))[:5])
    return NodeError(
        f"Nothing was changed on frame {frame}, but on {shown}.",
        hint="Go to one of these frames, or press *Correct all my edits*.",
    )


def send_correction(
    desk: Desk,
    held: Result,
    edits: Callable[[Document], List[HostEdit]],
    settings: Settings,
    done: Callable[[JobRow], None],
    failed: Failed,
) -> None:
    """Send the edits that ``edits`` finds, on a worker thread, given the version's document."""
    correction = HostCorrection(
        shot_id=held.shot,
        base_version=held.version,
        edits=edits,
        outputs=settings.outputs,
        priority=settings.priority,
    )
    desk.correct(correction, done, failed)


# -- what comes back


def attention_of(fetched: HostResult, offset: int) -> Tuple[Tuple[str, int, int, int], ...]:
    """Object, first, last and worst script frame of each stretch in doubt, worst first."""
    found = [
        (stretch.confidence, name, stretch.first, stretch.last, stretch.worst)
        for name, stretches in fetched.attention.items()
        for stretch in stretches
    ]
    return tuple(
        (name, first + offset, last + offset, worst + offset)
        for _, name, first, last, worst in sorted(found)
    )


def mattes_of(fetched: HostResult) -> List[Mattes]:
    """The mattes of each object that has any."""
    return [Mattes(name, one.pattern, one.first, one.last) for name, one in fetched.mattes.items()]
