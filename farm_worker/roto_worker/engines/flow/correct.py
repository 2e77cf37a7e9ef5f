"""Clicks that correct a matte: grab-cut where the click is, the rest stays."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .appearance import Plane
from .select import Hints


def correct(image: NDArray[np.uint8], matte: Plane, hints: Hints) -> Plane:
    """``matte`` (plate size, 0..1) changed to fit the clicks."""
    for click in hints.clicks:
        column = min(int(click.x), matte.shape[1] - 1)
        row = min(int(click.y), matte.shape[0] - 1)
        if (matte[row, column] > 0.5) != click.positive:
            matte = _flip(image, matte, (row, column), positive=click.positive)
    return matte


def _flip(image: NDArray[np.uint8], matte: Plane, at: tuple[int, int], *, positive: bool) -> Plane:
    """Turn the patch around ``at`` that looks like it, as far as the click can be meant."""
    inside = (matte > 0.5).astype(np.uint8)
    wrong = inside if not positive else 1 - inside
    depth = float(cv2.distanceTransform(wrong, cv2.DIST_L2, 3)[at])
    reach = int(np.clip(3 * depth, 12, max(matte.shape) / 4))
    row, column = at
    rows = slice(max(row - reach, 0), row + reach + 1)
    columns = slice(max(column - reach, 0), column + reach + 1)
    labels = np.where(inside, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    circle = np.zeros_like(inside)
    cv2.circle(circle, (column, row), reach, 1, -1)
    settled = circle == 0
    labels[settled] = np.where(inside, cv2.GC_FGD, cv2.GC_BGD)[settled]
    likely, certain = (cv2.GC_PR_FGD, cv2.GC_FGD) if positive else (cv2.GC_PR_BGD, cv2.GC_BGD)
    cv2.circle(labels, (column, row), max(3, int(depth)), likely, -1)
    cv2.circle(labels, (column, row), max(2, int(depth / 3)), certain, -1)
    rows, columns = _grown(rows, columns, reach, matte.shape)
    crop = np.ascontiguousarray(labels[rows, columns])
    found = np.isin(crop, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if found.any() and not found.all():
        bgr = cv2.cvtColor(np.ascontiguousarray(image[rows, columns]), cv2.COLOR_RGB2BGR)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(bgr, crop, None, *models, 3, cv2.GC_INIT_WITH_MASK)
        found = np.isin(crop, (cv2.GC_FGD, cv2.GC_PR_FGD))
    result = matte.copy()
    changed = (found != (inside[rows, columns] > 0)) & (circle[rows, columns] > 0)
    changed &= found == positive
    result[rows, columns][changed] = float(positive)
    return result


def _grown(rows: slice, columns: slice, by: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    return (
        slice(max(rows.start - by, 0), min(rows.stop + by, shape[0])),
        slice(max(columns.start - by, 0), min(columns.stop + by, shape[1])),
    )
