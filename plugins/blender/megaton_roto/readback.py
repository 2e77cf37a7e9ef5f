# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks an artist changed, as corrections for the farm."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import bpy

from . import identity, standing
from .identity import Note, ShapeNote
from .keying import keying, unlocked
from .matching import match
from .standing import StandingLayer
from .undo import one_step

if TYPE_CHECKING:
    from roto_client.hosts import HostCorrection, HostEdit
    from roto_shapes.model import Document, Layer

Masks = bpy.types.Mask | Sequence[bpy.types.Mask]
_ARTISTS = "blender-"
"""How the ids of shapes begin that an artist drew here."""


def corrigible(mask: bpy.types.Mask | None) -> bool:
    """Whether a mask came from the farm, for a button's poll: cheap, never raises."""
    return mask is not None and identity.KEY in mask


def correction(context: bpy.types.Context, masks: Masks) -> HostCorrection:
    """What was changed in masks of one shot, for `Desk.correct`.

    Raises RotoError where a mask is none of ours, or they are not of one version.
    """
    from roto_client.hosts import HostCorrection
    from roto_shapes.errors import RotoError

    notes = [_note_of(mask) for mask in _listed(masks)]
    versions = {(note.shot, note.version) for note in notes}
    if len(versions) != 1:
        raise RotoError(
            "These masks are not of one version of one shot."
            if versions
            else "There is no mask to correct.",
            hint="Select the masks of the newest result, and correct those.",
            code="bad_request",
        )
    ((shot, version),) = versions
    return HostCorrection(shot, version, edits(context, masks))


def edits(context: bpy.types.Context, masks: Masks) -> Callable[[Document], list[HostEdit]]:
    """What was changed in masks of ours, for `HostCorrection.edits`.

    The masks are read here, on the main thread; what is returned touches Blender no more and may
    run on any thread. A pose that was not keyed yet is keyed, which makes an undo step. Raises
    RotoError where a mask is none of ours.
    """
    listed = _listed(masks)
    notes = [_note_of(mask) for mask in listed]
    read: list[dict[str, Any]] = []
    keyed: list[str] = []
    with keying() as editor:
        for mask, note in zip(listed, notes, strict=True):
            with unlocked(mask):
                editor.show(mask)
                keyed += standing.key_what_is_not(mask, editor)
                stand = standing.read(mask, editor, note.offset, note.frame_range[0])
            match(note, stand)
            read.append(_data(note, stand))
    if keyed:
        with one_step("Megaton Roto: key the pose"):
            _write(listed, notes)
    else:
        _write(listed, notes)
    return lambda document: _edits(document, read)


def _write(masks: Sequence[bpy.types.Mask], notes: Sequence[Note]) -> None:
    for mask, note in zip(masks, notes, strict=True):
        identity.write(mask, note)


def _listed(masks: Masks) -> list[bpy.types.Mask]:
    return [masks] if isinstance(masks, bpy.types.Mask) else list(masks)


def _note_of(mask: bpy.types.Mask) -> Note:
    from roto_shapes.errors import RotoError

    note = identity.read(mask)
    if note is None:
        raise RotoError(
            f"The mask {mask.name} did not come from Megaton Roto, or from a newer version of it.",
            hint="Show a mask that a job brought here, and correct that one.",
            code="bad_request",
        )
    return note


# -- the mask as data of `roto_shapes.formats.blender`


def _data(note: Note, stand: Sequence[StandingLayer]) -> dict[str, Any]:
    """``note`` gets ids for what an artist drew, so that they are the same the next time."""
    from roto_shapes.formats.blender import SCHEMA

    entries = []
    for layer in stand:
        shape = note.named(layer.name)
        if shape is None:
            shape = ShapeNote(layer.name, _new_id())
            note.shapes.append(shape)
        shape.sent = {frame: identity.mark(rows) for frame, rows in layer.keys.items()}
        while len(shape.more) < len(layer.counts) - 1:
            shape.more.append(_new_id())
        entries += [_entry(shape, layer, spline) for spline in range(len(layer.counts))]
    mask = {"id": note.layer, "name": note.object, "group": [], "color": [1, 1, 1]}
    return {
        "schema": SCHEMA,
        "width": note.width,
        "height": note.height,
        "pixel_aspect": note.pixel_aspect,
        "fps": note.fps,
        "frame_range": note.frame_range,
        "masks": [{**mask, "layers": entries}],
    }


def _entry(shape: ShapeNote, layer: StandingLayer, spline: int) -> dict[str, Any]:
    frames = sorted(layer.keys)
    return {
        "id": shape.more[spline - 1] if spline else shape.id,
        "name": f"{layer.name} {spline + 1}" if spline else layer.name,
        "renamed": bool(spline) or layer.name != shape.given,
        "turned": shape.turned and not spline,
        "blend": layer.blend,
        "invert": layer.invert,
        "cyclic": layer.cyclic[spline],
        "alpha": layer.alpha,
        "hidden": layer.hidden,
        "weights": layer.weights[spline],
        "frames": frames,
        "keys": [layer.keys[frame][spline] for frame in frames],
    }


def _new_id() -> str:
    return _ARTISTS + uuid.uuid4().hex[:12]


# -- against the document it was made of, on a worker's thread


def _edits(document: Document, read: Sequence[dict[str, Any]]) -> list[HostEdit]:
    from roto_client.hosts import HostEdit
    from roto_shapes.formats.blender import from_data, project

    from .edited import edited_layer

    projected = {
        aspect: project(replace(document, pixel_aspect=aspect)).layers
        for aspect in {data["pixel_aspect"] for data in read}
    }
    ids = [layer.id for layer in document.layers]
    found: list[HostEdit] = []
    for data in read:
        (mask,) = data["masks"]
        base = _layer_of(document, mask["id"], mask["name"])
        if not mask["layers"]:
            continue
        names = {shape.id: shape.name for shape in base.shapes}
        (layer,) = from_data(data).layers
        for shape, entry in zip(layer.shapes, mask["layers"], strict=True):
            if not entry["renamed"]:
                shape.name = names.get(shape.id, shape.name)
        held = projected[data["pixel_aspect"]][ids.index(base.id)]
        edited = edited_layer(base, held, layer)
        if edited.frames:
            frames = _inside(edited.frames, document.frame_range)
            found.append(HostEdit(base.name, frames, edited.layer))
    return found


def _layer_of(document: Document, layer_id: str, name: str) -> Layer:
    from roto_shapes.errors import RotoError

    layer = next((layer for layer in document.layers if layer.id == layer_id), None)
    if layer is None:
        raise RotoError(
            f"The farm's version has no object {name} any more.",
            hint="Fetch the newest result and correct that one.",
            code="not_found",
        )
    return layer


def _inside(frames: Sequence[int], span: tuple[int, int]) -> tuple[int, ...]:
    """Those of the plate's range; the nearest where all lie beside it."""
    inside = tuple(frame for frame in frames if span[0] <= frame <= span[1])
    return inside or (min(span[1], max(span[0], frames[0])),)
