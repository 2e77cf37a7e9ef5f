"""The matte of a prompted picture, and how large a picture an object is worked on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import FramePrompt

from ...media.source import Image8
from ..base import Logits
from ..prompts import decode_mask
from .appearance import Plane
from .correct import correct
from .select import Hints, select
from .tracker import window_of

WORK_SIZE = 640
"""Long side, in pixels, of the picture that is tracked on."""
OBJECT_SIZE = 120
"""A smaller object is tracked on a larger picture, up to twice `WORK_SIZE`."""


def prompted_matte(
    image: Image8,
    prompt: FramePrompt,
    tracked: Logits | None = None,
    around: Callable[[], Sequence[Image8]] = tuple,
) -> Plane:
    """``[height, width]`` 0..1 of what ``prompt`` (in pixels of ``image``) points at.

    ``tracked`` is what clicks correct, if they do; ``around`` answers the frames before and after.
    """
    height, width = image.shape[:2]
    if prompt.absent:
        return np.zeros((height, width), np.float32)
    hints = Hints(prompt.points, prompt.box)
    known: Plane | None = None
    if prompt.mask_png is not None:
        known = decode_mask(prompt, width, height).astype(np.float32)
    elif tracked is not None:
        known = np.asarray(1 / (1 + np.exp(-tracked)), np.float32)
    if known is not None and not prompt.points:
        return known
    x0, y0, x1, y1 = hints.frame(image.shape)
    scale = scale_for(image.shape, max(x1 - x0, y1 - y0))
    work, hints = resize(image, scale), hints.scaled(scale)
    if known is None:
        return _enlarge(select(work, hints, [resize(one, scale) for one in around()]), image.shape)
    small = resize(known, scale)
    changed = _enlarge(correct(work, small, hints) - small, image.shape)
    return np.clip(known + changed, 0, 1)


def work_scale(matte: Plane) -> float:
    """Of the work picture to the plate, by the object's size."""
    rows, columns = window_of(matte, 0, 0)
    return scale_for(matte.shape, max(rows.stop - rows.start, columns.stop - columns.start))


def scale_for(shape: tuple[int, ...], object_size: int) -> float:
    """The same for an object ``object_size`` plate pixels long, on a plate of ``shape``."""
    whole = WORK_SIZE / max(shape[:2])
    return min(1.0, max(whole, min(OBJECT_SIZE / max(object_size, 1), 2 * whole)))


def resize(plane: NDArray[Any], scale: float) -> NDArray[Any]:
    """From plate size to work size: two pixels at the least across a plate that is a long strip."""
    if scale == 1.0:
        return plane
    size = (max(2, round(plane.shape[1] * scale)), max(2, round(plane.shape[0] * scale)))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA))


def _enlarge(plane: Plane, shape: tuple[int, ...]) -> Plane:
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))
