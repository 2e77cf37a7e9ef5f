"""Runs inside Blender (`in_blender.py`): masks an artist edited, read back for the farm."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace

import bpy
import pytest
from artist_masks import (
    FIRST,
    HEIGHT,
    SHIFT,
    WIDTH,
    apply,
    body,
    edits,
    held,
    hole,
    move,
    moving,
    only_mask,
    ring,
    version,
)

from megaton_roto import identity, readback
from megaton_roto.keying import keying, unlocked
from megaton_roto.points import placed
from roto_shapes.errors import RotoError
from roto_shapes.evaluate import outline_at
from roto_shapes.model import Transform, TransformKey, ValueKey


def nothing_touched_is_nothing_to_send(_):
    visible = [(1005, 1012), (1020, 1040)]
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.3)]
    held_keys = [replace(key, interpolation="hold") for key in moving()]
    documents = [
        version(body(), hole()),
        version(body(visible=visible, opacity=fade), hole()),
        version(body(feather=[0.0, 1.0, 2.5, 3.0, 0.5, 0.0, 0.0]), hole()),
        version(body(held_keys), hole()),
        version(replace(body(), kind="bspline")),
        version(body([replace(k, points=k.points[::-1]) for k in moving()])),
        version(
            body(),
            transform=Transform(
                (300.0, 200.0), [TransformKey(1001, 3.0, 4.0, 5.0, 1.1), TransformKey(1040, 90.0)]
            ),
        ),
    ]
    for number, document in enumerate(documents):
        for mask in list(bpy.data.masks):
            bpy.data.masks.remove(mask)
        told = apply(document)
        assert told.startswith("hero: "), told
        assert edits(only_mask(), document) == [], number
        first = next(iter(held(only_mask()).values()))
        assert min(first) + SHIFT == 101 or number, "keys lie on scene frames"


def a_moved_point_goes_out_alone(_):
    base = version(body(), hole())
    apply(base)
    mask = only_mask()
    move(mask, "hero 1", 1020, dx=0.01, dy=0.02)
    (edit,) = edits(mask, base)
    assert (edit.object, edit.frames) == ("hero", (1020,))
    ours, theirs = base.layers[0].shapes[0], edit.layer.shapes[0]
    for key, now in zip(ours.keys, theirs.keys, strict=True):
        if key.frame == 1020:
            assert now.origin == "artist"
            p, q = key.points[0], now.points[0]
            assert abs(q.x - p.x - 0.01 * WIDTH) < 2e-3, q.x - p.x
            assert abs(q.y - p.y + 0.02 * WIDTH) < 2e-3, "mask space has y up"
            assert abs(q.in_dx - p.in_dx) < 2e-3
        else:
            assert now is key, "the others are the document's own"
    assert edit.layer.shapes[1] == base.layers[0].shapes[1]


def pixels_that_are_no_squares(_):
    """As Blender shows the plate: its file need not say so."""
    base = version(body(), hole())
    apply(base, aspect=2.0)
    mask = only_mask()
    point = base.layers[0].shapes[0].keys[0].points[0]
    bpy.context.scene.frame_set(FIRST + SHIFT)
    spots = [tuple(one.co) for one in mask.layers["hero 1"].splines[0].points]
    due = 0.5 + (point.x - WIDTH / 2) * 2 / (2 * WIDTH), 0.5 - (point.y - HEIGHT / 2) / (2 * WIDTH)
    assert any(math.dist(spot, due) < 1e-6 for spot in spots), (due, spots)
    assert edits(mask, base) == []
    move(mask, "hero 1", 1020, dx=0.01, dy=0.0)
    (edit,) = edits(mask, base)
    was, now = (one.shapes[0].keys[2].points for one in (base.layers[0], edit.layer))
    moved = [b.x - a.x for a, b in zip(was, now, strict=True)]
    assert abs(max(moved) - 0.01 * WIDTH) < 2e-3


def a_key_more_and_one_less(_):
    base = version(body(), hole())
    apply(base)
    mask = only_mask()
    move(mask, "hero 1", 1025, dx=-0.01)
    (edit,) = edits(mask, base)
    assert edit.frames == (1025,)
    assert [key.frame for key in edit.layer.shapes[0].keys] == [1001, 1011, 1020, 1025, 1030, 1040]
    with keying() as editor, unlocked(mask):
        editor.show(mask)
        editor.go_to(1011 + SHIFT)
        points = mask.layers["hero 1"].splines[0].points
        points.foreach_set("select", [True] * len(points))
        editor.clear_keys()
    (edit,) = edits(mask, base)
    assert edit.frames == (1011, 1025)
    assert [key.frame for key in edit.layer.shapes[0].keys] == [1001, 1020, 1025, 1030, 1040]


def a_pose_without_a_key_is_keyed_and_sent(_):
    base = version(body(), hole())
    apply(base)
    mask = only_mask()
    seen = move(mask, "hero 1", 1015, key=False)
    (edit,) = edits(mask, base)
    assert edit.frames == (1015,)
    assert 1015 in held(mask)["hero 1"]
    assert 1015 not in held(mask)["hero 2"]
    bpy.context.scene.frame_set(1015 + SHIFT)
    assert placed(mask.layers["hero 1"].splines[0].points) == seen


def a_pose_of_another_mask_stays(_):
    apply(version(body(), hole()))
    own = only_mask().copy()
    del own["megaton_roto"]
    own.name = "my own"
    seen = move(own, "hero 1", 1015, key=False)
    mask = bpy.data.masks["hero"]
    assert edits(mask, version(body(), hole())) == []
    assert placed(own.layers["hero 1"].splines[0].points) == seen
    with suppress(ZeroDivisionError), keying() as editor:
        editor.show(mask)
        editor.go_to(1030 + SHIFT)
        raise ZeroDivisionError
    assert placed(own.layers["hero 1"].splines[0].points) == seen


def a_transform_is_taken_off_again(_):
    turning = Transform(
        (300.0, 200.0),
        [TransformKey(1001, 3.0, 4.0, 5.0, 1.1), TransformKey(1040, 90.0, -20.0, -12.0, 0.9)],
    )
    base = version(body(), transform=turning)
    apply(base)
    mask = only_mask()
    move(mask, "hero 1", 1020, dx=0.01, dy=0.0)
    (edit,) = edits(mask, base)
    assert edit.frames == (1020,)
    (shape,) = edit.layer.shapes
    assert [key.frame for key in shape.keys] == [1001, 1011, 1020, 1030, 1040]
    was = outline_at(base.layers[0], base.layers[0].shapes[0], 1020)
    now = outline_at(edit.layer, shape, 1020)
    assert edit.layer.transform == turning
    assert abs(now[0].x - was[0].x - 0.01 * WIDTH) < 3e-3
    assert all(
        abs(a.x - b.x) + abs(a.y - b.y) < 3e-3 for a, b in zip(was[1:], now[1:], strict=True)
    )


def renamed_deleted_and_added(_):
    base = version(body(), hole())
    apply(base)
    mask = only_mask()
    mask.layers["hero 1"].name = "outline"
    assert edits(mask, base) == [], "a new name alone is nothing to track"
    mask.layers.remove(mask.layers["hero 2"])
    fresh = mask.layers.new(name="patch")
    spline = fresh.splines.new()
    spline.points.add(3)
    spline.use_cyclic = True
    for point, co in zip(
        spline.points, ((0.3, 0.3), (0.4, 0.3), (0.4, 0.4), (0.3, 0.4)), strict=True
    ):
        point.handle_left_type = point.handle_right_type = "FREE"
        point.co = point.handle_left = point.handle_right = co
    (edit,) = edits(mask, base)
    assert [shape.name for shape in edit.layer.shapes] == ["outline", "patch"]
    outline, patch = edit.layer.shapes
    assert outline.id == "obj1.1"
    assert outline.keys == base.layers[0].shapes[0].keys
    assert patch.id.startswith("blender-")
    x, y = patch.keys[0].points[0][:2]
    assert abs(x - (0.3 - 0.5) * WIDTH - WIDTH / 2) < 1e-3
    assert abs(y - HEIGHT / 2 - 0.2 * WIDTH) < 1e-3
    (again,) = edits(mask, base)
    assert again.layer.shapes[1].id == patch.id, "the same the next time"

    moved = [replace(key, frame=1030, points=ring(420.0, 330.0, 20.0, 4)) for key in patch.keys]
    layer = replace(edit.layer, shapes=[outline, replace(patch, keys=[*patch.keys, *moved])])
    newer = replace(base, layers=[layer])
    apply(newer, 2, 1, {"hero": ((1001, 1040),)})
    assert [layer.name for layer in mask.layers] == ["outline", "patch"], "none is there twice"
    assert sorted(held(mask)["patch"]) == [1001, 1030]
    assert edits(mask, newer) == []


def moved_along_with_the_plate(_):
    """All keys 25 frames later, as if the shot were placed elsewhere on the timeline."""
    base = version(body(visible=[(1005, 1012), (1020, 1040)]), hole())
    apply(base)
    mask = only_mask()
    note = identity.read(mask)
    note.offset -= 25
    identity.write(mask, note)
    assert edits(mask, base) == []
    assert identity.read(mask).offset == SHIFT
    move(mask, "hero 1", 1020)
    (edit,) = edits(mask, base)
    assert edit.frames == (1020,)


def saved_and_opened(folder):
    base = version(body(), hole())
    apply(base)
    move(only_mask(), "hero 1", 1020)
    before = held(only_mask())
    path = str(folder / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert held(only_mask()) == before
    (edit,) = edits(only_mask(), base)
    assert edit.frames == (1020,)


def refusals(_):
    mask = bpy.data.masks.new("my own")
    assert not readback.corrigible(mask)
    calls = {
        "did not come from": lambda: readback.correction(bpy.context, mask),
        "no mask": lambda: readback.correction(bpy.context, []),
        "no shapes": lambda: apply(None),
    }
    for words, call in calls.items():
        with pytest.raises(RotoError, match=words) as caught:
            call()
        assert caught.value.hint
    mask["megaton_roto"] = "{broken"
    assert identity.read(mask) is None
