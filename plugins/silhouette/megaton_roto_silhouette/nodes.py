"""The Bezier an edited B-spline stands for: the way back of `roto_shapes.bspline_fit.refit`.

The document keeps Beziers; Silhouette gets B-splines through the same points, each Bezier segment
cut into the same number of spans. An artist's edit of the B-spline is fitted by cubics between the
same points, and what the fit changes is added to the document's own Bezier. Where nothing was
edited nothing changes, and an edit that a Bezier of those points can hold comes back as it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import List, Sequence, Tuple

from roto_shapes.geometry import Vector
from roto_shapes.model import ControlPoint

_PER_PIECE = 4


@dataclass(frozen=True)
class Nodes:
    """Which vertex of the B-spline lies at which point of the Bezier.

    ``starts[j]``: where the fitted vertex j begins among the vertices as the host has them (a
    corner is there three times); ``spans``: vertices per Bezier segment.
    """

    closed: bool
    points: int
    spans: int
    starts: Tuple[int, ...]
    sharp: Tuple[bool, ...]
    raw: int

    @classmethod
    def of(cls, fitted: Sequence[ControlPoint], points: int, closed: bool) -> Nodes:
        """Of a refit to ``fitted`` of a Bezier with ``points`` points."""
        count = len(fitted)
        spans = count // points if closed else (count - 1) // (points - 1)
        ends = () if closed else (0, count - 1)
        sharp = tuple(p.corner or j in ends for j, p in enumerate(fitted))
        starts: List[int] = []
        raw = 0
        for each in sharp:
            starts.append(raw)
            raw += 3 if each else 1
        return cls(closed, points, spans, tuple(starts), sharp, raw)

    def fit(self, raw: Sequence[Vector]) -> List[Tuple[Vector, Vector, Vector]]:
        """Per Bezier point: its place, the end of its incoming and of its outgoing handle."""
        segments = self.points if self.closed else self.points - 1
        cubics = [self._cubic(raw, i) for i in range(segments)]
        found = []
        for i in range(self.points):
            place = self._node(raw, i * self.spans)
            arrives = cubics[i - 1][1] if self.closed or i else place
            leaves = cubics[i][0] if i < segments else place
            found.append((place, arrives, leaves))
        return found

    def moved(
        self, base: Sequence[ControlPoint], before: Sequence[Vector], after: Sequence[Vector]
    ) -> Tuple[ControlPoint, ...]:
        """``base`` with what an edit of the vertices from ``before`` to ``after`` does to it."""
        points = []
        for own, old, new in zip(base, self.fit(before), self.fit(after)):
            (x, y), (in_x, in_y), (out_x, out_y) = (
                (q[0] - p[0], q[1] - p[1]) for p, q in zip(old, new)
            )
            points.append(
                _kept_smooth(
                    own,
                    ControlPoint(
                        own.x + x,
                        own.y + y,
                        own.in_dx + in_x - x,
                        own.in_dy + in_y - y,
                        own.out_dx + out_x - x,
                        own.out_dy + out_y - y,
                        own.corner,
                    ),
                )
            )
        return tuple(points)

    def _index(self, vertex: int) -> int:
        """Where among the raw vertices the curve's node of a fitted vertex is."""
        return self.starts[vertex] + (1 if self.sharp[vertex] else 0)

    def _node(self, raw: Sequence[Vector], vertex: int) -> Vector:
        return self._at(raw, self._index(vertex % len(self.starts)), 0.0)

    def _at(self, raw: Sequence[Vector], piece: int, u: float) -> Vector:
        """The curve at ``u`` of the piece that begins at a raw vertex's node."""
        count = self.raw
        v = 1 - u
        weights = (
            v * v * v / 6,
            (3 * u * u * u - 6 * u * u + 4) / 6,
            (-3 * u * u * u + 3 * u * u + 3 * u + 1) / 6,
            u * u * u / 6,
        )
        corners = [raw[(piece - 1 + i) % count] for i in range(4)]
        return (
            sum(w * c[0] for w, c in zip(weights, corners)),
            sum(w * c[1] for w, c in zip(weights, corners)),
        )

    def _cubic(self, raw: Sequence[Vector], segment: int) -> Tuple[Vector, Vector]:
        """The inner control points of the cubic nearest to the curve of a Bezier segment."""
        total = len(self.starts)
        samples: List[Tuple[float, Vector]] = []
        for c in range(self.spans):
            here = segment * self.spans + c
            begin, end = self._index(here % total), self._index((here + 1) % total)
            pieces = (end - begin) % self.raw or self.raw
            steps = pieces * _PER_PIECE
            for k in range(steps):
                t = (c + k / steps) / self.spans
                samples.append(
                    (t, self._at(raw, begin + k // _PER_PIECE, k % _PER_PIECE / _PER_PIECE))
                )
        first = self._node(raw, segment * self.spans)
        last = self._node(raw, (segment + 1) * self.spans)
        return _inner(samples, first, last)


def _inner(samples: Sequence[Tuple[float, Vector]], a: Vector, d: Vector) -> Tuple[Vector, Vector]:
    """Least squares for the two inner points of a cubic from ``a`` to ``d``."""
    bb = bc = cc = 0.0
    right = [0.0, 0.0, 0.0, 0.0]
    for t, (x, y) in samples:
        s = 1 - t
        wa, wb, wc, wd = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
        bb, bc, cc = bb + wb * wb, bc + wb * wc, cc + wc * wc
        rx, ry = x - wa * a[0] - wd * d[0], y - wa * a[1] - wd * d[1]
        right[0] += wb * rx
        right[1] += wb * ry
        right[2] += wc * rx
        right[3] += wc * ry
    size = bb * cc - bc * bc
    return (
        ((right[0] * cc - right[2] * bc) / size, (right[1] * cc - right[3] * bc) / size),
        ((right[2] * bb - right[0] * bc) / size, (right[3] * bb - right[1] * bc) / size),
    )


def _kept_smooth(own: ControlPoint, new: ControlPoint) -> ControlPoint:
    """``new`` with its handles on one line, in the old proportion, if the point was smooth."""
    behind, ahead = math.hypot(own.in_dx, own.in_dy), math.hypot(own.out_dx, own.out_dy)
    back, front = math.hypot(new.in_dx, new.in_dy), math.hypot(new.out_dx, new.out_dy)
    if own.corner or min(behind, ahead, back, front) < 1e-6:
        return new
    turned = own.in_dx * own.out_dy - own.in_dy * own.out_dx
    if abs(turned) > 1e-3 * behind * ahead:
        return new  # not smooth to begin with, whatever the flag says
    dx = new.out_dx / front - new.in_dx / back
    dy = new.out_dy / front - new.in_dy / back
    length = math.hypot(dx, dy)
    if length < 1e-6 or (dx, dy) == (0.0, 0.0):
        return new
    out = (back + front) * ahead / (behind + ahead) / length
    arrive = (back + front) * behind / (behind + ahead) / length
    return new._replace(in_dx=-dx * arrive, in_dy=-dy * arrive, out_dx=dx * out, out_dy=dy * out)
