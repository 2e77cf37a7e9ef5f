"""The layer's own motion: found, keyed sparsely, and taken off the shapes."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_vectorize import lobed, overlaps, solve

from roto_worker.vectorize.motion.correspondence import MaterialTrack
from roto_worker.vectorize.outline.contour import Contour
from roto_worker.vectorize.outline.curves import arc_positions
from roto_worker.vectorize.solver.keys import Rules
from roto_worker.vectorize.solver.transform import (
    applied,
    estimate,
    inverse,
    metric_of,
    reduce,
    stabilised,
)

FRAMES = list(range(1001, 1025))
PIVOT = np.array([120.0, 80.0])


def track_of(paths: list[np.ndarray]) -> MaterialTrack:
    contours = tuple(Contour(p, np.ones(len(p)), False, 0) for p in paths)
    return MaterialTrack(
        0,
        contours,
        np.stack(paths),
        np.stack([arc_positions(p) for p in paths]),
        np.ones((len(paths), len(paths[0]))),
        np.ones(len(paths)),
    )


def driven(poses: np.ndarray) -> list[np.ndarray]:
    rest = lobed(*PIVOT, 40, 0.0)[::6]
    return [applied(rest, PIVOT, pose) for pose in poses]


def poses_of(count: int) -> np.ndarray:
    """A turn in two strokes while moving and growing steadily."""
    t = np.arange(count)
    angle = np.radians(np.interp(t, [0, count // 2, count - 1], [0, 25, -5]))
    return np.stack([2.0 * t, -0.7 * t, angle, 1 + 0.01 * t], axis=1)


def test_inverse_undoes_applied():
    points = np.random.default_rng(1).normal(size=(20, 2)) * 50
    pose = np.array([12.0, -7.0, 0.6, 1.3])
    np.testing.assert_allclose(inverse(applied(points, PIVOT, pose), PIVOT, pose), points)


def test_a_known_motion_is_found_although_a_part_moves_on_its_own():
    poses = poses_of(25)
    paths = driven(poses)
    for t, path in enumerate(paths):
        path[:15] += [0.0, 1.5 * t]
    pivot, found = estimate([track_of(paths)], 25)
    rest = [inverse(p, pivot, pose) for p, pose in zip(paths, found, strict=True)]
    assert np.ptp(np.stack(rest)[:, 30:100], axis=0).max() < 0.35


def test_motion_is_keyed_where_it_turns_and_no_oftener():
    poses = poses_of(25)
    track = track_of(driven(poses))
    metric = metric_of([track], [np.ones(25)], PIVOT, poses)
    reduced = reduce(np.arange(1001.0, 1026), poses, metric, 0.01, PIVOT, Rules())
    assert list(reduced.keys) == [0, 12, 24]
    np.testing.assert_allclose(reduced.on_frames, poses, atol=1e-6)
    still = stabilised(track, PIVOT, reduced.on_frames)
    np.testing.assert_allclose(still.points - still.points[:1], 0, atol=1e-6)


def test_a_layer_carries_a_rigid_object_and_its_shape_keeps_one_key():
    def scene(frame):
        t = frame - FRAMES[0]
        angle = 0.9 * np.sin(t / 4.0)
        return [lobed(80 + 3 * t, 70 + 10 * np.sin(t / 3.0), 40, angle)]

    result = solve(scene, FRAMES)
    assert len(result.shapes) == 1
    assert len(result.shapes[0].keys) == 1
    assert result.layer.transform is not None
    assert result.report["transform_keys"] == len(result.layer.transform.keys)
    points = len(result.shapes[0].keys[0].points)
    assert result.report["edit_cost"] == points + result.report["transform_keys"]
    assert min(overlaps(result, scene, FRAMES)) > 0.97


@pytest.mark.parametrize("hard_surface", [False, True])
def test_a_transform_that_is_not_wanted_leaves_all_motion_to_the_keys(hard_surface):
    def scene(frame):
        t = frame - FRAMES[0]
        return [lobed(60 + 5 * t, 70 + 10 * np.sin(t / 3.0), 40, 0.03 * t)]

    wanted = solve(scene, FRAMES, hard_surface=hard_surface)
    assert wanted.layer.transform is not None
    result = solve(scene, FRAMES, hard_surface=hard_surface, layer_transform="off")
    assert result.layer.transform is None
    assert result.report["transform_keys"] == 0
    assert 3 <= len(result.shapes[0].keys) <= len(FRAMES) // 2
    assert min(overlaps(result, scene, FRAMES)) > 0.97


def test_a_layer_keeps_its_size_while_its_object_leaves_the_frame():
    def scene(frame):
        t = frame - FRAMES[0]
        return [lobed(120 + 5 * t, 80 + 8 * np.sin(t / 5.0), 45, 0.3 * np.sin(t / 7.0))]

    result = solve(scene, FRAMES)
    keys = result.layer.transform.keys
    assert min(key.scale for key in keys) > 0.95
    assert max(key.scale for key in keys) < 1.05
    assert keys[-1].tx - keys[0].tx == pytest.approx(5 * (keys[-1].frame - keys[0].frame), rel=0.05)
    assert min(overlaps(result, scene, FRAMES)) > 0.95


def test_what_stands_still_gets_no_transform():
    result = solve(lambda _frame: [lobed(120, 80, 40, 0.3)], FRAMES)
    assert result.layer.transform is None
    assert result.report["transform_keys"] == 0
