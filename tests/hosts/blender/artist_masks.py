"""An artist and his masks in real Blender: what the scenes are made of. Runs inside Blender."""

from __future__ import annotations

import math
from array import array
from types import SimpleNamespace

import bpy

from megaton_roto import identity, readback, results, standing
from megaton_roto.keying import keying, unlocked
from megaton_roto.points import place, placed
from roto_client.hosts import HostResult, JobRow
from roto_shapes.model import (
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
)

FIRST, LAST = 1001, 1040
SHIFT = -900
"""Scene frame less plate frame: the plate's frame 1001 is shown on frame 101."""
WIDTH, HEIGHT = 1280, 720


def plate(aspect=1.0):
    return SimpleNamespace(
        to_scene=lambda frame: frame + SHIFT,
        to_plate=lambda frame: frame - SHIFT,
        frame_range=(FIRST, LAST),
        pixel_aspect=aspect,
        id_block=None,
    )


def ring(x, y, radius, count=7):
    """A round Bezier, clockwise on screen."""
    reach = radius * 4 / 3 * math.tan(math.pi / 2 / count)
    points = []
    for i in range(count):
        a = 2 * math.pi * i / count
        dx, dy = -math.sin(a) * reach, math.cos(a) * reach
        px, py = x + radius * math.cos(a), y + radius * math.sin(a)
        points.append(ControlPoint(px, py, -dx, -dy, dx, dy))
    return tuple(points)


def moving(frames=(1001, 1011, 1020, 1030, 1040), x=400.0, radius=120.0, count=7):
    return [
        Key(f, ring(x + 3.3 * (f - FIRST), 300.7 + i, radius + i, count))
        for i, f in enumerate(frames)
    ]


def version(*shapes, transform=None):
    layer = Layer("obj1", "hero", shapes=list(shapes), transform=transform)
    return Document(WIDTH, HEIGHT, frame_range=(FIRST, LAST), layers=[layer])


def body(keys=None, **fields):
    return Shape("obj1.1", "hero 1", keys=keys or moving(), **fields)


def hole():
    return Shape("obj1.2", "hero 2", mode="subtract", keys=moving(x=410.0, radius=30.0, count=5))


def row(number, base=None):
    return JobRow(
        id=f"job{number}", shot_id="shot", shot="sh010", version=number, base_version=base
    )


def apply(document, number=1, base=None, changed=None, aspect=1.0):
    """Bring a version in; what the artist is told."""
    result = HostResult(row(number, base), document, {}, changed)
    return results.apply(bpy.context, result, result.row, plate(aspect))


def held(mask):
    """The mask's keys: layer name -> plate frame -> bytes of its rows."""
    note = identity.read(mask)
    with keying() as editor, unlocked(mask):
        editor.show(mask)
        stand = standing.read(mask, editor, note.offset)
    return {
        layer.name: {
            frame: b"".join(array("f", row).tobytes() for row in rows)
            for frame, rows in layer.keys.items()
        }
        for layer in stand
    }


def move(mask, name, frame, index=0, dx=0.01, dy=0.02, key=True):
    """What an artist does: go there, drag a point and its handles, press I."""
    bpy.context.scene.frame_set(frame + SHIFT)
    points = mask.layers[name].splines[0].points
    row = placed(points)
    for at in range(0, 6, 2):
        row[6 * index + at] += dx
        row[6 * index + at + 1] += dy
    place(points, row)
    if key:
        insert(mask, name, frame)
    return placed(points)


def insert(mask, name, frame, offset=SHIFT):
    """The artist's I, on the plate frame he is on."""
    assert bpy.context.scene.frame_current == frame + offset
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    before = area.ui_type
    area.type = "IMAGE_EDITOR"
    area.spaces.active.mode = "MASK"
    area.spaces.active.mask = mask
    for layer in mask.layers:
        for spline in layer.splines:
            flags = [layer.name == name] * len(spline.points)
            spline.points.foreach_set("select", flags)
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        assert bpy.ops.mask.shape_key_insert() == {"FINISHED"}
    area.ui_type = before


def edits(mask, base):
    """What goes to the farm, as the worker's thread makes it."""
    return readback.correction(bpy.context, mask).edits(base)


def only_mask():
    (mask,) = bpy.data.masks
    return mask
