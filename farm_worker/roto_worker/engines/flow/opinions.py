"""What led to a tracked matte, and how well it fits together.

None of this changes a matte. It is what `engines.confidence` judges this engine's frames by.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .appearance import Plane

_CERTAIN = 4.0
"""Appearance log-odds beyond this are all the same."""
_TIGHT, _WIDE = 0.73, 0.27
"""sigmoid(+1) and sigmoid(-1)."""


@dataclass(frozen=True)
class Opinions:
    """Planes of one window at work size. ``prior``: the last matte carried here;
    ``appearance`` and ``motion``: log-odds; ``mixed``: their sum as a matte; ``matte``: the result,
    snapped to the picture's edges.
    """

    prior: Plane
    appearance: Plane
    motion: Plane
    mixed: Plane
    matte: Plane

    def signals(self, best: float) -> dict[str, float]:
        """The frame's signals, see `base.Signals`. ``best``: `explained` on the prompted frame."""
        inside = self.matte > 0.5
        if not inside.any():
            return {"match": 0.0}
        looks = min(explained(self.appearance, self.matte) / max(best, 0.1), 1.0)
        steady = _overlap(self.prior > 0.5, inside)
        moving_along = 1 - float((self.motion[inside] < -1).mean())
        limited = np.clip(self.appearance, -_CERTAIN, _CERTAIN)
        beside = float(limited[~inside].mean()) if not inside.all() else 0.0
        wide = int((self.mixed > _WIDE).sum())
        return {
            "match": looks * steady * moving_along,
            "contrast": float(limited[inside].mean()) - beside,
            "motion": float(self.motion[inside].mean()),
            "stability": int((self.mixed > _TIGHT).sum()) / wide if wide else 1.0,
        }


def explained(appearance: Plane, matte: Plane) -> float:
    """How well appearance alone draws ``matte``: IoU, 0..1."""
    return _overlap(cv2.GaussianBlur(appearance, (0, 0), 2) > 0, matte > 0.5)


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0
