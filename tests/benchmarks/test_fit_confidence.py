"""The fit finds weights that are there, and keeps to its bounds."""

from __future__ import annotations

import numpy as np

from fit_confidence import Run, fit, left_out


def made(clip: str, seed: int, frames: int = 400) -> Run:
    """A frame is good when ``tells`` is above 0; ``noise`` knows nothing, ``liar`` the opposite."""
    rng = np.random.default_rng(seed)
    tells, noise = rng.standard_normal((2, frames))
    liar = rng.standard_normal(frames) - tells
    iou = np.where(tells + 0.3 * rng.standard_normal(frames) > 0, 0.9, 0.4)
    return Run(clip, "mask", {"tells": tells, "noise": noise, "liar": liar}, iou, np.zeros(0))


RUNS = [made(clip, seed) for seed, clip in enumerate(("a", "b", "generated0", "generated5"))]


def test_weights() -> None:
    _, (tells, noise, liar, missing) = fit(RUNS, ("tells", "noise", "liar", "missing"))
    assert tells > 1
    assert noise < 0.2 * tells
    assert (liar, missing) == (0, 0)


def test_left_out_clips_are_judged_in_order() -> None:
    judged = left_out(RUNS, ("tells",))
    for run, one in zip(RUNS, judged, strict=True):
        np.testing.assert_array_equal(one.iou, run.iou)
        assert one.figures()["auc"] > 0.95


def test_folds() -> None:
    assert [run.fold for run in RUNS] == ["a", "b", "generated 0", "generated 1"]
