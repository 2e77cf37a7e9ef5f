"""The measuring rasteriser: pixel centres, non-zero winding.

Every figure the product quotes about outlines against mattes comes through here. A pixel is inside
if its centre is; ``cv2.fillPoly`` also paints the pixels an outline merely touches, which grows
every shape by half a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Mask = NDArray[np.bool_]


def fill(paths: Sequence[Points], width: int, height: int) -> Mask:
    """Fill closed polygons by the non-zero winding rule.

    Args:
        paths: one ``(n, 2)`` array of x, y per closed polygon, in plate pixels (origin top-left
            corner of the top-left pixel, y down). The last point joins the first. Windings of all
            paths add up: a path of opposite orientation inside another cuts a hole. Paths may
            leave the frame.
        width, height: size of the mask in pixels.

    Returns:
        ``bool[height, width]``: whether the winding number at each pixel centre
        (x + 0.5, y + 0.5) is not zero.

    Raises:
        ValueError: a point is not finite.
    """
    mask = np.zeros((height, width), bool)
    edges = _edges(paths)
    if edges.size == 0 or width == 0 or height == 0:
        return mask
    left = int(np.clip(np.floor(edges[:, [0, 2]].min()), 0, width))
    right = int(np.clip(np.ceil(edges[:, [0, 2]].max()) + 1, 0, width))
    top = int(np.clip(np.floor(edges[:, [1, 3]].min()), 0, height))
    bottom = int(np.clip(np.ceil(edges[:, [1, 3]].max()) + 1, 0, height))
    if left >= right or top >= bottom:
        return mask
    rows, columns, turns = _crossings(edges, left, right, top, bottom)
    steps = np.zeros((bottom - top, right - left + 1), np.int32)
    np.add.at(steps, (rows - top, columns - left), turns)
    np.cumsum(steps, axis=1, out=steps)
    mask[top:bottom, left:right] = steps[:, :-1] != 0
    return mask


def fill_coverage(
    paths: Sequence[Points], width: int, height: int, samples: int = 4
) -> NDArray[np.float32]:
    """Anti-aliased :func:`fill`: the share of ``samples x samples`` points inside, per pixel.

    Returns:
        ``float32[height, width]``, 0 to 1, in steps of ``1 / samples**2``.
    """
    fine = fill([np.asarray(p, float) * samples for p in paths], width * samples, height * samples)
    blocks = fine.reshape(height, samples, width, samples)
    return blocks.mean(axis=(1, 3), dtype=np.float32)


def _edges(paths: Sequence[Points]) -> Points:
    """``(e, 4)`` rows x0, y0, x1, y1 of all polygon sides, horizontal ones included."""
    sides = []
    for path in paths:
        points = np.asarray(path, np.float64).reshape(-1, 2)
        if len(points) >= 3:
            sides.append(np.hstack([points, np.roll(points, -1, axis=0)]))
    edges = np.concatenate(sides) if sides else np.zeros((0, 4))
    if not np.isfinite(edges).all():
        raise ValueError("an outline holds a point that is not finite")
    return edges


def _crossings(
    edges: Points, left: int, right: int, top: int, bottom: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int32]]:
    """Row, first column to the right, and direction of every edge's crossing of a row of centres.

    Rows are half-open in y, so a vertex exactly on a row of centres counts once.
    """
    x0, y0, x1, y1 = edges.T
    turn = np.where(y1 > y0, 1, -1).astype(np.int32)
    first = np.clip(np.ceil(np.minimum(y0, y1) - 0.5), top, bottom).astype(np.intp)
    stop = np.clip(np.ceil(np.maximum(y0, y1) - 0.5), top, bottom).astype(np.intp)
    counts = stop - first
    edge = np.repeat(np.arange(len(edges)), counts)
    ends = np.cumsum(counts)
    rows = np.arange(len(edge)) - np.repeat(ends - counts, counts) + first[edge]
    slope = (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
    x = x0[edge] + (rows + 0.5 - y0[edge]) * slope
    columns = np.clip(np.ceil(x - 0.5), left, right).astype(np.intp)
    return rows, columns, turn[edge]
