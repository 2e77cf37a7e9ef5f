"""Keys added where the refit still fails, and taken away where it can do without them.

The key search sees every frame's own fit, noise and all; the joint refit smooths that noise over
the frames. So the refit's errors, not the search's, decide in the end which keys stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .curves import Values
from .keys import Frames
from .refit import Problem, errors, interpolated, refit

REPAIRS = 4
SLIMMINGS = 8
STRAY_SHARE = 0.06
"""A frame is in trouble when more than this share of its outline lies beyond three tolerances."""
BATCH = 4
"""At most every so many-th key is taken away at a time."""


@dataclass(frozen=True)
class Keyed:
    """Key frames (indices) and the unknowns ``(K, D, 2)`` on them."""

    keys: Frames
    unknowns: Values


@dataclass(frozen=True)
class Limits:
    """``tolerance``: outline error allowed on any frame, pixels. ``penalty``: square pixels
    one key has to save, summed over frames. ``cap``: errors beyond this cost no more."""

    tolerance: float
    penalty: float
    cap: float


def settle(problem: Problem, keys: Frames, free: Values, limits: Limits) -> Keyed:
    """Refit ``keys``, add what is missing, drop what is not needed.

    ``free``: unknowns of every frame's own fit.
    """
    keyed = Keyed(keys, refit(problem, keys, free[keys]))
    for _ in range(REPAIRS):
        missing = _unfollowed(problem, keyed, limits.tolerance)
        if len(missing) == 0:
            break
        start = interpolated(problem.times, keyed.keys, keyed.unknowns)
        start[missing] = free[missing]
        more = np.sort(np.concatenate([keyed.keys, missing]))
        keyed = Keyed(more, refit(problem, more, start[more], iterations=3))
    return _slimmed(problem, keyed, limits)


@dataclass(frozen=True)
class FrameErrors:
    """Per frame, from the visible outline: ``mean`` and ``largest`` distance in pixels, and
    ``trouble``, which exceeds 1 where the tolerance is not kept."""

    mean: Values
    largest: Values
    trouble: Values


def frame_errors(problem: Problem, keyed: Keyed, tolerance: float) -> FrameErrors:
    """How far the interpolated shape lies from the outlines it should follow."""
    distance = _distances(problem, keyed)
    return FrameErrors(
        _mean(problem, distance),
        np.where(problem.weights > 0.2, distance, 0.0).max(axis=1),
        _trouble(problem, distance, tolerance),
    )


def _distances(problem: Problem, keyed: Keyed) -> Values:
    return errors(problem, interpolated(problem.times, keyed.keys, keyed.unknowns))


def _trouble(problem: Problem, distance: Values, tolerance: float) -> Values:
    stray = _mean(problem, (distance > 3 * tolerance).astype(np.float64))
    return np.maximum(_mean(problem, distance) / tolerance, stray / STRAY_SHARE)


def _mean(problem: Problem, values: Values) -> Values:
    weights = problem.weights
    return (weights * values).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)


def _unfollowed(problem: Problem, keyed: Keyed, tolerance: float) -> Frames:
    """The worst frame in trouble of every stretch between keys."""
    trouble = _trouble(problem, _distances(problem, keyed), tolerance)
    stretch = np.searchsorted(keyed.keys, np.arange(len(trouble)))
    trouble[keyed.keys] = 0.0
    bad = np.flatnonzero(trouble > 1)
    groups = [bad[stretch[bad] == s] for s in np.unique(stretch[bad])]
    return np.array([group[trouble[group].argmax()] for group in groups], np.intp)


def _slimmed(problem: Problem, keyed: Keyed, limits: Limits) -> Keyed:
    """Take keys away in batches as long as that pays after the refit."""
    cost, worst = _judge(problem, keyed, limits)
    allowed = max(1.0, worst)
    share = BATCH
    for _ in range(SLIMMINGS):
        spare = _spare(problem, keyed, limits, len(keyed.keys) // share)
        if len(spare) == 0:
            break
        kept = np.setdiff1d(np.arange(len(keyed.keys)), spare)
        fewer = keyed.keys[kept]
        slim = Keyed(fewer, refit(problem, fewer, keyed.unknowns[kept], iterations=2))
        slim_cost, worst = _judge(problem, slim, limits)
        if slim_cost < cost and worst <= allowed:
            keyed, cost = slim, slim_cost
        else:
            share *= 2
    return keyed


def _judge(problem: Problem, keyed: Keyed, limits: Limits) -> tuple[float, float]:
    """Cost of errors and keys together, and the trouble of the worst frame without a key."""
    distance = _distances(problem, keyed)
    square = _mean(problem, np.minimum(distance, limits.cap) ** 2)
    between = np.delete(_trouble(problem, distance, limits.tolerance), keyed.keys)
    worst = float(between.max(initial=0.0))
    return float(square.sum()) + limits.penalty * len(keyed.keys), worst


def _spare(problem: Problem, keyed: Keyed, limits: Limits, most: int) -> Frames:
    """Up to ``most`` keys, no two neighbours, that would be missed least before any refit."""
    if len(keyed.keys) < 2 or most < 1:
        return np.zeros(0, np.intp)
    now = _mean(problem, np.minimum(_distances(problem, keyed), limits.cap) ** 2)
    loss = np.array([_loss(problem, keyed, k, now, limits.cap) for k in range(len(keyed.keys))])
    chosen: list[int] = []
    for k in np.argsort(loss, kind="stable"):
        if loss[k] < 4 * limits.penalty and not {k - 1, k + 1} & set(chosen):
            chosen.append(int(k))
    return np.array(chosen[:most], np.intp)


def _loss(problem: Problem, keyed: Keyed, k: int, now: Values, cap: float) -> float:
    """What the frames around key ``k`` lose when it goes and nothing else moves."""
    low = int(keyed.keys[k - 1]) + 1 if k else 0
    high = int(keyed.keys[k + 1]) if k + 1 < len(keyed.keys) else len(problem.times)
    part = problem.part(low, high)
    neighbours = np.array([i for i in (k - 1, k + 1) if 0 <= i < len(keyed.keys)])
    times = problem.times[keyed.keys[neighbours]]
    shown = _between(part.times, times, keyed.unknowns[neighbours])
    square = _mean(part, np.minimum(errors(part, shown), cap) ** 2)
    return float(square.sum() - now[low:high].sum())


def _between(times: Values, key_times: Values, unknowns: Values) -> Values:
    """Unknowns on ``times`` from one key (held) or two (interpolated)."""
    if len(key_times) == 1:
        return np.repeat(unknowns, len(times), axis=0)
    share = ((times - key_times[0]) / (key_times[1] - key_times[0]))[:, None, None]
    return (1 - share) * unknowns[0] + share * unknowns[1]
