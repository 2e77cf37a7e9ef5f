"""Value noise: the raw material of the generated plates."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def fractal_noise(
    rng: np.random.Generator, width: int, height: int, cell: float, octaves: int = 5
) -> Plane:
    """``[height, width]`` noise in 0..1; ``cell`` is the size in pixels of its largest features.

    Each octave halves the feature size and the weight; octaves below two pixels are left out.
    """
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    for octave in range(octaves):
        size = cell / 2**octave
        if size < 2:
            break
        columns, rows = int(np.ceil(width / size)) + 3, int(np.ceil(height / size)) + 3
        grid = rng.random((rows, columns), dtype=np.float32)
        full = (round(columns * size), round(rows * size))
        plane = cv2.resize(grid, full, interpolation=cv2.INTER_CUBIC)
        top, left = round(size), round(size)
        total += weight * plane[top : top + height, left : left + width]
        weight *= 0.5
    low, high = float(total.min()), float(total.max())
    return np.asarray((total - low) / max(high - low, 1e-6), np.float32)


def smoothstep(low: float, high: float, value: Plane) -> Plane:
    """The cubic 0..1 ramp between ``low`` and ``high``."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def mix(a: Plane | NDArray, b: Plane | NDArray, t: Plane) -> Plane:
    """``a`` where ``t`` is 0, ``b`` where it is 1; ``t`` is one plane, ``a`` and ``b`` colours."""
    amount = t[..., None]
    return np.asarray(a * (1 - amount) + b * amount, np.float32)
