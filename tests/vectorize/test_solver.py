"""Points, keys and the joint refit, each against what is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_vectorize import box, circle, lobed

from roto_worker.vectorize.outline.contour import Contour
from roto_worker.vectorize.outline.curves import normals, resample, side_lengths
from roto_worker.vectorize.solver import keys as keys_module
from roto_worker.vectorize.solver.fit import basis, handles, reparametrised, solve
from roto_worker.vectorize.solver.keys import LONGEST, Motion, Rules, bracket
from roto_worker.vectorize.solver.points import layouts, polished
from roto_worker.vectorize.solver.refit import (
    Problem,
    Target,
    interpolated,
    key_samples,
    refit,
    solve_block_tridiagonal,
    start,
)
from roto_worker.vectorize.solver.toll import Toll

TOLL = Toll(0.01, 6.0)


def four_knots(samples: int = 120, corners=(False,) * 4):
    knots = np.arange(4) * (samples // 4)
    return basis(knots, np.array(corners), np.ones(samples))


def circle_unknowns(cx: float, cy: float, radius: float) -> np.ndarray:
    """The four-point Bezier circle: positions, then outgoing handles."""
    a = np.arange(4) * np.pi / 2
    point = np.stack([cx + radius * np.cos(a), cy + radius * np.sin(a)], axis=1)
    out = 0.5523 * radius * np.stack([-np.sin(a), np.cos(a)], axis=1)
    return np.concatenate([point, out])


def test_a_known_spline_is_found_again_from_its_samples():
    shape = four_knots()
    truth = np.stack([circle_unknowns(50, 40, 20), circle_unknowns(70, 45, 25)])
    outlines = np.einsum("rd,tdc->trc", shape.matrix, truth)
    np.testing.assert_allclose(solve(shape, outlines), truth, atol=0.15)


def test_the_basis_puts_control_points_on_their_samples():
    shape = four_knots(corners=(True, False, True, False))
    unknowns = np.random.default_rng(2).random((shape.unknowns, 2))
    points = handles(shape, unknowns)
    np.testing.assert_allclose((shape.matrix @ unknowns)[shape.knots], points[:, :2])
    # Smooth points: handles in line; corners: the incoming one is free.
    np.testing.assert_allclose(points[1, 2:4], -shape.rho[1] * points[1, 4:])
    np.testing.assert_allclose(points[0, 2:4], unknowns[8])


def test_handles_stay_in_line_on_every_in_between():
    shape = basis(np.array([0, 20, 70]), np.zeros(3, bool), np.ones(100))
    rng = np.random.default_rng(5)
    two = rng.normal(size=(2, shape.unknowns, 2))
    middle = handles(shape, 0.3 * two[0] + 0.7 * two[1])
    cross = middle[:, 2] * middle[:, 5] - middle[:, 3] * middle[:, 4]
    np.testing.assert_allclose(cross, 0, atol=1e-12)
    assert ((middle[:, 2:4] * middle[:, 4:]).sum(axis=1) < 0).all()


def test_reparametrising_brings_the_fit_closer():
    outline = lobed(0, 0, 50, 0.0)[::6][None]
    spacing = side_lengths(outline[0])
    knots, corners = np.arange(0, 120, 12), np.zeros(10, bool)

    def error(given):
        shape = basis(knots, corners, given)
        return np.abs(shape.matrix @ solve(shape, outline)[0] - outline[0]).mean()

    better = spacing
    for _ in range(3):
        better = reparametrised(basis(knots, corners, better), outline, better)
    assert better.min() > 0
    assert error(better) < 0.8 * error(spacing)


def chosen(outlines: np.ndarray, tolerance: float):
    facing = np.stack([normals(o) for o in outlines])
    weights = np.ones(outlines.shape[:2])
    evidence = (outlines, facing, weights)
    *_, last = layouts(*evidence, toll=TOLL, finest=tolerance, most=64, corner_angle=50)
    return polished(last, *evidence, TOLL, 0.1 * tolerance**2).shape


def test_a_box_gets_its_four_corners():
    shape = chosen(resample(box(10, 10, 90, 60), 100)[None], 0.3)
    spots = resample(box(10, 10, 90, 60), 100)[shape.knots]
    assert len(spots) == 4
    assert shape.corners.all()
    for corner in box(10, 10, 90, 60):
        assert np.hypot(*(spots - corner).T).min() < 4


def test_tighter_tolerance_takes_more_points_and_round_things_few():
    petals = np.stack([lobed(0, 0, 60, 0.02 * t)[::4] for t in range(5)])
    counts = [len(chosen(petals, t).knots) for t in (2.0, 0.5, 0.1)]
    assert counts[0] < counts[1] < counts[2]
    assert len(chosen(circle(0, 0, 60, 180)[None], 0.1).knots) <= 6


def test_one_bad_frame_is_enough_to_ask_for_points():
    still = np.repeat(circle(0, 0, 60, 180)[None], 16, axis=0)
    burst = still.copy()
    burst[7] = lobed(0, 0, 60, 0, depth=0.3)[::4]
    assert len(chosen(burst, 0.5).knots) > len(chosen(still, 0.5).knots)


def motion(paths: np.ndarray, times=None) -> Motion:
    times = np.arange(len(paths), dtype=float) if times is None else np.asarray(times, float)
    facing = np.stack([normals(p) for p in paths])
    ones = np.ones(len(paths))
    return Motion(times, paths, paths, facing, np.ones(paths.shape[:2]), ones, ones)


def moving(xs) -> np.ndarray:
    return np.stack([circle(x, 0, 20, 96) for x in xs])


@pytest.mark.parametrize(
    ("xs", "expected"),
    [
        (np.zeros(20), 1),
        (np.arange(20) * 3.0, [0, 19]),
        (np.concatenate([np.arange(12) * 3.0, 33 - np.arange(1, 9) * 3.0]), [0, 11, 19]),
        (np.zeros(3 * LONGEST), 1),
        (np.arange(3 * LONGEST) * 1.0, [0, 3 * LONGEST - 1]),
    ],
)
def test_keys_are_where_the_motion_turns(xs, expected):
    keys = keys_module.choose(motion(moving(xs)), penalty=1.0, toll=TOLL)
    if isinstance(expected, int):
        assert len(keys) == expected
    else:
        assert list(keys) == expected


def test_a_rest_before_and_after_a_move_needs_no_keys_of_its_own():
    xs = np.concatenate([np.zeros(15), np.arange(1, 11) * 4.0, np.full(15, 40.0)])
    keys = keys_module.choose(motion(moving(xs)), penalty=1.0, toll=TOLL)
    assert list(keys) == [14, 24]


def test_frame_numbers_not_positions_in_the_list_set_the_pace():
    times = np.array([10, 11, 12, 20, 30, 50])
    keys = keys_module.choose(motion(moving((times - 10) * 1.5), times), penalty=1.0, toll=TOLL)
    assert list(keys) == [0, 5]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(required=frozenset({7})), [0, 7, 19]),
        (Rules(allowed=frozenset({2, 9, 16})), [2, 16]),
        (Rules(required=frozenset({5}), allowed=frozenset({2, 9, 16})), [2, 5, 16]),
        (Rules(required=frozenset({0, 1, 19}), spacing=4), [0, 1, 19]),
        (Rules(allowed=frozenset()), [10]),
    ],
)
def test_keys_obey_what_the_artist_said(rules, expected):
    xs = np.arange(20) * 3.0
    assert (
        list(keys_module.choose(motion(moving(xs)), penalty=1.0, toll=TOLL, rules=rules))
        == expected
    )


def test_keys_keep_their_distance():
    xs = 20 * np.sin(np.arange(40) * 0.8)
    close = keys_module.choose(motion(moving(xs)), penalty=0.1, toll=TOLL)
    apart = keys_module.choose(motion(moving(xs)), penalty=0.1, toll=TOLL, rules=Rules(spacing=6))
    assert np.diff(close).min() < 6 <= np.diff(apart).min()


def test_bracket_holds_outside_the_keys():
    before, after, share = bracket(np.arange(6.0), np.array([1, 4]))
    np.testing.assert_array_equal(before, [0, 0, 0, 0, 1, 1])
    np.testing.assert_allclose(share, [0, 0, 1 / 3, 2 / 3, 0, 0])
    assert (after >= before).all()


def test_block_tridiagonal_systems_are_solved_like_dense_ones():
    rng = np.random.default_rng(0)
    count, n = 5, 4
    blocks = rng.normal(size=(count, n, n))
    diagonal = blocks @ blocks.transpose(0, 2, 1) + 12 * np.eye(n)
    upper = rng.normal(size=(count - 1, n, n))
    right = rng.normal(size=(count, n))
    dense = np.zeros((count * n, count * n))
    for k in range(count):
        at = slice(k * n, k * n + n)
        dense[at, at] = diagonal[k]
        if k + 1 < count:
            beside = slice(k * n + n, k * n + 2 * n)
            dense[at, beside], dense[beside, at] = upper[k], upper[k].T
    expected = np.linalg.solve(dense, right.ravel()).reshape(count, n)
    np.testing.assert_allclose(solve_block_tridiagonal(diagonal, upper, right), expected)


def noisy_problem(truth, rng, pins=None):
    shape = four_knots()
    times = np.arange(13.0)
    share = (times / 12)[:, None, None]
    every = (1 - share) * truth[0] + share * truth[1]
    outlines = np.stack([resample(shape.matrix @ u, 200) for u in every])
    outlines += rng.normal(scale=0.5, size=outlines.shape)
    contours = [Contour(o, np.ones(len(o)), False, 0) for o in outlines]
    return Problem(
        shape,
        times,
        [Target.of(c) for c in contours],
        np.stack([resample(o, 120) for o in outlines]),
        np.stack([np.arange(120) * side_lengths(o).sum() / 120 for o in outlines]),
        np.ones((13, 120)),
        np.ones(13),
        cap=2.0,
        tangential=0.05,
        pins=pins or {},
    )


TRUTH = np.stack([circle_unknowns(50, 50, 30), circle_unknowns(90, 60, 22)])


def radii_off(shape, unknowns):
    radii = (
        np.hypot(*(shape.matrix @ unknowns[0] - [50, 50]).T) - 30,
        np.hypot(*(shape.matrix @ unknowns[1] - [90, 60]).T) - 22,
    )
    return float(np.abs(radii).mean())


def test_the_refit_recovers_keys_that_noise_has_hidden():
    rng = np.random.default_rng(9)
    problem = noisy_problem(TRUTH, rng)
    guess = TRUTH + rng.normal(scale=1.5, size=TRUTH.shape)
    found = refit(problem, start(problem, np.array([0, 12]), guess)).unknowns
    assert radii_off(problem.shape, found) < 0.25
    assert radii_off(problem.shape, found) < 0.25 * radii_off(problem.shape, guess)


def test_a_pinned_key_stays_and_the_others_are_solved_around_it():
    rng = np.random.default_rng(9)
    moved = four_knots().matrix @ circle_unknowns(54, 50, 30)
    problem = noisy_problem(TRUTH, rng, pins={0: moved})
    guess = TRUTH + rng.normal(scale=1.5, size=TRUTH.shape)
    found = refit(problem, start(problem, np.array([0, 6, 12]), guess[[0, 0, 1]]))
    np.testing.assert_array_equal(key_samples(problem, found)[0], moved)
    np.testing.assert_array_equal(found.unknowns[0], guess[0])
    centre = (problem.shape.matrix @ found.unknowns[1]).mean(axis=0)
    # Frames 1 to 5 are pulled right by the pin; the middle key leans left to make up for it.
    assert 67 < centre[0] < 70
    assert abs(interpolated(problem.times, found)[12] - TRUTH[1])[:4].max() < 3
