"""From ``roto/1`` shapes back to pixels: what an artist's host will show on a frame."""

from __future__ import annotations

import numpy as np

from roto_shapes.document import Document, Layer, Shape
from roto_shapes.evaluate import flatten, opacity_at, outline_at

from .curves import Points
from .raster import Mask, fill

FLATNESS = 0.02
"""Largest distance between a curve and its polygon, pixels."""


def polygon(layer: Layer, shape: Shape, frame: float) -> Points | None:
    """The shape's outline as ``(n, 2)`` plate pixels with the layer's transform, or None.

    None where the shape is not visible, fully transparent, or open: it covers nothing there.
    """
    points = outline_at(layer, shape, frame)
    if points is None or not shape.closed or opacity_at(shape, frame) <= 0:
        return None
    return np.array(flatten(points, True, FLATNESS), np.float64).reshape(-1, 2)


def rasterize_layer(document: Document, layer: Layer, frame: float) -> Mask:
    """The pixels a layer covers on a frame, ``bool[height, width]``.

    Shapes are painted in their order: ``add`` adds its inside, ``subtract`` takes it away from what
    lies below; ``inverted`` swaps inside and outside. Opacity counts as all or nothing.
    """
    return rasterize_shapes(layer, layer.shapes, frame, document.width, document.height)


def rasterize_shapes(
    layer: Layer, shapes: list[Shape], frame: float, width: int, height: int
) -> Mask:
    """:func:`rasterize_layer` for some shapes of a layer."""
    mask = np.zeros((height, width), bool)
    for shape in shapes:
        path = polygon(layer, shape, frame)
        if path is None:
            continue
        inside = fill([path], width, height)
        if shape.inverted:
            inside = ~inside
        if shape.mode == "subtract":
            mask &= ~inside
        else:
            mask |= inside
    return mask
