# SPDX-License-Identifier: GPL-3.0-or-later
"""A newer version laid into a mask that stands: only keys of ours change, and only where they may.

Planning is pure, on what `standing` read; applying touches the keys that are planned and no other.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy

from .identity import Note, ShapeNote, mark
from .keying import Editor
from .masks import add_layers, animated, remove_layer, set_animated
from .points import Row, place, select
from .points import rows as rows_of
from .standing import StandingLayer

Spans = Sequence[tuple[int, int]]
SAME = 2.0**-11
"""Pixels within which a key is what the document has (`roto_shapes.edits`)."""


@dataclass
class LayerPlan:
    """What happens to one mask layer, by plate frame. ``marks``: of the keys that are then the
    document's."""

    name: str
    put: dict[int, Row] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    marks: dict[int, int] = field(default_factory=dict)
    spared: list[int] = field(default_factory=list)


@dataclass
class MaskPlan:
    """``rebuilt``, ``added``: entries of the data; ``kept``: layers that stand as they are, since
    what an artist drew in them cannot go into the new ones."""

    layers: list[tuple[LayerPlan, dict[str, Any]]] = field(default_factory=list)
    rebuilt: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def plan(
    note: Note, stand: Sequence[StandingLayer], item: dict[str, Any], spans: Spans | None, side: int
) -> MaskPlan:
    """What makes the mask the one in ``item`` (of the mask data).

    ``spans``: plate frames that were tracked again, where the mask is of the version before; None:
    whatever of ours differs is taken over. ``side``: pixels of mask space. Keys of the artist's
    stay everywhere. A layer whose points are now others by number is built anew unless keys of it
    are the artist's; one he took away stays away.
    """
    there = {layer.name: layer for layer in stand}
    wanted = {entry["id"]: entry for entry in item["layers"]}
    made = MaskPlan()
    for shape in note.shapes:
        layer, entry = there.get(shape.name), wanted.get(shape.id)
        if layer is None:
            continue
        if entry is None:
            (made.removed if all_ours(shape, layer) else made.kept).append(shape.name)
        elif _fits(layer, entry):
            entry = _running(entry, shape.turned)
            made.layers.append((_layer_plan(shape, layer, entry, spans, SAME / side), entry))
        elif len(layer.counts) == 1 and all_ours(shape, layer):
            made.rebuilt.append((shape.name, entry))
        else:
            made.kept.append(shape.name)
    known = {shape.id for shape in note.shapes} | {x for s in note.shapes for x in s.more}
    made.added = [entry for entry in item["layers"] if entry["id"] not in known]
    return made


def _fits(layer: StandingLayer, entry: dict[str, Any]) -> bool:
    return layer.counts[0] == len(entry["weights"]) and layer.cyclic[0] == entry["cyclic"]


def _running(entry: dict[str, Any], turned: bool) -> dict[str, Any]:
    """The entry with its points in the order they have in the mask already."""
    if entry["turned"] == turned:
        return entry
    return {**entry, "turned": turned, "keys": [_turned(row) for row in entry["keys"]]}


def _turned(row: Row) -> Row:
    points = [row[i : i + 6] for i in range(0, len(row), 6)]
    points = points[:1] + points[:0:-1]
    return [number for u, v, *hands in points for number in (u, v, *hands[2:], *hands[:2])]


def all_ours(shape: ShapeNote, layer: StandingLayer) -> bool:
    """Whether every key of a layer is the document's."""
    return all(shape.keys.get(frame) == mark(rows) for frame, rows in layer.keys.items())


def _layer_plan(
    shape: ShapeNote,
    layer: StandingLayer,
    entry: dict[str, Any],
    spans: Spans | None,
    tolerance: float,
) -> LayerPlan:
    made = LayerPlan(layer.name)
    # With other points he has every key of the layer anew. Those the farm has had, it may change.
    sent = shape.sent if layer.counts[0] != shape.points else {}
    new = dict(zip(entry["frames"], entry["keys"], strict=True))
    for frame in sorted({*new, *layer.keys}):
        rows, row = layer.keys.get(frame), new.get(frame)
        inside = spans is None or any(first <= frame <= last for first, last in spans)
        if rows is None:
            if row is not None and (frame not in shape.keys or (spans is not None and inside)):
                made.put[frame] = row
        elif row is not None and near(rows[0], row, tolerance):
            made.marks[frame] = mark(rows)
        elif mark(rows) not in (shape.keys.get(frame), sent.get(frame)):
            made.spared.append(frame)
        elif not inside:
            made.marks[frame] = mark(rows)
        elif row is not None:
            made.put[frame] = row
        else:
            made.gone.append(frame)
    if layer.still and made.put:
        # With its first key a layer takes on that key's pose on all frames.
        made.put = {**{frame: rows[0] for frame, rows in layer.keys.items()}, **made.put}
    return made


def near(one: Sequence[float], other: Sequence[float], tolerance: float) -> bool:
    """Whether two rows say the same."""
    return len(one) == len(other) and all(
        abs(a - b) <= tolerance for a, b in zip(one, other, strict=True)
    )


def apply(
    mask: bpy.types.Mask, note: Note, item: dict[str, Any], made: MaskPlan, editor: Editor
) -> None:
    """Do what was planned to a mask that ``editor`` shows and that is `keying.unlocked`.

    ``note`` gets the marks and names as they then are; the caller writes it.
    """
    _keys(mask, made, note, editor)
    for each, entry in made.layers:
        shape = note.named(each.name)
        assert shape is not None
        _values(mask, shape, entry, note.offset)
        shape.keys, shape.sent, shape.points = each.marks, {}, len(entry["weights"])
    for name in made.removed:
        remove_layer(mask, mask.layers[name])
        note.shapes = [shape for shape in note.shapes if shape.name != name]
    for name, entry in made.rebuilt:
        _rebuild(mask, note, name, entry, editor)
    places = {entry["id"]: i for i, entry in enumerate(item["layers"])}
    for entry in made.added:
        (layer,) = add_layers(mask, [entry], editor, note.offset)
        note.shapes.insert(places[entry["id"]], noted(mask, layer, entry, note.offset))
        _move(mask, layer, editor, _place_for(mask, note, entry["id"]))


def _keys(mask: bpy.types.Mask, made: MaskPlan, note: Note, editor: Editor) -> None:
    gone: dict[int, list[str]] = defaultdict(list)
    put: dict[int, list[tuple[LayerPlan, Row]]] = defaultdict(list)
    for each, _ in made.layers:
        for frame in each.gone:
            gone[frame].append(each.name)
        for frame, row in each.put.items():
            put[frame].append((each, row))
    for frame, names in sorted(gone.items()):
        editor.go_to(frame + note.offset)
        for name in names:
            select(mask.layers[name].splines[0].points, True)
        editor.clear_keys()
        for name in names:
            select(mask.layers[name].splines[0].points, False)
    for frame, rows in sorted(put.items()):
        editor.go_to(frame + note.offset)
        for each, row in rows:
            points = mask.layers[each.name].splines[0].points
            place(points, row)
            select(points, True)
        editor.insert_keys()
        for each, _ in rows:
            layer = mask.layers[each.name]
            select(layer.splines[0].points, False)
            each.marks[frame] = mark(rows_of(layer))


def _values(mask: bpy.types.Mask, shape: ShapeNote, entry: dict[str, Any], offset: int) -> None:
    """Opacity and visibility, unless the artist gave them his own."""
    layer = mask.layers[shape.name]
    for name, kept, key in (
        ("alpha", shape.alpha, "alpha"),
        ("hide_render", shape.hidden, "hidden"),
    ):
        if entry[key] != kept and animated(mask, layer, name, offset) == kept:
            set_animated(mask, layer, name, entry[key], offset)
            setattr(shape, key, animated(mask, layer, name, offset))


def _rebuild(
    mask: bpy.types.Mask, note: Note, name: str, entry: dict[str, Any], editor: Editor
) -> None:
    place_was = list(mask.layers.keys()).index(name)
    remove_layer(mask, mask.layers[name])
    (layer,) = add_layers(mask, [{**entry, "name": name}], editor, note.offset)
    fresh = noted(mask, layer, entry, note.offset)
    note.shapes = [fresh if shape.name == name else shape for shape in note.shapes]
    _move(mask, layer, editor, place_was)


def _place_for(mask: bpy.types.Mask, note: Note, shape_id: str) -> int:
    """Where an added layer goes: on the layer of the shape below it."""
    names = [layer.name for layer in mask.layers]
    at = next(i for i, shape in enumerate(note.shapes) if shape.id == shape_id)
    for below in reversed(note.shapes[:at]):
        if below.name in names:
            return names.index(below.name) + 1
    return 0


def _move(mask: bpy.types.Mask, layer: bpy.types.MaskLayer, editor: Editor, place: int) -> None:
    """Move the topmost layer down to a place, counted from below."""
    steps = len(mask.layers) - 1 - place
    editor.lower(layer, steps)


def noted(
    mask: bpy.types.Mask, layer: bpy.types.MaskLayer, entry: dict[str, Any], offset: int
) -> ShapeNote:
    """The note of a layer that was just built; ``keys`` are what 32-bit floats made of the rows."""
    return ShapeNote(
        layer.name,
        entry["id"],
        layer.name,
        entry["turned"],
        [],
        {
            frame: mark([array("f", row)])
            for frame, row in zip(entry["frames"], entry["keys"], strict=True)
        },
        len(entry["weights"]),
        {},
        animated(mask, layer, "alpha", offset),
        animated(mask, layer, "hide_render", offset),
    )
