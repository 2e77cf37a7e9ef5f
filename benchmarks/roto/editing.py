"""What there is to edit, and how calmly it moves: points, keys, jitter, slip, chatter, knots.

All distances in plate pixels with the layer's transform applied. ``frames`` are the plate frames
that were solved, ascending.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from roto_shapes.document import Layer

from .curves import Points, control_points, on_curve, runs
from .metrics import Mask

STATIC_REACH = 0.25
"""A material point that stays within this many pixels of its mean place is static."""
MATERIAL_REACH = 8.0
"""A control point farther than this from all material points follows none of them, pixels."""
KNOT_SEGMENTS = 200


@dataclass(frozen=True)
class Material:
    """True spots of the object's outline. ``points``: ``(T, M, 2)`` per solved frame.

    Not a number on frames on which the spot does not exist. ``tangents``: ``(T, M, 2)`` unit
    vectors along the true outline. ``visible``: ``(T, M)`` whether the spot lies on the object's
    visible outline, inside the frame.
    """

    points: Points
    tangents: Points
    visible: Mask


@dataclass(frozen=True)
class Motion:
    """``jitter``: mean length of the control points' second difference over frames. ``true``: the
    same of the true spots they started on, over the same frames. ``slip``: see :func:`motion`."""

    jitter: float | None
    true: float | None
    slip: float | None


def point_count(layer: Layer) -> int:
    return sum(len(shape.keys[0].points) for shape in layer.shapes)


def key_count(layer: Layer) -> int:
    """All shapes' keys and the keys of the layer's transform."""
    return sum(len(shape.keys) for shape in layer.shapes) + transform_keys(layer)


def edit_cost(layer: Layer) -> int:
    """Sum over shapes of points x keys, plus one for every key of the layer's transform."""
    shapes = sum(len(shape.keys[0].points) * len(shape.keys) for shape in layer.shapes)
    return shapes + transform_keys(layer)


def transform_keys(layer: Layer) -> int:
    return len(layer.transform.keys) if layer.transform else 0


def keyed_frames(layer: Layer) -> int:
    """Number of frames on which any shape is keyed; the transform has its keys elsewhere."""
    return len({key.frame for shape in layer.shapes for key in shape.keys})


def lives(layer: Layer, frames: Sequence[int]) -> tuple[int, int]:
    """Unbroken stretches of visibility of all shapes, and how many there are at once at most.

    As many as at once: every part has one life. More: parts come and go, or lose their identity.
    """
    seen = [control_points(layer, shape, frames)[0] for shape in layer.shapes]
    at_once = np.bincount(np.concatenate([*seen, np.zeros(0, np.intp)]), minlength=1)
    return sum(len(list(runs(one))) for one in seen), int(at_once.max())


def motion(layer: Layer, frames: Sequence[int], material: Material | None = None) -> Motion:
    """Jitter and slip of the control points against true spots, where those are known.

    On the middle frame of a shape's life every control point is paired with the nearest visible
    true spot (within :data:`MATERIAL_REACH`). Slip: how far the point has since moved along the
    outline against that spot, ``|(p - m)(t) . tangent(t) - (p - m)(0) . tangent(0)|``, mean over
    points and those frames of the life on which the spot is visible, the middle frame left out.
    """
    jitters, true, slips = [], [], []
    for seen, points in _lives(layer, frames):
        own = points[..., :2]
        jitters.append(_second_difference(own))
        if material is None:
            continue
        middle = len(seen) // 2
        pairs = _paired(own[middle], material, int(seen[middle]))
        if pairs is None:
            continue
        which, spot = pairs
        places = material.points[seen][:, spot]
        true.append(_second_difference(places))
        along = ((own[:, which] - places) * material.tangents[seen][:, spot]).sum(axis=2)
        counted = material.visible[seen][:, spot]
        counted[middle] = False
        slips.append(np.abs(along - along[middle])[counted])
    return Motion(_mean(jitters), _mean(true), _mean(slips))


def chatter(layer: Layer, frames: Sequence[int], material: Material) -> float | None:
    """Restlessness where nothing moves; None without static spots.

    Standard deviation over frames of the signed distance from a static true spot to the outline of
    the nearest shape, along the spot's normal; mean over the spots that are static and visible on
    all frames.
    """
    still = material.points - material.points.mean(axis=0)
    static = (np.linalg.norm(still, axis=2) <= STATIC_REACH).all(axis=0)
    static &= material.visible.all(axis=0)
    if not static.any():
        return None
    spots = material.points[:, static].mean(axis=0)
    tangent = material.tangents[:, static].mean(axis=0)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    away = np.full((len(frames), len(spots)), np.nan)
    outlines: dict[int, list[Points]] = {}
    for seen, points in _lives(layer, frames):
        for index, curve in zip(seen.tolist(), on_curve(points, 32), strict=True):
            outlines.setdefault(index, []).append(curve)
    for index, curves in outlines.items():
        dense = np.concatenate(curves)
        _, nearest = cKDTree(dense).query(spots)
        away[index] = ((dense[nearest] - spots) * normal).sum(axis=1)
    spread = np.nanstd(away, axis=0)
    return float(spread.mean())


def self_intersections(layer: Layer, frames: Sequence[int]) -> float:
    """Share of all (shape, frame) outlines that cross themselves.

    Outlines are flattened to at most about :data:`KNOT_SEGMENTS` sides; sides that merely share an
    end do not cross.
    """
    knotted = total = 0
    for shape in layer.shapes:
        _, points = control_points(layer, shape, frames)
        per = max(2, KNOT_SEGMENTS // max(points.shape[1], 1))
        knotted += sum(crosses_itself(on_curve(one, per)) for one in points)
        total += len(points)
    return knotted / total if total else 0.0


def crosses_itself(polygon: Points) -> bool:
    """Whether two sides of a closed polygon ``(n, 2)`` cross in a point inside both."""
    start, end = polygon, np.roll(polygon, -1, axis=0)
    span = end - start
    # side[i, j]: on which side of side i's line vertex j lies.
    offset = polygon[None, :, :] - start[:, None, :]
    side = span[:, None, 0] * offset[..., 1] - span[:, None, 1] * offset[..., 0]
    straddles = side * np.roll(side, -1, axis=1) < 0
    return bool((straddles & straddles.T).any())


def _lives(layer: Layer, frames: Sequence[int]) -> Iterator[tuple[np.ndarray, Points]]:
    """Every unbroken stretch of every shape's visibility: frame indices and control points."""
    for shape in layer.shapes:
        seen, points = control_points(layer, shape, frames)
        for run in runs(seen):
            yield seen[run], points[run]


def _second_difference(places: Points) -> Points:
    found = np.linalg.norm(np.diff(places, 2, axis=0), axis=2).ravel()
    return found[np.isfinite(found)]


def _paired(points: Points, material: Material, frame: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Control points and the true spots nearest to them, as two arrays of indices."""
    spots = np.flatnonzero(material.visible[frame])
    if spots.size == 0:
        return None
    distance, nearest = cKDTree(material.points[frame, spots]).query(points)
    which = np.flatnonzero(np.asarray(distance) <= MATERIAL_REACH)
    return (which, spots[np.asarray(nearest)[which]]) if which.size else None


def _mean(parts: list[Points]) -> float | None:
    values = np.concatenate(parts) if parts else np.zeros(0)
    return float(values.mean()) if values.size else None
