"""Mattes as they come in, made ready for the vectorizer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.errors import RotoError

from .contour import Alpha

Mattes = Mapping[int, NDArray] | Callable[[int], NDArray]
Images = Mapping[int, NDArray[np.uint8]] | Callable[[int], NDArray[np.uint8]]
EDGE_MARGIN = 2
"""Pixels an offset matte may be padded with beyond its offset."""


class MatteReader:
    """Checked mattes by frame, grown or shrunk by ``offset`` pixels."""

    def __init__(self, mattes: Mattes, width: int, height: int, offset: float = 0.0) -> None:
        self._read = mattes if callable(mattes) else mattes.__getitem__
        self._size = width, height
        self._offset = offset

    def __call__(self, frame: int) -> Alpha:
        """Float32 0..1. Raises RotoError ``bad_matte``."""
        alpha = as_alpha(self._read(frame), *self._size, frame)
        return grown(alpha, self._offset) if self._offset else alpha


def as_alpha(matte: NDArray, width: int, height: int, frame: int) -> Alpha:
    """A matte of any usual type as float32 0..1. Raises RotoError ``bad_matte``."""
    if matte.shape != (height, width):
        raise RotoError(
            f"the matte of frame {frame} is {_size(matte)}, not {width} x {height}",
            code="bad_matte",
            hint="All mattes must have the plate's size.",
            detail={"frame": frame},
        )
    if matte.dtype.kind in "iu":
        matte = matte / np.float32(np.iinfo(matte.dtype).max)
    alpha = np.asarray(matte, np.float32)
    if not np.isfinite(alpha).all():
        raise RotoError(
            f"the matte of frame {frame} holds values that are not numbers",
            code="bad_matte",
            detail={"frame": frame},
        )
    return np.clip(alpha, 0.0, 1.0)


def grown(alpha: Alpha, offset: float) -> Alpha:
    """The matte whose edge lies ``offset`` pixels outside (inside, if negative) this one's.

    From distances to the nearest edge pixel, corrected by that pixel's own coverage, so that the
    edge moves by fractions of a pixel too. Past the frame the matte continues as at the border.
    """
    pad = int(abs(offset)) + EDGE_MARGIN
    padded = cv2.copyMakeBorder(alpha, pad, pad, pad, pad, borderType=cv2.BORDER_REPLICATE)
    solid = padded > 0.5
    if solid.all() or not solid.any():
        return alpha
    away = _distance(~solid, padded) - _distance(solid, 1 - padded)
    inner = away[pad:-pad, pad:-pad]
    return np.clip(0.5 + offset - inner, 0.0, 1.0).astype(np.float32)


def _distance(empty: NDArray[np.bool_], coverage: Alpha) -> Alpha:
    """Distance of every empty pixel's centre from the edge, 0 in the others.

    The edge of the nearest solid pixel lies ``coverage - 1/2`` beyond that pixel's centre.
    """
    distance, labels = cv2.distanceTransformWithLabels(
        empty.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    beyond = np.zeros(int(labels.max()) + 1, np.float32)
    beyond[labels[~empty]] = coverage[~empty] - 0.5
    return np.where(empty, distance - beyond[labels], 0.0).astype(np.float32)


def _size(matte: NDArray) -> str:
    return " x ".join(str(n) for n in (matte.shape[1::-1] + matte.shape[2:])) or "a number"
