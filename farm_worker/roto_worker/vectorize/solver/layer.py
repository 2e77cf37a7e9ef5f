"""All shapes of an object under one layer transform.

The layer's motion is estimated from the outlines, keyed, and taken out; the shapes are solved in
the space that is left. Then each improves the other: the motion is fitted again to what the shapes
leave, and the shapes are solved again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..motion.correspondence import MaterialTrack
from ..outline.curves import Values
from .points import Layout
from .refit import Target
from .solve import ROBUST_CAP, Life, SolvedShape, Terms, cheapest, options_for
from .transform import (
    Poses,
    applied,
    estimate,
    metric_of,
    outline_metric,
    pose_rows,
    reduce,
    stabilised,
    still,
)

Known = dict[int, list[Layout]]

ROUNDS = 2
TRANSFORM_PRICE = 1.0
"""A key of the layer's transform, in prices of a point of a key."""


@dataclass(frozen=True)
class SolvedLayer:
    """``shapes`` in the order of the tracks, in the space of the layer that moves by ``poses``."""

    poses: Poses
    shapes: list[SolvedShape]
    cost: float


def solve_layer(
    tracks: Sequence[MaterialTrack],
    shares: Sequence[Values],
    times: Values,
    terms: Terms,
    known: Known | None = None,
) -> SolvedLayer:
    """Solve every track, with the layer's motion split off where that is worth it.

    Args:
        tracks: ``first`` counts from the first of ``times``.
        shares: per track ``(T,)``, which part of the object's visible outline it is.
        times: plate frame numbers of the whole sequence.
        terms: see :class:`Terms`.
        known: layouts found by earlier calls, by number of the track; filled in. They are as good
            under every motion of the layer and every looseness.
    """
    known = {} if known is None else known
    best = solved = _solved(tracks, shares, still(times), terms, known)
    found = estimate(tracks, len(times)) if terms.may_move else None
    if found is None:
        return best
    pivot, poses = found
    metric = metric_of(tracks, shares, pivot, poses)
    price = TRANSFORM_PRICE * terms.price
    rules = terms.rules(times)
    for number in range(ROUNDS):
        if number:
            poses, metric = _improved(tracks, shares, solved, terms)
        motion = reduce(times, poses, metric, price, pivot, rules)
        solved = _solved(tracks, shares, motion, terms, known)
        if solved.cost < best.cost:
            best = solved
    return best


def _solved(
    tracks: Sequence[MaterialTrack],
    shares: Sequence[Values],
    motion: Poses,
    terms: Terms,
    known: Known,
) -> SolvedLayer:
    poses = motion.on_frames
    shapes = []
    for number, (track, share) in enumerate(zip(tracks, shares, strict=True)):
        span = slice(track.first, track.stop)
        moved = stabilised(track, motion.pivot, poses[span])
        life = Life(moved, motion.times[span], share, poses[span, 3])
        own = terms.of_string() if track.contours[0].thread else terms
        if number not in known:
            known[number] = options_for(life, own)
        shapes.append(cheapest(life, own, known[number]))
    keys = len(motion.keys) if motion.as_transform() else 0
    total = sum(s.cost + terms.overhead for s in shapes) + TRANSFORM_PRICE * terms.price * keys
    return SolvedLayer(motion, shapes, total)


def _improved(
    tracks: Sequence[MaterialTrack], shares: Sequence[Values], solved: SolvedLayer, terms: Terms
) -> tuple[Values, Values]:
    """The poses that would suit each frame best under the shapes as they are, and their metric."""
    motion = solved.poses
    poses = motion.on_frames
    metric, pull = np.zeros((len(poses), 4, 4)), np.zeros((len(poses), 4))
    cap = ROBUST_CAP * terms.tolerance
    for track, share, shape in zip(tracks, shares, solved.shapes, strict=True):
        placed = shape.placed
        for row, contour in enumerate(track.contours):
            t = track.first + row
            points = applied(placed[row], motion.pivot, poses[t])
            curve, facing = Target.of(contour).nearest(points, track.arcs[row])
            away = ((curve - points) * facing).sum(axis=1)
            weights = track.weights[row] * (share[row] / max(float(track.weights[row].sum()), 1e-9))
            weights = weights * np.minimum(1.0, cap / np.maximum(np.abs(away), 1e-9))
            rows = pose_rows(points, facing, motion.pivot, poses[t])
            metric[t] += outline_metric(points, facing, weights, motion.pivot, poses[t])
            pull[t] += rows.T @ (weights * away)
    damped = metric + 1e-3 * metric.mean(axis=0) + 1e-12 * np.eye(4)
    return poses + np.linalg.solve(damped, pull[..., None])[..., 0], metric
