"""Plates for generated shots: textured things that deform with their outline, before another thing.

A thing's texture is carried from its reference frame by the thin-plate spline through its outline's
points, so every spot of the picture moves with the outline beside it and optical flow can see it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from roto_worker.synthetic.noise import Plane, fractal_noise, mix

from .curves import Points

STEP = 8
"""Pixels between the places where the spline is evaluated; linear between them."""
GRAIN = 2.0 / 255
PALETTES: tuple[tuple[Sequence[float], Sequence[float]], ...] = (
    ((0.16, 0.09, 0.05), (0.83, 0.62, 0.40)),
    ((0.07, 0.12, 0.20), (0.60, 0.72, 0.85)),
    ((0.20, 0.05, 0.08), (0.85, 0.45, 0.40)),
)
BACKGROUND = ((0.10, 0.17, 0.12), (0.52, 0.60, 0.42))


def texture(seed: int, width: int, height: int, number: int) -> Plane:
    """``[height, width, 3]`` sRGB 0..1: noise between the colours of palette ``number``."""
    rng = np.random.default_rng((seed, number))
    return _coloured(rng, width, height, PALETTES[number % len(PALETTES)], width / 24)


def background(seed: int, width: int, height: int) -> Plane:
    rng = np.random.default_rng((seed, 999))
    return _coloured(rng, width, height, BACKGROUND, width / 12)


def carried(picture: Plane, reference: Points, outline: Points) -> tuple[Plane, slice, slice]:
    """``picture`` as it looks where ``outline`` is, and the rows and columns that covers.

    Args:
        picture: painted on the frame where the outline was ``reference``.
        reference, outline: ``(M, 2)`` the same spots of the thing on both frames.
    """
    height, width = picture.shape[:2]
    left, top = np.clip(np.floor(outline.min(axis=0)).astype(int) - 2, 0, [width, height])
    right, bottom = np.clip(np.ceil(outline.max(axis=0)).astype(int) + 2, 0, [width, height])
    rows, columns = slice(top, max(bottom, top)), slice(left, max(right, left))
    if rows.start == rows.stop or columns.start == columns.stop:
        return picture[rows, columns], rows, columns
    across = np.arange(-1, (right - left) // STEP + 2)
    down = np.arange(-1, (bottom - top) // STEP + 2)
    x, y = np.meshgrid((across + 0.5) * STEP + left, (down + 0.5) * STEP + top)
    spline = RBFInterpolator(outline, reference, kernel="thin_plate_spline", degree=1)
    coarse = spline(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(len(down), len(across), 2)
    size = (len(across) * STEP, len(down) * STEP)
    fine = cv2.resize(coarse.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) - 0.5
    where = fine[STEP : STEP + bottom - top, STEP : STEP + right - left]
    seen = cv2.remap(picture, where, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(seen, np.float32), rows, columns


def encode(picture: Plane, seed: int, frame: int) -> NDArray[np.uint8]:
    """8-bit with a little grain, another one on every frame."""
    grain = np.random.default_rng((seed, frame)).standard_normal(picture.shape, dtype=np.float32)
    return np.round(np.clip(picture + GRAIN * grain, 0, 1) * 255).astype(np.uint8)


def _coloured(
    rng: np.random.Generator,
    width: int,
    height: int,
    colours: tuple[Sequence[float], Sequence[float]],
    cell: float,
) -> Plane:
    dark, bright = (np.array(colour, np.float32) for colour in colours)
    tone = fractal_noise(rng, width, height, cell)
    fleck = fractal_noise(rng, width, height, cell / 6, 3)
    return np.asarray(mix(dark, bright, tone) * (0.7 + 0.6 * fleck)[..., None], np.float32)
