"""One region's life as one shape: points, keys, joint refit, and what it cost in accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .correspondence import MaterialTrack
from .curves import Values
from .economy import FrameErrors, Limits, frame_errors, settle
from .fit import Flags
from .fit import handles as control_points
from .fit import solve as fit_frames
from .keys import Frames, Motion
from .keys import choose as choose_keys
from .points import choose as choose_points
from .refit import Problem, Target

KEY_PENALTY = 4.0
"""Square pixels of mean outline error, summed over frames, that one key has to save."""
POINT_TOLERANCE = 0.75
ERROR_CAP = 4.0
ROBUST_CAP = 2.0
TANGENTIAL = 0.05


@dataclass(frozen=True)
class SolvedShape:
    """``keys``: indices of the track's frames. ``points``: ``(K, N, 6)`` as x y, in dx dy, out dx
    dy. ``corners``: ``(N,)``. ``errors``: of every frame of the track."""

    keys: Frames
    points: Values
    corners: Flags
    errors: FrameErrors


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
    penalty, cap = KEY_PENALTY * tolerance**2, ERROR_CAP * tolerance
    motion = Motion(times, fitted, track.points, normals, track.weights)
    keys = choose_keys(motion, penalty=penalty, cap=cap)
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
    keyed = settle(problem, keys, free, Limits(tolerance, penalty, cap))
    points = control_points(shape, keyed.unknowns)
    return SolvedShape(keyed.keys, points, shape.corners, frame_errors(problem, keyed, tolerance))
