"""What was put into Silhouette for a shape, and the way back from what stands there now."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import List, Optional, Sequence, Tuple

from roto_shapes.evaluate import interpolated_points, transform_at
from roto_shapes.geometry import Vector, bspline_to_bezier, bspline_vertices, flatten
from roto_shapes.model import ControlPoint, Key, Shape, Transform

from .fit import Fit, fitted
from .host_shapes import Points
from .nodes import Nodes

SAME = 0.01
"""Plate pixels within which a point has not been moved: far below what a hand does, far above
what hosts lose by rounding (6 decimals of an image height, 32-bit floats)."""
_SAME_CURVE = 0.5
"""Plate pixels within which a curve with other points is still the same outline."""


@dataclass(frozen=True)
class Applied:
    """What was put into Silhouette for a shape, and the way back from it."""

    flat: Shape
    put: Sequence[Key]
    nodes: Optional[Nodes]
    frames: Tuple[int, ...]

    @classmethod
    def of(cls, flat: Shape, kind: str, tolerance: float, fit: Optional[Fit]) -> Applied:
        """Of a shape that stands there as ``kind``, fitted as its note says."""
        frames = tuple(key.frame for key in flat.keys)
        if kind == "bezier":
            return cls(flat, flat.keys, None, frames)
        keys = fitted(flat, tolerance, fit).shape.keys
        nodes = None
        if flat.kind == "bezier":
            nodes = Nodes.of(keys[0].points, len(flat.keys[0].points), flat.closed)
        put = [
            replace(key, points=tuple(bspline_vertices(key.points, flat.closed))) for key in keys
        ]
        return cls(flat, put, nodes, frames)

    @property
    def count(self) -> int:
        return len(self.put[0].points)

    def same(self, points: Points, frame: int) -> bool:
        """Whether they are what was put there (or, between keys, what was seen there)."""
        there = interpolated_points(self.put, frame)
        return all(
            abs(a - b) <= SAME
            for p, q in zip(points, there)
            for a, b in zip(_places(p), _places(q))
        )

    def moved(self, points: Points, frame: int) -> Points:
        """The artist's points as those of the document's shape."""
        if self.nodes is None:
            return _bspline_points(points, self.flat) if self.flat.kind == "bspline" else points
        before = [(p.x, p.y) for p in interpolated_points(self.put, frame)]
        after = [(p.x, p.y) for p in points]
        return self.nodes.moved(interpolated_points(self.flat.keys, frame), before, after)


def _places(p: ControlPoint) -> Tuple[float, ...]:
    return p.x, p.y, p.x + p.in_dx, p.y + p.in_dy, p.x + p.out_dx, p.y + p.out_dy


def _bspline_points(raw: Points, flat: Shape) -> Points:
    """The document's B-spline points of vertices as the host has them (corners three times)."""
    points: List[ControlPoint] = []
    last = len(flat.keys[0].points) - 1
    at = 0
    for j, own in enumerate(flat.keys[0].points):
        sharp = own.corner or (not flat.closed and j in (0, last))
        vertex = raw[at + (1 if sharp else 0)]
        points.append(ControlPoint(vertex.x, vertex.y, corner=own.corner))
        at += 3 if sharp else 1
    return tuple(points)


def same_curve(points: Points, kind: str, flat: Shape, frame: int) -> bool:
    """Whether a closed curve of other points shows what the document's shape shows there."""
    there = _polygon(interpolated_points(flat.keys, frame), flat.kind, flat.closed)
    here = _polygon(points, kind, flat.closed)
    return _within(here, there) and _within(there, here)


def _polygon(points: Points, kind: str, closed: bool) -> List[Vector]:
    if kind == "bspline":
        # The host's vertices come with corners three times over, the document's with a mark.
        points = bspline_to_bezier(points, closed)
    polygon = flatten(points, closed, _SAME_CURVE / 8)
    return [*polygon, polygon[0]] if closed else polygon


def _within(points: Sequence[Vector], line: Sequence[Vector]) -> bool:
    return all(_near(point, line) for point in points)


def _near(p: Vector, line: Sequence[Vector]) -> bool:
    for (ax, ay), (bx, by) in zip(line, line[1:]):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = ((p[0] - ax) * dx + (p[1] - ay) * dy) / length if length else 0.0
        t = min(1.0, max(0.0, t))
        if math.hypot(p[0] - ax - t * dx, p[1] - ay - t * dy) <= _SAME_CURVE:
            return True
    return False


def in_layer(points: Points, transform: Optional[Transform], frame: int) -> Points:
    """Points of the plate as those of a layer that moves: its motion taken out."""
    if transform is None:
        return points
    move = transform_at(transform, frame)
    px, py = transform.pivot
    angle = math.radians(-move.rotate)
    c, s = math.cos(angle) / move.scale, math.sin(angle) / move.scale
    found = []
    for x, y, ix, iy, ox, oy, corner in points:
        dx, dy = x - px - move.tx, y - py - move.ty
        found.append(
            ControlPoint(
                px + c * dx - s * dy,
                py + s * dx + c * dy,
                c * ix - s * iy,
                s * ix + c * iy,
                c * ox - s * oy,
                s * ox + c * oy,
                corner,
            )
        )
    return tuple(found)
