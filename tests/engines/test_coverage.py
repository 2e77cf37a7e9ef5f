"""A belief that is unsure over many pixels becomes a matte with a one-pixel edge."""

from __future__ import annotations

import numpy as np
import pytest

from roto_worker.engines.flow.coverage import FAR_LOGIT, coverage_logits

SIZE = 64


def alpha(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def disc(cx: float, cy: float, radius: float, fine: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """The signed distance (inside positive) at pixel centres, and the exact coverage."""
    y, x = (np.mgrid[0:SIZE, 0:SIZE] + 0.5).astype(np.float32)
    distance = radius - np.hypot(x - cx, y - cy)
    y, x = (np.mgrid[0 : SIZE * fine, 0 : SIZE * fine] + 0.5) / fine
    inside = np.hypot(x - cx, y - cy) < radius
    return distance, inside.reshape(SIZE, fine, SIZE, fine).mean(axis=(1, 3))


@pytest.mark.parametrize(("cx", "cy", "radius"), [(32.0, 32.0, 20.0), (30.3, 33.8, 14.6)])
def test_a_halo_becomes_the_coverage_of_its_middle(cx: float, cy: float, radius: float) -> None:
    distance, coverage = disc(cx, cy, radius)
    belief = (1 / (1 + np.exp(-distance / 4))).astype(np.float32)
    assert np.abs(belief - coverage).sum() > 300
    matte = alpha(coverage_logits(belief))
    assert np.abs(matte - coverage).max() < 0.13  # half a step of the fine grid along an axis
    assert np.abs(matte - coverage).sum() < 10


def test_the_edge_stays_where_the_belief_crosses_one_half() -> None:
    distance, _ = disc(31.2, 30.7, 17.0)
    belief = np.clip(0.5 + distance / 20, 0, 1).astype(np.float32)
    logits = coverage_logits(belief)
    clear = np.abs(belief - 0.5) > 0.01  # 0.2 pixels from the crossing
    np.testing.assert_array_equal((logits > 0)[clear], (belief > 0.5)[clear])


def test_logits_grow_with_the_distance_so_that_two_edges_meet_halfway() -> None:
    left = np.zeros((8, 40), np.float32)
    left[:, :17] = 1
    right = np.zeros((8, 40), np.float32)
    right[:, :21] = 1
    joined = (coverage_logits(left) + coverage_logits(right)) / 2
    assert np.flatnonzero(joined[4] < 0)[0] == 19


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_nothing_and_everything(value: float) -> None:
    logits = coverage_logits(np.full((6, 9), value, np.float32))
    assert (logits == (FAR_LOGIT if value else -FAR_LOGIT)).all()
