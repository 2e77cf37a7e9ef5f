"""Sub-pixel outlines of a soft or binary matte.

The matte is blurred a little, cut at one half by marching squares, and pushed back out along its
curvature by ``sigma**2 * kappa / 2``, which is what a Gaussian takes away from a curved edge. Past
the frame's border the matte continues as it is at the border, so an object that leaves the frame
gets an outline that leaves it too; those points weigh little (:data:`OUTSIDE_WEIGHT`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .curves import Points, Values, contains, resample, side_lengths, signed_area, smooth
from .marching import iso_contours

BORDER = 8
"""How far past the frame's edge the matte is continued, pixels."""
OUTSIDE_WEIGHT = 0.01
"""Weight of contour points beyond the frame: nobody sees them."""
BINARY_SIGMA = 1.0
SOFT_SIGMA = 0.7

Alpha = NDArray[np.float32]


@dataclass(frozen=True)
class Drift:
    """Where an outline's points have gone on a neighbouring frame, by the picture.

    ``offsets``: ``(n, 2)`` pixels. ``trust``: ``(n,)`` 0..1, 0 where the picture does not say.
    """

    offsets: NDArray[np.float32]
    trust: NDArray[np.float32]


@dataclass(frozen=True)
class Contour:
    """One closed outline of a matte.

    ``points``: about a pixel apart, clockwise on screen for solids and for holes alike.
    ``weights``: 1, or :data:`OUTSIDE_WEIGHT` beyond the frame. ``depth``: 0 for an outer outline, 1
    for a hole in it, 2 for an island in that hole, and so on. ``ahead``, ``behind``: where its
    points are on the sequence's next and previous frame, if its pictures were seen. ``thread``:
    whether it is a string taken off what it hangs from.
    """

    points: Points
    weights: Values
    hole: bool
    depth: int
    ahead: Drift | None = None
    behind: Drift | None = None
    thread: bool = False

    @property
    def area(self) -> float:
        return signed_area(self.points)

    @property
    def visible_length(self) -> float:
        """Length of the outline, every stretch by its weight, pixels."""
        return float((side_lengths(self.points) * self.weights).sum())


@dataclass(frozen=True)
class Thread:
    """A string in a matte: pixels along it, and square pixels of coverage."""

    length: float
    area: float


@dataclass(frozen=True)
class MatteOutlines:
    """All outlines of one matte, largest first, and what was too small to keep.

    ``threads``: its strings. ``untied``: the outlines with strings taken off, where that is due.
    """

    contours: tuple[Contour, ...]
    dropped: int = 0
    dropped_area: float = 0.0
    threads: tuple[Thread, ...] = ()
    untied: tuple[Contour, ...] | None = None

    @property
    def area(self) -> float:
        """Of all outlines less their holes, square pixels."""
        return sum(-c.area if c.hole else c.area for c in self.contours)


def extract(alpha: Alpha, *, min_area: float = 0.0, sigma: float | None = None) -> MatteOutlines:
    """Outlines of ``alpha`` (0..1, height x width) at one half.

    ``sigma``: of the blur, pixels; by default what suits a binary or a soft matte.

    Outlines smaller than ``min_area`` square pixels are dropped and counted, but never the largest
    one: an object of a single pixel is still that object.
    """
    height, width = alpha.shape
    box = bounds(alpha)
    if box is None:
        return MatteOutlines(())
    crop = np.ascontiguousarray(alpha[box])
    origin = np.array([box[1].start - BORDER, box[0].start - BORDER], float)
    padded = cv2.copyMakeBorder(
        crop, BORDER, BORDER, BORDER, BORDER, borderType=cv2.BORDER_REPLICATE
    )
    if sigma is None:
        sigma = SOFT_SIGMA if _is_soft(padded) else BINARY_SIGMA
    curves = [c + origin for c in _smooth_contours(padded, sigma)]
    curves.sort(key=lambda c: -abs(signed_area(c)))
    solids = [c for c in curves if signed_area(c) > 0]
    largest = solids[0] if solids else None
    kept = [c for c in curves if c is largest or abs(signed_area(c)) >= min_area]
    dropped_area = sum(abs(signed_area(c)) for c in curves) - sum(abs(signed_area(c)) for c in kept)
    contours = tuple(_contour(c, kept, width, height) for c in kept)
    return MatteOutlines(contours, len(curves) - len(kept), max(0.0, dropped_area))


def bounds(alpha: Alpha) -> tuple[slice, slice] | None:
    """Rows and columns that hold everything above 1 %, and a margin; None for an empty matte."""
    solid = alpha > 0.01
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if len(rows) == 0:
        return None
    margin, (height, width) = 6, alpha.shape
    return (
        slice(max(0, int(rows[0]) - margin), min(height, int(rows[-1]) + 1 + margin)),
        slice(max(0, int(columns[0]) - margin), min(width, int(columns[-1]) + 1 + margin)),
    )


def _is_soft(alpha: Alpha) -> bool:
    """Whether the edge has intermediate values worth trusting (an anti-aliased or soft matte)."""
    solid = alpha > 0.5
    edge = solid != ndimage.binary_erosion(solid)
    partial = np.count_nonzero((alpha > 0.05) & (alpha < 0.95))
    return bool(partial > 0.5 * np.count_nonzero(edge))


def _smooth_contours(alpha: Alpha, sigma: float) -> list[Points]:
    """Compensated contours of the blurred matte, plus those of parts too thin to survive blur."""
    blurred = cv2.GaussianBlur(alpha, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    curves = [_compensated(c, sigma) for c in iso_contours(_closed(blurred))]
    for faint in _vanished(alpha, blurred):
        curves += [resample(c - 1, _count(c)) for c in iso_contours(_closed(faint))]
    return [c for c in curves if abs(signed_area(c)) > 1e-6]


def _closed(field: Alpha) -> Alpha:
    return cv2.copyMakeBorder(field, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)


def _vanished(alpha: Alpha, blurred: Alpha) -> list[Alpha]:
    """One field per solid component that the blur pushed below one half altogether."""
    count, labels = cv2.connectedComponents((alpha > 0.5).astype(np.uint8), connectivity=4)
    if count < 2:
        return []
    peaks = ndimage.maximum(blurred, labels, np.arange(1, count))
    return [np.where(labels == k + 1, alpha, 0) for k in np.flatnonzero(np.asarray(peaks) <= 0.5)]


def _count(curve: Points) -> int:
    """Samples for one about every pixel; a speck still gets a dozen."""
    return max(12, round(float(side_lengths(curve).sum())))


def _compensated(curve: Points, sigma: float) -> Points:
    """The contour at 1 px spacing, moved out by what the blur moved it in."""
    even = resample(curve - 1, _count(curve))
    spacing = float(side_lengths(even).mean())
    soft = smooth(even, 1.5)
    bend = (np.roll(soft, -1, axis=0) - 2 * soft + np.roll(soft, 1, axis=0)) / spacing**2
    push = -0.5 * sigma**2 * bend
    length = np.linalg.norm(push, axis=1, keepdims=True)
    return even + push * np.minimum(1.0, 0.5 * sigma / np.maximum(length, 1e-9))


def _contour(curve: Points, others: list[Points], width: int, height: int) -> Contour:
    hole = signed_area(curve) < 0
    inside = (curve > 0).all(axis=1) & (curve < (width, height)).all(axis=1)
    weights = np.where(inside, 1.0, OUTSIDE_WEIGHT)
    depth = sum(
        o is not curve and abs(signed_area(o)) > abs(signed_area(curve)) and contains(o, curve[0])
        for o in others
    )
    if hole:
        curve, weights = curve[::-1].copy(), weights[::-1].copy()
    return Contour(curve, weights, hole, depth)
