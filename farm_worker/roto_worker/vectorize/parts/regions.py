"""Outlines linked over time: each component and each hole of a matte sequence as a track.

Two outlines of neighbouring frames belong together when they overlap well, as they lie or after
moving one onto the other's centroid; the best pairs are taken first. A merge or a split therefore
goes on as the part that looks most alike, and ends or starts the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from ..outline.contour import Contour, MatteOutlines
from ..outline.curves import Points, side_lengths
from ..outline.raster import fill

LINK_IOU = 0.35
FARTHEST_SHIFT = 2.0
"""A region that moved this many times its own size is not recognised among others."""
MAIN_AREA_RATIO = 2.8
FARTHEST_STRING = 0.25
"""A string that moved this share of its length is not recognised."""
GRID = 96
"""Overlap is measured on a grid of this many cells across the pair."""


@dataclass
class Track:
    """One region while it lives: ``contours[i]`` lies on the sequence's frame ``first + i``."""

    first: int
    hole: bool
    depth: int
    contours: list[Contour] = field(default_factory=list)

    @property
    def stop(self) -> int:
        """Index after the last frame."""
        return self.first + len(self.contours)

    @property
    def area(self) -> float:
        """Summed over the life, square pixels."""
        return sum(c.area for c in self.contours)


def link(sequence: Sequence[MatteOutlines]) -> list[Track]:
    """Tracks of all outlines of ``sequence``, the largest first.

    Every contour of every frame is in exactly one track.
    """
    tracks: list[Track] = []
    alive: list[Track] = []
    for index, outlines in enumerate(sequence):
        contours = list(outlines.contours)
        claimed: dict[int, Track] = {}
        for old, new in _pairs([t.contours[-1] for t in alive], contours):
            claimed[new] = alive[old]
        alive = []
        for number, contour in enumerate(contours):
            track = claimed.get(number)
            if track is None:
                track = Track(index, contour.hole, contour.depth)
                tracks.append(track)
            track.contours.append(contour)
            alive.append(track)
    return sorted(tracks, key=lambda t: (-t.area, t.first))


def _pairs(old: list[Contour], new: list[Contour]) -> Iterator[tuple[int, int]]:
    """Best matching pairs (index in ``old``, index in ``new``), each outline used once."""
    sizes, other = [c.area for c in old], [c.area for c in new]
    scored = [
        (_likeness(a, b, max(sizes[i], other[j])), i, j)
        for i, a in enumerate(old)
        for j, b in enumerate(new)
        if (a.depth, a.thread) == (b.depth, b.thread)
        and LINK_IOU < sizes[i] / max(other[j], 1e-9) < 1 / LINK_IOU
    ]
    good = [(score, i, j) for score, i, j in scored if score > LINK_IOU]
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for _, i, j in sorted(good, key=lambda s: (-s[0], s[1], s[2])):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            yield i, j
    yield from _main_pairs(old, new, taken_old, taken_new)


def _main_pairs(
    old: list[Contour], new: list[Contour], taken_old: set[int], taken_new: set[int]
) -> Iterator[tuple[int, int]]:
    """What makes up most of its kind goes on however far it moved, if it kept its size.

    Without this an object that crosses its own width per frame falls apart into one track a frame.
    """
    for hole in (False, True):
        i, j = _main(old, hole), _main(new, hole)
        if i is None or j is None or i in taken_old or j in taken_new:
            continue
        first, second = old[i], new[j]
        same_depth = first.depth == second.depth
        if same_depth and 1 / MAIN_AREA_RATIO < first.area / second.area < MAIN_AREA_RATIO:
            yield i, j


def _main(contours: list[Contour], hole: bool) -> int | None:
    """The one outline that holds more than half of the area of its kind."""
    areas = [c.area if c.hole == hole else 0.0 for c in contours]
    if not areas or 2 * max(areas) <= sum(areas):
        return None
    return areas.index(max(areas))


def _likeness(a: Contour, b: Contour, area: float) -> float:
    """Intersection over union of the two filled outlines, in place or centred on each other.

    Centring is worth less the farther it has to move, or twins would change places. ``area``: of
    the larger. A string overlaps itself nowhere on the next frame; it is known by lying near.
    """
    if a.thread:
        return _nearness(a.points, b.points)
    shift = a.points.mean(axis=0) - b.points.mean(axis=0)
    near = 1 - float(np.hypot(*shift)) / (FARTHEST_SHIFT * np.sqrt(area))
    in_place = overlap(a.points, b.points)
    if in_place > 0.8 or near <= in_place:
        return in_place
    return max(in_place, near * overlap(a.points, b.points + shift))


def _nearness(a: Points, b: Points) -> float:
    """1 for two strings in one place, 0 where they lie :data:`FARTHEST_STRING` apart, or more."""
    there, back = cKDTree(b).query(a)[0], cKDTree(a).query(b)[0]
    apart = max(float(np.mean(there)), float(np.mean(back)))
    length = 0.5 * float(side_lengths(a).sum())
    return max(0.0, 1 - apart / (FARTHEST_STRING * length))


def overlap(a: Points, b: Points) -> float:
    """Intersection over union of two filled outlines as they lie."""
    low = np.minimum(a.min(axis=0), b.min(axis=0))
    high = np.maximum(a.max(axis=0), b.max(axis=0))
    if (a.max(axis=0) < b.min(axis=0)).any() or (b.max(axis=0) < a.min(axis=0)).any():
        return 0.0
    scale = GRID / max(float((high - low).max()), 1e-9)
    size = np.ceil((high - low) * scale).astype(int) + 1
    one, two = (fill([(p - low) * scale], int(size[0]), int(size[1])) for p in (a, b))
    union = np.count_nonzero(one | two)
    return np.count_nonzero(one & two) / union if union else 0.0
