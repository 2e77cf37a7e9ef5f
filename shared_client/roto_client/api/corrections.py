"""What a correction of a version of a shot's shapes is made of.

Pixels of the full-size plate, origin top left, y down; plate frame numbers, ranges inclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Mapping

from roto_shapes.document import Document, Layer
from roto_shapes.edits import changed_frames, returned_layer
from roto_shapes.encode import layer_to_json
from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt

from .errors import InputError
from .request import MATTES, OUTPUTS, check_choice


@dataclass(frozen=True)
class Edit:
    """What was corrected of one object.

    ``layer``: as the artist left it; its shapes on ``frames`` are what the farm tracks from.
    ``prompts``: clicks, boxes, masks or absence, each in place of what was said on its frame.
    """

    object: str
    frames: tuple[int, ...] = ()
    layer: Layer | None = None
    prompts: tuple[FramePrompt, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form ``POST shots/{id}/corrections`` takes."""
        body: dict[str, Any] = {"object": self.object}
        if self.layer is not None:
            body["frames"] = list(self.frames)
            body["layer"] = layer_to_json(self.layer)
        if self.prompts:
            body["prompts"] = [prompt.to_json() for prompt in self.prompts]
        return body


@dataclass(frozen=True)
class CorrectionRequest:
    """A correction of version ``base_version``, which must be the shot's latest.

    What is None is as in the corrected job. ``tolerance``: allowed outline error in plate pixels.
    """

    base_version: int
    edits: tuple[Edit, ...]
    outputs: tuple[str, ...] | None = None
    exports: tuple[str, ...] | None = None
    mattes: str | None = None
    tolerance: float | None = None
    template: str | None = None
    priority: str | None = None

    def body(self) -> dict[str, Any]:
        """The body of ``POST shots/{id}/corrections``, checked as far as it can be here.

        Raises InputError.
        """
        from roto_shapes.formats import FORMATS

        if not self.edits:
            raise InputError(
                "Nothing is corrected.",
                code="no_objects",
                hint="Say where an object is on a frame that is wrong, or change its shapes there.",
            )
        check_choice("outputs", self.outputs or (), OUTPUTS)
        check_choice("exports", self.exports or (), tuple(FORMATS), code="unknown_format")
        check_choice("mattes", (self.mattes,) if self.mattes else (), MATTES)
        body = {
            "base_version": self.base_version,
            "edits": [edit.to_json() for edit in self.edits],
            "outputs": None if self.outputs is None else list(self.outputs),
            "exports": None if self.exports is None else list(self.exports),
            "mattes": self.mattes,
            "tolerance": self.tolerance,
            "template": self.template,
            "priority": self.priority,
        }
        return {name: value for name, value in body.items() if value is not None}


def edits_in(
    base: Document, edited: Document, format: str, names: Mapping[str, str]
) -> tuple[Edit, ...]:
    """What an artist changed in a host's file of ``base``, and on which frames; may be nothing.

    ``edited`` is the file as ``format``'s reader gives it, on plate frames. ``names``: layer id ->
    object. Layers that are not the base's are passed over, and so are those missing in the file:
    taking a whole object away is no correction.

    Raises RotoError ``bad_document`` when none of the base's layers is in the file.
    """
    from roto_shapes.formats import FORMATS

    project = FORMATS[format].project
    held = base if project is None else project(base)
    found = _by_name(edited)
    edits = []
    there = False
    for ours, kept in zip(base.layers, held.layers):
        layer = found.get(kept.name)
        if layer is None or ours.id not in names:
            continue
        there = True
        back = returned_layer(ours, kept, layer)
        frames = changed_frames(ours, back)
        if frames:
            edits.append(Edit(names[ours.id], tuple(frames), back))
    if not there:
        raise RotoError(
            "The file has none of the layers that are to be corrected.",
            code="bad_document",
            hint=f"It has {', '.join(found) or 'no layers'}; wanted: {', '.join(names.values())}.",
            detail={"found": list(found)},
        )
    return tuple(edits)


def _by_name(document: Document) -> dict[str, Layer]:
    """Its layers; one that a reader had to split is joined again."""
    found: dict[str, Layer] = {}
    for layer in document.layers:
        first = found.get(layer.name)
        joined = layer if first is None else replace(first, shapes=[*first.shapes, *layer.shapes])
        found[layer.name] = joined
    return found
