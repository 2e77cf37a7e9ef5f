"""On which frames a shape needs keys: dynamic programming on the error of the outline.

The cost of two neighbouring keys is what the outlines between them lose when the shape is
interpolated linearly; every key costs ``penalty``. Before the first key and after the last the
shape stands still, as it does in every host, so a static object gets one key.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..outline.curves import Points, Values
from .toll import Toll

LONGEST = 48
"""Most frames between two keys."""
JUDGED_SAMPLES = 96

Frames = NDArray[np.intp]


@dataclass(frozen=True)
class Rules:
    """Where keys must and may be, as frame indices.

    ``required``: frames that have a key whatever it costs (an artist's, the ends of a stretch).
    ``allowed``: the only frames that may have one, or None. ``spacing``: least number of frames
    from one key to the next, required ones aside.
    """

    required: frozenset[int] = field(default_factory=frozenset)
    allowed: frozenset[int] | None = None
    spacing: int = 1

    def admits(self, frame: int) -> bool:
        return frame in self.required or self.allowed is None or frame in self.allowed

    def apart(self, a: int, b: int) -> bool:
        return b - a >= self.spacing or (a in self.required and b in self.required)

    def addable(self, frames: Frames, keys: Frames) -> Frames:
        """Those of ``frames`` that may be keyed besides ``keys``."""
        kept: list[int] = []
        for frame in frames.tolist():
            taken = [*keys.tolist(), *kept]
            if self.admits(frame) and all(abs(frame - key) >= self.spacing for key in taken):
                kept.append(frame)
        return np.array(kept, np.intp)


@dataclass(frozen=True)
class Motion:
    """A shape solved on every frame, seen at its outline samples.

    ``times``: ``(T,)`` plate frame numbers. ``fitted``: ``(T, R, 2)`` the fits' samples.
    ``outlines``, ``normals``: ``(T, R, 2)`` what they should be. ``weights``: ``(T, R)``, whose
    relations matter within a frame. ``share``: ``(T,)`` what a frame counts. ``unit``: ``(T,)``
    plate pixels per pixel of the space all this is in.
    """

    times: Values
    fitted: Points
    outlines: Points
    normals: Points
    weights: Values
    share: Values
    unit: Values


def choose(motion: Motion, *, penalty: float, toll: Toll, rules: Rules = Rules()) -> Frames:
    """Indices of the key frames, ascending, at least one.

    Args:
        penalty: cost of one key in square pixels of outline error, summed over frames.
        toll: what an error costs.
        rules: frames that must or may be keyed.
    """
    costs = _Costs(motion, toll)
    count = len(motion.times)
    best = np.full(count, np.inf)
    previous = np.full(count, -1, np.intp)
    needed = sorted(rules.required)
    admitted = [t for t in range(count) if rules.admits(t)] or [count // 2]
    for place, b in enumerate(admitted):
        own = costs.own(b) + penalty
        if not needed or b <= needed[0]:
            best[b] = costs.span(None, b) + own
        # A required frame can be no in-between.
        floor = max((r for r in needed if r < b), default=0)
        for a in reachable(admitted[:place], max(floor, b - LONGEST)):
            total = best[a] + costs.span(a, b) + own
            if rules.apart(a, b) and total < best[b]:
                best[b], previous[b] = total, a
    ends = [t for t in admitted if not needed or t >= needed[-1]]
    last = min(ends, key=lambda a: best[a] + costs.span(a, None))
    keys = [last]
    while previous[keys[-1]] >= 0:
        keys.append(int(previous[keys[-1]]))
    return np.array(_thinned(costs, keys[::-1], penalty, rules), np.intp)


def reachable(earlier: list[int], floor: int) -> list[int]:
    """Frames a stretch may start from: those from ``floor`` on, or else the latest one."""
    return [a for a in earlier if a >= floor] or earlier[-1:]


def _thinned(costs: _Costs, keys: list[int], penalty: float, rules: Rules) -> list[int]:
    """Keys without those that only :data:`LONGEST` made necessary."""
    kept = list(keys)
    k = 0
    while k < len(kept) and len(kept) > 1:
        before = kept[k - 1] if k else None
        after = kept[k + 1] if k + 1 < len(kept) else None
        near = (after if after is not None else costs.count) - (before if before is not None else 0)
        here = costs.span(before, kept[k]) + costs.own(kept[k]) + costs.span(kept[k], after)
        spare = kept[k] not in rules.required and near > LONGEST
        if spare and costs.span(before, after) <= here + penalty:
            del kept[k]
        else:
            k += 1
    return kept


def bracket(times: Values, keys: Frames) -> tuple[Frames, Frames, Values]:
    """For every frame the key before, the key after (as numbers of keys) and the share of the
    latter; both the same where the shape is held."""
    key_times = times[keys]
    after = np.clip(np.searchsorted(key_times, times), 0, len(keys) - 1)
    before = np.clip(after - 1, 0, len(keys) - 1)
    span = key_times[after] - key_times[before]
    share = np.where(span > 0, (times - key_times[before]) / np.where(span > 0, span, 1.0), 0.0)
    held = (share < 0) | (share > 1)
    before = np.where(held | (share == 1), after, before)
    return before, after, np.where(held | (share == 1), 0.0, share)


class _Costs:
    """Errors along the normals of every frame for keys nearby, on a subset of samples."""

    def __init__(self, motion: Motion, toll: Toll) -> None:
        samples = motion.fitted.shape[1]
        step = max(1, samples // JUDGED_SAMPLES)
        self.count = len(motion.times)
        fitted = motion.fitted[:, ::step].astype(np.float32)
        # Normals as long as a layer's pixel is on the plate: errors come out in plate pixels.
        normals = (motion.normals[:, ::step] * motion.unit[:, None, None]).astype(np.float32)
        weights = motion.weights[:, ::step].astype(np.float32)
        self._fitted, self._normals = fitted, normals
        self._times = motion.times
        self._toll = toll
        weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        self._weights = weights * motion.share.astype(np.float32)[:, None]
        self._place = place = (normals * motion.outlines[:, ::step].astype(np.float32)).sum(axis=2)
        # error[k, LONGEST + t - k]: key k's shape seen from frame t; a span is then a run of rows.
        self._error = np.zeros((self.count, 2 * LONGEST + 1, fitted.shape[1]), np.float32)
        (x, y), (nx, ny) = np.moveaxis(fitted, -1, 0).copy(), np.moveaxis(normals, -1, 0).copy()
        for k in range(self.count):
            low, high = max(0, k - LONGEST), min(self.count, k + LONGEST + 1)
            seen = nx[low:high] * x[k] + ny[low:high] * y[k]
            self._error[k, LONGEST + low - k : LONGEST + high - k] = seen - place[low:high]

    def own(self, t: int) -> float:
        return self._sum(self._error[t : t + 1, LONGEST], slice(t, t + 1))

    def span(self, before: int | None, after: int | None) -> float:
        """Frames between two keys; None: before the first key, after the last."""
        first = 0 if before is None else before + 1
        stop = self.count if after is None else after
        a, b = (after if before is None else before), (before if after is None else after)
        if a is None or b is None or stop <= first:
            return 0.0
        frames = slice(first, stop)
        width = max(self._times[b] - self._times[a], 1.0)
        share = ((self._times[frames] - self._times[a]) / width).astype(np.float32) * (a != b)
        if max(abs(stop - 1 - a), abs(a - first), abs(b - first), abs(stop - 1 - b)) <= LONGEST:
            seen_a = self._error[a, LONGEST + first - a : LONGEST + stop - a]
            error = self._error[b, LONGEST + first - b : LONGEST + stop - b] - seen_a
            error *= share[:, None]
            error += seen_a
            return self._sum(error, frames)
        shown = self._fitted[a] + share[:, None, None] * (self._fitted[b] - self._fitted[a])
        error = (self._normals[frames] * shown).sum(axis=2) - self._place[frames]
        return self._sum(error, frames)

    def _sum(self, error: NDArray[np.float32], frames: slice) -> float:
        if len(error) == 0:
            return 0.0
        cost = self._toll(error)
        cost *= self._weights[frames]
        return float(cost.sum())
