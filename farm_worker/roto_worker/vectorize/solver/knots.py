"""Loops and folds taken out of a solved shape.

A fit that follows noise may send a handle past the next point; under non-zero winding the small
loop is invisible, but an artist sees a knot. Handles near a loop are pulled, on the keys around its
frame, towards the fair curve through their points, harder until the loop is gone; where that is not
enough, the outline there is held closer to its tracked spots.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..outline.curves import Points, Values
from .fit import Indices, evaluation
from .keys import bracket
from .refit import Keyed, Problem, interpolated, refit

ROUNDS = 7
HARDER = 10.0
PATIENCE = 3
"""Rounds before the tracked spots are held closer, too."""
CLOSER = 3.0

Loops = dict[int, Indices]
PER_SEGMENT = 8


def untangled(problem: Problem, keyed: Keyed) -> Keyed:
    """The same keys with as few self-crossings between them as fair handles can bring."""
    fine = evaluation(problem.shape, PER_SEGMENT)
    best, fewest = keyed, -1
    for number in range(ROUNDS):
        loops = _loops(problem, keyed, fine)
        if fewest < 0 or len(loops) < fewest:
            best, fewest = keyed, len(loops)
        if not loops:
            break
        if number >= PATIENCE:
            problem = _held(problem, keyed, loops)
        keyed = refit(problem, _fairer(problem, keyed, loops), iterations=2)
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


def _loops(problem: Problem, keyed: Keyed, fine: Values) -> Loops:
    """Segments that lie between crossing sides, by frame index; frames without any are left out."""
    loops: Loops = {}
    for t, unknowns in enumerate(interpolated(problem.times, keyed)):
        first, second = crossings(fine @ unknowns)
        if len(first):
            pairs = zip(first.tolist(), second.tolist(), strict=True)
            segments = [_between(i, j, len(fine)) for i, j in pairs]
            loops[t] = np.unique(np.concatenate(segments)) % len(problem.shape.knots)
    return loops


def _between(i: int, j: int, count: int) -> Indices:
    """Segments from side ``i`` to side ``j`` the shorter way; may run past the last one."""
    if j - i > count - (j - i):
        i, j = j, i + count
    return np.arange(i // PER_SEGMENT, j // PER_SEGMENT + 1)


def _fairer(problem: Problem, keyed: Keyed, loops: Loops) -> Keyed:
    """The handles of every loop's segments held harder, on the keys around its frame."""
    before, after, _ = bracket(problem.times, keyed.keys)
    n = len(problem.shape.knots)
    factors = keyed.fairer.copy()
    for key in range(len(keyed.keys)):
        near = [s for t, s in loops.items() if key in (before[t], after[t])]
        if near:
            segments = np.concatenate(near)
            points = np.unique(np.concatenate([segments, segments + 1]) % n)
            sharp = n + np.flatnonzero(np.isin(np.flatnonzero(problem.shape.corners), points))
            places = factors.shape[1] - n + points
            factors[key, np.concatenate([points, sharp, places])] *= HARDER
    return replace(keyed, fairer=factors)


def _held(problem: Problem, keyed: Keyed, loops: Loops) -> Problem:
    """The spots of every loop's segments held closer, on the frames its keys govern."""
    before, after, _ = bracket(problem.times, keyed.keys)
    closer = np.ones(problem.weights.shape)
    for t, segments in loops.items():
        frames = (before <= after[t]) & (after >= before[t])
        spots = np.isin(problem.shape.segment, segments)
        closer[np.ix_(frames, spots)] = CLOSER
    return replace(problem, tangential=problem.tangential * closer)
