"""A Bezier shape as a B-spline that runs through points of its curve.

Interpolation by a uniform cubic B-spline: at every node (P[i-1] + 4 P[i] + P[i+1]) / 6 = Q[i] (de
Boor, A Practical Guide to Splines, ch. IV). It is linear in the control points, so the error of a
blend of two keys is no more than the blend of theirs.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Iterator, List, NamedTuple, Sequence, Tuple

from .geometry import Segment, Vector, bezier_segments, bspline_to_bezier
from .model import ControlPoint, Key

_SPANS = (1, 2, 3, 4, 6, 8, 12)
# The iteration gains a factor of 4 each time.
_ROUNDS = 32
_MEASURED_KEYS = 6
_CHORDS = 24
_SMOOTH = math.cos(math.radians(179))


class Refit(NamedTuple):
    """The B-spline's keys, and how far its curve lies from the Bezier, in pixels."""

    keys: List[Key]
    error: float


def refit(keys: Sequence[Key], closed: bool, tolerance: float) -> Refit:
    """The keys of a Bezier shape as those of a B-spline within ``tolerance`` pixels.

    Sharp points become corners; every segment gets the same number of vertices, as few as the
    tolerance allows (12 at most: the error tells whether they were enough).
    """
    corners = _corners(keys, closed)
    measured = keys[:: max(1, len(keys) // _MEASURED_KEYS)]
    best = Refit([], math.inf)
    for spans in _SPANS:
        if closed and spans * len(corners) < 3:
            continue
        error = max(_error(key.points, corners, closed, spans) for key in measured)
        if error < best.error:
            best = Refit([_fitted(key, corners, closed, spans) for key in keys], error)
        if error <= tolerance:
            break
    return best


def _corners(keys: Sequence[Key], closed: bool) -> List[bool]:
    """Which points are sharp on any key; the ends of an open shape are fixed like corners."""
    count = len(keys[0].points)
    sharp = [any(_is_sharp(key.points[i]) for key in keys) for i in range(count)]
    if not closed:
        sharp[0] = sharp[-1] = True
    return sharp


def _is_sharp(p: ControlPoint) -> bool:
    ahead, behind = math.hypot(p.out_dx, p.out_dy), math.hypot(p.in_dx, p.in_dy)
    if ahead < 1e-6 or behind < 1e-6:
        return True
    return p.in_dx / behind * (p.out_dx / ahead) + p.in_dy / behind * (p.out_dy / ahead) > _SMOOTH


def _fitted(key: Key, corners: Sequence[bool], closed: bool, spans: int) -> Key:
    return replace(key, points=_vertices(key.points, corners, closed, spans))


def _vertices(
    points: Sequence[ControlPoint], corners: Sequence[bool], closed: bool, spans: int
) -> Tuple[ControlPoint, ...]:
    nodes: List[Vector] = []
    fixed: List[bool] = []
    for i, segment in enumerate(bezier_segments(points, closed)):
        for j in range(spans):
            nodes.append(_at(segment, j / spans))
            fixed.append(corners[i] and j == 0)
    if not closed:
        nodes.append((points[-1].x, points[-1].y))
        fixed.append(True)
    solved = _solved(nodes, fixed)
    ends = () if closed else (0, len(nodes) - 1)
    return tuple(
        ControlPoint(x, y, corner=sharp and i not in ends)
        for i, ((x, y), sharp) in enumerate(zip(solved, fixed))
    )


def _solved(nodes: Sequence[Vector], fixed: Sequence[bool]) -> List[Vector]:
    """Gauss-Seidel: each vertex from its neighbours, which weigh half of it."""
    found = list(nodes)
    free = [i for i, sharp in enumerate(fixed) if not sharp]
    last = len(nodes) - 1
    for _ in range(_ROUNDS):
        for i in free:
            (ax, ay), (bx, by) = found[i - 1], found[i + 1 if i < last else 0]
            x, y = nodes[i]
            found[i] = (6 * x - ax - bx) / 4, (6 * y - ay - by) / 4
    return found


def _at(segment: Segment, t: float) -> Vector:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = segment
    u = 1 - t
    a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    return a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def _error(
    points: Sequence[ControlPoint], corners: Sequence[bool], closed: bool, spans: int
) -> float:
    """The farthest of the B-spline's curve from the part of the Bezier it stands for."""
    vertices = _vertices(points, corners, closed, spans)
    curve = bezier_segments(bspline_to_bezier(vertices, closed), closed)
    if closed and corners[0]:
        # The first piece still leads into the corner: it is the last segment's.
        curve = [*curve[1:], curve[0]]
    pieces = iter(curve)
    worst = 0.0
    for segment, count in _pieces(points, corners, closed, spans):
        polyline = [_at(segment, i / _CHORDS) for i in range(_CHORDS + 1)]
        for _ in range(count):
            piece = next(pieces)
            samples = (_at(piece, t) for t in (0.2, 0.5, 0.8))
            worst = max(worst, *(_distance(sample, polyline) for sample in samples))
    return worst


def _pieces(
    points: Sequence[ControlPoint], corners: Sequence[bool], closed: bool, spans: int
) -> Iterator[Tuple[Segment, int]]:
    """Each Bezier segment and how many pieces of the B-spline follow it: a corner adds one."""
    count = len(points)
    for i, segment in enumerate(bezier_segments(points, closed)):
        yield segment, spans + corners[i] + corners[(i + 1) % count]


def _distance(point: Vector, polyline: Sequence[Vector]) -> float:
    return min(_to_chord(point, a, b) for a, b in zip(polyline, polyline[1:]))


def _to_chord(p: Vector, a: Vector, b: Vector) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length if length else 0.0
    t = min(1.0, max(0.0, t))
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)
