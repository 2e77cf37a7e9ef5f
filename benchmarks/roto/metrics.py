"""How well masks fit: overlap, outline distance, parts lost. Pure functions of two masks.

Masks are ``bool[height, width]`` of one size. The outline of a mask is its pixels that have a pixel
outside among their eight neighbours; the frame's edge is no outline.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]

LOST_AREA = 0.01
"""Parts below this share of the object's area are too small to count as lost."""
LOST_COVER = 0.5
"""A part with less than this share of its pixels covered is lost."""


@dataclass(frozen=True)
class OutlineDistances:
    """Distance in pixels from every outline pixel of one mask to the other's nearest, both ways.

    An outline far from everything because the other is empty is at infinity.
    """

    forth: Values
    back: Values

    @classmethod
    def between(cls, one: Mask, two: Mask) -> OutlineDistances:
        area = _window(one | two)
        edges = [_edge(one)[area], _edge(two)[area]]
        return cls(*(_away(edges[i], edges[1 - i]) for i in range(2)))

    def boundary_f(self, radius: float) -> float:
        """BF@radius: harmonic mean of the shares of each outline within ``radius`` of the other.

        1 when neither mask has an outline, 0 when only one has.
        """
        if not (self.forth.size or self.back.size):
            return 1.0
        if not (self.forth.size and self.back.size):
            return 0.0
        near = [float((side <= radius).mean()) for side in (self.forth, self.back)]
        return 2 * near[0] * near[1] / sum(near) if sum(near) else 0.0

    def hausdorff95(self) -> float:
        """The larger of the two 95th percentiles of distance; 0 when neither has an outline."""
        sides = [side for side in (self.forth, self.back) if side.size]
        # "higher" never interpolates towards an infinite neighbour, which would give nan.
        return max((float(np.percentile(s, 95, method="higher")) for s in sides), default=0.0)


def iou(one: Mask, two: Mask) -> float:
    """Intersection over union; 1 when both are empty."""
    union = np.count_nonzero(one | two)
    return np.count_nonzero(one & two) / union if union else 1.0


def lost_parts(truth: Mask, found: Mask) -> int:
    """Number of 8-connected parts of ``truth`` that ``found`` has lost.

    Counted are parts of at least :data:`LOST_AREA` of the area of ``truth``; lost means that less
    than :data:`LOST_COVER` of the part's pixels are covered.
    """
    total = np.count_nonzero(truth)
    if total == 0:
        return 0
    count, labels = cv2.connectedComponents(truth.astype(np.uint8), connectivity=8)
    areas = np.bincount(labels.ravel(), minlength=count)[1:]
    covered = np.bincount(labels[found], minlength=count)[1:]
    return int(np.count_nonzero((areas >= LOST_AREA * total) & (covered < LOST_COVER * areas)))


def _edge(mask: Mask) -> Mask:
    solid = mask.astype(np.uint8)
    return mask & (cv2.erode(solid, np.ones((3, 3), np.uint8), borderValue=1) == 0)


def _window(mask: Mask) -> tuple[slice, slice]:
    """The part of the frame that holds anything: distances outside it are of no interest."""
    if not mask.any():
        return slice(0, 0), slice(0, 0)
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _away(edge: Mask, other: Mask) -> Values:
    if not edge.any():
        return np.zeros(0)
    if not other.any():
        return np.full(np.count_nonzero(edge), np.inf)
    distance = cv2.distanceTransform((~other).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return distance[edge].astype(np.float64)
