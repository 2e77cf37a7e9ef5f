"""A second look at the object at the plate's full resolution.

The engine's first pass sees the whole plate in a few hundred pixels. Here the object's box is cut
out of the plate and given to the engine as an image of its own, so that a 4K plate's edge is found
in 4K pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import Click, FramePrompt

from ..engines.base import Detailer, Logits
from ..media.source import Image8

GROWTH = 0.2
"""Of the box's size, to every side."""
LEAST_SIDE = 32
"""A smaller crop shows the engine nothing of the surroundings."""
LEAST_GAIN = 1.2
"""The crop must be finer than the whole plate by this factor to be worth a look."""
LEAST_IOU = 0.5
"""Below this both passes mean different things, and the first, which knows the motion, stays."""
LEAST_SCORE = 0.6
"""A candidate that the engine itself rates lower is no better than what tracking gave."""
TRUST = 0.025
"""Of the plate's height: within this distance of the first edge the second pass is believed; at
twice of it no more."""
LIMIT = 16.0
"""Logits are clipped to +-this: sigmoid(-16) is black in 16 bits."""


@dataclass(frozen=True)
class Detailed:
    """``logits`` at plate size; ``looked`` says whether the crop was worth a second look, and
    ``used`` whether what it showed is part of them."""

    logits: Logits
    looked: bool
    used: bool


@dataclass(frozen=True)
class _Crop:
    """Plate pixels ``left, top, right, bottom``, end exclusive; may lie beyond the plate."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, plane: NDArray[Any]) -> NDArray[Any]:
        """The crop of a plate-size array, mirrored where it lies beyond."""
        height, width = plane.shape[:2]
        beyond = (-self.top, self.bottom - height, -self.left, self.right - width)
        within = plane[max(self.top, 0) : self.bottom, max(self.left, 0) : self.right]
        if max(beyond) <= 0:
            return np.ascontiguousarray(within)
        above, below, before, after = (max(margin, 0) for margin in beyond)
        return np.asarray(
            cv2.copyMakeBorder(within, above, below, before, after, cv2.BORDER_REFLECT)
        )

    def inner(self, height: int, width: int) -> tuple[slice, slice]:
        """Its part on the plate, in plate pixels."""
        return (
            slice(max(self.top, 0), min(self.bottom, height)),
            slice(max(self.left, 0), min(self.right, width)),
        )

    def cut(self, plane: NDArray[Any], height: int, width: int) -> NDArray[Any]:
        """The part on the plate of an array of the crop's size."""
        rows, columns = self.inner(height, width)
        return plane[
            rows.start - self.top : rows.stop - self.top,
            columns.start - self.left : columns.stop - self.left,
        ]


def add_detail(logits: Logits, plate: Image8, detailer: Detailer) -> Detailed:
    """``logits`` (``[h, w]``) with the edge that ``detailer`` finds in a crop of ``plate``.

    The second pass counts near the edge of the first only: what the object is was decided by
    tracking, here it is only asked where it ends.
    """
    box = cv2.boundingRect((logits > 0).astype(np.uint8))
    crop = _crop_around(box)
    height, width = logits.shape
    size = max(crop.right - crop.left, crop.bottom - crop.top)
    if not box[2] or size * LEAST_GAIN > max(height, width):
        return Detailed(logits, looked=False, used=False)
    first = crop.of(logits)
    candidates = detailer.look("", crop.of(plate), _prompt(first), hint=first)
    window = crop.inner(height, width)
    near = logits[window]
    seen = [
        np.clip(crop.cut(one.logits, height, width), -LIMIT, LIMIT)
        for one in candidates
        if one.score >= LEAST_SCORE
    ]
    overlaps = [_iou(one > 0, near > 0) for one in seen]
    if not seen or max(overlaps) < LEAST_IOU:
        return Detailed(logits, looked=True, used=False)
    best = seen[int(np.argmax(overlaps))]
    share = _share_of_second(near > 0, TRUST * height)
    merged = logits.copy()
    merged[window] = near + share * (best - near)
    return Detailed(merged, looked=True, used=True)


def _crop_around(box: tuple[int, int, int, int]) -> _Crop:
    x, y, width, height = box
    grow_x = max(round(GROWTH * width), (LEAST_SIDE - width + 1) // 2)
    grow_y = max(round(GROWTH * height), (LEAST_SIDE - height + 1) // 2)
    return _Crop(x - grow_x, y - grow_y, x + width + grow_x, y + height + grow_y)


def _prompt(first: Logits) -> FramePrompt:
    """The object's box, and its point farthest from any edge, in pixels of the crop.

    What is mirrored beyond the plate's border belongs to it: that is what the crop shows.
    """
    mask = (first > 0).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(mask)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    click = Click(float(column) + 0.5, float(row) + 0.5, True)
    return FramePrompt(0, points=(click,), box=(x, y, x + width, y + height))


def _iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def _share_of_second(inside: NDArray[np.bool_], trust: float) -> NDArray[np.float32]:
    """1 within ``trust`` pixels of the edge, 0 from twice of it on."""
    mask = inside.astype(np.uint8)
    within = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    without = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(np.clip(2 - np.maximum(within, without) / trust, 0, 1), np.float32)
