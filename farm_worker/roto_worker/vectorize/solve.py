"""One region's life as one shape: points, keys, joint refit, and what it cost in accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .correspondence import MaterialTrack
from .curves import Values
from .fit import Basis, Flags
from .fit import handles as control_points
from .fit import solve as fit_frames
from .keys import Frames, Motion
from .keys import choose as choose_keys
from .points import choose as choose_points
from .refit import Problem, Target, errors, interpolated, refit

KEY_PENALTY = 4.0
"""Square pixels of mean outline error, summed over frames, that one key has to save."""
POINT_TOLERANCE = 0.75
ERROR_CAP = 4.0
ROBUST_CAP = 2.0
TANGENTIAL = 0.05
REPAIRS = 4


@dataclass(frozen=True)
class SolvedShape:
    """``keys``: indices of the track's frames. ``points``: ``(K, N, 6)`` as x y, in dx dy, out dx
    dy. ``corners``: ``(N,)``. ``errors``: ``(T,)`` mean and ``worst``: ``(T,)`` largest distance
    of the visible outline on each frame, pixels."""

    keys: Frames
    points: Values
    corners: Flags
    errors: Values
    worst: Values


def solve_shape(track: MaterialTrack, times: Values, *, tolerance: float, most: int) -> SolvedShape:
    """Fit one shape to a material track.

    Args:
        track: where each spot of the outline is on every frame.
        times: ``(T,)`` plate frame numbers of the track's contours, ascending.
        tolerance: allowed outline error, pixels.
        most: upper limit of control points.
    """
    targets = [Target.of(c) for c in track.contours]
    spots = zip(targets, track.points, track.arcs, strict=True)
    normals = np.stack([target.nearest(points, arcs)[1] for target, points, arcs in spots])
    shape = choose_points(
        track.points, normals, track.weights, tolerance=POINT_TOLERANCE * tolerance, most=most
    )
    free = fit_frames(shape, track.points)
    fitted = np.einsum("rd,tdc->trc", shape.matrix, free)
    keys = choose_keys(
        Motion(times, fitted, track.points, normals, track.weights),
        penalty=KEY_PENALTY * tolerance**2,
        cap=ERROR_CAP * tolerance,
    )
    problem = Problem(
        shape,
        times,
        targets,
        track.points,
        track.arcs,
        track.weights,
        ROBUST_CAP * tolerance,
        TANGENTIAL,
    )
    keys, unknowns = _refit_and_repair(problem, keys, free, tolerance)
    return _solved(problem, shape, keys, unknowns)


def _refit_and_repair(
    problem: Problem, keys: Frames, free: Values, tolerance: float
) -> tuple[Frames, Values]:
    """Joint refit; where a frame still errs too much it gets a key, and all are refitted."""
    unknowns = refit(problem, keys, free[keys])
    for _ in range(REPAIRS):
        missing = _unfollowed(problem, keys, unknowns, tolerance)
        if len(missing) == 0:
            break
        start = interpolated(problem.times, keys, unknowns)
        start[missing] = free[missing]
        keys = np.sort(np.concatenate([keys, missing]))
        unknowns = refit(problem, keys, start[keys], iterations=3)
    return keys, unknowns


def _unfollowed(problem: Problem, keys: Frames, unknowns: Values, tolerance: float) -> Frames:
    """The worst frame of every stretch between keys whose mean error exceeds the tolerance."""
    mean, _ = _frame_errors(problem, keys, unknowns)
    stretch = np.searchsorted(keys, np.arange(len(mean)))
    mean[keys] = 0.0
    bad = np.flatnonzero(mean > tolerance)
    worst = [
        bad[stretch[bad] == s][mean[bad[stretch[bad] == s]].argmax()] for s in set(stretch[bad])
    ]
    return np.sort(np.array(worst, np.intp))


def _frame_errors(problem: Problem, keys: Frames, unknowns: Values) -> tuple[Values, Values]:
    distance = errors(problem, interpolated(problem.times, keys, unknowns))
    weights = problem.weights
    mean = (weights * distance).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
    return mean, np.where(weights > 0.2, distance, 0.0).max(axis=1)


def _solved(problem: Problem, shape: Basis, keys: Frames, unknowns: Values) -> SolvedShape:
    mean, worst = _frame_errors(problem, keys, unknowns)
    return SolvedShape(keys, control_points(shape, unknowns), shape.corners, mean, worst)
