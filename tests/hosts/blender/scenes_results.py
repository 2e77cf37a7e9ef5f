"""Runs inside Blender (`in_blender.py`): results laid into masks, edited, and read back."""

from __future__ import annotations

import json
import math
from array import array
from dataclasses import replace
from types import SimpleNamespace

import bpy
import pytest

from megaton_roto import identity, masks, readback, results, standing
from megaton_roto.keying import keying, unlocked
from megaton_roto.points import place, placed
from roto_client.hosts import HostResult, JobRow
from roto_shapes.errors import RotoError
from roto_shapes.formats import write
from roto_shapes.model import (
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
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


# -- scenes


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
    from roto_shapes.evaluate import outline_at

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


def corrected(base, edit, keys):
    """The farm's answer to an edit: its layer, with other keys for the first shape."""
    first, *others = edit.layer.shapes
    layer = replace(edit.layer, shapes=[replace(first, keys=keys), *others])
    return replace(base, layers=[layer])


def only_the_stretch_changes(_):
    base = version(body(), hole())
    apply(base)
    mask = only_mask()
    move(mask, "hero 1", 1020, dx=0.01)
    (edit,) = edits(mask, base)
    before = held(mask)
    sent = {key.frame: key for key in edit.layer.shapes[0].keys}
    solved = [
        sent[1001],
        sent[1011],
        Key(1016, ring(460.0, 310.0, 123.0)),
        replace(sent[1020], locked=True),
        Key(1026, ring(495.0, 320.0, 126.0)),
        sent[1040],
    ]
    newer = corrected(base, edit, solved)
    # Meanwhile he moved something on a frame outside, and on one inside.
    move(mask, "hero 1", 1040, dx=0.03)
    move(mask, "hero 1", 1023, dx=0.02)
    mine = held(mask)["hero 1"]
    told = apply(newer, 2, 1, {"hero": ((1012, 1039),)})
    assert only_mask() == mask
    now = held(mask)
    assert sorted(now["hero 1"]) == [1001, 1011, 1016, 1020, 1023, 1026, 1040], told
    for frame in (1001, 1011, 1020):
        assert now["hero 1"][frame] == before["hero 1"][frame], frame
    for frame in (1023, 1040):
        assert now["hero 1"][frame] == mine[frame], "edited since: stays"
    assert now["hero 2"] == before["hero 2"]
    note = identity.read(mask)
    assert (note.version, note.job) == (2, "job2")
    (again,) = edits(mask, newer)
    assert again.frames == (1023, 1040), "what was sent is the document's, the rest still his"
    assert apply(newer, 2, 1, {"hero": ((1012, 1039),)}).endswith("already")
    assert held(mask) == now


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


def an_older_version_comes_beside(_):
    newer = version(body(moving(x=420.0)))
    apply(newer, 2)
    apply(version(body()), 1)
    versions = {mask.name: identity.read(mask).version for mask in bpy.data.masks}
    assert versions == {"hero": 2, "hero.001": 1}
    assert edits(bpy.data.masks["hero"], newer) == []
    assert set(results.masks_of("shot")) == set(bpy.data.masks)


def another_topology_is_built_anew(_):
    base = version(body(), hole())
    apply(base)
    mask = only_mask()
    newer = version(body(moving(count=9)), hole(), Shape("obj1.3", "hero 3", keys=moving(x=600.0)))
    apply(newer, 2, 1, {"hero": ((1001, 1040),)})
    assert [layer.name for layer in mask.layers] == ["hero 1", "hero 2", "hero 3"]
    assert len(mask.layers["hero 1"].splines[0].points) == 9
    assert edits(mask, newer) == []
    gone = version(replace(body(moving(count=9)), visible=[(1001, 1010)]), hole())
    apply(gone, 3, 2, {"hero": ((1001, 1040),)})
    assert [layer.name for layer in mask.layers] == ["hero 1", "hero 2"]
    assert edits(mask, gone) == []
    below = version(Shape("obj1.4", "hero 4", keys=moving()), *gone.layers[0].shapes)
    apply(below, 4, 3, {"hero": ((1001, 1040),)})
    assert [layer.name for layer in mask.layers] == ["hero 4", "hero 1", "hero 2"]
    assert edits(mask, below) == []


def with_a_point_more(points):
    """The same curve with a point in the middle of its first segment."""
    a, b = points[:2]
    p = [(a.x, a.y), (a.x + a.out_dx, a.y + a.out_dy), (b.x + b.in_dx, b.y + b.in_dy), (b.x, b.y)]

    def half(q, r):
        return (q[0] + r[0]) / 2, (q[1] + r[1]) / 2

    ab, bc, cd = half(p[0], p[1]), half(p[1], p[2]), half(p[2], p[3])
    left, right = half(ab, bc), half(bc, cd)
    x, y = half(left, right)
    middle = ControlPoint(x, y, left[0] - x, left[1] - y, right[0] - x, right[1] - y)
    first = a._replace(out_dx=ab[0] - a.x, out_dy=ab[1] - a.y)
    second = b._replace(in_dx=cd[0] - b.x, in_dy=cd[1] - b.y)
    return (first, middle, second, *points[2:])


def a_point_more_goes_out_and_comes_back(_):
    """Blender gives every key of the layer the new point; only where he moved it is his word."""
    base = version(body(), hole())
    apply(base)
    mask = only_mask()
    more = [replace(key, points=with_a_point_more(key.points)) for key in moving()]
    drawn_anew(mask, version(body(more), hole()))
    assert len(mask.layers["hero 1"].splines[0].points) == 8
    move(mask, "hero 1", 1020, index=1, dx=0.01)
    (edit,) = edits(mask, base)
    assert edit.frames == (1020,), "the others draw what they did"
    assert {len(key.points) for key in edit.layer.shapes[0].keys} == {8}
    sent = {key.frame: key for key in edit.layer.shapes[0].keys}
    mine = held(mask)["hero 1"]
    solved = [
        replace(key, points=ring(470.0, 310.0, 130.0, 8)) if key.frame in (1011, 1030) else key
        for key in sent.values()
    ]
    newer = corrected(base, edit, solved)
    apply(newer, 2, 1, {"hero": ((1005, 1040),)})
    now = held(mask)["hero 1"]
    assert all(now[frame] == mine[frame] for frame in (1001, 1020, 1040))
    assert all(now[frame] != mine[frame] for frame in (1011, 1030))
    assert edits(mask, newer) == []


def drawn_anew(mask, document):
    """The first layer with other points, as Blender has it after its Add Vertex."""
    entry = json.loads(write(document, "blender").text)["masks"][0]["layers"][0]
    masks.remove_layer(mask, mask.layers["hero 1"])
    with keying() as editor, unlocked(mask):
        editor.show(mask)
        (layer,) = masks.add_layers(mask, [entry], editor, SHIFT)
        editor.lower(layer, 1)


def edits_of_others_do_not_take_his(_):
    """Another seat's correction came first: what he has not been able to send stays."""
    base = version(body(), hole())
    apply(base)
    mask = only_mask()
    move(mask, "hero 1", 1020)
    edits(mask, base)
    mine = held(mask)["hero 1"]
    theirs = version(body(moving(x=420.0)), hole())
    apply(theirs, 2, 1, {"hero": ((1001, 1040),)})
    assert held(mask)["hero 1"][1020] == mine[1020]
    assert held(mask)["hero 1"][1011] != mine[1011]
    (again,) = edits(mask, theirs)
    assert again.frames == (1020,)


def a_new_job_spares_an_edited_mask(_):
    base = version(body(), hole())
    apply(base)
    again = version(body(moving(x=500.0)), hole())
    apply(again, 2)
    mask = only_mask()
    assert edits(mask, again) == []
    move(mask, "hero 1", 1020)
    mine = held(mask)
    apply(version(body(moving(x=300.0))), 3)
    assert sorted(bpy.data.masks.keys()) == ["hero", "hero.001"]
    assert held(mask) == mine


def undo_is_one_step(_):
    bpy.ops.ed.undo_push(message="before")
    apply(version(body(), hole()))
    assert len(bpy.data.masks) == 1
    bpy.ops.ed.undo()
    assert not bpy.data.masks
    bpy.ops.ed.redo()
    mask = only_mask()
    assert sorted(held(mask)["hero 1"]) == [1001, 1011, 1020, 1030, 1040]
    before = held(mask)
    apply(version(body(moving(x=420.0)), hole()), 2, 1, {"hero": ((1001, 1040),)})
    assert held(only_mask()) != before
    bpy.ops.ed.undo()
    assert held(only_mask()) == before
    assert identity.read(only_mask()).version == 1


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


def in_another_scene_and_editor(_):
    """Called under an override of the scene, as from a timer; locked and hidden layers stay so."""
    base = version(body(), hole())
    scene = bpy.data.scenes.new("other")
    scene.frame_set(77)
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], scene=scene):
        apply(base)
    mask = only_mask()
    mask.layers["hero 2"].hide = mask.layers["hero 1"].hide_select = True
    newer = version(body(moving(x=420.0)), hole())
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], scene=scene):
        apply(newer, 2, 1, {"hero": ((1001, 1040),)})
        assert edits(mask, newer) == []
    assert (mask.layers["hero 2"].hide, mask.layers["hero 1"].hide_select) == (True, True)
    assert (mask.layers["hero 1"].hide, mask.layers["hero 2"].hide_select) == (False, False)
    assert scene.frame_current == 77
    assert sorted(bpy.data.scenes.keys()) == ["Scene", "other"]


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
