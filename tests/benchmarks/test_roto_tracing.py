"""The bench's per-frame tracer on outlines whose best tracing is known."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_benchmarks import circle, densely
from scipy.spatial import cKDTree

from roto.tracing import flattened, trace


def largest_error(outline: np.ndarray, segments) -> float:
    """Distance of the outline's samples from the traced curve, pixels."""
    return float(cKDTree(flattened(segments, 2000)).query(outline)[0].max())


@pytest.mark.parametrize("radius", [20.0, 100.0])
def test_a_circle_takes_few_segments(radius: float) -> None:
    """Three cubic arcs of 120 degrees already keep half a pixel at radius 100."""
    outline = circle(radius)
    segments = trace(outline, 1.0)
    assert 1 < len(segments) <= 4
    assert largest_error(outline, segments) <= 1.0


def test_a_square_takes_its_four_sides() -> None:
    outline = densely([(0, 0), (80, 0), (80, 80), (0, 80)])
    segments = trace(outline, 0.5)
    assert len(segments) == 4
    ends = sorted(tuple(segment.bezier[0]) for segment in segments)
    assert ends == [(0.0, 0.0), (0.0, 80.0), (80.0, 0.0), (80.0, 80.0)]


@pytest.mark.parametrize("tolerance", [0.5, 1.0, 2.0])
def test_the_tolerance_is_kept_and_looser_is_fewer(tolerance: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 900, endpoint=False)
    radius = 120 * (1 + 0.25 * np.cos(5 * angle) + 0.06 * np.sin(11 * angle))
    outline = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    segments = trace(outline, tolerance)
    assert largest_error(outline, segments) <= tolerance + 0.01  # A fine polygon, not the curve.
    assert len(segments) <= len(trace(outline, tolerance / 2))


def test_segments_follow_one_another_all_the_way_round() -> None:
    segments = trace(densely([(0, 0), (90, 10), (60, 70), (10, 50)]), 1.0)
    for one, after in zip(segments, [*segments[1:], segments[0]], strict=True):
        assert one.bezier[3].tolist() == after.bezier[0].tolist()


def test_crumbs_are_traced_too() -> None:
    assert trace(circle(0.8, samples=5), 1.0)
    assert trace(np.array([[0.0, 0], [2, 0], [1, 2]]), 1.0)
