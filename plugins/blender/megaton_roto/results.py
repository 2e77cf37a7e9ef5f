# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's shapes as masks: new ones, or its newer version laid into those that stand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import bpy

from . import identity, standing, update
from .identity import Note
from .keying import Editor, keying, unlocked
from .masks import build_one
from .matching import match
from .undo import one_step

if TYPE_CHECKING:
    from roto_client.hosts import HostResult, JobRow

Item = dict[str, Any]


class _Job(NamedTuple):
    """``names``: layer id -> object; ``changed``: what was tracked again, by object; ``head``: the
    mask data without its masks; ``offset``: scene frame less plate frame."""

    row: JobRow
    names: dict[str, str]
    changed: Any
    head: dict[str, Any]
    offset: int


def apply(context: bpy.types.Context, result: HostResult, row: JobRow, plate: Any) -> str:
    """Put the shapes of ``result`` into masks, as one undo step; what to tell the artist.

    ``plate``: the `plate.Plate` the job was made of. A mask of an older version of the same shot
    and object is updated, in ``result.changed`` only if it is of the version that was corrected;
    keys an artist made stay. Other masks are made anew, and shown where the plate is.
    Raises RotoError where the job made no shapes.
    """
    from roto_shapes.errors import RotoError
    from roto_shapes.formats import write

    if result.document is None:
        raise RotoError(
            "This job made no shapes.",
            hint="Fetch its mattes, or submit again with shapes among the outputs.",
            code="not_found",
        )
    # Mask space goes by the pixels' shape as Blender shows the plate, whatever the file says.
    document = replace(result.document, pixel_aspect=plate.pixel_aspect)
    data = json.loads(write(document, "blender").text)
    first = result.document.frame_range[0]
    items = data.pop("masks")
    names = {layer.id: layer.name for layer in result.document.layers}
    job = _Job(row, names, result.changed, data, plate.to_scene(first) - first)
    with one_step(f"Megaton Roto: version {row.version}"):
        with keying() as editor:
            done = [_item(item, job, editor) for item in items]
        _show([mask for mask, _ in done], plate.id_block)
    return "; ".join(text for _, text in done)


def masks_of(shot_id: str) -> list[bpy.types.Mask]:
    """The masks in this file that came from a shot."""
    found = []
    for mask in bpy.data.masks:
        note = identity.read(mask)
        if note is not None and note.shot == shot_id:
            found.append(mask)
    return found


def _item(item: Item, job: _Job, editor: Editor) -> tuple[bpy.types.Mask, str]:
    """One object's mask, and what to tell of it."""
    there = _standing_mask(item, job)
    if there is not None:
        mask, note = there
        with unlocked(mask):
            text = _updated(mask, note, item, job, editor)
        if text:
            return mask, text
    return _new(item, job, editor)


def _standing_mask(item: Item, job: _Job) -> tuple[bpy.types.Mask, Note] | None:
    """The newest mask of the object, if it is not newer than the job."""
    found: list[tuple[bpy.types.Mask, Note]] = []
    for mask in masks_of(job.row.shot_id):
        note = identity.read(mask)
        if note is not None and note.layer == item["id"] and note.version <= job.row.version:
            found.append((mask, note))
    return max(found, key=lambda one: one[1].version, default=None)


def _new(item: Item, job: _Job, editor: Editor) -> tuple[bpy.types.Mask, str]:
    mask = build_one(item, editor, job.offset)
    mask.frame_start = job.head["frame_range"][0] + job.offset
    mask.frame_end = job.head["frame_range"][1] + job.offset
    note = _note(item, job)
    for layer, entry in zip(mask.layers, item["layers"], strict=True):
        note.shapes.append(update.noted(mask, layer, entry, job.offset))
    identity.write(mask, note)
    return mask, f"{mask.name}: {_shapes(len(item['layers']))}"


def _note(item: Item, job: _Job) -> Note:
    head = job.head
    return Note(
        shot=job.row.shot_id,
        job=job.row.id,
        version=job.row.version,
        layer=item["id"],
        object=job.names[item["id"]],
        width=head["width"],
        height=head["height"],
        pixel_aspect=head["pixel_aspect"],
        fps=(head["fps"][0], head["fps"][1]),
        frame_range=(head["frame_range"][0], head["frame_range"][1]),
        offset=job.offset,
    )


def _updated(
    mask: bpy.types.Mask,
    note: Note,
    item: Item,
    job: _Job,
    editor: Editor,
) -> str:
    """What was done to a mask that stands; empty where a new one has to be made beside it."""
    editor.show(mask)
    standing.key_what_is_not(mask, editor)
    stand = standing.read(mask, editor, note.offset, note.frame_range[0])
    match(note, stand)
    if note.job == job.row.id:
        identity.write(mask, note)
        return f"{mask.name} has this version already"
    spans: update.Spans | None = None
    if job.row.base_version is None:
        if not _untouched(note, stand):
            return ""
    elif job.row.base_version == note.version and job.changed is not None:
        spans = job.changed.get(note.object, ())
    side = max(job.head["width"] * job.head["pixel_aspect"], job.head["height"])
    made = update.plan(note, stand, item, spans, side)
    update.apply(mask, note, item, made, editor)
    note.job, note.version = job.row.id, job.row.version
    identity.write(mask, note)
    return _told(mask.name, made)


def _untouched(note: Note, stand: list[standing.StandingLayer]) -> bool:
    """Whether nothing in a mask is an artist's."""
    for layer in stand:
        shape = note.named(layer.name)
        if shape is None or len(layer.counts) > 1 or not update.all_ours(shape, layer):
            return False
        if len(layer.keys) != len(shape.keys):
            return False
    return len(stand) == len(note.shapes)


def _told(name: str, made: update.MaskPlan) -> str:
    put = sum(len(each.put) + len(each.gone) for each, _ in made.layers)
    spared = sum(len(each.spared) for each, _ in made.layers)
    parts = [f"{put} keys new" if put else "", f"{spared} of yours kept" if spared else ""]
    fresh = len(made.added) + len(made.rebuilt)
    parts.append(f"{_shapes(fresh)} new" if fresh else "")
    parts.append(f"{', '.join(made.kept)} left as you have it" if made.kept else "")
    told = ", ".join(part for part in parts if part)
    return f"{name}: {told or 'nothing changed'}"


def _shapes(count: int) -> str:
    return f"{count} shape" if count == 1 else f"{count} shapes"


def _show(masks: list[bpy.types.Mask], block: Any) -> None:
    """Show the first mask in editors of the plate that show no mask of the same kind."""
    if not masks:
        return
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            space = area.spaces.active
            if area.type == "CLIP_EDITOR":
                shown = space.clip
            elif area.type == "IMAGE_EDITOR":
                shown = space.image
            else:
                continue
            if shown is not None and shown == block and space.mask not in masks:
                space.mode = "MASK"
                space.mask = masks[0]
