"""The measuring rasteriser against areas known by geometry."""

from __future__ import annotations

import numpy as np
import pytest

from roto_worker.vectorize.outline.raster import fill, fill_coverage


def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def circle(cx: float, cy: float, radius: float, n: int = 720) -> np.ndarray:
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([cx + radius * np.cos(a), cy + radius * np.sin(a)], axis=1)


def test_a_pixel_aligned_box_fills_exactly_its_pixels():
    mask = fill([box(2, 1, 5, 4)], 8, 6)
    expected = np.zeros((6, 8), bool)
    expected[1:4, 2:5] = True
    np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize("shift", [0.0, 0.49, 0.51])
def test_only_the_pixel_centre_decides(shift):
    mask = fill([box(2 + shift, 0, 5 + shift, 1)], 8, 1)
    first = 2 if shift < 0.5 else 3
    assert list(np.flatnonzero(mask[0])) == list(range(first, first + 3))


def test_two_boxes_that_share_a_side_on_pixel_centres_neither_overlap_nor_leave_a_seam():
    left, right = fill([box(0, 0, 3.5, 4.5)], 8, 8), fill([box(3.5, 0, 8, 4.5)], 8, 8)
    assert not (left & right).any()
    assert (left | right)[:4].all()


@pytest.mark.parametrize("radius", [3.3, 17.2, 90.0])
def test_circle_area(radius):
    mask = fill([circle(100.3, 99.6, radius)], 200, 200)
    assert mask.sum() == pytest.approx(np.pi * radius**2, abs=3 + 0.6 * radius)
    coverage = fill_coverage([circle(100.3, 99.6, radius)], 200, 200, samples=8)
    assert coverage.sum() == pytest.approx(np.pi * radius**2, rel=5e-3)


def test_orientation_does_not_matter_for_one_path_but_cuts_a_hole_with_two():
    outer, inner = box(0, 0, 10, 10), box(3, 3, 6, 6)
    np.testing.assert_array_equal(fill([outer], 10, 10), fill([outer[::-1]], 10, 10))
    assert fill([outer, inner], 10, 10).sum() == 100
    assert fill([outer, inner[::-1]], 10, 10).sum() == 100 - 9


def test_a_crossing_path_stays_full_under_non_zero_winding():
    twice_around = np.concatenate([circle(20, 20, 10), circle(20, 20, 5)])
    assert fill([twice_around], 40, 40)[20, 20]


def test_paths_may_leave_the_frame_or_lie_outside_of_it():
    assert fill([box(-50, -50, 500, 500)], 12, 9).all()
    assert fill([box(-5, 2, 4, 4)], 12, 9).sum() == 4 * 2
    assert fill([box(8, 2, 40, 4)], 12, 9).sum() == 4 * 2
    for outside in (box(-9, 0, -1, 5), box(20, 0, 30, 5), box(0, -9, 5, -1), box(0, 10, 5, 20)):
        assert not fill([outside], 12, 9).any()


def test_an_l_keeps_its_orientation():
    shape = np.array([[1, 1], [3, 1], [3, 7], [7, 7], [7, 9], [1, 9]], float)
    mask = fill([shape], 10, 10)
    assert mask[2, 1]
    assert mask[8, 6]
    assert not mask[2, 6]
    assert mask.sum() == 2 * 6 + 6 * 2


def test_degenerate_and_empty_paths_fill_nothing():
    assert not fill([], 4, 4).any()
    assert not fill([np.zeros((0, 2)), np.ones((1, 2)), np.ones((5, 2))], 4, 4).any()


def test_a_point_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="finite"):
        fill([np.array([[0, 0], [1, np.nan], [2, 2]])], 4, 4)


def test_coverage_of_a_half_covered_pixel():
    coverage = fill_coverage([box(1.5, 0, 3, 1)], 4, 1, samples=4)
    np.testing.assert_allclose(coverage[0], [0, 0.5, 1, 0])
