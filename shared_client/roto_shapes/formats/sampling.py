"""Curves that are not linear between keys, as keys that are."""

from __future__ import annotations

import math
from typing import Callable, Iterable, List, Sequence

MOST_SAMPLES = 2000
Sampler = Callable[[int], Sequence[float]]


def linear_frames(sample: Sampler, forced: Sequence[int], tolerance: float) -> List[int]:
    """The frames to key so that straight lines follow ``sample`` within ``tolerance``.

    ``sample`` gives the numbers of a frame, ``forced`` (ascending) are keyed in any case; the
    tolerance holds on every whole frame between them (on every nth in stretches beyond 2000).
    """
    frames = list(forced[:1])
    for i, last in enumerate(forced[1:]):
        first = forced[i]
        step = max(1, (last - first) // MOST_SAMPLES)
        inner = range(first + step, last, step)
        if inner:
            rows = {frame: sample(frame) for frame in (first, *inner, last)}
            frames += _splits([first, *inner, last], rows.__getitem__, tolerance)
        frames.append(last)
    return frames


def _splits(frames: List[int], row: Sampler, tolerance: float) -> List[int]:
    """The frames strictly inside to key: the worst one, then each side again."""
    kept: List[int] = []
    spans = [(0, len(frames) - 1)]
    while spans:
        a, b = spans.pop()
        worst, at = tolerance, 0
        first, last = row(frames[a]), row(frames[b])
        length = frames[b] - frames[a]
        for i in range(a + 1, b):
            share = (frames[i] - frames[a]) / length
            error = max(
                (abs(p + share * (q - p) - v) for p, q, v in zip(first, last, row(frames[i]))),
                default=0.0,
            )
            if error > worst:
                worst, at = error, i
        if at:
            kept.append(frames[at])
            spans += [(a, at), (at, b)]
    return sorted(kept)


def whole_frames(times: Iterable[float]) -> List[int]:
    """The frames at the times, both neighbours of a time between two."""
    return sorted({frame for time in times for frame in (math.floor(time), math.ceil(time))})
