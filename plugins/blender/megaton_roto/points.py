# SPDX-License-Identifier: GPL-3.0-or-later
"""The points of mask splines as rows of numbers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import bpy

Row = list[float]
"""Of each point u, v, then those of its left and right handle, in mask space."""
Pose = dict[str, list[Row]]
"""By mask layer, where the points of each spline are."""
_PARTS = ("co", "handle_left", "handle_right")


def place(points: bpy.types.MaskSplinePoints, row: Sequence[float]) -> None:
    """Put points and handles where a row has them."""
    for i, name in enumerate(_PARTS):
        pairs = array("f", bytes(8 * len(points)))
        pairs[0::2] = array("f", row[2 * i :: 6])
        pairs[1::2] = array("f", row[2 * i + 1 :: 6])
        points.foreach_set(name, pairs)


def placed(points: bpy.types.MaskSplinePoints) -> Row:
    """Where points and handles are: numbers of 32-bit floats."""
    row = array("f", bytes(24 * len(points)))
    for i, name in enumerate(_PARTS):
        pairs = array("f", bytes(8 * len(points)))
        points.foreach_get(name, pairs)
        row[2 * i :: 6] = pairs[0::2]
        row[2 * i + 1 :: 6] = pairs[1::2]
    return list(row)


def rows(layer: bpy.types.MaskLayer) -> list[Row]:
    """Where the points of each spline are now."""
    return [placed(spline.points) for spline in layer.splines]


def pose(mask: bpy.types.Mask) -> Pose:
    """Where all points of a mask are now."""
    return {layer.name: rows(layer) for layer in mask.layers}


def select(points: bpy.types.MaskSplinePoints, selected: bool) -> None:
    """Say whether the layer of these points is keyed."""
    points.foreach_set("select", [selected] * len(points))


def selected_of(points: bpy.types.MaskSplinePoints) -> Sequence[bool]:
    """Which points are selected."""
    flags = [False] * len(points)
    points.foreach_get("select", flags)
    return flags
