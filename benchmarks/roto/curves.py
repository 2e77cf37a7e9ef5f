"""A layer's shapes as arrays of points over frames, in plate pixels with its transform applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from roto_shapes.document import Layer, Shape
from roto_shapes.evaluate import outline_at

Points = NDArray[np.float64]
Indices = NDArray[np.intp]


def control_points(layer: Layer, shape: Shape, frames: Sequence[int]) -> tuple[Indices, Points]:
    """Where ``shape`` is visible (indices into ``frames``) and its points there, ``(T, N, 6)``.

    Columns: x, y, incoming handle dx, dy, outgoing handle dx, dy.
    """
    rows, seen = [], []
    for index, frame in enumerate(frames):
        points = outline_at(layer, shape, frame)
        if points is not None:
            seen.append(index)
            rows.append([point[:6] for point in points])
    return np.array(seen, np.intp), np.array(rows, np.float64).reshape(len(seen), -1, 6)


def on_curve(points: Points, per_segment: int) -> Points:
    """``(..., N * per_segment, 2)`` points of closed Beziers ``(..., N, 6)``.

    At parameters 0, 1/n .. (n-1)/n of every segment: the same index is the same spot of the shape
    on every frame.
    """
    u = np.arange(per_segment) / per_segment
    weights = np.stack([(1 - u) ** 3, 3 * (1 - u) ** 2 * u, 3 * (1 - u) * u**2, u**3], axis=1)
    after = np.roll(points, -1, axis=-2)
    bezier = np.stack(
        [
            points[..., :2],
            points[..., :2] + points[..., 4:6],
            after[..., :2] + after[..., 2:4],
            after[..., :2],
        ],
        axis=-2,
    )
    found = np.einsum("uk,...nkc->...nuc", weights, bezier)
    return found.reshape(*points.shape[:-2], -1, 2)


def runs(indices: Indices) -> Iterator[slice]:
    """Stretches of consecutive numbers in ascending ``indices``, as slices of it."""
    starts = np.flatnonzero(np.diff(indices, prepend=-2) > 1)
    stops = [*starts[1:], len(indices)]
    yield from (slice(int(a), int(b)) for a, b in zip(starts, stops, strict=True))


def unit_normals(curve: Points) -> Points:
    """Unit normals of closed curves ``(..., R, 2)``, to the left of their direction of travel."""
    step = np.roll(curve, -1, axis=-2) - np.roll(curve, 1, axis=-2)
    length = np.maximum(np.linalg.norm(step, axis=-1, keepdims=True), 1e-12)
    return np.stack([step[..., 1], -step[..., 0]], axis=-1) / length
