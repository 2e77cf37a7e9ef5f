"""Changes of a matte that hang together with its edge, told from look-alikes near it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def attached(before: Plane, after: Plane, rooted: NDArray[np.bool_], turns: int) -> Plane:
    """Which share, 0..1, of the growth from ``before`` to ``after`` is joined to ``rooted``.

    Joined is what can be reached from there without going below the level on the way: greyscale
    reconstruction by dilation (Vincent 1993, "Morphological grayscale reconstruction in image
    analysis", IEEE TIP 2), ``turns`` pixels far.
    """
    marker = np.where(rooted, after, np.minimum(before, after))
    kernel = np.ones((3, 3), np.uint8)
    for _ in range(turns):
        marker = np.minimum(cv2.dilate(marker, kernel), after)
    growth = np.maximum(after - before, 1e-3)
    return np.asarray(1 - np.clip((after - marker) / growth, 0, 1), np.float32)
