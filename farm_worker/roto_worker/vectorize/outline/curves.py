"""Small geometry on closed polylines, shared by every step of the vectorizer.

A closed polyline is ``(n, 2)`` x, y in plate pixels (y down) without a repeated last point. All of
ours run clockwise on screen, which is a positive :func:`signed_area` with y down.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Points = NDArray[np.float64]
Values = NDArray[np.float64]


def signed_area(points: Points) -> float:
    """Shoelace area in square pixels; positive for clockwise on screen (y down)."""
    x, y = points[:, 0], points[:, 1]
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def side_lengths(points: Points) -> Values:
    """Length of the side from each point to the next, cyclic."""
    return np.hypot(*(np.roll(points, -1, axis=0) - points).T)


def resample(points: Points, count: int) -> Points:
    """``count`` points evenly spaced by arc length, the first one kept."""
    lengths = side_lengths(points)
    return point_at(points, np.arange(count) * (lengths.sum() / count))


def arc_positions(points: Points) -> Values:
    """Arc length from the first point to each point."""
    return np.concatenate([[0.0], np.cumsum(side_lengths(points)[:-1])])


def point_at(points: Points, arc: Values) -> Points:
    """Points on the closed polyline at arc lengths ``arc`` (any real number, wrapped)."""
    lengths = side_lengths(points)
    knots = np.concatenate([[0.0], np.cumsum(lengths)])
    closed = np.concatenate([points, points[:1]])
    wrapped = np.mod(arc, knots[-1]) if knots[-1] > 0 else np.zeros_like(arc)
    return np.stack([np.interp(wrapped, knots, closed[:, i]) for i in range(2)], axis=-1)


def smooth(points: Points, sigma: float) -> Points:
    """Gaussian along the curve, ``sigma`` in samples, cyclic."""
    return gaussian_filter1d(points, sigma, axis=0, mode="wrap") if sigma > 0 else points


def tangents(points: Points) -> Points:
    """Unit tangents by central differences; zero where neighbours coincide."""
    step = np.roll(points, -1, axis=-2) - np.roll(points, 1, axis=-2)
    length = np.linalg.norm(step, axis=-1, keepdims=True)
    return step / np.maximum(length, 1e-12)


def normals(points: Points) -> Points:
    """Unit outward normals of a clockwise (on screen) curve."""
    t = tangents(points)
    return np.stack([t[..., 1], -t[..., 0]], axis=-1)


def contains(path: Points, point: Points) -> bool:
    """Even-odd test of one point against one closed polyline."""
    x0, y0 = path[:, 0], path[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    spans = (y0 > point[1]) != (y1 > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        x = x0 + (point[1] - y0) / (y1 - y0) * (x1 - x0)
    return bool(np.count_nonzero(spans & (x > point[0])) % 2)
