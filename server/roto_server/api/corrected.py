"""What an artist's edits say: layers that hold, and the prompts they and he give."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from roto_shapes.decode import layer_from_json
from roto_shapes.document import Document, Layer, validate
from roto_shapes.encode import layer_to_json
from roto_shapes.errors import DocumentError, RotoError
from roto_shapes.evaluate import opacity_at, points_at
from roto_shapes.outlines import outline_of
from roto_shapes.prompts import FramePrompt

from ..db.models import JsonObject
from ..errors import BadRequestError
from .schemas.corrections import EditIn


@dataclass(frozen=True)
class Corrected:
    """One object's edit. ``prompts``: by frame, what is said of it now; ``frames``: where the
    artist worked."""

    name: str
    frames: tuple[int, ...]
    prompts: Mapping[int, FramePrompt]
    layer: Layer | None

    def edit(self, object_id: str) -> JsonObject:
        """The entry of ``vectorize_params.edits``."""
        layer = None if self.layer is None else layer_to_json(self.layer)
        return {"object_id": object_id, "frames": list(self.frames), "layer": layer}

    def check_layer_is_not(self, others: Collection[str]) -> None:
        """Raise `BadRequestError` if the layer is that of another object."""
        if self.layer is not None and self.layer.id in others:
            raise BadRequestError(
                f"The layer given for {self.name!r} is another object's.",
                detail={"object": self.name, "layer": self.layer.id},
            )


def corrected(edits: Sequence[EditIn]) -> dict[str, Corrected]:
    """By object name what each edit says.

    Raises:
        RotoError: ``bad_request`` for an edit that says nothing, or twice; ``bad_document`` for
            a layer that is none; ``bad_prompt``. All name the object.
    """
    found: dict[str, Corrected] = {}
    for edit in edits:
        if edit.object in found:
            raise BadRequestError(f"Two edits are of {edit.object!r}: make them one.")
        try:
            found[edit.object] = _corrected(edit)
        except RotoError as error:
            error.detail.setdefault("object", edit.object)
            raise
    return found


def merged(old: Sequence[JsonObject], new: Mapping[int, FramePrompt]) -> list[JsonObject]:
    """Prompts in the contract's form, by frame: ``new`` takes the place of ``old``."""
    told = {prompt["frame"]: prompt for prompt in old}
    told.update({frame: prompt.to_json() for frame, prompt in new.items()})
    return [told[frame] for frame in sorted(told)]


def _corrected(edit: EditIn) -> Corrected:
    said = _prompts(edit)
    if edit.layer is None:
        if not said:
            raise BadRequestError(
                f"The edit of {edit.object!r} says nothing: give a layer, prompts or both."
            )
        stray = sorted(set(edit.frames) - set(said))
        if stray:
            raise BadRequestError(
                f"The edit of {edit.object!r} names frame {stray[0]}, but has no layer and no "
                "prompt there."
            )
        return Corrected(edit.object, tuple(sorted(said)), said, None)
    if not edit.frames:
        raise BadRequestError(
            f"The edit of {edit.object!r} does not say on which frames the layer was corrected.",
            hint="`frames` names at least one.",
        )
    layer = _layer(edit.layer)
    shown = {frame: _shown(layer, frame) for frame in edit.frames if frame not in said}
    return Corrected(edit.object, tuple(sorted(edit.frames)), {**shown, **said}, layer)


def _prompts(edit: EditIn) -> dict[int, FramePrompt]:
    said: dict[int, FramePrompt] = {}
    for item in edit.prompts:
        prompt = FramePrompt.from_json(item.model_dump(mode="json", exclude_unset=True))
        if prompt.frame in said:
            raise RotoError(f"Frame {prompt.frame} is prompted twice.", code="bad_prompt")
        said[prompt.frame] = prompt
    return said


def _layer(value: JsonObject) -> Layer:
    """The layer, if a document may hold it. Raises `DocumentError` naming the place."""
    try:
        layer = layer_from_json(value)
        validate(Document(1, 1, layers=[layer]))
    except RecursionError as error:
        raise DocumentError("layer: is nested too deeply") from error
    return layer


def _shown(layer: Layer, frame: int) -> FramePrompt:
    """What the layer says on a frame: where the object is, or that it is not there."""
    outlines = outline_of(layer, frame)
    if outlines:
        return FramePrompt.from_json(FramePrompt(frame, outline=outlines).to_json())
    if any(points_at(each, frame) and opacity_at(each, frame) > 0 for each in layer.shapes):
        raise RotoError(
            f"On frame {frame} the layer's shapes do not say where the object is.",
            code="bad_prompt",
            hint="There must be a closed shape that adds; open and inverted ones do not show it.",
            detail={"frame": frame},
        )
    return FramePrompt(frame, absent=True)
