"""What a document looks like on a frame: the meaning every writer has to reproduce.

Frames may lie between whole numbers. A value holds its first key's value before it and its last
key's after it. A shape is visible on the whole stretch from a visible frame to the next.
"""

from __future__ import annotations

import math
from typing import Optional, Sequence, Tuple, Union

from .geometry import bezier_segments, bspline_to_bezier, flatten, transformed
from .model import ControlPoint, Key, Layer, Shape, Transform, TransformKey, ValueKey

__all__ = [
    "bezier_segments",
    "bspline_to_bezier",
    "flatten",
    "interpolated_points",
    "is_visible",
    "opacity_at",
    "outline_at",
    "points_at",
    "transform_at",
]


def is_visible(shape: Shape, frame: float) -> bool:
    """Whether ``frame`` lies in one of the shape's visible ranges (none given: always)."""
    whole = math.floor(frame)
    return not shape.visible or any(first <= whole <= last for first, last in shape.visible)


def points_at(shape: Shape, frame: float) -> Optional[Tuple[ControlPoint, ...]]:
    """The control points on a frame, in the layer's space; None where it is not visible."""
    return interpolated_points(shape.keys, frame) if is_visible(shape, frame) else None


def outline_at(layer: Layer, shape: Shape, frame: float) -> Optional[Tuple[ControlPoint, ...]]:
    """The Bezier points of the outline in plate pixels, the layer's transform applied.

    A B-spline comes as the Bezier that is the same curve. None where the shape is not visible.
    """
    points = points_at(shape, frame)
    if points is None:
        return None
    if shape.kind == "bspline":
        points = bspline_to_bezier(points, shape.closed)
    if layer.transform is None:
        return points
    return transformed(points, layer.transform.pivot, transform_at(layer.transform, frame))


def opacity_at(shape: Shape, frame: float) -> float:
    """Opacity 0..1 on a frame, without regard to visibility."""
    if not isinstance(shape.opacity, list):
        return shape.opacity
    before, after, share = _surrounding(shape.opacity, frame)
    a, b = shape.opacity[before], shape.opacity[after]
    return a.value if a.interpolation == "hold" else a.value + share * (b.value - a.value)


def transform_at(transform: Transform, frame: float) -> TransformKey:
    """The transform's values on a frame (``frame`` of the result is rounded down)."""
    before, after, share = _surrounding(transform.keys, frame)
    a, b = transform.keys[before], transform.keys[after]
    return TransformKey(
        math.floor(frame),
        a.tx + share * (b.tx - a.tx),
        a.ty + share * (b.ty - a.ty),
        a.rotate + share * (b.rotate - a.rotate),
        a.scale + share * (b.scale - a.scale),
    )


def interpolated_points(keys: Sequence[Key], frame: float) -> Tuple[ControlPoint, ...]:
    """The points between the two keys around ``frame``: linear, or held."""
    before, after, share = _surrounding(keys, frame)
    a, b = keys[before], keys[after]
    if share == 0 or a.interpolation == "hold":
        return a.points
    return tuple(
        ControlPoint(
            p.x + share * (q.x - p.x),
            p.y + share * (q.y - p.y),
            p.in_dx + share * (q.in_dx - p.in_dx),
            p.in_dy + share * (q.in_dy - p.in_dy),
            p.out_dx + share * (q.out_dx - p.out_dx),
            p.out_dy + share * (q.out_dy - p.out_dy),
            p.corner,
        )
        for p, q in zip(a.points, b.points)
    )


def _surrounding(
    keys: Union[Sequence[Key], Sequence[ValueKey], Sequence[TransformKey]], frame: float
) -> Tuple[int, int, float]:
    """Indices of the keys before and after ``frame``, and how far between them it lies (0..1)."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle].frame <= frame:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return 0, 0, 0.0
    if low == len(keys):
        return low - 1, low - 1, 0.0
    first, last = keys[low - 1].frame, keys[low].frame
    return low - 1, low, (frame - first) / (last - first)
