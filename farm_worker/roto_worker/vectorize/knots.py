"""Loops and folds taken out of a solved shape.

A fit that follows noise may send a handle past the next point; under non-zero winding the small
loop is invisible, but an artist sees a knot. Handles near a loop are pulled, on the keys around its
frame, towards the fair curve through their points, harder until the loop is gone; where that is not
enough, the whole outline is held closer to its tracked spots.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .curves import Points, Values
from .fit import Basis, Indices, evaluation
from .keys import bracket
from .refit import Keyed, Problem, interpolated, refit

ROUNDS = 7
HARDER = 10.0
PATIENCE = 3
"""Rounds before the tracked spots are held closer, too."""
CLOSER = 2.0
PER_SEGMENT = 8


def untangled(problem: Problem, keyed: Keyed) -> Keyed:
    """The same keys with as few self-crossings between them as fair handles can bring."""
    fine = evaluation(problem.shape, PER_SEGMENT)
    best, fewest = keyed, -1
    for number in range(ROUNDS):
        factors, count = _loops(problem, keyed, fine)
        if fewest < 0 or count < fewest:
            best, fewest = keyed, count
        if count == 0:
            break
        if number >= PATIENCE:
            problem = replace(problem, tangential=CLOSER * problem.tangential)
        keyed = refit(problem, replace(keyed, fairer=keyed.fairer * factors), iterations=2)
    return best


def crossings(polygon: Points) -> tuple[Indices, Indices]:
    """Pairs of sides of a closed polygon ``(n, 2)`` that cross each other, neighbours aside."""
    start, step = polygon, np.roll(polygon, -1, axis=0) - polygon
    x, y = start[:, 0], start[:, 1]
    dx, dy = step[:, 0], step[:, 1]
    here = np.outer(dx, y) - np.outer(dy, x) - (dx * y - dy * x)[:, None]
    there = np.roll(here, -1, axis=1)
    across = here * there < 0
    first, second = np.nonzero(np.triu(across & across.T, 2))
    return first, second


def _loops(problem: Problem, keyed: Keyed, fine: Values) -> tuple[Values, int]:
    """Factors ``(K, F)`` for the handles around every loop, and how many frames have one."""
    before, after, _ = bracket(problem.times, keyed.keys)
    factors = np.ones_like(keyed.fairer)
    tangled = 0
    for t, unknowns in enumerate(interpolated(problem.times, keyed)):
        first, second = crossings(fine @ unknowns)
        tangled += len(first) > 0
        for i, j in zip(first.tolist(), second.tolist(), strict=True):
            rows = _handles_between(problem.shape, i, j, len(fine))
            for key in (int(before[t]), int(after[t])):
                factors[key, rows] = HARDER
    return factors, tangled


def _handles_between(shape: Basis, i: int, j: int, count: int) -> Indices:
    """Fairness rows of the segments that lie, the shorter way, between two sides."""
    n = len(shape.knots)
    if j - i > count - (j - i):
        i, j = j, i + count
    segments = np.arange(i // PER_SEGMENT, j // PER_SEGMENT + 1)
    points = np.unique(np.append(segments, segments[-1] + 1) % n)
    incoming = n + np.flatnonzero(np.isin(np.flatnonzero(shape.corners), points))
    return np.concatenate([points, incoming])
