# SPDX-License-Identifier: GPL-3.0-or-later
"""Mask datablocks from the data of ``roto_shapes.formats.blender``: layers, splines, shape keys.

Layers are finished before the first key: adding to a keyed layer crashes Blender.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import bpy

from .keying import Editor, keying
from .points import Row, place, select

SCHEMA = "megaton-roto/blender/1"


def build(data: dict[str, Any], offset: int = 0) -> list[bpy.types.Mask]:
    """New masks of ``data``, in its order (lowest first).

    ``offset``: scene frame less plate frame; shape keys lie on scene frames. Works in the user
    interface and in background mode; the scene and its frame stay as they are. Raises ValueError
    for data of another schema.
    """
    if data.get("schema") != SCHEMA:
        raise ValueError(f"not mask data of this version: {data.get('schema')!r}")
    with keying() as editor:
        return [build_one(item, editor, offset) for item in data["masks"]]


def build_one(item: dict[str, Any], editor: Editor, offset: int = 0) -> bpy.types.Mask:
    """A new mask of one of the data's ``masks``; it is saved even where nothing uses it."""
    mask = bpy.data.masks.new(item["name"])
    mask.use_fake_user = True
    editor.show(mask)
    add_layers(mask, item["layers"], editor, offset)
    return mask


def add_layers(
    mask: bpy.types.Mask, entries: Sequence[dict[str, Any]], editor: Editor, offset: int
) -> list[bpy.types.MaskLayer]:
    """Layers more on top of a mask that ``editor`` shows, in which nothing is selected."""
    due: dict[int, list[tuple[str, Row]]] = defaultdict(list)
    names = []
    for entry in entries:
        names.append(_layer(mask, entry))
        for frame, row in zip(entry["frames"], entry["keys"], strict=True):
            due[frame + offset].append((names[-1], row))
    for frame in sorted(due):
        editor.go_to(frame)
        for name, row in due[frame]:
            points = mask.layers[name].splines[0].points
            place(points, row)
            select(points, True)
        editor.insert_keys()
        for name, _ in due[frame]:
            select(mask.layers[name].splines[0].points, False)
    made = [mask.layers[name] for name in names]
    for layer, entry in zip(made, entries, strict=True):
        animate(mask, layer, "alpha", entry["alpha"], offset)
        animate(mask, layer, "hide_render", entry["hidden"], offset)
    return made


def _layer(mask: bpy.types.Mask, entry: dict[str, Any]) -> str:
    """A layer without keys; the name Blender gave it, which no other layer of the mask has."""
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
    place(spline.points, entry["keys"][0])
    select(spline.points, False)
    return str(layer.name)


def remove_layer(mask: bpy.types.Mask, layer: bpy.types.MaskLayer) -> None:
    """Take a layer away with what animates it: another of its name would be animated by it."""
    paths = {f"{layer.path_from_id()}.{name}" for name in ("alpha", "hide_render")}
    curves = _curves(mask)
    for curve in [curve for curve in curves if curve.data_path in paths]:
        curves.remove(curve)
    mask.layers.remove(layer)


# -- values with keys of their own


def animate(
    mask: bpy.types.Mask, layer: bpy.types.MaskLayer, name: str, value: Any, offset: int
) -> None:
    """Give a value of a layer that has no keys: itself, or keys (plate frame, value,
    interpolation to the next)."""
    if not isinstance(value, list):
        setattr(layer, name, value)
        return
    for frame, number, _ in value:
        setattr(layer, name, number)
        layer.keyframe_insert(name, frame=frame + offset)
    curve = _curve(mask, layer, name)
    assert curve is not None
    for key, (_, _, interpolation) in zip(curve.keyframe_points, value, strict=True):
        key.interpolation = interpolation


def animated(mask: bpy.types.Mask, layer: bpy.types.MaskLayer, name: str, offset: int) -> Any:
    """The same read back; a curve that eases reads as one that is linear."""
    curve = _curve(mask, layer, name)
    if curve is None or not len(curve.keyframe_points):
        return getattr(layer, name)
    kind = type(getattr(layer, name))
    return [
        [
            round(key.co[0]) - offset,
            kind(key.co[1]),
            "CONSTANT" if key.interpolation == "CONSTANT" else "LINEAR",
        ]
        for key in curve.keyframe_points
    ]


def set_animated(
    mask: bpy.types.Mask, layer: bpy.types.MaskLayer, name: str, value: Any, offset: int
) -> None:
    """Give a value in place of what there is."""
    curve = _curve(mask, layer, name)
    if curve is not None:
        _curves(mask).remove(curve)
    animate(mask, layer, name, value, offset)


def _curve(mask: bpy.types.Mask, layer: bpy.types.MaskLayer, name: str) -> Any:
    path = f"{layer.path_from_id()}.{name}"
    return next((curve for curve in _curves(mask) if curve.data_path == path), None)


def _curves(mask: bpy.types.Mask) -> Any:
    """What animates a mask; an empty list where nothing does."""
    data = mask.animation_data
    if data is None or data.action is None:
        return []
    if bpy.app.version < (4, 4):
        return data.action.fcurves
    for layer in data.action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(data.action_slot) if data.action_slot else None
            if bag is not None:
                return bag.fcurves
    return []
