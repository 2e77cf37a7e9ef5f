"""Tracing one closed outline into few cubic Beziers: the per-frame baseline.

Schneider, "An Algorithm for Automatically Fitting Digitized Curves" (Graphics Gems, 1990): least
squares for the two handle lengths under given end tangents, reparametrised by Newton steps. Between
corners every segment is made as long as the tolerance allows, which is a hard baseline: about a
quarter fewer points on the DAVIS masks than splitting where the error is worst and joining again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .curves import Points
from .metrics import Values

CORNER_REACH = 3
"""Samples (about pixels) over which the outline's direction is judged."""
CORNER_ANGLE = 60.0
REPARAMETRISATIONS = 3


@dataclass(frozen=True)
class Segment:
    """``bezier``: ``(4, 2)``. ``first``, ``last``: the samples of its ends; ``last`` may wrap."""

    bezier: Points
    first: int
    last: int


def trace(outline: Points, tolerance: float) -> list[Segment]:
    """Cubic segments that stay within ``tolerance`` pixels of every sample of a closed outline.

    Args:
        outline: ``(n, 2)`` samples about a pixel apart, the first not repeated.
    """
    return _Tracer(outline, tolerance).run()


def flattened(segments: list[Segment], per_segment: int = 16) -> Points:
    """The polygon of the segments, ``per_segment`` sides each."""
    u = np.arange(per_segment) / per_segment
    return np.concatenate([_bernstein(u) @ segment.bezier for segment in segments])


class _Tracer:
    def __init__(self, outline: Points, tolerance: float) -> None:
        self.outline, self.tolerance = outline, tolerance
        self.ahead, self.behind = _directions(outline)
        cosine = (self.ahead * self.behind).sum(axis=1)
        self.corners = _peaks(-cosine, -np.cos(np.radians(CORNER_ANGLE)))
        smooth = np.ones(len(outline), bool)
        smooth[self.corners] = False
        middle = self.ahead + self.behind
        length = np.maximum(np.linalg.norm(middle, axis=1, keepdims=True), 1e-9)
        self.ahead = np.where(smooth[:, None], middle / length, self.ahead)
        self.behind = np.where(smooth[:, None], middle / length, self.behind)

    def run(self) -> list[Segment]:
        n = len(self.outline)
        cuts = sorted(self.corners) or [int((self.ahead * self.behind).sum(axis=1).argmin())]
        pieces = []
        for first, last in zip(cuts, [*cuts[1:], cuts[0] + n], strict=True):
            at = first
            while at < last:
                pieces.append(self._longest(at, last))
                at = pieces[-1].last
        return pieces

    def _longest(self, first: int, last: int) -> Segment:
        """The longest segment from ``first`` on that keeps the tolerance: galloped, then halved."""
        good, bad, reach = first + 1, last + 1, 8
        while bad - good > 1:
            end = min(first + reach, last) if bad > last else (good + bad) // 2
            if self._fit(first, end)[1] <= self.tolerance:
                good, reach = end, 2 * reach
            else:
                bad = end
        return Segment(self._fit(first, good)[0], first, good)

    def _fit(self, first: int, last: int) -> tuple[Points, float]:
        """The segment over samples ``first..last`` and its largest error."""
        n = len(self.outline)
        points = self.outline[np.arange(first, last + 1) % n]
        start, end = self.ahead[first % n], -self.behind[last % n]
        u = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        u /= max(u[-1], 1e-12)
        best = (np.zeros((4, 2)), np.inf)
        for _ in range(1 + REPARAMETRISATIONS):
            bezier = _handles(points, u, start, end)
            away = np.linalg.norm(_bernstein(u) @ bezier - points, axis=1)
            worst = float(away.max())
            if worst < best[1]:
                best = (bezier, worst)
            if worst <= self.tolerance or worst > 16 * self.tolerance:
                break
            u = _reparametrised(bezier, points, u)
        return best


def _directions(outline: Points) -> tuple[Points, Points]:
    """Unit directions from each sample forwards, and to it from behind."""
    ahead = np.roll(outline, -CORNER_REACH, axis=0) - outline
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    return ahead, np.roll(ahead, CORNER_REACH, axis=0)


def _peaks(values: Values, least: float) -> list[int]:
    """Samples of at least ``least`` that are the largest within the corner's reach."""
    around = [np.roll(values, s) for s in range(-CORNER_REACH, CORNER_REACH + 1) if s]
    return np.flatnonzero((values >= least) & (values > np.max(around, axis=0))).tolist()


def _handles(points: Points, u: Values, start: Points, end: Points) -> Points:
    """Least squares for the handles' lengths along ``start`` and ``end``; ends stay."""
    weights = _bernstein(u)
    rest = points - weights[:, :2].sum(axis=1)[:, None] * points[0]
    rest -= weights[:, 2:].sum(axis=1)[:, None] * points[-1]
    a = weights[:, 1, None] * start
    b = weights[:, 2, None] * end
    aa, ab, bb = (a * a).sum(), (a * b).sum(), (b * b).sum()
    ra, rb = (a * rest).sum(), (b * rest).sum()
    determinant = aa * bb - ab * ab
    chord = float(np.linalg.norm(points[-1] - points[0]))
    lengths = np.array([chord / 3, chord / 3])
    if determinant > 1e-9 * aa * bb:
        found = np.array([ra * bb - rb * ab, rb * aa - ra * ab]) / determinant
        if (found > 1e-3 * chord).all():
            lengths = found
    return np.stack(
        [points[0], points[0] + lengths[0] * start, points[-1] + lengths[1] * end, points[-1]]
    )


def _reparametrised(bezier: Points, points: Points, u: Values) -> Values:
    """One Newton step of every parameter towards its sample's foot on the curve."""
    first = 3 * np.diff(bezier, axis=0)
    second = 2 * np.diff(first, axis=0)
    v = 1 - u
    off = _bernstein(u) @ bezier - points
    velocity = np.stack([v * v, 2 * v * u, u * u], axis=1) @ first
    bend = np.stack([v, u], axis=1) @ second
    slope = (velocity**2).sum(axis=1) + (off * bend).sum(axis=1)
    safe = np.where(np.abs(slope) > 1e-9, slope, np.inf)
    stepped = np.clip(u - (off * velocity).sum(axis=1) / safe, 0.0, 1.0)
    return np.maximum.accumulate(stepped)


def _bernstein(u: Values) -> Values:
    v = 1 - u
    return np.stack([v**3, 3 * v * v * u, 3 * v * u * u, u**3], axis=1)
