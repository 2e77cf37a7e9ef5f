"""The figures that say how well confidence finds bad frames, on cases known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from judging import Judged, auc


def test_auc_by_hand() -> None:
    good = np.array([True, True, False, False])
    assert auc(np.array([0.9, 0.8, 0.2, 0.1]), good) == 1
    assert auc(np.array([0.1, 0.2, 0.8, 0.9]), good) == 0
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), good) == 0.5
    assert auc(np.array([0.9, 0.4, 0.5, 0.1]), good) == 0.75
    assert auc(np.array([0.9, 0.8]), np.array([True, True])) is None


def test_figures() -> None:
    judged = Judged.of({1: 0.9, 2: 0.4, 3: 0.3, 4: 0.8, 5: 0.1}, {1: 0.9, 2: 0.8, 3: 0.2, 4: 0.5})
    assert judged.figures() == {
        "frames": 4,
        "bad_share": 0.5,
        "auc": 0.75,
        "found": 0.5,
        "false_alarms": 0.5,
    }
    flawless = Judged.of({1: 0.9, 2: 0.95}, {1: 0.9, 2: 0.8}).figures()
    assert (flawless["auc"], flawless["found"], flawless["false_alarms"]) == (None, None, 0.0)


def test_reliability() -> None:
    first = Judged.of({1: 0.1, 2: 0.15, 3: 0.95}, {1: 0.2, 2: 0.8, 3: 0.9})
    bins = Judged.join([first, Judged.of({4: 1.0}, {4: 0.1})]).reliability()
    assert [(one["from"], one["to"], one["frames"]) for one in bins] == [(0, 0.2, 2), (0.9, 1, 2)]
    assert bins[0]["predicted"] == pytest.approx(0.125)
    assert [one["observed"] for one in bins] == [0.5, 0.5]
