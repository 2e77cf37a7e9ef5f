"""What the artist made of our Roto node: its layers with the ids of the version they come from.

Every number that still is what was written becomes the version's own number again, to the last bit
(Nuke keeps 32-bit floats and counts y from below), so that only what was touched differs. Runs on a
worker thread.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Dict, List, Optional, Sequence, Set

from roto_shapes.formats.nuke_lower import project
from roto_shapes.formats.nuke_read import read
from roto_shapes.model import Document, Key, Layer, Shape, Transform

from .frames import shifted, shifted_layer
from .written import Names

_SAME = 1e-3
"""Pixels within which a renamed shape's point is still that of the version."""


@dataclass
class ReadBack:
    """``layers``: those of ours that are still there, on plate frames. The rest is for people,
    but ``deleted_layers``: ids the artist took away whole."""

    layers: List[Layer]
    deleted_layers: List[str] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)


def read_back(curves: str, base: Document, names: Names, offset: int) -> ReadBack:
    """The layers in a Roto node's curves, matched with those of ``base``.

    ``offset``: script less plate frame. Names that ``names`` knows give ids; of the others, a
    layer is ours if a shape in it is, a shape is a renamed one if it is where one of the layer's
    missing shapes was; other shapes of our layers are new and get ids; other layers are left
    out. Raises DocumentError for a text that is no curves knob.
    """
    moved = shifted(base, offset)
    found = read(curves, base.width, base.height, moved.frame_range)
    there = [shifted_layer(layer, -offset) for layer in found.document.layers]
    stored = shifted(project(moved), -offset)
    held = {ours.id: kept for ours, kept in zip(base.layers, stored.layers)}
    back = ReadBack([])
    matched = _match_layers(there, base, held, names)
    for ours in base.layers:
        layer = matched.get(ours.id)
        if layer is None:
            back.deleted_layers.append(ours.id)
            back.notes.append(f"{ours.name}: deleted in Nuke")
            continue
        back.layers.append(_own_layer(layer, ours, held[ours.id], names, back.notes))
    strangers = [layer.name for layer in there if not any(layer is one for one in matched.values())]
    back.notes += [f"{name}: not one of the farm's layers, stays in Nuke" for name in strangers]
    return back


def _match_layers(
    there: Sequence[Layer], base: Document, held: Dict[str, Layer], names: Names
) -> Dict[str, Layer]:
    """Layer id -> the layer in Nuke. A layer Nuke's reader had to split is joined again."""
    matched: Dict[str, Layer] = {}
    rest: List[Layer] = []
    ids = {layer.id for layer in base.layers}
    for layer in there:
        known = names.layers.get(layer.name)
        if known not in ids:
            rest.append(layer)
        elif known in matched:
            joined = matched[known]
            joined.shapes = [*joined.shapes, *layer.shapes]
        else:
            matched[known] = layer
    for layer in rest:
        missing = [one for one in base.layers if one.id not in matched]
        best = max(missing, key=lambda one: _kin(layer, one, held[one.id], names), default=None)
        if best is not None and _kin(layer, best, held[best.id], names):
            matched[best.id] = layer
    return matched


def _kin(layer: Layer, ours: Layer, held: Layer, names: Names) -> int:
    """How much of a layer in Nuke comes from one of ours."""
    ids = {shape.id for shape in ours.shapes}
    known = sum(names.shapes.get(shape.name) in ids for shape in layer.shapes)
    alike = sum(any(_equal_keys(shape, kept) for kept in held.shapes) for shape in layer.shapes)
    return 2 * known + alike


def _own_layer(layer: Layer, ours: Layer, held: Layer, names: Names, notes: List[str]) -> Layer:
    """The layer with our ids, and our numbers where Nuke still has what was written."""
    kept_of = {shape.id: kept for shape, kept in zip(ours.shapes, held.shapes)}
    ours_of = {shape.id: shape for shape in ours.shapes}
    ids = _match_shapes(layer.shapes, ours, kept_of, names, notes)
    shapes: List[Shape] = []
    for shape, shape_id in zip(layer.shapes, ids):
        if shape_id is None:
            notes.append(f"{ours.name} / {shape.name}: added in Nuke")
            artist = [replace(key, origin="artist") for key in shape.keys]
            shapes.append(replace(shape, id=f"nuke-{uuid.uuid4().hex}", keys=artist))
        else:
            shapes.append(_own_shape(shape, ours_of[shape_id], kept_of[shape_id]))
    gone = [one.name for one in ours.shapes if one.id not in ids]
    notes += [f"{ours.name} / {name}: deleted in Nuke" for name in gone]
    same_motion = _same_motion(layer.transform, held.transform)
    return replace(
        layer,
        id=ours.id,
        name=ours.name,
        group=ours.group,
        color=ours.color,
        transform=ours.transform if same_motion else layer.transform,
        key_only_at=ours.key_only_at,
        shapes=shapes,
        extra=ours.extra,
    )


def _same_motion(one: Optional[Transform], other: Optional[Transform]) -> bool:
    """The frame of a transform's only key says nothing: it stands still."""
    if one is None or other is None or len(one.keys) != 1 or len(other.keys) != 1:
        return one == other
    return replace(one, keys=[replace(one.keys[0], frame=other.keys[0].frame)]) == other


def _match_shapes(
    shapes: Sequence[Shape],
    ours: Layer,
    kept_of: Dict[str, Shape],
    names: Names,
    notes: List[str],
) -> List[Optional[str]]:
    """For every shape in Nuke the id of ours it is, or None."""
    ids: List[Optional[str]] = []
    taken: Set[str] = set()
    for shape in shapes:
        known = names.shapes.get(shape.name)
        mine = known if known in kept_of and known not in taken else None
        ids.append(mine)
        taken |= {mine} if mine else set()
    for i, shape in enumerate(shapes):
        missing = [one for one in ours.shapes if one.id not in taken]
        if ids[i] is not None or not missing:
            continue
        best = max(missing, key=lambda one: _equal_keys(shape, kept_of[one.id]))
        if _equal_keys(shape, kept_of[best.id]) or _same_frames(shape, kept_of[best.id]):
            ids[i] = best.id
            taken.add(best.id)
            notes.append(f"{ours.name} / {best.name}: called {shape.name!r} in Nuke")
    return ids


def _equal_keys(shape: Shape, kept: Shape) -> int:
    """How many keys of a shape in Nuke lie where those of ``kept`` do."""
    if len(shape.keys[0].points) != len(kept.keys[0].points):
        return 0
    at = {key.frame: key for key in kept.keys}
    return sum(key.frame in at and _near(key, at[key.frame]) for key in shape.keys)


def _near(one: Key, other: Key) -> bool:
    return all(
        abs(p.x - q.x) <= _SAME and abs(p.y - q.y) <= _SAME
        for p, q in zip(one.points, other.points)
    )


def _same_frames(shape: Shape, kept: Shape) -> bool:
    """Whether a shape is keyed where ``kept`` is, with as many points: moved as a whole."""
    points = len(shape.keys[0].points) == len(kept.keys[0].points)
    return points and [key.frame for key in shape.keys] == [key.frame for key in kept.keys]


def _own_shape(shape: Shape, ours: Shape, kept: Shape) -> Shape:
    """A shape of ours as it is in Nuke; ``kept``: as it was written there."""
    same_keys = [key.points for key in shape.keys] == [key.points for key in kept.keys]
    same_frames = [key.frame for key in shape.keys] == [key.frame for key in kept.keys]
    untouched = same_keys and same_frames
    return replace(
        shape,
        id=ours.id,
        name=ours.name if shape.name == kept.name else shape.name,
        kind=ours.kind if untouched else shape.kind,
        visible=ours.visible if shape.visible == kept.visible else shape.visible,
        opacity=ours.opacity if shape.opacity == kept.opacity else shape.opacity,
        feather=ours.feather if shape.feather == kept.feather else shape.feather,
        color=ours.color if shape.color == kept.color else shape.color,
        keys=ours.keys if untouched else _own_keys(shape, ours, kept),
        extra=ours.extra,
        host=ours.host,
    )


def _own_keys(shape: Shape, ours: Shape, kept: Shape) -> List[Key]:
    """Keys that are as written become ours again; the others are the artist's."""
    if ours.kind != "bezier" or len(shape.keys[0].points) != len(ours.keys[0].points):
        return [replace(key, origin="artist") for key in shape.keys]
    own = {key.frame: key for key in ours.keys}
    was = {key.frame: key for key in kept.keys}
    keys: List[Key] = []
    for key in shape.keys:
        there = was.get(key.frame)
        if there is not None and there.points == key.points and key.frame in own:
            keys.append(own[key.frame])
        else:
            keys.append(replace(key, origin="artist"))
    return keys
