"""What goes to the farm, in the words of `roto_client.hosts`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from roto_client.api.request import ObjectPrompts
from roto_client.hosts import HostCorrection, HostEdit, HostRequest
from roto_shapes.errors import RotoError
from roto_shapes.model import Document
from roto_shapes.prompts import FramePrompt

from .edits import Edited, edited_layer
from .errors import SilhouetteError
from .footage import Footage
from .standing import Standing


def merged(
    found: Sequence[ObjectPrompts], captured: Dict[str, List[FramePrompt]]
) -> Tuple[ObjectPrompts, ...]:
    """Objects drawn in the node, and what was captured in the dialog; on one frame both count,
    but a mark "not here" excludes the rest."""
    objects = {each.name: each for each in found}
    for name, prompts in captured.items():
        known = objects.get(name) or ObjectPrompts(name, ())
        frames = {prompt.frame: prompt for prompt in known.prompts}
        for prompt in prompts:
            frames[prompt.frame] = _both(frames.get(prompt.frame), prompt)
        ordered = tuple(frames[frame] for frame in sorted(frames))
        if ordered:
            objects[name] = replace(known, prompts=ordered)
    return tuple(objects.values())


def _both(drawn: Optional[FramePrompt], captured: FramePrompt) -> FramePrompt:
    if drawn is None or captured.absent:
        return captured
    return replace(drawn, points=(*drawn.points, *captured.points), box=captured.box or drawn.box)


@dataclass(frozen=True)
class Correction:
    """``edits``: for the core; ``found``: what each layer's edits are."""

    edits: Tuple[HostEdit, ...]
    found: Tuple[Tuple[Standing, Edited], ...]

    @property
    def sent(self) -> Dict[str, Dict[str, str]]:
        """The artist's keys by shape, see `update.layer_update`."""
        return {shape: keys for _, edited in self.found for shape, keys in edited.own.items()}


def correction(
    document: Document,
    stand: Sequence[Standing],
    footage: Footage,
    here: int,
    key_offset: int,
) -> Correction:
    """What was changed in layers of ``document``; ``here`` is the current plate frame.

    Every frame with a key the artist made or moved becomes a prompt, with just the outline he
    sees there (if there is none: a shape taken away, say, the current frame does). Raises
    SilhouetteError when nothing was changed.
    """
    edits: List[HostEdit] = []
    found: List[Tuple[Standing, Edited]] = []
    for each in stand:
        each.complete(footage, key_offset)
        edited = edited_layer(document, each.host, footage.first)
        if not edited.changed:
            continue
        first, last = document.frame_range
        frames = [frame for frame in edited.touched if first <= frame <= last]
        if not frames:
            frames = [min(last, max(first, here))]
        prompts = []
        for frame in frames:
            outlines = each.host.outlines(footage.session_frame(frame))
            if outlines:
                prompts.append(FramePrompt(frame, outline=outlines))
        name = _object_name(document, edited)
        edits.append(HostEdit(name, tuple(frames), edited.layer, tuple(prompts)))
        found.append((each, edited))
    if not edits:
        raise SilhouetteError(
            "Nothing was changed in these shapes since they came from the farm.",
            hint="Move points on a frame that is wrong, then correct from there.",
        )
    return Correction(tuple(edits), tuple(found))


def _object_name(document: Document, edited: Edited) -> str:
    """The farm's name of the object: what its layer was called, whatever it is called now."""
    return next(layer.name for layer in document.layers if layer.id == edited.layer.id)


def submit_request(
    objects: Sequence[ObjectPrompts], footage: Footage, settings: Mapping[str, Any]
) -> HostRequest:
    """``settings``: fields of the request an artist chose (project, priority, outputs...).

    The farm leaves layers still: Silhouette's layers are the artist's to move.
    """
    return HostRequest(
        plate=footage.plate,
        objects=tuple(objects),
        frame_range=footage.frame_range,
        first_frame=None if "%" in footage.plate else footage.frame_range[0],
        width=footage.width,
        height=footage.height,
        colorspace=footage.colorspace,
        fps=footage.frame_rate,
        layer_transform="off",
        **settings,
    )


def send_correction(
    desk: Any,
    base: Mapping[str, Any],
    edits: Callable[[Document], Correction],
    done: Callable[[Any, Correction], None],
    failed: Callable[[RotoError], None],
) -> None:
    """``base``: the note of the layers corrected. ``edits`` runs in the desk's thread; ``done``
    gets the job and what ``edits`` made."""
    kept: List[Correction] = []

    def run(document: Document) -> List[HostEdit]:
        made = edits(document)
        kept.append(made)
        return list(made.edits)

    request = HostCorrection(
        shot_id=str(base["shot"]), base_version=int(base["version"]), edits=run
    )
    desk.correct(request, lambda row: done(row, kept[-1]), failed)
