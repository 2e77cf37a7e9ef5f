"""Parts cut out of a component: rough labels say where, the sub-pixel outlines say exactly what.

A part's contour is made of the stretches of the component's own outline that belong to it, taken
over point by point, and of seams through the inside of the object, which weigh next to nothing
(:data:`HIDDEN_WEIGHT`): nobody sees them, neighbouring parts overlap there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..outline.contour import Contour
from ..outline.curves import (
    Points,
    Values,
    normals,
    resample,
    side_lengths,
    signed_area,
    smooth,
)
from ..outline.marching import iso_contours
from .limbs import Flags, Labels, Raster, nearest_of

HIDDEN_WEIGHT = 0.03
"""Weight of points on seams inside the object."""
SHORTEST_STRETCH = 4.0
"""Shorter runs of outline, in raster pixels, go to the neighbour along the outline."""
INWARD = (0.6, 1.2, 1.8)
"""How far inside the outline, in raster pixels, a point looks for its label."""


@dataclass(frozen=True)
class Edge:
    """One outline of the component, inside on the right hand as it runs, and the raster pixel that
    speaks for each of its points."""

    points: Points
    weights: Values
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


@dataclass(frozen=True)
class Stretch:
    points: Points
    weights: Values


def edges(raster: Raster, solid: Contour, holes: Sequence[Contour]) -> list[Edge]:
    """The component's outline and those of its holes, ready to be cut."""
    found = [_edge(raster, solid.points, solid.weights)]
    return found + [_edge(raster, h.points[::-1], h.weights[::-1]) for h in holes]


def _edge(raster: Raster, points: Points, weights: Values) -> Edge:
    inward = -normals(smooth(points, 1.5)) / raster.scale
    rows, columns = raster.pixels(points)
    undecided = np.ones(len(points), bool)
    for depth in INWARD:
        y, x = raster.pixels(points + depth * inward)
        hit = undecided & (raster.mask[y, x] > 0)
        rows[hit], columns[hit] = y[hit], x[hit]
        undecided &= ~hit
    if undecided.any():
        ys, xs = np.nonzero(raster.mask)
        pixels = np.column_stack([rows[undecided], columns[undecided]])
        _, nearest = nearest_of(np.column_stack([ys, xs]), pixels)
        rows[undecided], columns[undecided] = ys[nearest], xs[nearest]
    return Edge(points, weights, rows, columns)


def cut(raster: Raster, region: Labels, outline: Sequence[Edge], spare: Labels) -> Contour | None:
    """The contour of the part that covers ``region`` (0/1), or None where nothing is left.

    ``spare``: 1 where another part covers the pixel too, so that a seam may be straightened there.
    """
    trace = _trace(raster, region)
    if trace is None:
        return None
    stretches = [s for edge in outline for s in _stretches(edge, region, spare, raster.scale)]
    if not stretches:
        return _contour(trace, np.full(len(trace), HIDDEN_WEIGHT))
    straight = _joined(raster, stretches, trace, straight=True)
    if straight is not None and _covers(raster, straight.points, region, spare):
        return straight
    found = _joined(raster, stretches, trace, straight=False)
    if found is not None and abs(found.area / signed_area(trace) - 1) < 0.3:
        return found
    return _snapped(trace, outline, raster.scale)


def _trace(raster: Raster, region: Labels) -> Points | None:
    """The largest outline of the region, clockwise, on the plate, about a plate pixel apart."""
    ys, xs = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    if len(ys) == 0:
        return None
    crop = region[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1].astype(np.float32)
    padded = cv2.copyMakeBorder(crop, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    curve = max(iso_contours(padded), key=signed_area)
    even = smooth(resample(curve, max(12, round(float(side_lengths(curve).sum())))), 1.0)
    plate = (even + np.array([xs[0] - 1, ys[0] - 1])) / raster.scale + raster.origin
    return resample(plate, max(12, round(float(side_lengths(plate).sum()))))


def _stretches(edge: Edge, region: Labels, spare: Labels, scale: float) -> list[Stretch]:
    """Runs of the outline whose pixels lie in the region."""
    shortest = SHORTEST_STRETCH / scale
    mine = _bridged(region[edge.rows, edge.columns] > 0, shortest)
    mine = ~_bridged(~mine, shortest, spare[edge.rows, edge.columns] > 0)
    if not mine.any():
        return []
    if mine.all():
        # A hole all around which the part lies is cut by a shape of its own.
        return [Stretch(edge.points, edge.weights)] if signed_area(edge.points) > 0 else []
    turned = int(np.flatnonzero(~mine)[0])
    points, weights = np.roll(edge.points, -turned, axis=0), np.roll(edge.weights, -turned)
    return [Stretch(points[a:b], weights[a:b]) for a, b in _runs(np.roll(mine, -turned))]


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """First and behind-last index of every run of set flags, the first flag being unset."""
    steps = np.flatnonzero(np.diff(np.append(flags, False).astype(np.int8))) + 1
    return list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))


def _bridged(flags: Flags, shortest: float, allowed: Flags | None = None) -> Flags:
    """Cyclic flags with short unset runs set, where ``allowed``."""
    if flags.all() or not flags.any():
        return flags
    turned = int(np.flatnonzero(flags)[0])
    found = np.roll(flags, -turned)
    free = np.ones(len(flags), bool) if allowed is None else np.roll(allowed, -turned)
    for a, b in _runs(~found):
        if b - a < shortest and free[a:b].all():
            found[a:b] = True
    return np.roll(found, turned)


def _joined(
    raster: Raster, stretches: list[Stretch], trace: Points, *, straight: bool
) -> Contour | None:
    """The stretches in the order in which the trace passes them, with seams between.

    None where a straight seam would leave the object.
    """
    places = _places(stretches, trace)
    order = sorted(range(len(stretches)), key=lambda k: places[k][0])
    points, weights = [], []
    for k, after in zip(order, [*order[1:], order[0]], strict=True):
        a, b = stretches[k].points[-1], stretches[after].points[0]
        if straight:
            seam = _chord(a, b)
            if not _inside(raster, seam):
                return None
        else:
            seam = _along(trace, places[k][1], places[after][0], a, b, 2 / raster.scale)
        points += [stretches[k].points, seam]
        weights += [stretches[k].weights, np.full(len(seam), HIDDEN_WEIGHT)]
    return _contour(np.concatenate(points), np.concatenate(weights))


def _places(stretches: list[Stretch], trace: Points) -> list[tuple[int, int]]:
    """Where on the trace each stretch begins and ends, the end counted on past the seam."""
    count = len(trace)
    found = []
    for stretch in stretches:
        spots = stretch.points[[0, len(stretch.points) // 2, -1]]
        first, half, last = (int(((trace - s) ** 2).sum(axis=1).argmin()) for s in spots)
        found.append((first, first + (half - first) % count + (last - half) % count))
    return found


def _along(trace: Points, start: int, stop: int, a: Points, b: Points, near: float) -> Points:
    """The trace from ``start`` to ``stop``, without what lies too near to the ends ``a``, ``b``."""
    count = len(trace)
    gap = (stop - start) % count
    seam = trace[(start + np.arange(0 if gap > count - 4 * near else gap)) % count]
    ends = np.minimum(np.linalg.norm(seam - a, axis=1), np.linalg.norm(seam - b, axis=1))
    return seam[ends > near]


def _chord(a: Points, b: Points) -> Points:
    count = max(0, round(float(np.linalg.norm(b - a))) - 1)
    share = (np.arange(count) + 1)[:, None] / (count + 1)
    return a + share * (b - a)


def _inside(raster: Raster, seam: Points) -> bool:
    """Whether the seam, but for its first and last raster pixel, runs through the object."""
    ends = np.ceil(1.5 / raster.scale).astype(int)
    rows, columns = raster.pixels(seam[ends : len(seam) - ends])
    return bool(raster.mask[rows, columns].all())


def _covers(raster: Raster, points: Points, region: Labels, spare: Labels) -> bool:
    """Whether the polygon misses none of the region that only this part covers, and leaves the
    object nowhere."""
    filled = raster.filled([Contour(points, np.ones(len(points)), False, 0)])
    lost = (region > 0) & (filled == 0) & (spare == 0)
    gained = (filled > 0) & (raster.mask == 0)
    core = np.ones((2, 2), np.uint8)
    return not any(cv2.erode(m.astype(np.uint8), core).any() for m in (lost, gained))


def _contour(points: Points, weights: Values) -> Contour | None:
    """Evenly spaced again, about a pixel apart."""
    keep = side_lengths(points) > 1e-6
    points, weights = points[keep], weights[keep]
    if len(points) < 3 or signed_area(points) <= 0:
        return None
    lengths = side_lengths(points)
    count = max(12, round(float(lengths.sum())))
    arcs = np.arange(count) * (lengths.sum() / count)
    # A side weighs as much as the lighter of its ends: it leaves the outline there.
    sides = np.minimum(weights, np.roll(weights, -1))
    on = np.searchsorted(np.cumsum(lengths), arcs, side="right")
    return Contour(resample(points, count), sides[np.minimum(on, len(sides) - 1)], False, 0)


def _snapped(trace: Points, outline: Sequence[Edge], scale: float) -> Contour | None:
    """The trace itself, on the outline wherever it runs along it."""
    points = np.concatenate([edge.points for edge in outline])
    weights = np.concatenate([edge.weights for edge in outline])
    distance, nearest = nearest_of(points, trace)
    near = distance < 2.5 / scale
    return _contour(
        np.where(near[:, None], points[nearest], trace),
        np.where(near, weights[nearest], HIDDEN_WEIGHT),
    )
