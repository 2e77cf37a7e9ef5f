"""From the scores of a look at a plate (the worker's stage ``scenes``) to cuts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

THRESHOLD = 0.25
"""Scores of cuts begin at about twice that, those of everything else end at about half of it."""


def cuts(
    scores: Sequence[float], first_frame: int, threshold: float, shortest: int
) -> list[tuple[int, float]]:
    """The first frames of new scenes and their scores, in order.

    No scene is shorter than ``shortest`` frames: of cuts that are nearer the clearest stays.
    """
    clearest_first = sorted(
        (at for at, score in enumerate(scores) if at > 0 and score >= threshold),
        key=lambda at: (-scores[at], at),
    )
    kept: set[int] = set()
    near: set[int] = set(range(1, shortest)) | set(
        range(len(scores) - shortest + 1, len(scores) + 1)
    )
    for at in clearest_first:
        if at not in near:
            kept.add(at)
            near.update(range(at - shortest + 1, at + shortest))
    return [(first_frame + at, scores[at]) for at in sorted(kept)]


def scenes(cut_frames: Sequence[int], first: int, last: int) -> list[tuple[int, int]]:
    """What lies between the cuts of a plate with the frames ``first`` to ``last``."""
    begins = [first, *cut_frames]
    ends = [*(frame - 1 for frame in cut_frames), last]
    return list(zip(begins, ends, strict=True))
