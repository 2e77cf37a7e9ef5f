# SPDX-License-Identifier: GPL-3.0-or-later
"""Mask datablocks from the data of ``roto_shapes.formats.blender``: layers, splines, shape keys.

Blender has no call that adds a mask shape key; the operator behind the artist's "I" does, in an
area that shows the mask. It keys every layer with a selected point, on the scene's frame. Layers
are finished before the first key: adding to a keyed layer crashes Blender.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy

SCHEMA = "megaton-roto/blender/1"
Row = list[float]
"""Of each point u, v, then those of its left and right handle, in mask space."""


def build(data: dict[str, Any]) -> list[bpy.types.Mask]:
    """New masks of ``data``, in its order (lowest first); shape keys lie on plate frames.

    Works in the user interface and in background mode; the scene and its frame stay as they are.
    Raises ValueError for data of another schema.
    """
    if data.get("schema") != SCHEMA:
        raise ValueError(f"not mask data of this version: {data.get('schema')!r}")
    with _keying() as editor:
        return [_mask(item, editor) for item in data["masks"]]


def _mask(item: dict[str, Any], editor: _Editor) -> bpy.types.Mask:
    mask = bpy.data.masks.new(item["name"])
    due: dict[int, list[tuple[bpy.types.MaskSplinePoints, Row]]] = defaultdict(list)
    for entry in item["layers"]:
        points = _layer(mask, entry)
        for frame, row in zip(entry["frames"], entry["keys"], strict=True):
            due[frame].append((points, row))
    editor.show(mask)
    for frame in sorted(due):
        editor.go_to(frame)
        for points, row in due[frame]:
            _place(points, row)
            _select(points, True)
        editor.insert_keys()
        for points, _ in due[frame]:
            _select(points, False)
    for layer, entry in zip(mask.layers, item["layers"], strict=True):
        _animate(mask, layer, "alpha", entry["alpha"])
        _animate(mask, layer, "hide_render", entry["hidden"])
    return mask


def _layer(mask: bpy.types.Mask, entry: dict[str, Any]) -> bpy.types.MaskSplinePoints:
    layer = mask.layers.new(name=entry["name"])
    layer.blend = entry["blend"]
    layer.invert = entry["invert"]
    layer.falloff = "LINEAR"
    spline = layer.splines.new()
    spline.points.add(len(entry["keys"][0]) // 6 - len(spline.points))
    spline.use_cyclic = entry["cyclic"]
    spline.weight_interpolation = "LINEAR"
    spline.points.foreach_set("weight", entry["weights"])
    for point in spline.points:
        point.handle_left_type = point.handle_right_type = "FREE"
    _place(spline.points, entry["keys"][0])
    _select(spline.points, False)
    return spline.points


def _place(points: bpy.types.MaskSplinePoints, row: Row) -> None:
    for i, name in enumerate(("co", "handle_left", "handle_right")):
        pairs = array("f", bytes(8 * len(points)))
        pairs[0::2] = array("f", row[2 * i :: 6])
        pairs[1::2] = array("f", row[2 * i + 1 :: 6])
        points.foreach_set(name, pairs)


def _select(points: bpy.types.MaskSplinePoints, selected: bool) -> None:
    points.foreach_set("select", [selected] * len(points))


def _animate(mask: bpy.types.Mask, layer: bpy.types.MaskLayer, name: str, value: Any) -> None:
    """``value`` itself, or keys (frame, value, interpolation to the next)."""
    if not isinstance(value, list):
        setattr(layer, name, value)
        return
    for frame, number, _ in value:
        setattr(layer, name, number)
        layer.keyframe_insert(name, frame=frame)
    path = f"{layer.path_from_id()}.{name}"
    curve = next(curve for curve in _curves(mask) if curve.data_path == path)
    for key, (_, _, interpolation) in zip(curve.keyframe_points, value, strict=True):
        key.interpolation = interpolation


def _curves(mask: bpy.types.Mask) -> Any:
    action = mask.animation_data.action
    if bpy.app.version >= (4, 4):
        return action.layers[0].strips[0].channelbags[0].fcurves
    return action.fcurves


class _Editor:
    """An area of the window, borrowed to show a mask on a scene of its own."""

    def __init__(self, window: bpy.types.Window, area: bpy.types.Area) -> None:
        self._scene = window.scene
        self._space = area.spaces.active
        region = next(region for region in area.regions if region.type == "WINDOW")
        self._context = {
            "window": window,
            "area": area,
            "region": region,
            "space_data": self._space,
        }

    def show(self, mask: Any) -> None:
        self._space.mask = mask

    def go_to(self, frame: int) -> None:
        """Before the points are placed: another frame puts the keyed ones back."""
        self._scene.frame_set(frame)

    def insert_keys(self) -> None:
        with bpy.context.temp_override(**self._context):
            if bpy.ops.mask.shape_key_insert() != {"FINISHED"}:
                raise RuntimeError("Blender set no mask shape key")


@contextmanager
def _keying() -> Iterator[_Editor]:
    """An editor whose frame changes evaluate nothing of the artist's scene."""
    window = bpy.context.window_manager.windows[0]
    area, scene = window.screen.areas[0], window.scene
    before = area.ui_type
    scratch = bpy.data.scenes.new("Megaton Roto")
    try:
        window.scene = scratch
        area.type = "IMAGE_EDITOR"
        area.spaces.active.mode = "MASK"
        editor = _Editor(window, area)
        yield editor
        editor.show(None)
    finally:
        area.ui_type = before
        window.scene = scene
        bpy.data.scenes.remove(scratch)
