"""Small holes and specks in a mask, filled and wiped away on its logits."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..engines.base import Logits

PLATE_SHARE = 6e-5
"""Of the plate's area: four pixels of a 256 x 256 mask."""
OBJECT_SHARE = 2e-3
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
    top, left = max(y - 1, 0), max(x - 1, 0)
    window = (slice(top, y + height + 1), slice(left, x + width + 1))
    specks = _small(logits, window, inside, of_object=True)
    cleaned = _flipped(logits, specks) if specks.any() else logits
    outsides = -cleaned
    holes = _small(outsides, window, outside, of_object=False)
    return -_flipped(outsides, holes) if holes.any() else cleaned


def _small(
    logits: Logits, window: tuple[slice, slice], keep: Sequence[Point], *, of_object: bool
) -> Region:
    """The parts of ``logits > 0`` in ``window`` that are too small; of the plate's size.

    These are parts ``of_object``, else what is positive is its surroundings.
    """
    small = np.zeros(logits.shape, np.bool_)
    mask = (logits[window] > 0).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count <= 2:
        return small
    sure = np.minimum(np.abs(logits[window]) / SURE, 1)
    sizes = np.bincount(labels.ravel(), sure.ravel(), count)
    object_size = sizes[1:].sum() if of_object else sizes[0]
    limits = np.full(count, max(PLATE_SHARE * logits.size, OBJECT_SHARE * object_size))
    top, left = window[0].start, window[1].start
    limits[_cut_by_frame(stats, top, left, logits.shape)] *= CUT_BY_FRAME
    drop = sizes < limits
    drop[0] = drop[1 + sizes[1:].argmax()] = False
    for x, y in keep:
        row, column = int(y) - top, int(x) - left
        if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]:
            drop[labels[row, column]] = False
    small[window] = drop[labels]
    return small


def _cut_by_frame(
    stats: NDArray[np.int32], top: int, left: int, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Which components (OpenCV's table of them, from a window at ``top``, ``left``) touch it."""
    x, y = stats[:, cv2.CC_STAT_LEFT] + left, stats[:, cv2.CC_STAT_TOP] + top
    right, bottom = x + stats[:, cv2.CC_STAT_WIDTH], y + stats[:, cv2.CC_STAT_HEIGHT]
    return np.asarray((x == 0) | (y == 0) | (right == shape[1]) | (bottom == shape[0]))


def _flipped(logits: Logits, small: Region) -> Logits:
    """``logits`` with the positive parts ``small`` sunk into the negative values around them.

    The sinking fades with the distance from a part and towards what stays, so that the edge of a
    neighbour keeps its place and nothing jumps.
    """
    skirt = max(2.0, SKIRT * logits.shape[0])
    x, y, width, height = cv2.boundingRect(small.astype(np.uint8))
    grow = int(skirt) + 1
    window = (
        slice(max(y - grow, 0), y + height + grow),
        slice(max(x - grow, 0), x + width + grow),
    )
    part, gone = logits[window], small[window]
    away = _distance_to(gone)
    kept = _distance_to((part > 0) & ~gone)
    share = np.clip(1 - away / np.float32(skirt), 0, 1) * (kept / (kept + away))
    sunk = part + share * (min(float(part.min()), -SURE) - part)
    result = logits.copy()
    result[window] = np.minimum(part, sunk)
    return result


def _distance_to(region: Region) -> NDArray[np.float32]:
    """Pixels to ``region``, 0 within; very far when it is empty."""
    if not region.any():
        return np.full(region.shape, 1e6, np.float32)
    outside = (~region).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_5), np.float32)
