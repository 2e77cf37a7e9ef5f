"""Curves as numbers: Bezier segments, B-splines as Beziers, flattening, normals, transforms.

Positions are plate pixels, y down; every map here is linear in the control points, so it keeps
linear interpolation between keys exact.
"""

from __future__ import annotations

import math
from typing import List, Optional, Sequence, Tuple

from .model import ControlPoint, TransformKey

Vector = Tuple[float, float]
Segment = Tuple[Vector, Vector, Vector, Vector]


def bezier_segments(points: Sequence[ControlPoint], closed: bool) -> List[Segment]:
    """The cubic segments between consecutive points, each (start, handle, handle, end)."""
    ends = [*points[1:], points[0]] if closed else points[1:]
    return [_segment(start, end) for start, end in zip(points, ends)]


def _segment(start: ControlPoint, end: ControlPoint) -> Segment:
    return (
        (start.x, start.y),
        (start.x + start.out_dx, start.y + start.out_dy),
        (end.x + end.in_dx, end.y + end.in_dy),
        (end.x, end.y),
    )


def flatten(points: Sequence[ControlPoint], closed: bool, tolerance: float = 0.1) -> List[Vector]:
    """The polygon (or, open, the polyline) that stays within ``tolerance`` pixels of the curve.

    A closed polygon does not repeat its first point. Raises ValueError unless tolerance > 0.
    """
    if not tolerance > 0:
        raise ValueError("tolerance must be positive")
    polygon: List[Vector] = []
    for segment in bezier_segments(points, closed):
        polygon.extend(_flat_segment(segment, tolerance))
    if not closed:
        polygon.append((points[-1].x, points[-1].y))
    return polygon


def _flat_segment(segment: Segment, tolerance: float) -> List[Vector]:
    """Chords of n equal parameter steps lie within max|B''| / (8 n^2) of the cubic."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = segment
    if segment[0] == segment[1] and segment[2] == segment[3]:
        return [segment[0]]
    bend = max(
        math.hypot(x0 - 2 * x1 + x2, y0 - 2 * y1 + y2),
        math.hypot(x1 - 2 * x2 + x3, y1 - 2 * y2 + y3),
    )
    steps = max(1, math.ceil(math.sqrt(0.75 * bend / tolerance)))
    chord: List[Vector] = [(x0, y0)]
    for i in range(1, steps):
        t = i / steps
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        chord.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return chord


def split_first_segment(points: Sequence[ControlPoint]) -> Tuple[ControlPoint, ...]:
    """The same closed curve with one more point, halfway (de Casteljau) along segment 0."""
    first, second = points[0], points[1]
    p0, p1, p2, p3 = _segment(first, second)
    a, b, c = _middle(p0, p1), _middle(p1, p2), _middle(p2, p3)
    d, e = _middle(a, b), _middle(b, c)
    x, y = _middle(d, e)
    return (
        first._replace(out_dx=first.out_dx / 2, out_dy=first.out_dy / 2),
        ControlPoint(x, y, d[0] - x, d[1] - y, e[0] - x, e[1] - y),
        second._replace(in_dx=second.in_dx / 2, in_dy=second.in_dy / 2),
        *points[2:],
    )


def _middle(a: Vector, b: Vector) -> Vector:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def bspline_vertices(points: Sequence[ControlPoint], closed: bool) -> List[ControlPoint]:
    """The vertices of the uniform cubic B-spline, repeated where the curve is to be sharp.

    A vertex given three times lies on the curve, with a corner; a corner and both ends of an open
    B-spline are written so. Handles are dropped.
    """
    last = len(points) - 1
    vertices: List[ControlPoint] = []
    for i, point in enumerate(points):
        sharp = point.corner or (not closed and i in (0, last))
        vertices.extend([ControlPoint(point.x, point.y, corner=point.corner)] * (3 if sharp else 1))
    return vertices


def bspline_to_bezier(points: Sequence[ControlPoint], closed: bool) -> Tuple[ControlPoint, ...]:
    """The Bezier points of a uniform cubic B-spline: exactly the same curve.

    With vertices P, the node of vertex i is (P[i-1] + 4 P[i] + P[i+1]) / 6 and its handles end a
    third of the way from P[i] to its neighbours. An open B-spline begins and ends on its ends.
    """
    p = bspline_vertices(points, closed)
    count = len(p)
    inner = range(count) if closed else range(1, count - 1)
    return tuple(_bspline_node(p[i - 1], p[i], p[(i + 1) % count]) for i in inner)


def _bspline_node(before: ControlPoint, vertex: ControlPoint, after: ControlPoint) -> ControlPoint:
    x = (before.x + 4 * vertex.x + after.x) / 6
    y = (before.y + 4 * vertex.y + after.y) / 6
    return ControlPoint(
        x,
        y,
        (2 * vertex.x + before.x) / 3 - x,
        (2 * vertex.y + before.y) / 3 - y,
        (2 * vertex.x + after.x) / 3 - x,
        (2 * vertex.y + after.y) / 3 - y,
        vertex.corner and (x, y) == (vertex.x, vertex.y),
    )


def transformed(
    points: Sequence[ControlPoint], pivot: Vector, move: TransformKey
) -> Tuple[ControlPoint, ...]:
    """``p' = pivot + scale * R(rotate) * (p - pivot) + (tx, ty)``, handles turned and scaled.

    y points down, so a positive angle turns clockwise on screen.
    """
    angle = math.radians(move.rotate)
    c, s = move.scale * math.cos(angle), move.scale * math.sin(angle)
    dx = pivot[0] + move.tx - c * pivot[0] + s * pivot[1]
    dy = pivot[1] + move.ty - s * pivot[0] - c * pivot[1]
    return tuple(
        ControlPoint(
            c * x - s * y + dx,
            s * x + c * y + dy,
            c * ix - s * iy,
            s * ix + c * iy,
            c * ox - s * oy,
            s * ox + c * oy,
            corner,
        )
        for x, y, ix, iy, ox, oy, corner in points
    )


def outward_normals(points: Sequence[ControlPoint], closed: bool) -> List[Vector]:
    """The unit vector at each point that is square to the curve and leaves a closed shape."""
    corners = [corner for segment in bezier_segments(points, closed) for corner in segment[:3]]
    side = -1.0 if closed and signed_area(corners) < 0 else 1.0
    count = len(points)
    normals = []
    for i, point in enumerate(points):
        before = points[i - 1] if closed or i > 0 else point
        after = points[(i + 1) % count] if closed or i + 1 < count else point
        ahead = _unit(point.out_dx, point.out_dy) or _unit(after.x - point.x, after.y - point.y)
        back = _unit(point.in_dx, point.in_dy) or _unit(before.x - point.x, before.y - point.y)
        ax, ay = ahead or (0.0, 0.0)
        bx, by = back or (0.0, 0.0)
        tx, ty = _unit(ax - bx, ay - by) or (ax, ay)
        normals.append((side * ty, -side * tx))
    return normals


def signed_area(polygon: Sequence[Vector]) -> float:
    """Positive when the polygon runs clockwise on screen (y down)."""
    pairs = zip(polygon, [*polygon[1:], polygon[0]])
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs) / 2


def _unit(x: float, y: float) -> Optional[Vector]:
    length = math.hypot(x, y)
    return (x / length, y / length) if length else None
