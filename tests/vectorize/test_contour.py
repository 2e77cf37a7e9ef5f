"""Outlines of mattes against shapes known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_vectorize import box, circle, draw

from roto_worker.vectorize.outline.contour import OUTSIDE_WEIGHT, extract
from roto_worker.vectorize.outline.curves import signed_area
from roto_worker.vectorize.outline.marching import iso_contours


@pytest.mark.parametrize(("soft", "rms"), [(True, 0.05), (False, 0.2)])
@pytest.mark.parametrize("radius", [12.0, 45.0])
def test_circles_are_found_without_shrinking(soft, rms, radius):
    off = []
    for step in range(8):
        cx, cy = 100 + 0.13 * step, 80 + 0.37 * step
        (contour,) = extract(draw([circle(cx, cy, radius)], soft).astype(np.float32)).contours
        off.append(np.hypot(*(contour.points - [cx, cy]).T) - radius)
    off = np.concatenate(off)
    assert abs(off.mean()) < 0.03
    assert np.sqrt((off**2).mean()) < rms


def test_the_outline_lies_on_pixel_borders_not_centres():
    (contour,) = extract(draw([box(20, 30, 60, 50)]).astype(np.float32)).contours
    np.testing.assert_allclose(contour.points.min(axis=0), [20, 30], atol=0.1)
    np.testing.assert_allclose(contour.points.max(axis=0), [60, 50], atol=0.1)


def test_solids_and_holes_run_the_same_way_and_know_their_depth():
    rings = [circle(100, 80, 60), circle(100, 80, 40)[::-1], circle(100, 80, 20)]
    outer, hole, island = extract(draw(rings).astype(np.float32)).contours
    assert (outer.hole, hole.hole, island.hole) == (False, True, False)
    assert (outer.depth, hole.depth, island.depth) == (0, 1, 2)
    assert min(c.area for c in (outer, hole, island)) > 0


def test_an_object_cut_by_the_frame_gets_an_outline_that_leaves_it():
    (contour,) = extract(draw([circle(0, 80, 40)]).astype(np.float32)).contours
    outside = contour.points[:, 0] < 0
    assert outside.any()
    np.testing.assert_allclose(contour.weights, np.where(outside, OUTSIDE_WEIGHT, 1.0))
    inside = contour.points[(contour.points[:, 0] > 2)]
    assert abs(np.hypot(*(inside - [0, 80]).T) - 40).max() < 0.3


def test_a_matte_of_all_ones_is_an_outline_around_the_frame():
    (contour,) = extract(np.ones((16, 24), np.float32)).contours
    assert contour.points.min() < -2
    assert (contour.points.max(axis=0) > (26, 18)).all()
    assert set(contour.weights) == {OUTSIDE_WEIGHT}


@pytest.mark.parametrize("thing", [box(50, 60, 51, 61), box(20, 60, 90, 61)])
def test_what_a_blur_would_delete_is_found_all_the_same(thing):
    outlines = extract(draw([thing]).astype(np.float32), min_area=100)
    assert len(outlines.contours) == 1
    assert outlines.contours[0].area == pytest.approx(signed_area(thing), rel=0.55)


def test_fragments_are_dropped_and_counted_but_never_the_largest():
    alpha = draw([circle(60, 80, 20), box(150, 20, 153, 23)]).astype(np.float32)
    outlines = extract(alpha, min_area=16)
    assert len(outlines.contours) == 1
    assert outlines.dropped == 1
    assert outlines.dropped_area == pytest.approx(9, abs=2.5)
    assert len(extract(alpha, min_area=1e6).contours) == 1


def test_an_empty_matte_has_no_outlines():
    assert extract(np.zeros((20, 20), np.float32)).contours == ()


def test_saddles_keep_solids_apart_and_close_every_curve():
    field = np.zeros((6, 6), np.float32)
    field[2, 2] = field[3, 3] = 1
    curves = iso_contours(field)
    assert len(curves) == 2
    for curve in curves:
        assert signed_area(curve) == pytest.approx(0.5)


def test_iso_contours_of_noise_are_closed_and_bound_what_is_above():
    rng = np.random.default_rng(4)
    field = np.zeros((40, 50), np.float32)
    field[1:-1, 1:-1] = rng.random((38, 48))
    curves = iso_contours(field)
    steps = [np.abs(np.roll(c, -1, axis=0) - c).max() for c in curves]
    assert max(steps) <= 1.0
    above = np.count_nonzero(field > 0.5)
    assert sum(map(signed_area, curves)) == pytest.approx(above, rel=0.25)
