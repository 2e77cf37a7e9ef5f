"""Runs inside Blender (`in_blender.py`): newer versions laid into masks that stand."""

from __future__ import annotations

import json
from dataclasses import replace

import bpy
from artist_masks import (
    SHIFT,
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

from megaton_roto import identity, masks, results
from megaton_roto.keying import keying, unlocked
from roto_shapes.formats import write
from roto_shapes.model import ControlPoint, Key, Shape


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
