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
# A node's say in the vertices fades by 2 + sqrt(3) from each to the next: this many leave 1e-9.
_FADE = 16
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
    corners = sharp_points(keys, closed)
    measured = keys[:: max(1, len(keys) // _MEASURED_KEYS)]
    allowed = [spans for spans in _SPANS if not closed or spans * len(corners) >= 3]
    for spans in allowed:
        error = _worst(
            measured, corners, closed, spans, tolerance if spans < allowed[-1] else math.inf
        )
        if error <= tolerance:
            break
    return Refit([_fitted(key, corners, closed, spans) for key in keys], error)


def refit_like(keys: Sequence[Key], closed: bool, spans: int, corners: Sequence[bool]) -> Refit:
    """`refit` with a structure that was chosen before, however well it fits these keys.

    ``spans``: vertices for each Bezier segment; ``corners``: which Bezier points are corners, the
    ends of an open shape among them.
    """
    measured = keys[:: max(1, len(keys) // _MEASURED_KEYS)]
    error = _worst(measured, corners, closed, spans, math.inf)
    return Refit([_fitted(key, corners, closed, spans) for key in keys], error)


def sharp_points(keys: Sequence[Key], closed: bool) -> List[bool]:
    """Which points are sharp on any key; the ends of an open shape are fixed like corners."""
    count = len(keys[0].points)
    sharp = [any(_is_sharp(key.points[i]) for key in keys) for i in range(count)]
    if not closed:
        sharp[0] = sharp[-1] = True
    return sharp


def _worst(
    keys: Sequence[Key], corners: Sequence[bool], closed: bool, spans: int, enough: float
) -> float:
    """The largest error of the keys, or the first that is more than ``enough``."""
    error = 0.0
    for key in keys:
        error = max(error, _error(key.points, corners, closed, spans))
        if error > enough:
            break
    return error


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
    weights = [_weights(j / spans) for j in range(spans)]
    nodes: List[Vector] = []
    fixed: List[bool] = []
    for i, segment in enumerate(bezier_segments(points, closed)):
        nodes.extend(_blend(segment, each) for each in weights)
        fixed.extend([corners[i]] + [False] * (spans - 1))
    if not closed:
        nodes.append((points[-1].x, points[-1].y))
        fixed.append(True)
    solved = _solved(nodes, fixed)
    ends = () if closed else (0, len(nodes) - 1)
    return tuple(
        ControlPoint(x, y, corner=sharp and i not in ends)
        for i, ((x, y), sharp) in enumerate(zip(solved, fixed))
    )


def _solved(nodes: List[Vector], fixed: Sequence[bool]) -> List[Vector]:
    """The vertices whose curve runs through the nodes; where fixed, the node itself."""
    count = len(nodes)
    if not any(fixed):
        ring = [nodes[i % count] for i in range(-_FADE, count + _FADE)]
        return _between(ring)[_FADE : _FADE + count]
    start = fixed.index(True)
    stops = [i for i in range(start, count) if fixed[i]] + [start + count]
    solved = []
    for a, b in zip(stops, stops[1:]):
        solved += _between([nodes[i % count] for i in range(a, b + 1)])[:-1]
    return solved[count - start :] + solved[: count - start]


def _between(nodes: List[Vector]) -> List[Vector]:
    """The vertices from a fixed one to the next, by elimination in the tridiagonal system."""
    found, factors = nodes[:], [0.0] * len(nodes)
    for i in range(1, len(nodes) - 1):
        factor = 1 / (4 - factors[i - 1])
        (x, y), (ax, ay) = nodes[i], found[i - 1]
        factors[i], found[i] = factor, (factor * (6 * x - ax), factor * (6 * y - ay))
    for i in range(len(nodes) - 2, 0, -1):
        (x, y), (bx, by), factor = found[i], found[i + 1], factors[i]
        found[i] = x - factor * bx, y - factor * by
    return found


def _weights(t: float) -> Tuple[float, float, float, float]:
    u = 1 - t
    return u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t


def _blend(segment: Segment, weights: Tuple[float, float, float, float]) -> Vector:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = segment
    a, b, c, d = weights
    return a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


_CURVE = [_weights(i / _CHORDS) for i in range(_CHORDS + 1)]
_SAMPLES = [_weights(t) for t in (0.2, 0.5, 0.8)]


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
        polyline = [_blend(segment, each) for each in _CURVE]
        for _ in range(count):
            piece = next(pieces)
            samples = (_blend(piece, each) for each in _SAMPLES)
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
