"""How well a tracked frame explains itself, measured against the prompted frame it began on.

None of this changes a matte. It is what `engines.confidence` judges this engine's frames by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    """What led to a matte, all planes of one window at work size.

    ``prior``: the last matte carried here; ``appearance`` and ``motion``: log-odds; ``mixed``:
    their sum as a matte; ``matte``: the result, snapped to the picture's edges.
    """

    prior: Plane
    appearance: Plane
    motion: Plane
    mixed: Plane
    matte: Plane


@dataclass(frozen=True)
class Yardstick:
    """``looks``: how well appearance alone explained the prompted frame (IoU); ``colours``: its
    object's colours, see `colours_of`."""

    looks: float
    colours: Plane

    @classmethod
    def of(cls, image: NDArray[np.uint8], matte: Plane, appearance: Plane) -> Yardstick:
        """From a window of the prompted frame; ``appearance`` as in `Opinions`."""
        return cls(_explained(appearance, matte), colours_of(image, matte))

    def signals(self, image: NDArray[np.uint8], found: Opinions) -> dict[str, float]:
        """A frame's signals (see `base.Signals`); ``image`` is the same window as ``found``."""
        inside = found.matte > 0.5
        if not inside.any():
            return {"match": 0.0}
        looks = min(_explained(found.appearance, found.matte) / max(self.looks, 0.1), 1.0)
        steady = overlap(found.prior > 0.5, inside)
        moving_along = 1 - float((found.motion[inside] < -1).mean())
        limited = np.clip(found.appearance, -_CERTAIN, _CERTAIN)
        beside = float(limited[~inside].mean()) if not inside.all() else 0.0
        wide = int((found.mixed > _WIDE).sum())
        return {
            "match": looks * steady * moving_along,
            "contrast": float(limited[inside].mean()) - beside,
            "motion": float(found.motion[inside].mean()),
            "stability": int((found.mixed > _TIGHT).sum()) / wide if wide else 1.0,
            "colours": float(np.sqrt(colours_of(image, found.matte) * self.colours).sum()),
        }

    def save(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        return {"colours": self.colours}, {"looks": self.looks}

    @classmethod
    def load(cls, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> Yardstick:
        return cls(meta["looks"], arrays["colours"])


def colours_of(image: NDArray[np.uint8], matte: Plane) -> Plane:
    """The share of the object in each of 8 x 12 x 12 bins of Lab; all 0 of an empty matte.

    The sum of the root of two such products is the Bhattacharyya coefficient: 1 for the same
    colours, 0 for none in common.
    """
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    inside = (matte > 0.5).astype(np.uint8)
    ranges = [0, 256, 64, 192, 64, 192]
    counts = cv2.calcHist([lab], [0, 1, 2], inside, [8, 12, 12], ranges)
    return np.asarray(counts / max(float(counts.sum()), 1.0), np.float32)


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union; two empty masks agree."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def _explained(appearance: Plane, matte: Plane) -> float:
    return overlap(cv2.GaussianBlur(appearance, (0, 0), 2) > 0, matte > 0.5)
