"""Marching squares in numpy: closed level sets of a sampled field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .curves import Points

Field = NDArray[np.float32]
Indices = NDArray[np.intp]


def iso_contours(field: Field, level: float = 0.5) -> list[Points]:
    """Closed curves where ``field`` crosses ``level``; the field's border must lie below it.

    Samples sit on pixel centres: ``field[0, 0]`` at (0.5, 0.5). Curves run clockwise on screen
    around what is above the level (holes therefore counter-clockwise). At a saddle the parts above
    the level stay separate: solids are 4-connected, holes 8-connected.
    """
    inside = field > level
    height, width = field.shape
    corners = np.stack([inside[:-1, :-1], inside[:-1, 1:], inside[1:, 1:], inside[1:, :-1]])
    rows, columns = np.nonzero(corners.any(axis=0) & ~corners.all(axis=0))
    if len(rows) == 0:
        return []
    starts, ends = _segments(corners[:, rows, columns], _edge_ids(rows, columns, width, height))
    ids = np.sort(starts)
    follow = np.empty(len(ids), np.intp)
    follow[np.searchsorted(ids, starts)] = np.searchsorted(ids, ends)
    points = _positions(field.astype(np.float64) - level, ids)
    return [points[cycle] for cycle in _cycles(follow)]


def _edge_ids(rows: Indices, columns: Indices, width: int, height: int) -> Indices:
    """``(4, n)`` ids of each cell's top, right, bottom, left edge.

    Horizontal edges come first, numbered by their left sample; vertical ones by their upper sample.
    """
    here = rows * width + columns
    vertical = width * height
    return np.stack([here, vertical + here + 1, here + width, vertical + here])


def _segments(corners: NDArray[np.bool_], edges: Indices) -> tuple[Indices, Indices]:
    """Directed pieces (from edge, to edge), the inside on their right.

    Walking a cell clockwise, a piece starts where the walk leaves the inside and ends where it last
    entered it.
    """
    leaves = corners & ~np.roll(corners, -1, axis=0)
    enters = ~corners & np.roll(corners, -1, axis=0)
    starts, ends = [], []
    for k in range(4):
        open_ = leaves[k].copy()
        for back in (1, 2, 3):
            hit = open_ & enters[k - back]
            starts.append(edges[k, hit])
            ends.append(edges[k - back, hit])
            open_ &= ~hit
    return np.concatenate(starts), np.concatenate(ends)


def _positions(field: NDArray[np.float64], ids: Indices) -> Points:
    """Where the level crosses each edge, by linear interpolation, in pixels."""
    height, width = field.shape
    vertical = ids >= width * height
    rows, columns = np.divmod(ids - np.where(vertical, width * height, 0), width)
    first = field[rows, columns]
    second = field[rows + vertical, columns + ~vertical]
    along = first / (first - second)
    return np.stack(
        [columns + 0.5 + np.where(vertical, 0, along), rows + 0.5 + np.where(vertical, along, 0)],
        axis=1,
    )


def _cycles(follow: Indices) -> list[Indices]:
    """The cycles of the permutation ``follow``, each from its smallest member."""
    step = follow.tolist()
    seen = bytearray(len(step))
    cycles = []
    for first in range(len(step)):
        if seen[first]:
            continue
        cycle, here = [], first
        while not seen[here]:
            seen[here] = 1
            cycle.append(here)
            here = step[here]
        cycles.append(np.array(cycle, np.intp))
    return cycles
