"""A newer version laid into the layers of an older one: only what differs is touched.

Whatever the artist did to a layer or shape beyond its keys (blur, feather, order, names) stays; so
does every key he made himself. Planning is pure and needs what stands in the host; applying is one
undo group of as few calls as possible, its paths made beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from roto_shapes.formats.silhouette_lower import Space
from roto_shapes.model import ControlPoint

from . import marks
from .applied import SAME
from .build import set_levels, shaping
from .fingerprints import fingerprint
from .host_shapes import HostLayer, HostShape
from .paths import Paths, to_image
from .plan import LayerPlan, Level, Pair, Row, ShapePlan
from .standing import Standing

Own = Dict[str, Dict[str, str]]


@dataclass(frozen=True)
class ShapeUpdate:
    """``at``: which shape of the layer (in reading order); keys by session frame.

    ``kept``: fingerprints of the artist's own keys, which stay as they are.
    """

    at: int
    plan: ShapePlan
    put: Tuple[Row, ...]
    gone: Tuple[int, ...]
    kept: Dict[str, str]
    levels: Tuple[Level, ...] = ()


@dataclass(frozen=True)
class LayerUpdate:
    """``removed``: shapes of the layer (in reading order) that the new version does not have."""

    plan: LayerPlan
    shapes: Tuple[ShapeUpdate, ...]
    added: Tuple[ShapePlan, ...]
    removed: Tuple[int, ...]


@dataclass
class Prepared:
    """Paths ready to be set, and shapes ready to be hung in."""

    paths: List[Tuple[int, int, Any]] = field(default_factory=list)
    shapes: List[Any] = field(default_factory=list)


def layer_update(
    host: HostLayer, old: LayerPlan, new: LayerPlan, space: Space, sent: Own
) -> LayerUpdate:
    """What to do to a layer that holds ``old`` (and the artist's edits) so that it holds ``new``.

    ``sent``: the artist's keys that ``new`` was made from, see `edits.Edited.own`; those he made
    since are left alone as well. A shape whose points are now other ones by number is taken out
    and put in anew.
    """
    before = {shape.id: shape for shape in old.shapes}
    wanted = {shape.id: shape for shape in new.shapes}
    updates: List[ShapeUpdate] = []
    removed: List[int] = []
    taken = set()
    for at, found in enumerate(host.shapes):
        known = found.note.get("shape")
        plan = wanted.get(known) if isinstance(known, str) and known not in taken else None
        if plan is None:
            if isinstance(known, str) and known in before and known not in wanted:
                removed.append(at)
            continue
        if found.kind != "bspline" or _count(found) != len(plan.rows[0][1]):
            removed.append(at)
            continue
        taken.add(plan.id)
        mine = sent.get(plan.id, {})
        updates.append(_shape_update(at, found, before.get(plan.id), plan, space, mine))
    added = tuple(shape for shape in new.shapes if shape.id not in taken)
    return LayerUpdate(new, tuple(updates), added, tuple(removed))


def _count(found: HostShape) -> int:
    return len(next(iter(found.keys.values()), ()))


def _shape_update(
    at: int,
    found: HostShape,
    old: Optional[ShapePlan],
    plan: ShapePlan,
    space: Space,
    sent: Dict[str, str],
) -> ShapeUpdate:
    was = dict(old.rows) if old is not None else {}
    wanted = dict(plan.rows)
    known = found.note.get("kept")
    earlier = known if isinstance(known, dict) else {}

    def untouched(frame: int) -> bool:
        return frame in was and _near(found.keys[frame], was[frame], space)

    put: List[Row] = []
    kept: Dict[str, str] = {}
    for frame, row in plan.rows:
        stands = found.keys.get(frame)
        if stands is None:
            put.append((frame, row))
        elif not _near(stands, row, space):
            mark = fingerprint(stands)
            if mark in (sent.get(str(frame)), earlier.get(str(frame))):
                kept[str(frame)] = mark
            elif untouched(frame):
                put.append((frame, row))
    gone = tuple(sorted(f for f in found.keys if f not in wanted and untouched(f)))
    changed = old is None or old.levels != plan.levels
    return ShapeUpdate(at, plan, tuple(put), gone, kept, plan.levels if changed else ())


def _near(points: Sequence[ControlPoint], row: Sequence[Pair], space: Space) -> bool:
    if len(points) != len(row):
        return False
    for point, vertex in zip(points, row):
        x, y = space.pixel(vertex)
        if abs(point.x - x) > SAME or abs(point.y - y) > SAME:
            return False
    return True


def preparing(
    fx: Any,
    paths: Paths,
    shapes: Sequence[Any],
    update: LayerUpdate,
    note: Dict[str, Any],
    ready: Prepared,
) -> Iterator[None]:
    """Make the paths and shapes of an update, one key per step; nothing in the project changes."""
    for number, each in enumerate(update.shapes):
        for frame, points in each.put:
            ready.paths.append((number, frame, paths.filled(shapes[each.at], points)))
            yield
    for plan in update.added:
        shape = paths.new_bspline(plan.label, plan.closed)
        yield from shaping(fx, paths, shape, plan)
        marks.write(fx, shape, {**note, "layer": update.plan.id, **plan.note()})
        ready.shapes.append(shape)
        yield


def apply_update(
    fx: Any,
    paths: Paths,
    space: Space,
    stand: Standing,
    update: LayerUpdate,
    note: Dict[str, Any],
    ready: Prepared,
) -> int:
    """Change the layer; inside an undo group of the caller's.

    What was edited since the layer was read is left alone; returns how many keys were.
    """
    spared = _put(fx, paths, space, stand, update, ready)
    for each in update.shapes:
        shape, found = stand.shapes[each.at], stand.host.shapes[each.at]
        if not _stands(shape):
            continue
        gone = [f for f in each.gone if not _edited(paths, space, shape, f, found)]
        _delete_keys(fx, shape.property("path"), gone)
        if each.levels:
            set_levels(fx, shape.property("opacity"), each.levels)
        own = {"layer": update.plan.id, **each.plan.note()}
        marks.write(fx, shape, {**note, **own, **({"kept": each.kept} if each.kept else {})})
    for shape in (stand.shapes[at] for at in update.removed):
        if _stands(shape):
            shape.parent.property("objects").removeObjects([shape])
    if ready.shapes:
        stand.layer.property("objects").addObjects(ready.shapes)
    marks.write(fx, stand.layer, {**note, "layer": update.plan.id})
    return spared


def _put(
    fx: Any, paths: Paths, space: Space, stand: Standing, update: LayerUpdate, ready: Prepared
) -> int:
    """Set the keys, one change per shape; how many were left because they were edited."""
    spared = 0
    editors: Dict[int, Any] = {}
    for number, frame, path in ready.paths:
        at = update.shapes[number].at
        shape = stand.shapes[at]
        if not _stands(shape):
            continue
        if _edited(paths, space, shape, frame, stand.host.shapes[at]):
            spared += 1
            continue
        if number not in editors:
            editors[number] = fx.PropertyEditor(shape.property("path"))
        editors[number].setValue(path, frame)
    for editor in editors.values():
        editor.execute()
    return spared


def _stands(thing: Any) -> bool:
    return thing.parent is not None


def _edited(paths: Paths, space: Space, shape: Any, frame: int, found: HostShape) -> bool:
    """Whether a key was changed, made or taken away since the shape was read."""
    was = found.keys.get(frame)
    keyed = frame in list(shape.property("path").keys)
    if was is None or not keyed:
        return keyed or was is not None
    path = shape.evalPath(frame)
    to_image(path, shape, frame)
    return not _near(was, paths.vertices(path), space)


def _delete_keys(fx: Any, prop: Any, frames: Sequence[int]) -> None:
    if not frames:
        return
    editor = fx.PropertyEditor(prop)
    keys = list(prop.keys)
    for index in reversed([i for i, frame in enumerate(keys) if int(frame) in set(frames)]):
        editor.deleteKey(index)
    editor.execute()
