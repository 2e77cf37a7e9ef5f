"""Which tips are limbs, over a whole shot: few, and long-lived.

On every frame the tips, ranked by how far they rise, offer one alternative per rank: the highest
alone, the two highest, and so on. A Viterbi search over the shot picks one alternative per frame
such that tips live on from frame to frame; so a foot that all but vanishes for two frames stays a
foot, and a knee that sticks out for two frames never becomes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ..outline.curves import Points, Values
from .limbs import Tip

DUE_RISE = 1.0
"""A limb rises this many core radii at its best."""
LEAST_RISE = 0.7
"""And never less than this many."""
BIRTH = 1.0
"""Cost of a limb's beginning or end, in units of a frame of a good limb."""
FARTHEST = 2.0
"""A tip does not move farther than this many core radii in a frame."""
MOST = 12
"""Most limbs considered on a frame."""
SHORTEST = 4
"""A limb that lives fewer frames is left to the body or to the limb it grows from."""


@dataclass(frozen=True)
class Spots:
    """The tips of one frame, highest rise first.

    ``centre``: of the component, plate pixels, which takes the camera's shake out. ``radius``: of
    the core's disc, plate pixels.
    """

    tips: tuple[Tip, ...]
    centre: Points
    radius: float


@dataclass
class Limb:
    """One tip while it lives: ``tips[i]`` on frame ``first + i``."""

    first: int
    tips: list[Tip] = field(default_factory=list)

    @property
    def stop(self) -> int:
        return self.first + len(self.tips)


def find_limbs(frames: Sequence[Spots]) -> list[Limb]:
    """Limbs of a component over its life, in order of appearance."""
    choices = [_alternatives(spots) for spots in frames]
    picked = _viterbi(frames, choices)
    limbs: list[Limb] = []
    alive: list[Limb] = []
    before: Spots | None = None
    for index, (spots, count) in enumerate(zip(frames, picked, strict=True)):
        here = Spots(spots.tips[:count], spots.centre, spots.radius)
        claimed = {} if before is None else dict(_pairs(before, here))
        old = {new: alive[k] for k, new in claimed.items()}
        alive = []
        for number, tip in enumerate(here.tips):
            limb = old.get(number)
            if limb is None:
                limb = Limb(index)
                limbs.append(limb)
            limb.tips.append(tip)
            alive.append(limb)
        before = here
    return [limb for limb in limbs if len(limb.tips) >= SHORTEST]


def _alternatives(spots: Spots) -> list[int]:
    """How many of the highest tips may be limbs."""
    return list(range(min(len(spots.tips), MOST) + 1))


def _viterbi(frames: Sequence[Spots], choices: Sequence[list[int]]) -> list[int]:
    """The number of tips to take on every frame."""
    best = -_worth(frames[0])[: len(choices[0])]
    came: list[NDArray[np.intp]] = []
    for before, here, options, earlier in zip(
        frames, frames[1:], choices[1:], choices, strict=False
    ):
        costs = _distances(before, here)
        step = np.array([[_change(costs, a, b) for b in options] for a in earlier])
        total = best[:, None] + step
        came.append(total.argmin(axis=0))
        best = total.min(axis=0) - _worth(here)[: len(options)]
    path = [int(best.argmin())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return [options[k] for options, k in zip(choices, path[::-1], strict=True)]


def _worth(spots: Spots) -> Values:
    """Gain of taking the first 0, 1, 2... tips."""
    rises = np.array([tip.rise for tip in spots.tips]) / spots.radius
    gains = np.clip(rises / DUE_RISE - 1, 0.0, 1.0) + np.minimum(rises / LEAST_RISE - 1, 0.0)
    return np.concatenate([[0.0], np.cumsum(gains)])


def _distances(before: Spots, here: Spots) -> Values:
    """How far each limb would have moved, in core radii: the mean of its tip and its middle, with
    the component or by itself."""
    if not before.tips or not here.tips:
        return np.zeros((len(before.tips), len(here.tips)))
    a = np.array([[tip.at, tip.middle] for tip in before.tips])
    b = np.array([[tip.at, tip.middle] for tip in here.tips])
    shift = here.centre - before.centre
    still = np.linalg.norm(b[None] - a[:, None], axis=3).mean(axis=2)
    carried = np.linalg.norm(b[None] - a[:, None] - shift, axis=3).mean(axis=2)
    return np.minimum(still, carried) / max(min(before.radius, here.radius), 1e-9)


def _change(costs: Values, before: int, here: int) -> float:
    """Cost of going on with ``here`` tips from ``before``: moves, births and deaths."""
    if before == 0 or here == 0:
        return BIRTH * (before + here)
    moves = np.minimum(costs[:before, :here], 2 * BIRTH)
    rows, columns = linear_sum_assignment(moves)
    return float(moves[rows, columns].sum()) + BIRTH * abs(before - here)


def _pairs(before: Spots, here: Spots) -> list[tuple[int, int]]:
    costs = _distances(before, here)
    rows, columns = linear_sum_assignment(costs)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(a, b) for a, b in pairs if costs[a, b] < FARTHEST]
