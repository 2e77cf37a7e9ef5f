"""Small holes and specks in a mask, filled and wiped away on its logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..engines.base import Logits

PLATE_SHARE = 3e-5
"""Of the plate's area: two pixels of a 256 x 256 mask."""
OBJECT_SHARE = 1e-3
"""Of the object's area. The larger of both is the size below which a part is one too many."""
CUT_BY_FRAME = 0.25
"""A part that the frame cuts is larger than what is seen of it: its limit is this much lower."""
SKIRT = 0.02
"""Of the plate's height: how far the doubt around a part reaches that is flipped with it."""

SURE = 4.0
"""A pixel counts in full from this logit on: sigmoid(4) = 0.98."""

Point = tuple[float, float]
Region = NDArray[np.bool_]


def clean(logits: Logits, inside: Sequence[Point] = (), outside: Sequence[Point] = ()) -> Logits:
    """``logits`` (``[h, w]``, > 0 inside) without specks and pinholes.

    A part's size is its area weighted by how sure its pixels are. The largest part always stays,
    and so do parts under the points ``inside`` and holes under ``outside`` (plate pixels). The
    result is as smooth as the input: a flipped part takes on the values around it.
    """
    x, y, width, height = cv2.boundingRect((logits > 0).astype(np.uint8))
    if not width:
        return logits
    skirt = max(2.0, SKIRT * logits.shape[0])
    grow = int(skirt) + 1
    top, left = max(y - grow, 0), max(x - grow, 0)
    window = (slice(top, y + height + grow), slice(left, x + width + grow))
    part = _Part(logits.shape, top, left)
    found = logits[window]
    if part.is_plain(found):
        return logits
    specks = part.small(found, inside, of_object=True)
    cleaned = _flipped(found, specks, skirt)
    holes = part.small(-cleaned, outside, of_object=False)
    cleaned = -_flipped(-cleaned, holes, skirt)
    if not (specks.any() or holes.any()):
        return logits
    result = logits.copy()
    result[window] = cleaned
    return result


@dataclass(frozen=True)
class _Part:
    """A part of a plate of this shape, from row ``top`` and column ``left`` on."""

    shape: tuple[int, ...]
    top: int
    left: int

    def is_plain(self, logits: Logits) -> bool:
        """One part without holes, well inside the plate: quickly told, and the usual case."""
        mask = (logits > 0).astype(np.uint8)
        ends = (self.top + mask.shape[0], self.left + mask.shape[1])
        if self.top == 0 or self.left == 0 or ends[0] == self.shape[0] or ends[1] == self.shape[1]:
            return False
        contours, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        return len(contours) <= 1

    def small(self, logits: Logits, keep: Sequence[Point], *, of_object: bool) -> Region:
        """What is too small of ``logits > 0``: parts ``of_object``, or of what surrounds it."""
        mask = (logits > 0).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        if count <= 2:
            return np.zeros(mask.shape, np.bool_)
        sure = np.minimum(np.abs(logits) / SURE, 1)
        sizes = np.bincount(labels.ravel(), sure.ravel(), count)
        object_size = sizes[1:].sum() if of_object else sizes[0]
        plate_size = self.shape[0] * self.shape[1]
        limits = np.full(count, max(PLATE_SHARE * plate_size, OBJECT_SHARE * object_size))
        limits[self._cut_by_frame(stats)] *= CUT_BY_FRAME
        drop = sizes < limits
        drop[0] = drop[1 + sizes[1:].argmax()] = False
        for x, y in keep:
            row, column = int(y) - self.top, int(x) - self.left
            if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]:
                drop[labels[row, column]] = False
        return np.asarray(drop[labels])

    def _cut_by_frame(self, stats: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which components of OpenCV's table touch the plate's border."""
        x, y = stats[:, cv2.CC_STAT_LEFT] + self.left, stats[:, cv2.CC_STAT_TOP] + self.top
        right, bottom = x + stats[:, cv2.CC_STAT_WIDTH], y + stats[:, cv2.CC_STAT_HEIGHT]
        cut = (x == 0) | (y == 0) | (right == self.shape[1]) | (bottom == self.shape[0])
        return np.asarray(cut)


def _flipped(logits: Logits, small: Region, skirt: float) -> Logits:
    """``logits`` with the positive parts ``small`` sunk into the negative values around them.

    The sinking fades within ``skirt`` pixels from a part and towards what stays, so that the edge
    of a neighbour keeps its place and nothing jumps.
    """
    contours, _ = cv2.findContours(
        small.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    result = logits.copy() if contours else logits
    grow = int(skirt) + 1
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        window = (
            slice(max(y - grow, 0), y + height + grow),
            slice(max(x - grow, 0), x + width + grow),
        )
        np.minimum(result[window], _sunk(logits[window], small[window], skirt), out=result[window])
    return result


def _sunk(logits: Logits, small: Region, skirt: float) -> Logits:
    away, kept = _distance_to(small), _distance_to((logits > 0) & ~small)
    share = np.clip(1 - away / np.float32(skirt), 0, 1) * (kept / (kept + away))
    return np.asarray(logits + share * (min(float(logits.min()), -SURE) - logits), np.float32)


def _distance_to(region: Region) -> NDArray[np.float32]:
    """Pixels to ``region``, 0 within; very far when it is empty."""
    if not region.any():
        return np.full(region.shape, 1e6, np.float32)
    outside = (~region).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_5), np.float32)
