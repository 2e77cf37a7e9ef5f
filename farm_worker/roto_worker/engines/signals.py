"""What the driver itself can say about a matte; see `base.Signals` for the names."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from .base import Logits


def shape_of(logits: Logits) -> dict[str, float]:
    """``area`` in pixels, and the bounds of what is inside when there is anything."""
    inside = (logits > 0).astype(np.uint8)
    area = cv2.countNonZero(inside)
    if not area:
        return {"area": 0.0}
    x, y, width, height = cv2.boundingRect(inside)
    return {
        "area": float(area),
        "centre_x": x + width / 2,
        "centre_y": y + height / 2,
        "width": float(width),
        "height": float(height),
    }


def agreement(one: Logits, other: Logits) -> float:
    """IoU of what is inside, 0..1; two empty mattes agree."""
    a, b = one > 0, other > 0
    union = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / union if union else 1.0


def mix(one: Mapping[str, float], other: Mapping[str, float], weight: float) -> dict[str, float]:
    """What both say, ``weight`` (0..1) of it from ``one``."""
    return {
        name: weight * value + (1 - weight) * other[name]
        for name, value in one.items()
        if name in other
    }
