"""Least-squares Beziers on one shared basis.

A shape's control points sit on the same samples of the material track on every frame, so one matrix
maps unknowns to outline samples for the whole life. Unknowns of a smooth point are its position p
and its outgoing handle h; the incoming handle is ``-rho * h`` with ``rho`` constant for the life.
Linear interpolation of keys then keeps both handles in line on every in-between, which two free
handles would not. A corner has an incoming handle g of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..outline.curves import Points, Values

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

FAIRNESS = 0.002
"""Weight of the pull of handles towards a third of their segment, per sample of the outline."""

EVENNESS = 0.05
"""How faint the rows for the points' own places are beside those for their handles."""


@dataclass(frozen=True)
class Basis:
    """Where the control points sit on the track's samples, and what follows from it.

    ``knots``: ``(N,)`` ascending sample indices. ``corners``: ``(N,)``. ``rho``: ``(N,)`` length of
    the incoming over the outgoing handle. ``segment`` and ``u``: ``(R,)`` the Bezier segment of
    each sample and its parameter there. ``matrix``: ``(R, D)`` with ``D = 2 N + corners``, columns
    in the order p, h, g. ``fairness``: ``(F, D)`` rows that are zero for handles a third of their
    segment long (one per point, then one per corner), and faint ones for evenly laid points.
    """

    knots: Indices
    corners: Flags
    rho: Values
    segment: Indices
    u: Values
    matrix: Values
    fairness: Values

    @property
    def unknowns(self) -> int:
        return int(self.matrix.shape[1])

    @cached_property
    def products(self) -> tuple[csr_array, Indices]:
        """``(E, R)`` products of every two unknowns that meet in a sample, and their places.

        ``products @ q`` are the entries of ``matrix.T @ diag(q) @ matrix`` that can differ from
        zero; the places index the flat ``D * D``. A sample sees four unknowns, so this is sparse.
        """
        row, column = np.nonzero(self.matrix)
        value = self.matrix[row, column]
        starts = np.searchsorted(row, np.arange(len(self.matrix) + 1))
        mates = np.diff(starts)[row]
        first = np.repeat(np.arange(len(row)), mates)
        second = np.arange(len(first)) - np.repeat(np.cumsum(mates) - mates, mates)
        second += starts[row[first]]
        flat = column[first] * self.unknowns + column[second]
        places, entry = np.unique(flat, return_inverse=True)
        shape = (len(places), len(self.matrix))
        return csr_array((value[first] * value[second], (entry, row[first])), shape=shape), places

    @cached_property
    def plainly_fair(self) -> Values:
        """:func:`fairness_normal` with no row held harder than usual."""
        return fairness_normal(self, np.ones(len(self.fairness)))


def on_samples(shape: Basis, unknowns: Values) -> Points:
    """Outline samples ``(T, R, 2)`` of unknowns ``(T, D, 2)``."""
    count = len(unknowns)
    flat = shape.matrix @ unknowns.transpose(1, 0, 2).reshape(shape.unknowns, -1)
    return np.ascontiguousarray(flat.reshape(-1, count, 2).transpose(1, 0, 2))


def basis(knots: Indices, corners: Flags, spacing: Values) -> Basis:
    """The shared basis of control points on samples ``knots``.

    Args:
        knots: at least three ascending sample indices.
        corners: which of them have independent handles.
        spacing: ``(R,)`` distance from each sample to the next; parameters are proportional to it.
    """
    starts, lengths, arcs = _layout(knots, spacing)
    segment = np.searchsorted(knots, np.arange(len(spacing)), side="right") - 1
    segment %= len(knots)
    u = np.mod(arcs - starts[segment], spacing.sum()) / lengths[segment]
    rho = np.clip(lengths[np.arange(len(lengths)) - 1] / lengths, 0.2, 5.0)
    matrix = _assemble(knots, corners, rho, segment, bernstein(u))
    return Basis(knots, corners, rho, segment, u, matrix, _fairness(corners, lengths))


def with_ratios(shape: Basis, rho: Values) -> Basis:
    """The same basis with incoming handles ``rho`` ``(N,)`` times as long as outgoing ones."""
    matrix = _assemble(shape.knots, shape.corners, rho, shape.segment, bernstein(shape.u))
    return replace(shape, rho=rho, matrix=matrix)


def _layout(knots: Indices, spacing: Values) -> tuple[Values, Values, Values]:
    """Arc position of each knot, length of each segment, arc position of each sample."""
    arcs = np.concatenate([[0.0], np.cumsum(spacing[:-1])])
    starts = arcs[knots]
    return starts, np.diff(np.append(starts, starts[0] + spacing.sum())), arcs


def solve(shape: Basis, outlines: Points, weights: Values | None = None) -> Values:
    """Unknowns ``(T, D, 2)`` of every frame's own best fit to ``outlines`` ``(T, R, 2)``.

    ``weights`` ``(R,)`` are shared by all frames.
    """
    matrix = shape.matrix
    weighted = matrix if weights is None else matrix * weights[:, None]
    normal = weighted.T @ matrix + fairness_normal(shape)
    right = weighted.T @ outlines.transpose(1, 0, 2).reshape(len(matrix), -1)
    found = np.linalg.solve(normal, right).astype(np.float64, copy=False)
    return found.reshape(shape.unknowns, len(outlines), 2).transpose(1, 0, 2)


def evaluation(shape: Basis, per_segment: int) -> Values:
    """``(N * per_segment, D)``: unknowns to points evenly spaced in every segment's parameter."""
    segment = np.repeat(np.arange(len(shape.knots)), per_segment)
    u = np.tile(np.arange(per_segment) / per_segment, len(shape.knots))
    return _assemble(shape.knots, shape.corners, shape.rho, segment, bernstein(u))


def fairness_normal(shape: Basis, factors: Values | None = None) -> Values:
    """``(D, D)`` normal matrix of the fairness rows, with a trace of damping.

    ``factors`` ``(F,)`` multiply the rows' weights.
    """
    weight = FAIRNESS * len(shape.matrix) / len(shape.knots)
    rows = shape.fairness if factors is None else shape.fairness * factors[:, None]
    normal: Values = weight * (rows.T @ shape.fairness) + 1e-9 * np.eye(shape.unknowns)
    return normal


def reparametrised(shape: Basis, outlines: Points, spacing: Values) -> Values:
    """``spacing`` changed so that parameters lie, for all frames alike, where the curve is closest.

    One step; the lengths of the segments stay.
    """
    fitted = solve(shape, outlines)
    slope = _assemble(
        shape.knots, shape.corners, shape.rho, shape.segment, _bernstein_slope(shape.u)
    )
    position, velocity = (on_samples(s, fitted) for s in (shape, replace(shape, matrix=slope)))
    speed = np.maximum((velocity**2).sum(axis=(0, 2)), 1e-9)
    step = -((position - outlines) * velocity).sum(axis=(0, 2)) / speed
    step[shape.knots] = 0.0
    starts, lengths, _ = _layout(shape.knots, spacing)
    u = np.clip(shape.u + np.clip(step, -0.1, 0.1), 0.0, 1.0)
    arcs = starts[shape.segment] + u * lengths[shape.segment]
    # Samples before the first knot belong to the last segment: their arcs are a turn ahead.
    arcs[: shape.knots[0]] -= spacing.sum()
    turned = np.roll(arcs, -shape.knots[0])
    turned[len(arcs) - shape.knots[0] :] += spacing.sum()
    turned = np.maximum.accumulate(turned)
    steps = np.diff(np.append(turned, turned[0] + spacing.sum()))
    return np.roll(np.maximum(steps, 0.1 * steps.mean()), shape.knots[0])


def handles(shape: Basis, unknowns: Values) -> Values:
    """Control points ``(..., N, 6)`` of ``unknowns`` ``(..., D, 2)``: x y, in dx dy, out dx dy."""
    n = len(shape.knots)
    point, out = unknowns[..., :n, :], unknowns[..., n : 2 * n, :]
    into = -shape.rho[:, None] * out
    into[..., shape.corners, :] = unknowns[..., 2 * n :, :]
    return np.concatenate([point, into, out], axis=-1)


def bernstein(u: Values) -> Values:
    """``(R, 4)`` weights of a cubic's four points at parameters ``u``."""
    v = 1 - u
    return np.stack([v**3, 3 * v**2 * u, 3 * v * u**2, u**3], axis=1)


def _bernstein_slope(u: Values) -> Values:
    v = 1 - u
    return np.stack([-3 * v**2, 3 * v**2 - 6 * v * u, 6 * v * u - 3 * u**2, 3 * u**2], axis=1)


def _corner_columns(corners: Flags) -> Indices:
    """Column of each point's own incoming handle; only meaningful for corners."""
    return 2 * len(corners) + np.cumsum(corners) - 1


def _assemble(
    knots: Indices, corners: Flags, rho: Values, segment: Indices, weights: Values
) -> Values:
    """Matrix from the weights ``(R, 4)`` of each sample's four Bezier points."""
    n, rows = len(knots), np.arange(len(segment))
    after = (segment + 1) % n
    matrix = np.zeros((len(rows), 2 * n + int(corners.sum())))
    matrix[rows, segment] += weights[:, 0] + weights[:, 1]
    matrix[rows, n + segment] += weights[:, 1]
    matrix[rows, after] += weights[:, 2] + weights[:, 3]
    smooth = ~corners[after]
    matrix[rows[smooth], n + after[smooth]] -= rho[after[smooth]] * weights[smooth, 2]
    column = _corner_columns(corners)[after]
    matrix[rows[~smooth], column[~smooth]] += weights[~smooth, 2]
    return matrix


def _fairness(corners: Flags, lengths: Values) -> Values:
    """Rows that vanish for Catmull-Rom handles (smooth) and for thirds of the chord (corner)."""
    n = len(corners)
    index = np.arange(n)
    before, after = (index - 1) % n, (index + 1) % n
    rows = np.zeros((n, 2 * n + int(corners.sum())))
    rows[index, n + index] = 1.0
    share = lengths / (3 * (lengths[before] + lengths))
    out_after = np.where(corners, 1 / 3, share)
    rows[index, after] -= out_after
    rows[index, np.where(corners, index, before)] += out_after
    sharp = np.flatnonzero(corners)
    incoming = np.zeros((len(sharp), rows.shape[1]))
    order = np.arange(len(sharp))
    incoming[order, _corner_columns(corners)[sharp]] = 1.0
    incoming[order, before[sharp]] -= 1 / 3
    incoming[order, sharp] += 1 / 3
    return np.concatenate([rows, incoming, _evenness(rows.shape[1], lengths)])


def _evenness(unknowns: int, lengths: Values) -> Values:
    """Faint rows that vanish where a point lies on the chord between its neighbours.

    They matter where a solve asks for more of them, to pull apart points that ran past one another.
    """
    n = len(lengths)
    index = np.arange(n)
    rows = np.zeros((n, unknowns))
    before, after = (index - 1) % n, (index + 1) % n
    share = lengths[before] / (lengths[before] + lengths)
    rows[index, index] = EVENNESS
    rows[index, before] -= EVENNESS * (1 - share)
    rows[index, after] -= EVENNESS * share
    return rows
