"""New shapes for what the mattes show in a stretch and no shape of the document follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roto_shapes.document import Layer, Shape

from ..motion.correspondence import MaterialTrack, follow
from ..outline.contour import Contour, MatteOutlines
from ..outline.outlines import rasterize_shapes
from ..outline.raster import fill
from ..parts.regions import link
from ..pipeline import LEAST_PART, shape_of
from ..solver.solve import Life, SolvedShape, Terms, solve_shape
from ..solver.transform import stabilised
from .stretch import Stretch

COVERED = 0.5
"""A region of which the shapes show this share already needs no new one."""


@dataclass(frozen=True)
class Opening:
    """A new shape. ``depth``: how deep its region lies in others, see :class:`Contour`."""

    shape: Shape
    depth: int


def opened(
    stretch: Stretch, layer: Layer, left: Sequence[MatteOutlines], terms: Terms
) -> tuple[list[Opening], list[float]]:
    """New shapes, in painting order, and the areas of fragments that are not worth one.

    Args:
        layer: with its shapes as updated.
        left: per row the outlines that no shape follows.
    """
    uncovered = [_uncovered(stretch, layer, row, outlines) for row, outlines in enumerate(left)]
    ids = {one.id for one in stretch.document.layers}
    ids |= {shape.id for one in stretch.document.layers for shape in one.shapes}
    found: list[Opening] = []
    fragments: list[float] = []
    for track in sorted(link(uncovered), key=lambda t: (t.depth, -t.area, t.first)):
        if len(track.contours) < terms.settings.ignored_life:
            fragments += [contour.area for contour in track.contours]
            continue
        for life in follow(track.contours, track.first):
            solved = _solved(stretch, life, terms)
            if solved is None:
                fragments += [contour.area for contour in life.contours]
                continue
            number = _number(layer, ids)
            ids.add(f"{layer.id}.{number}")
            times = np.array(stretch.frames[life.first : life.stop], np.float64)
            name = f"{layer.name} {number}"
            shape = shape_of(solved, times, f"{layer.id}.{number}", name, track.hole)
            found.append(Opening(shape, track.depth))
    return found, fragments


def _solved(stretch: Stretch, life: MaterialTrack, terms: Terms) -> SolvedShape | None:
    """None where drawing the region costs more than leaving it out."""
    rows = slice(life.first, life.stop)
    poses = stretch.poses[rows]
    share = np.array([c.visible_length for c in life.contours]) / stretch.visible[rows]
    moved = stabilised(life, stretch.pivot, poses)
    times = np.array(stretch.frames[rows], np.float64)
    solved = solve_shape(Life(moved, times, share, poses[:, 3]), terms)
    areas = np.array([contour.area for contour in life.contours])
    essential = bool((areas >= LEAST_PART * stretch.area[rows]).any())
    return solved if essential or solved.cost < terms.unfollowed(share) else None


def _number(layer: Layer, ids: set[str]) -> int:
    number = len(layer.shapes) + 1
    while f"{layer.id}.{number}" in ids:
        number += 1
    return number


def _uncovered(stretch: Stretch, layer: Layer, row: int, outlines: MatteOutlines) -> MatteOutlines:
    """Those outlines that the layer does not show already."""
    if not outlines.contours:
        return outlines
    size = stretch.document.width, stretch.document.height
    shown = rasterize_shapes(layer, layer.shapes, stretch.frames[row], *size)

    def missing(contour: Contour) -> bool:
        inside = fill([contour.points], *size)
        share = np.count_nonzero(inside & shown) / max(1, int(np.count_nonzero(inside)))
        return bool(share > COVERED if contour.hole else share < COVERED)

    return MatteOutlines(tuple(c for c in outlines.contours if missing(c)))


def inserted(
    shapes: Sequence[Shape], openings: Sequence[Opening], depths: dict[str, int]
) -> list[Shape]:
    """Painting order: each new shape above those of the document that lie as deep, or less.

    ``depths``: of the regions that the document's shapes follow, by their ids.
    """
    result = list(shapes)
    known = dict(depths)
    for opening in openings:
        below = [i for i, s in enumerate(result) if known.get(s.id, opening.depth) <= opening.depth]
        result.insert(below[-1] + 1 if below else 0, opening.shape)
        known[opening.shape.id] = opening.depth
    return result
