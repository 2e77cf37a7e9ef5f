"""Shapes of a document into soft mattes: how much of each pixel a layer covers on a frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from roto_shapes.document import ControlPoint, Document, Layer, Shape
from roto_shapes.evaluate import flatten, opacity_at, outline_at
from roto_shapes.formats import LossyReport
from roto_shapes.formats.base import shape_place

from ..media.masks import Matte

FLATNESS = 0.02
"""Largest distance between a curve and its polygon, pixels."""
ROWS = 16
"""Scan lines per pixel; across, coverage is exact."""

_BAND = 64
_STEP = 0.5

Points = NDArray[np.float64]
Widths = NDArray[np.float64]


def layer_coverage(document: Document, layer: Layer, frame: float) -> Matte:
    """A layer's matte, ``float32[height, width]`` 0..1: its shapes painted in their order.

    ``add`` goes over what is below it, ``subtract`` takes away, each by its coverage times its
    opacity. Feather falls off in a straight line from the outline (1) to its width outside (0), or
    inside where it is negative; a width per point changes in a straight line between points. Open
    shapes cover nothing.
    """
    matte = np.zeros((document.height, document.width), np.float32)
    for shape in layer.shapes:
        strength = opacity_at(shape, frame)
        if not shape.closed or strength <= 0:
            continue
        cover = _shape_coverage(document, layer, shape, frame)
        if cover is None:
            continue
        cover *= np.float32(strength)
        matte = matte * (1 - cover) if shape.mode == "subtract" else matte + cover - matte * cover
    return matte


def note_losses(document: Document, report: LossyReport) -> None:
    """What pixels on whole frames do not show."""
    for layer in document.layers:
        for shape in layer.shapes:
            place = shape_place(layer, shape)
            if not shape.closed:
                report.add(place, "open shape: covers nothing, left out")
            elif shape.motion_blur:
                report.add(place, "motion blur: drawn sharp, as on the frame's own time")
            if shape.closed and np.any(shape.feather):
                report.add(place, "feather: falls off in a straight line")


def _shape_coverage(
    document: Document, layer: Layer, shape: Shape, frame: float
) -> NDArray[np.float32] | None:
    points = outline_at(layer, shape, frame)
    if points is None:
        return None
    path = np.array(flatten(points, True, FLATNESS), np.float64).reshape(-1, 2)
    cover = polygon_coverage(path, document.width, document.height)
    if np.any(shape.feather):
        _feather(cover, *_feathered_outline(shape, points))
    return 1 - cover if shape.inverted else cover


def polygon_coverage(path: Points, width: int, height: int) -> NDArray[np.float32]:
    """The share of each pixel inside a closed polygon, ``float32[height, width]``.

    ``path``: ``(n, 2)`` plate pixels; it may leave the frame. Overlaps with itself count once
    (non-zero winding). Exact along x, the mean of `ROWS` scan lines along y.
    """
    cover = np.zeros((height, width), np.float32)
    if len(path) < 3:
        return cover
    top = int(np.clip(np.floor(path[:, 1].min()), 0, height))
    bottom = int(np.clip(np.ceil(path[:, 1].max()), 0, height))
    edges = np.hstack([path, np.roll(path, -1, axis=0)])
    for first in range(top, bottom, _BAND):
        last = min(first + _BAND, bottom)
        cover[first:last] = _band(edges, width, first, last)
    return cover


def _band(edges: Points, width: int, first: int, last: int) -> NDArray[np.float32]:
    """Coverage of the pixel rows ``first`` to ``last - 1``."""
    x0, y0, x1, y1 = edges.T
    y0, y1 = (y0 - first) * ROWS - 0.5, (y1 - first) * ROWS - 0.5
    lines = (last - first) * ROWS
    begin = np.clip(np.ceil(np.minimum(y0, y1)), 0, lines).astype(np.intp)
    end = np.clip(np.ceil(np.maximum(y0, y1)), 0, lines).astype(np.intp)
    counts = end - begin
    edge = np.repeat(np.arange(len(edges)), counts)
    line = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + begin[edge]
    x = x0[edge] + (line - y0[edge]) * (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
    turn = np.where(y1 > y0, 1, -1)[edge]
    order = np.lexsort((x, line))
    line, x, turn = line[order], np.clip(x[order], 0, width), turn[order]
    winding = np.cumsum(turn)  # each line's turns sum up to 0: the next one starts afresh
    enters, leaves = winding == turn, winding == 0
    line, x = line[enters | leaves], x[enters | leaves]
    # Right of a crossing the inside is one more; of the crossed pixel only a part is right of it.
    step = np.where(enters, 1.0, -1.0)[enters | leaves]
    column = np.floor(x).astype(np.intp)
    place, part = line * (width + 2) + column, x - column
    size = lines * (width + 2)
    steps = np.bincount(place, step * (1 - part), size) + np.bincount(place + 1, step * part, size)
    inside = np.cumsum(steps.reshape(lines, width + 2), axis=1)[:, :width]
    return np.asarray(inside.reshape(last - first, ROWS, width).mean(axis=1), np.float32)


def _feathered_outline(shape: Shape, points: Sequence[ControlPoint]) -> tuple[Points, Widths]:
    """Samples of the outline, at most `_STEP` apart, and the feather's width at each."""
    widths = np.broadcast_to(np.asarray(shape.feather, np.float64), len(shape.keys[0].points))
    if shape.kind == "bspline":  # a sharp vertex counts three times (roto_shapes.geometry)
        widths = np.repeat(widths, [3 if point.corner else 1 for point in shape.keys[0].points])
    pieces = [
        _sampled_segment(points[i], points[(i + 1) % len(points)], widths[i], following)
        for i, following in enumerate(np.roll(widths, -1))
    ]
    rows = np.concatenate(pieces)
    return rows[:, :2], rows[:, 2]


def _sampled_segment(
    point: ControlPoint, following: ControlPoint, width: float, following_width: float
) -> Points:
    """Rows x, y, width along one segment, its end left out."""
    line = np.array(flatten([point, following], False, FLATNESS), np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    count = max(1, int(np.ceil(along[-1] / _STEP)))
    share = np.arange(count) / count
    x, y = (np.interp(share * along[-1], along, line[:, axis]) for axis in (0, 1))
    return np.stack([x, y, width + share * (following_width - width)], axis=1)


def _feather(cover: NDArray[np.float32], outline: Points, width: Widths) -> None:
    """Soften ``cover`` in place by the distance of pixel centres from the outline."""
    reach = float(np.abs(width).max()) + 1
    low = np.clip(np.floor(outline.min(axis=0) - reach), 0, cover.shape[::-1]).astype(int)
    high = np.clip(np.ceil(outline.max(axis=0) + reach), 0, cover.shape[::-1]).astype(int)
    part = cover[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]] + 0.5
    centres = np.stack([x.ravel(), y.ravel()], axis=1)
    found = cKDTree(outline).query(centres, distance_upper_bound=reach)
    distance, nearest = (np.asarray(one).reshape(part.shape) for one in found)
    near = np.isfinite(distance)
    local = width[nearest[near]]
    ramp = distance[near] / np.maximum(np.abs(local), 1e-9)
    inside = part[near]
    outwards, inwards = np.maximum(inside, 1 - ramp), np.minimum(inside, ramp)
    part[near] = np.where(local > 0, outwards, np.where(local < 0, inwards, inside))
