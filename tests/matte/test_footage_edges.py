"""Real footage with human masks: coarse masks come closer to what a human drew, not farther."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers_matte import Plane, coarse_logits, sigmoid
from numpy.typing import NDArray

from roto_worker.matte.guided import refine

FOOTAGE = Path(os.environ.get("ROTO_SHARED", "../shared")) / "footage" / "davis"
CLIPS = ("blackswan", "camel", "car-shadow", "cows", "dog")

pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"no footage in {FOOTAGE} (set ROTO_SHARED)"),
]


def boundary_f(alpha: Plane, truth: NDArray[np.bool_], pixels: int) -> float:
    """The F measure of outlines within ``pixels`` (Perazzi et al. 2016, the DAVIS benchmark)."""

    def outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        eroded = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1)
        return np.asarray(mask & (eroded == 0))

    def reached(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
        away = cv2.distanceTransform((~other).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        return float((away[one] < pixels + 0.01).mean())

    mine, theirs = outline(alpha > 0.5), outline(truth)
    precision, recall = reached(mine, theirs), reached(theirs, mine)
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize(("size", "gain"), [(128, 0.06), (256, -0.015)])
def test_outlines_of_blown_up_human_masks(size: int, gain: float) -> None:
    """A mask of 128 pixels is as coarse on these 480 lines as one of 256 on 1080.

    One of 256 is as good here as the human's outline, which is right to a pixel or two: there is
    nothing to be won, and next to nothing may be lost.
    """
    before, after = [], []
    for clip in CLIPS:
        for frame in (5, 25):
            picture = cv2.imread(str(FOOTAGE / clip / "frames" / f"{frame:05d}.jpg"))
            drawn = cv2.imread(str(FOOTAGE / clip / "masks" / f"{frame:05d}.png"), 0)
            assert picture is not None
            assert drawn is not None
            truth = drawn > 127
            mask = sigmoid(coarse_logits(truth.astype(np.float32), size=size, seed=frame))
            refined = refine(mask, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            before.append([boundary_f(mask, truth, pixels) for pixels in (1, 2)])
            after.append([boundary_f(refined, truth, pixels) for pixels in (1, 2)])
    change = np.mean(after, axis=0) - np.mean(before, axis=0)
    assert change[0] > gain
    assert change[1] > min(gain, 0.03) - 0.005
