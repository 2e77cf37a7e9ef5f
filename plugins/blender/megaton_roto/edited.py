# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist made of a layer of the farm's document, in the document's own terms. No bpy here.

Every key that still is what was put into Blender becomes the document's own key to the last bit;
the others become the artist's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from roto_shapes.evaluate import flatten, interpolated_points, transform_at
from roto_shapes.model import Animated, ControlPoint, Key, Layer, Shape, Transform

_PIXELS, _SMALL, _FEATHER = 2.0**-11, 1e-5, 2e-3
"""Within these a number is what was put in: points, opacities, feathers."""
_CURVE = 0.05
"""Pixels within which a curve with other points is the same curve."""


class Edited(NamedTuple):
    """``layer``: as it stands in Blender; ``frames``: plate frames on which it was touched,
    ascending; empty where nothing was."""

    layer: Layer
    frames: tuple[int, ...]


def edited_layer(base: Layer, held: Layer, found: Layer) -> Edited:
    """``held``: what ``base`` was put into Blender as (the format's ``project``); ``found``: what
    is there now.

    Shapes are known by their ids; of those that are not known every key is the artist's.
    """
    own = {shape.id: (shape, kept) for shape, kept in zip(base.shapes, held.shapes, strict=True)}
    shapes: list[Shape] = []
    frames: set[int] = set()
    for shape in found.shapes:
        if shape.id in own:
            mine, kept = own[shape.id]
            made, touched = _known(mine, kept, shape, base.transform)
        else:
            made, touched = _added(shape, base.transform)
        shapes.append(made)
        frames |= touched
    for gone in own.keys() - {shape.id for shape in found.shapes}:
        frames |= _few(own[gone][0])
    return Edited(replace(base, shapes=shapes), tuple(sorted(frames)))


def _known(
    mine: Shape, kept: Shape, found: Shape, transform: Transform | None
) -> tuple[Shape, set[int]]:
    changed: dict[str, Any] = dict(_values(kept, found))
    keys, touched, kind = _keys(mine, kept, found, transform)
    made = replace(mine, name=found.name, **changed)
    if keys is not None:
        made = replace(made, kind=kind, keys=keys)
    if len(made.keys[0].points) != len(mine.keys[0].points) and isinstance(made.feather, list):
        made = replace(made, feather=found.feather)
    if changed and not touched:
        touched = _few(mine)
    return made, touched


def _values(kept: Shape, found: Shape) -> Iterator[tuple[str, object]]:
    """What else of a shape is not as it was put in."""
    for name in ("closed", "mode", "inverted", "visible"):
        if getattr(kept, name) != getattr(found, name):
            yield name, getattr(found, name)
    if not _same_opacity(kept.opacity, found.opacity):
        yield "opacity", found.opacity
    if not _same_feather(kept.feather, found.feather):
        yield "feather", found.feather


def _same_opacity(one: Animated, other: Animated) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            (a.frame, a.interpolation) == (b.frame, b.interpolation)
            and abs(a.value - b.value) <= _SMALL
            for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, list) or isinstance(other, list):
        return False
    return abs(one - other) <= _SMALL


def _same_feather(one: float | list[float], other: float | list[float]) -> bool:
    a = one if isinstance(one, list) else [one]
    b = other if isinstance(other, list) else [other]
    if len(a) != len(b):
        a, b = (a * len(b), b) if len(a) == 1 else (a, b * len(a) if len(b) == 1 else b)
    near = all(abs(p - q) <= _FEATHER for p, q in zip(a, b, strict=False))
    return len(a) == len(b) and near


def _keys(
    mine: Shape, kept: Shape, found: Shape, transform: Transform | None
) -> tuple[list[Key] | None, set[int], str]:
    """The keys (None: the document's own, untouched), the frames touched, the kind of shape."""
    if len(found.keys[0].points) != len(kept.keys[0].points):
        keys = [_artists(key, transform) for key in found.keys]
        touched = {key.frame for key in found.keys if not _same_curve(key, kept)}
        return keys, touched or _few(found), "bezier"
    own = {key.frame: key for key in mine.keys}
    was = {key.frame: key for key in kept.keys}
    same = {key.frame: _same_key(was.get(key.frame), key) for key in found.keys}
    touched = {frame for frame, alike in same.items() if not alike}
    touched |= was.keys() - same.keys()
    if not touched:
        return None, touched, mine.kind
    bezier = mine.kind == "bezier"
    keys = []
    for key in found.keys:
        if not same[key.frame]:
            keys.append(_artists(_with_corners(key, mine) if bezier else key, transform))
        elif key.frame in own:
            # A B-spline is one no more when one key of it is a Bezier that was moved.
            there = own[key.frame] if bezier else _in_layer(was[key.frame], transform)
            keys.append(there)
    return keys, touched, "bezier"


def _with_corners(key: Key, mine: Shape) -> Key:
    """Which points are corners is the document's to say: numbers do not tell it for sure."""
    pairs = zip(key.points, mine.keys[0].points, strict=True)
    return replace(key, points=tuple(p._replace(corner=own.corner) for p, own in pairs))


def _same_key(kept: Key | None, key: Key) -> bool:
    return kept is not None and all(
        abs(a - b) <= _PIXELS
        for p, q in zip(kept.points, key.points, strict=True)
        for a, b in zip(p[:6], q[:6], strict=True)
    )


def _added(found: Shape, transform: Transform | None) -> tuple[Shape, set[int]]:
    keys = [_artists(key, transform) for key in found.keys]
    return replace(found, keys=keys), {key.frame for key in keys}


def _artists(key: Key, transform: Transform | None) -> Key:
    return replace(_in_layer(key, transform), origin="artist")


def _in_layer(key: Key, transform: Transform | None) -> Key:
    """A key in plate pixels as one that the layer's transform brings there."""
    if transform is None:
        return key
    move = transform_at(transform, key.frame)
    px, py = transform.pivot
    turn, scale = math.radians(-move.rotate), move.scale
    cos, sin = math.cos(turn) / scale, math.sin(turn) / scale

    def turned(x: float, y: float) -> tuple[float, float]:
        return x * cos - y * sin, x * sin + y * cos

    points = []
    for p in key.points:
        x, y = turned(p.x - px - move.tx, p.y - py - move.ty)
        handles = *turned(p.in_dx, p.in_dy), *turned(p.out_dx, p.out_dy)
        points.append(ControlPoint(px + x, py + y, *handles, corner=p.corner))
    return replace(key, points=tuple(points))


def _same_curve(key: Key, kept: Shape) -> bool:
    """Whether a key with other points draws what ``kept`` is on its frame."""
    there = flatten(interpolated_points(kept.keys, key.frame), kept.closed, 0.02)
    return all(_distance(point, there) <= _CURVE for point in flatten(key.points, kept.closed))


def _distance(point: tuple[float, float], line: Sequence[tuple[float, float]]) -> float:
    x, y = point
    nearest = math.inf
    for (ax, ay), (bx, by) in zip(line, [*line[1:], line[0]], strict=True):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        share = ((x - ax) * dx + (y - ay) * dy) / length if length else 0.0
        share = min(1.0, max(0.0, share))
        nearest = min(nearest, math.hypot(x - ax - share * dx, y - ay - share * dy))
    return nearest


def _few(shape: Shape) -> set[int]:
    """Frames that stand for a whole shape."""
    keys = shape.keys
    return {keys[0].frame, keys[len(keys) // 2].frame, keys[-1].frame}
