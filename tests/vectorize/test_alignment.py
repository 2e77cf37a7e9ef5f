"""The cyclic alignment, and the same spots of an outline over time."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_vectorize import box, circle, draw, lobed

from roto_worker.vectorize.motion.correspondence import follow
from roto_worker.vectorize.motion.cyclic import UNMATCHED, align, relax, solve_cyclic
from roto_worker.vectorize.outline.contour import extract
from roto_worker.vectorize.parts.regions import link


def costs_of(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.minimum(((a[:, None] - b[None]) ** 2).sum(axis=2) / 2, 12.0)


@pytest.mark.parametrize("turn", [0, 7, 25])
def test_a_curve_aligns_with_itself_wherever_it_starts(turn):
    curve = lobed(0, 0, 20, 0)[::20]
    found = align(costs_of(curve, np.roll(curve, turn, axis=0)))
    np.testing.assert_array_equal(found, (np.arange(len(curve)) + turn) % len(curve))


def test_a_stretch_only_one_curve_has_is_skipped():
    curve = circle(0, 0, 30, 60)
    bump = np.linspace([30, 0], [90, 0], 12)[1:]
    longer = np.concatenate([curve[:1], bump, bump[::-1], curve[1:]])
    there = align(costs_of(curve, longer))
    assert set(there) == {0, *range(23, 82)}
    back = align(costs_of(longer, curve))
    assert np.count_nonzero(back == UNMATCHED) == 22
    np.testing.assert_array_equal(back[23:], np.arange(1, 60))


def test_matches_are_in_cyclic_order():
    rng = np.random.default_rng(3)
    found = align(rng.random((40, 55)) * 3)
    kept = found[found != UNMATCHED]
    assert len(np.unique(kept)) == len(kept)
    assert np.count_nonzero(np.diff(kept) < 0) <= 1


def test_cyclic_systems_are_solved_like_dense_ones():
    rng = np.random.default_rng(1)
    diagonal, right = 5 + rng.random(9), rng.random(9)
    dense = np.diag(diagonal) - 2 * (np.eye(9, k=1) + np.eye(9, k=-1))
    dense[0, -1] = dense[-1, 0] = -2
    np.testing.assert_allclose(solve_cyclic(diagonal, -2.0, right), np.linalg.solve(dense, right))


def test_relaxing_spreads_collapsed_samples_and_keeps_sure_ones():
    target = np.array([0.0, 10, 20, 20, 20, 50, 60, 70])
    weights = np.array([1, 1, 1, 0.001, 0.001, 1, 1, 1.0])
    spread = relax(target, weights, np.full(8, 10.0), 80.0, 1.0)
    np.testing.assert_allclose(spread, np.arange(8) * 10, atol=0.1)


def tracks_of(scene, frames, **options):
    sequence = [extract(draw(scene(f)).astype(np.float32), **options) for f in frames]
    return link(sequence)


def test_points_stay_on_their_spot_of_a_turning_object():
    frames = range(24)
    size, turn = 50.0, 0.03
    (track,) = tracks_of(lambda f: [lobed(100 + 2 * f, 80, size, turn * f)], frames)
    (life,) = follow(track.contours)
    assert life.matched.min() > 0.9
    # In the object's own space every sample should stand still.
    z = (life.points[..., 0] - 100 - 2 * np.arange(24)[:, None]) + 1j * (life.points[..., 1] - 80)
    own = z * np.exp(-1j * turn * np.arange(24))[:, None]
    slip = np.abs(own - own[12])
    assert slip.mean() < 0.1
    assert slip.max() < 0.5


def test_material_samples_lie_on_the_outline_and_weigh_its_length():
    (track,) = tracks_of(lambda f: [circle(60 + 8 * f, 80, 30)], range(6))
    (life,) = follow(track.contours)
    for t, points in enumerate(life.points):
        assert abs(np.hypot(*(points - [60 + 8 * t, 80]).T) - 30).max() < 0.1
    np.testing.assert_allclose(life.weights.mean(axis=1), 1.0, atol=0.01)


def test_a_total_change_of_shape_ends_the_life():
    def scene(f):
        comb = np.array([[40 + 10 * (i // 2), 40 if i % 4 in {1, 2} else 120] for i in range(24)])
        comb = np.concatenate([comb, [[150, 130], [40, 130]]])
        return [comb if f < 4 else box(40, 40, 160, 130)]

    (track,) = tracks_of(scene, range(8))
    lives = follow(track.contours)
    assert [(life.first, life.stop) for life in lives] == [(0, 4), (4, 8)]


def test_regions_are_linked_by_overlap_and_every_outline_is_in_one_track():
    def scene(f):
        lasting = [circle(40 + 3 * f, 50, 20), circle(200 - 3 * f, 110, 25)]
        return lasting if f > 4 else [*lasting, circle(150, 30, 12)]

    tracks = tracks_of(scene, range(8))
    assert sorted((t.first, t.stop) for t in tracks) == [(0, 5), (0, 8), (0, 8)]
    for track in tracks:
        centres = np.array([c.points.mean(axis=0) for c in track.contours])
        assert np.abs(np.diff(centres, axis=0)).max(initial=0) < 4


@pytest.mark.parametrize("speed", [1, 3, 9])
def test_twins_do_not_change_places(speed):
    tracks = tracks_of(
        lambda f: [circle(40 + speed * f, 50, 16), circle(40 + speed * f, 110, 16)], range(8)
    )
    assert len(tracks) == 2
    for track in tracks:
        heights = [c.points[:, 1].mean() for c in track.contours]
        assert np.ptp(heights) < 1


def test_a_lone_object_is_followed_across_a_jump():
    (track,) = tracks_of(lambda f: [circle(30 + 60 * (f % 3), 80, 15)], range(6))
    assert track.stop == 6


def test_a_blob_that_jumps_turns_and_changes_size_stays_one_life():
    rng = np.random.default_rng(8)
    poses = [(*rng.uniform((60, 50), (180, 110)), rng.uniform(16, 22)) for _ in range(12)]

    def scene(f):
        x, y, size = poses[f]
        return [lobed(x, y, size, 0.1 * f, lobes=3, depth=0.15)]

    (track,) = tracks_of(scene, range(12))
    assert [(life.first, life.stop) for life in follow(track.contours)] == [(0, 12)]


def test_holes_and_solids_are_never_linked():
    def scene(f):
        inner = box(50, 50, 90, 90)
        return [box(20, 20, 120, 120), inner[::-1]] if f < 3 else [inner]

    tracks = tracks_of(scene, range(6))
    assert sorted((t.hole, t.first, t.stop) for t in tracks if t.hole) == [(True, 0, 3)]
