"""Cyclic alignment of two closed curves: dynamic programming with affine gaps, and relaxation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from ..outline.curves import Values

GAP_OPEN = 1.0
GAP_EXTEND = 1.0
UNMATCHED = -1

Costs = NDArray[np.float64]
Matches = NDArray[np.intp]


def align(costs: Costs, cut: tuple[int, int] | None = None) -> Matches:
    """Order-preserving match of two closed curves.

    Args:
        costs: ``(rows, columns)`` cost of matching sample ``i`` of one with ``j`` of the other. A
            normal match must be cheaper than a gap (2 for its first sample, 1 for each further).
        cut: a pair known to match; without it the curves are cut at the cheapest pair, aligned, and
            cut again in the middle of what was found, so that a poor first cut does no harm.

    Returns:
        for each row its column, or :data:`UNMATCHED` where that sample is skipped.
    """
    if cut is None:
        best = np.unravel_index(int(costs.argmin()), costs.shape)
        first = _align_cut(costs, int(best[0]), int(best[1]))
        cut = sure_pair(costs, first, int(best[0]))
    return _align_cut(costs, *cut)


def sure_pair(costs: Costs, matches: Matches, away_from: int = 0) -> tuple[int, int]:
    """The cheapest matched pair in the half of the curve opposite to row ``away_from``."""
    rows = len(matches)
    candidates = (away_from + np.arange(rows // 4, rows - rows // 4)) % rows
    candidates = candidates[matches[candidates] != UNMATCHED]
    if len(candidates) == 0:
        candidates = np.flatnonzero(matches != UNMATCHED)
    row = int(candidates[costs[candidates, matches[candidates]].argmin()])
    return row, int(matches[row])


def _align_cut(costs: Costs, row: int, column: int) -> Matches:
    """Alignment of the curves opened at one matched pair, which also closes them."""
    rows, columns = costs.shape
    turned = np.full((rows + 1, columns + 1), np.inf)
    turned[:rows, :columns] = np.roll(costs, (-row, -column), axis=(0, 1))
    turned[0, 1:] = turned[1:, 0] = np.inf
    turned[rows, columns] = turned[0, 0]
    local = _trace(*_tables(turned))[:rows]
    matches = np.where(local == UNMATCHED, UNMATCHED, (local + column) % columns)
    return np.roll(matches, row)


def _tables(costs: Costs) -> tuple[Costs, Costs, Costs]:
    """Cheapest cost of reaching each cell by a match, by skipping its row, by skipping its column.

    Row by row; within a row the run of skipped columns is a running minimum.
    """
    rows, columns = costs.shape
    match, skip_row, skip_column = (np.full((rows, columns), np.inf) for _ in range(3))
    ramp = GAP_EXTEND * np.arange(columns)
    match[0, 0] = costs[0, 0]
    above, start = (np.empty(columns) for _ in range(2))
    for i, (cost, here, down, along) in enumerate(
        zip(costs, match, skip_row, skip_column, strict=True)
    ):
        if i:
            np.minimum(match[i - 1], skip_column[i - 1], out=above)
            np.minimum(above, skip_row[i - 1], out=start)
            np.add(cost[1:], start[:-1], out=here[1:])
            above += GAP_OPEN
            np.minimum(above, skip_row[i - 1], out=above)
            np.add(above, GAP_EXTEND, out=down)
        np.minimum(here, down, out=start)
        start -= ramp
        np.minimum.accumulate(start, out=start)
        np.add(start[:-1], GAP_OPEN, out=along[1:])
        along[1:] += ramp[1:]
    return match, skip_row, skip_column


def _trace(match: Costs, skip_row: Costs, skip_column: Costs) -> Matches:
    """Column of each row on the cheapest path from the last cell back to the first."""
    i, j = match.shape[0] - 1, match.shape[1] - 1
    columns = np.full(i + 1, UNMATCHED, np.intp)
    tables = (match, skip_row, skip_column)
    state = 0
    while True:
        if state == 0:
            columns[i] = j
            if i == 0:
                return columns
            i, j = i - 1, j - 1
            state = min(range(3), key=lambda s: tables[s][i, j])
        elif state == 1:
            i -= 1
            options = (match[i, j] + GAP_OPEN, skip_row[i, j], skip_column[i, j] + GAP_OPEN)
            state = options.index(min(options))
        else:
            # Leave a run of skipped columns where opening it is what made it cheapest.
            j -= 1
            here = skip_column[i, j + 1] - GAP_EXTEND - GAP_OPEN
            opened = min(match[i, j], skip_row[i, j])
            if opened <= here + 1e-9 * max(1.0, abs(here)):
                state = 0 if match[i, j] <= skip_row[i, j] else 1


def relax(target: Values, weights: Values, spacing: Values, total: float, mu: float) -> Values:
    """Arc positions near ``target`` whose spacing stays like ``spacing``: elastic relaxation.

    Minimises ``sum w (x - target)^2 + mu sum (dx - spacing')^2`` around a closed curve of length
    ``total``, where ``spacing'`` is ``spacing`` scaled to that length. ``target`` is unwrapped: it
    rises by less than ``total`` from first to last. Positions come out rising, at least 15 % of
    their due spacing apart.
    """
    due = spacing * (total / spacing.sum())
    wrap = np.zeros(len(target))
    wrap[-1] = total
    # d_r = x_{r+1} - x_r (+ total at the seam); gradient of the spacing term.
    pull = due - wrap
    right = weights * target + mu * (np.roll(pull, 1) - pull)
    position = solve_cyclic(weights + 2 * mu, -mu, right)
    steps = np.append(position[1:], position[0] + total) - position
    steps = np.maximum(steps, 0.15 * due)
    steps *= total / steps.sum()
    return position[0] + np.concatenate([[0.0], np.cumsum(steps[:-1])])


def solve_cyclic(diagonal: Values, off: float, right: Values) -> Values:
    """Solve a symmetric tridiagonal system with corners (Sherman-Morrison)."""
    n = len(diagonal)
    gamma = -diagonal[0]
    bands = np.zeros((3, n))
    bands[0, 1:] = bands[2, :-1] = off
    bands[1] = diagonal
    bands[1, 0] -= gamma
    bands[1, -1] -= off * off / gamma
    corner = np.zeros(n)
    corner[0], corner[-1] = gamma, off
    both = solve_banded((1, 1), bands, np.stack([right, corner], axis=1))
    factor = (both[0, 0] + both[-1, 0] * off / gamma) / (1 + both[0, 1] + both[-1, 1] * off / gamma)
    return both[:, 0] - factor * both[:, 1]
