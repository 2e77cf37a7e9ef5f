"""Keys added where the refit still fails, and taken away where it can do without them.

The key search sees every frame's own fit, noise and all; the joint refit smooths that noise over
the frames. So the refit's errors, not the search's, decide in the end which keys stay.

One currency for everything: the square error of the object's outline in pixels, averaged over the
outline and summed over frames, plus a *price* for every point of every key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ..outline.curves import Points, Values
from .keys import Frames, Rules
from .refit import Keyed, Problem, errors, interpolated, key_samples, refit, samples, start
from .toll import Toll

REPAIRS = 4
SLIMMINGS = 24
REFITS = 3
PATIENCE = 12.0
"""A key is tried without when, before anything moves, that costs up to so many times its price."""
STRAY_SHARE = 0.06
"""A frame is in trouble when more than this share of its outline lies beyond three tolerances."""
BATCH = 4
"""At most every so many-th key is taken away at a time."""


@dataclass(frozen=True)
class Limits:
    """``tolerance``: outline error in pixels that counts as none in a report. ``worst``: how many
    tolerances a frame may be off before it gets a key whatever that costs. ``price``: of one point
    of one key, in square pixels summed over frames. ``share``: ``(T,)`` which part of the object's
    outline this shape is. ``toll``: what an error costs."""

    tolerance: float
    worst: float
    price: float
    share: Values
    toll: Toll


def settle(problem: Problem, keys: Frames, free: Values, limits: Limits, rules: Rules) -> Keyed:
    """Refit ``keys``, add what is missing, drop what is not needed.

    ``free``: unknowns of every frame's own fit.
    """
    keyed = refit(problem, start(problem, keys, free[keys]))
    for _ in range(REPAIRS):
        missing = _unfollowed(problem, keyed, limits)
        missing = rules.addable(missing, keyed.keys)
        if len(missing) == 0:
            break
        guess = interpolated(problem.times, keyed)
        guess[missing] = free[missing]
        more = np.sort(np.concatenate([keyed.keys, missing]))
        keyed = refit(problem, start(problem, more, guess[more]), iterations=3)
    return _slimmed(problem, keyed, limits, rules)


def cost(problem: Problem, keyed: Keyed, limits: Limits) -> float:
    """Errors and keys together."""
    return judged(problem, samples(problem, keyed), limits)[0] + limits.price * _edit(
        problem, keyed
    )


def judged(problem: Problem, placed: Points, limits: Limits) -> tuple[float, Values]:
    """What the errors of outline samples ``(T, R, 2)`` cost, and for every frame how far it is off,
    above 1 where that is more than ``limits`` allow."""
    distance = errors(problem, placed)
    square = _mean(problem, limits.toll(distance))
    trouble = _trouble(problem, distance, limits.worst * limits.tolerance)
    return float((limits.share * square).sum()), trouble


def _edit(problem: Problem, keyed: Keyed) -> int:
    return len(problem.shape.knots) * len(keyed.keys)


@dataclass(frozen=True)
class FrameErrors:
    """Per frame, from the visible outline: ``mean`` and ``largest`` distance in pixels, and
    ``trouble``, which exceeds 1 where the tolerance is not kept."""

    mean: Values
    largest: Values
    trouble: Values


def frame_errors(problem: Problem, keyed: Keyed, tolerance: float) -> FrameErrors:
    """How far the interpolated shape lies from the outlines it should follow."""
    distance = errors(problem, samples(problem, keyed))
    return FrameErrors(
        _mean(problem, distance),
        np.where(problem.weights > 0.2, distance, 0.0).max(axis=1),
        _trouble(problem, distance, tolerance),
    )


def _trouble(problem: Problem, distance: Values, tolerance: float) -> Values:
    stray = _mean(problem, (distance > 3 * tolerance).astype(np.float64))
    return np.maximum(_mean(problem, distance) / tolerance, stray / STRAY_SHARE)


def _mean(problem: Problem, values: Values) -> Values:
    weights = problem.weights
    mean: Values = (weights * values).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
    return mean


def _unfollowed(problem: Problem, keyed: Keyed, limits: Limits) -> Frames:
    """The worst frame in trouble of every stretch between keys."""
    distance = errors(problem, samples(problem, keyed))
    trouble = _trouble(problem, distance, limits.worst * limits.tolerance)
    stretch = np.searchsorted(keyed.keys, np.arange(len(trouble)))
    trouble[keyed.keys] = 0.0
    bad = np.flatnonzero(trouble > 1)
    groups = [bad[stretch[bad] == s] for s in np.unique(stretch[bad])]
    return np.array([group[trouble[group].argmax()] for group in groups], np.intp)


def _slimmed(problem: Problem, keyed: Keyed, limits: Limits, rules: Rules) -> Keyed:
    """Take keys away in batches as long as that pays after the refit."""
    now, worst = _judge(problem, keyed, limits)
    allowed = max(1.0, worst)
    batch = BATCH
    needed: set[int] = set()
    losses = _losses(problem, keyed, limits)
    for _ in range(SLIMMINGS):
        most = max(1, len(keyed.keys) // batch)
        spare = _spare(problem, keyed, limits, losses, needed | rules.required, most)
        if len(spare) == 0:
            break
        slim = refit(problem, keyed.without(spare), iterations=REFITS)
        slim_cost, worst = _judge(problem, slim, limits)
        if slim_cost < now and worst <= allowed:
            keyed, now = slim, slim_cost
            losses = _losses(problem, keyed, limits)
        elif len(spare) == 1:
            needed.add(int(keyed.keys[spare[0]]))
        else:
            batch *= 2
    return keyed


def _judge(problem: Problem, keyed: Keyed, limits: Limits) -> tuple[float, float]:
    """Cost of errors and keys together, and the trouble of the worst frame without a key."""
    distance = errors(problem, samples(problem, keyed))
    square = _mean(problem, limits.toll(distance))
    trouble = _trouble(problem, distance, limits.worst * limits.tolerance)
    worst = float(np.delete(trouble, keyed.keys).max(initial=0.0))
    total = float((limits.share * square).sum()) + limits.price * _edit(problem, keyed)
    return total, worst


def _losses(problem: Problem, keyed: Keyed, limits: Limits) -> list[float]:
    """What is lost with each key by itself."""
    if len(keyed.keys) < 2:
        return [np.inf] * len(keyed.keys)
    now = _mean(problem, limits.toll(errors(problem, samples(problem, keyed))))
    at_keys = key_samples(problem, keyed)
    return [_loss(problem, keyed, at_keys, k, now, limits) for k in range(len(keyed.keys))]


def _spare(
    problem: Problem,
    keyed: Keyed,
    limits: Limits,
    losses: Sequence[float],
    needed: Collection[int],
    most: int,
) -> Frames:
    """Up to ``most`` keys, no two neighbours, that would be missed least before any refit."""
    saved = limits.price * len(problem.shape.knots)
    loss = [
        np.inf if int(key) in needed else lost for key, lost in zip(keyed.keys, losses, strict=True)
    ]
    chosen: list[int] = []
    for k in np.argsort(loss, kind="stable"):
        if loss[k] < PATIENCE * saved and not {k - 1, k + 1} & set(chosen):
            chosen.append(int(k))
    return np.array(chosen[:most], np.intp)


def _loss(
    problem: Problem, keyed: Keyed, at_keys: Points, k: int, now: Values, limits: Limits
) -> float:
    """What the frames around key ``k`` lose when it goes and nothing else moves."""
    low = int(keyed.keys[k - 1]) + 1 if k else 0
    high = int(keyed.keys[k + 1]) if k + 1 < len(keyed.keys) else len(problem.times)
    part = problem.part(low, high)
    neighbours = np.array([i for i in (k - 1, k + 1) if 0 <= i < len(keyed.keys)])
    times = problem.times[keyed.keys[neighbours]]
    shown = _between(part.times, times, at_keys[neighbours])
    square = _mean(part, limits.toll(errors(part, shown)))
    return float((limits.share[low:high] * (square - now[low:high])).sum())


def _between(times: Values, key_times: Values, placed: Points) -> Points:
    """Samples on ``times`` from one key (held) or two (interpolated)."""
    if len(key_times) == 1:
        return np.repeat(placed, len(times), axis=0)
    share = ((times - key_times[0]) / (key_times[1] - key_times[0]))[:, None, None]
    return (1 - share) * placed[0] + share * placed[1]
