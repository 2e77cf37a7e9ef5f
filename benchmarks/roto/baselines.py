"""What the solver is held against: tracing every frame, and one topology keyed on every frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from roto_shapes.document import ControlPoint, Key, Layer, Shape
from roto_worker.vectorize.outline.contour import extract
from roto_worker.vectorize.outline.raster import fill

from .cases import Source
from .curves import Points, control_points, on_curve
from .measure import figures, overlap
from .metrics import Mask
from .tracing import flattened, trace

FRAGMENTS = 9.0
"""Outlines below this many square pixels on a plate 480 pixels high are not traced."""
PULL = 4.0
"""A sample farther than this many pixels from the matte's outline is a hidden seam: it stays."""
REFITS = 4
PER_SEGMENT = 16
DAMPING = 1e-2


def traced(source: Source, tolerance: float) -> dict[str, Any]:
    """Every frame traced by itself: ``edit`` is the sum of all frames' points."""
    frames = list(source.frames)
    paths: dict[int, list[Points]] = {}
    points = []
    least = FRAGMENTS * (source.height / 480) ** 2
    for frame in frames:
        outlines = extract(source.matte(frame), min_area=least).contours
        segments = [trace(outline.points, tolerance) for outline in outlines]
        paths[frame] = [flattened(one) for one in segments]
        points.append(sum(len(one) for one in segments))

    def found(frame: int) -> Mask:
        mask = np.zeros((source.height, source.width), bool)
        for path in paths[frame]:
            mask ^= fill([path], source.width, source.height)  # Holes, islands in them, ...
        return mask

    return {"edit": sum(points), "most points": max(points), **overlap(source, found)}


def keyed_everywhere(source: Source, layer: Layer) -> dict[str, Any]:
    """The solver's own shapes and points, each frame's outline fitted by itself and keyed.

    Fitted from where the solved shape is: least squares of the points against the matte's nearest
    outline, a few times over.
    """
    frames = list(source.frames)
    outlines = {frame: _outline(source, frame) for frame in frames}
    shapes = [_keyed(layer, shape, frames, outlines) for shape in layer.shapes]
    made = replace(layer, transform=None, shapes=shapes)
    return figures(source, made)


def _outline(source: Source, frame: int) -> Points:
    contours = extract(source.matte(frame)).contours
    return np.concatenate([c.points for c in contours]) if contours else np.zeros((0, 2))


def _keyed(
    layer: Layer, shape: Shape, frames: Sequence[int], outlines: Mapping[int, Points]
) -> Shape:
    seen, points = control_points(layer, shape, frames)
    corners = [point.corner for point in shape.keys[0].points]
    keys = []
    for index, start in zip(seen.tolist(), points, strict=True):
        fitted = _refitted(start, outlines[frames[index]])
        rows = zip(fitted.tolist(), corners, strict=True)
        keys.append(
            Key(frames[index], tuple(ControlPoint._make([*row, flag]) for row, flag in rows))
        )
    return replace(shape, keys=keys)


def _refitted(points: Points, outline: Points) -> Points:
    """Control points ``(N, 6)`` pulled onto the outline's nearest samples."""
    if len(outline) == 0:
        return points
    tree, count = cKDTree(outline), len(points)
    matrix = _matrix(count)
    normal = matrix.T @ matrix + DAMPING * PER_SEGMENT * np.eye(3 * count)
    for _ in range(REFITS):
        samples = on_curve(points, PER_SEGMENT)
        away, nearest = map(np.asarray, tree.query(samples))
        pull = np.where((away <= PULL)[:, None], outline[nearest] - samples, 0.0)
        # Unknowns are each point and the ends of its two handles.
        step = np.linalg.solve(normal, matrix.T @ pull).reshape(3, count, 2)
        place, into, out = step
        points = points + np.concatenate([place, into - place, out - place], axis=1)
    return points


def _matrix(count: int) -> Points:
    """``(count * PER_SEGMENT, 3 * count)``: samples from points, incoming ends, outgoing ends."""
    matrix = np.zeros((count * PER_SEGMENT, 3 * count))
    columns = [np.arange(count), 2 * count + np.arange(count)]
    after = np.roll(np.arange(count), -1)
    columns += [count + after, after]
    for segment in range(count):
        rows = slice(segment * PER_SEGMENT, (segment + 1) * PER_SEGMENT)
        u = np.arange(PER_SEGMENT) / PER_SEGMENT
        v = 1 - u
        weights = (v**3, 3 * v * v * u, 3 * v * u * u, u**3)
        for column, weight in zip(columns, weights, strict=True):
            matrix[rows, column[segment]] += weight
    return matrix
