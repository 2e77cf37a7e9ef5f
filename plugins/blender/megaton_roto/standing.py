# SPDX-License-Identifier: GPL-3.0-or-later
"""A mask in the file, read as plain data: what its layers hold on each of their keys."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import bpy

from .keying import Editor
from .masks import animated
from .points import Row, place, rows, select


@dataclass
class StandingLayer:
    """A mask layer, lowest first. ``cyclic``, ``weights``: of each spline; ``keys``: plate frame ->
    a row for each spline; ``still``: it has none in Blender. ``alpha``, ``hidden``: as
    `masks.animated` gives them."""

    name: str
    blend: str
    invert: bool
    cyclic: list[bool]
    weights: list[list[float]]
    alpha: Any
    hidden: Any
    keys: dict[int, list[Row]] = field(default_factory=dict)
    still: bool = False

    @property
    def counts(self) -> list[int]:
        """Points of each spline."""
        return [len(weights) for weights in self.weights]


def read(
    mask: bpy.types.Mask, editor: Editor, offset: int, resting: int = 1
) -> list[StandingLayer]:
    """The layers of a mask that ``editor`` shows and that is `keying.unlocked`.

    A layer without keys stands still: it gets one on the plate frame ``resting``. A layer without
    splines is left out.
    """
    found: list[StandingLayer] = []
    due: dict[int, list[StandingLayer]] = defaultdict(list)
    for layer in mask.layers:
        if not len(layer.splines):
            continue
        one = _head(mask, layer, offset)
        found.append(one)
        for frame in editor.key_frames(layer):
            due[frame].append(one)
        if not any(one is keyed for keyed_here in due.values() for keyed in keyed_here):
            one.still = True
            one.keys[resting] = rows(layer)
    for frame in sorted(due):
        editor.go_to(frame)
        for one in due[frame]:
            layer = mask.layers[one.name]
            if not one.keys:
                one.weights = [_weights(spline.points) for spline in layer.splines]
            one.keys[frame - offset] = rows(layer)
    return found


def _head(mask: bpy.types.Mask, layer: bpy.types.MaskLayer, offset: int) -> StandingLayer:
    return StandingLayer(
        name=layer.name,
        blend=layer.blend,
        invert=layer.invert,
        cyclic=[spline.use_cyclic for spline in layer.splines],
        weights=[_weights(spline.points) for spline in layer.splines],
        alpha=animated(mask, layer, "alpha", offset),
        hidden=animated(mask, layer, "hide_render", offset),
    )


def _weights(points: bpy.types.MaskSplinePoints) -> list[float]:
    weights = [0.0] * len(points)
    points.foreach_get("weight", weights)
    return weights


def key_what_is_not(mask: bpy.types.Mask, editor: Editor) -> list[str]:
    """Key the layers an artist moved on the frame where he is without a key; their names.

    Blender forgets such a pose on the next change of frame, ours included. The mask is one that
    ``editor`` shows and that is `keying.unlocked`.
    """
    was = editor.seen.get(mask.name, {})
    editor.go_to(editor.here)
    moved = [name for name, pose in was.items() if rows(mask.layers[name]) != pose]
    if moved:
        for name in moved:
            _pose(mask.layers[name], was[name], True)
        editor.insert_keys()
        for name in moved:
            _pose(mask.layers[name], was[name], False)
    return moved


def _pose(layer: bpy.types.MaskLayer, seen: list[Row], selected: bool) -> None:
    for spline, row in zip(layer.splines, seen, strict=True):
        place(spline.points, row)
        select(spline.points, selected)
