"""How well confidence finds bad frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from roto_shapes.attention import NEEDS_YOU
from roto_worker.engines.confidence import GOOD_IOU

Values = NDArray[np.float64]
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Judged:
    """Frames with their confidence and the IoU it did not know; frames an artist gave as a mask
    are not among them."""

    confidence: Values
    iou: Values

    @classmethod
    def of(cls, confidence: dict[int, float], iou: dict[int, float]) -> Judged:
        """The frames of ``iou``."""
        return cls(
            np.array([confidence[frame] for frame in iou], float),
            np.array(list(iou.values()), float),
        )

    @classmethod
    def join(cls, parts: list[Judged]) -> Judged:
        return cls(
            np.concatenate([part.confidence for part in parts]),
            np.concatenate([part.iou for part in parts]),
        )

    @property
    def good(self) -> NDArray[np.bool_]:
        return np.asarray(self.iou >= GOOD_IOU)

    def figures(self) -> dict[str, Any]:
        """``auc`` (None where all frames are good, or bad), ``found``: the share of bad frames that
        are flagged; ``false_alarms``: of good frames; None without any."""
        good, flagged = self.good, self.confidence < NEEDS_YOU
        return {
            "frames": len(good),
            "bad_share": float((~good).mean()),
            "auc": auc(self.confidence, good),
            "found": _share(flagged[~good]),
            "false_alarms": _share(flagged[good]),
        }

    def reliability(self) -> list[dict[str, float]]:
        """Per bin of confidence: frames, mean confidence and the share that was good."""
        bins = np.digitize(self.confidence, BINS[1:-1])
        return [
            {
                "from": BINS[bin_],
                "to": BINS[bin_ + 1],
                "frames": int((bins == bin_).sum()),
                "predicted": float(self.confidence[bins == bin_].mean()),
                "observed": float(self.good[bins == bin_].mean()),
            }
            for bin_ in np.unique(bins)
        ]


def auc(confidence: Values, good: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve: how often a good frame has more confidence than a bad one (ties
    count half). None without one of the two."""
    bad = int((~good).sum())
    if not bad or bad == len(good):
        return None
    ranks = rankdata(confidence)[good].sum()
    many = len(good) - bad
    return float((ranks - many * (many + 1) / 2) / (many * bad))


def _share(flags: NDArray[np.bool_]) -> float | None:
    return float(flags.mean()) if len(flags) else None
