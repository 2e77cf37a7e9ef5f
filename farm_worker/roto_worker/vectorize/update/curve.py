"""A document's shape as the solver sees it: outline samples at fixed spots of its curve.

The shape keeps its control points, so its samples are given by (segment, parameter) on whatever key
an artist or a solve has made; nothing asks how the handles of such a key lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from roto_shapes.document import ControlPoint, Key, Shape

from ..motion.correspondence import SAMPLE_SPACING, SAMPLES
from ..outline.curves import Points, Values, side_lengths
from ..solver.fit import Basis, Flags, basis, bernstein, with_ratios

FEWEST = 3
"""Samples of the shortest segment."""
STRAIGHT = np.cos(np.radians(3.0))
"""Handles that leave a straight line by more than this belong to a corner."""
SHORT = 1e-4
"""A handle shorter than this, pixels, is none."""


@dataclass(frozen=True)
class Curve:
    """``basis``: the solver's, with the shape's points as knots. ``corners``: the document's marks,
    for new keys."""

    basis: Basis
    corners: Flags

    @classmethod
    def of(cls, shape: Shape, reference: Sequence[ControlPoint], unit: float) -> Curve:
        """``reference``: the points where the spacing of samples is measured. ``unit``: plate
        pixels per pixel of the layer there."""
        lengths = _segment_lengths(np.array(reference)[:, :6])
        total = float(lengths.sum())
        lengths = np.maximum(lengths, 1e-3 * total / len(lengths) + 1e-9)
        wanted = np.clip(total * unit / SAMPLE_SPACING, *SAMPLES)
        counts = np.maximum(np.rint(wanted * lengths / total), FEWEST).astype(int)
        knots = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
        sharp, ratios = _handles(shape.keys)
        made = basis(knots, sharp, np.repeat(lengths / counts, counts))
        marked = np.array([point.corner for point in shape.keys[0].points])
        return cls(with_ratios(made, ratios), marked | sharp)

    def samples(self, points: Sequence[ControlPoint]) -> Points:
        """``(R, 2)`` of the curve through any control points, in their space."""
        rows = np.array(points)[:, :6]
        controls = _controls(rows)[self.basis.segment]
        return np.einsum("rk,rkc->rc", bernstein(self.basis.u), controls)

    def key(self, frame: int, points: Values, like: Key | None) -> Key:
        """A solved key of control points ``(N, 6)``, in the place of ``like``."""
        made = tuple(
            ControlPoint._make([*row, bool(corner)])
            for row, corner in zip(points.round(6).tolist(), self.corners, strict=True)
        )
        return replace(like, points=made) if like else Key(frame, made)


def _controls(points: Values) -> Values:
    """``(N, 4, 2)``: every segment's Bezier points."""
    after = np.roll(points, -1, axis=0)
    ends = points[:, :2], points[:, :2] + points[:, 4:6], after[:, :2] + after[:, 2:4], after[:, :2]
    return np.stack(ends, axis=1)


def _segment_lengths(points: Values) -> Values:
    weights = bernstein(np.linspace(0, 1, 9))
    chains = np.einsum("uk,nkc->nuc", weights, _controls(points))
    return np.array([float(side_lengths(chain)[:-1].sum()) for chain in chains])


def _handles(keys: Sequence[Key]) -> tuple[Flags, Values]:
    """Which points are corners on any key, and how long incoming handles are, over outgoing."""
    rows = np.array([key.points for key in keys])
    into, out = rows[..., 2:4], rows[..., 4:6]
    long_in, long_out = np.linalg.norm(into, axis=-1), np.linalg.norm(out, axis=-1)
    both = (long_in > SHORT) & (long_out > SHORT)
    against = -(into * out).sum(axis=-1) / np.maximum(long_in * long_out, SHORT**2)
    corners = (~both | (against < STRAIGHT)).any(axis=0)
    ratios = np.where(both, long_in / np.maximum(long_out, SHORT), 1.0)
    return corners, np.clip(np.median(ratios, axis=0), 0.02, 50.0)
