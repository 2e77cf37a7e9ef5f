"""What an artist did to a layer, told from what his host did to its numbers."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from helpers_shapes import FRAMES, HEIGHT, WIDTH, blob, moving_blob

from roto_shapes.document import ControlPoint, Document, Key, Layer, Transform, TransformKey
from roto_shapes.document import ValueKey as Value
from roto_shapes.edits import SAME, changed_frames, merge_layer, returned_layer
from roto_shapes.evaluate import bspline_to_bezier
from roto_shapes.formats import FORMATS, write
from roto_shapes.formats import read as read_format
from roto_shapes.formats.nuke_read import read


def f32(number: float) -> float:
    return struct.unpack("f", struct.pack("f", number))[0]


def stored(points):
    """Points as a host with y upwards and 32-bit floats gives them back."""
    return tuple(
        ControlPoint(f32(p.x), HEIGHT - f32(HEIGHT - p.y), *map(f32, p[2:6]), p.corner)
        for p in points
    )


def from_host(layer: Layer) -> Layer:
    """What becomes of a layer on its way through a host that keeps no origins and no ids."""
    shapes = [
        replace(
            shape,
            id=f"read-{n}",
            keys=[Key(key.frame, stored(key.points)) for key in shape.keys],
            extra={},
            host=None,
        )
        for n, shape in enumerate(layer.shapes)
    ]
    return replace(layer, id="read", name="read", group=["read"], shapes=shapes, extra={})


def touched(layer: Layer, number: int, frame: int, dx: float) -> Layer:
    """One point of a shape moved on one of its keys."""
    shape = layer.shapes[number]

    def moved(key: Key) -> Key:
        first = key.points[0]
        return replace(key, points=(first._replace(x=first.x + dx), *key.points[1:]))

    keys = [moved(key) if key.frame == frame else key for key in shape.keys]
    shapes = list(layer.shapes)
    shapes[number] = replace(shape, keys=keys)
    return replace(layer, shapes=shapes)


@pytest.fixture
def base() -> Layer:
    arm = moving_blob("arm-id", name="arm", extra={"of": "the solve"}, host={"nuke": 1})
    leg = moving_blob("leg-id", name="leg", opacity=[Value(1001, 1 / 3), Value(1040, 1.0)])
    motion = Transform((1 / 3, 2.0), [TransformKey(1001, 0.1), TransformKey(1040, 7 / 3, 1, 5, 2)])
    return Layer("hero-id", "hero", ["cast"], transform=motion, shapes=[arm, leg])


def test_a_layer_nobody_touched_comes_back_to_the_last_bit(base):
    edited = from_host(base)
    assert edited.shapes[0].keys != base.shapes[0].keys
    assert merge_layer(base, edited, ()) == base
    assert changed_frames(base, edited) == []


def test_through_a_real_nuke_script_and_back(base):
    still = replace(base, transform=None)
    document = Document(WIDTH, HEIGHT, frame_range=FRAMES, layers=[still])
    (found,) = read(write(document, "nuke").text, WIDTH, HEIGHT, FRAMES).document.layers
    assert found.shapes[0].keys != still.shapes[0].keys
    merged = {shape.id: shape for shape in merge_layer(still, found, ()).shapes}
    assert merged["arm-id"].keys == base.shapes[0].keys
    assert merged["leg-id"].keys == base.shapes[1].keys
    assert changed_frames(still, found) == []
    moved = touched(found, [shape.name for shape in found.shapes].index("arm"), 1011, 2.0)
    assert changed_frames(still, moved) == [1011]


def test_only_the_key_that_was_moved_is_the_artists(base):
    edited = touched(from_host(base), 0, 1011, 4.0)
    merged = merge_layer(base, edited, ())
    first, second, third = merged.shapes[0].keys
    assert (first, third) == (base.shapes[0].keys[0], base.shapes[0].keys[2])
    assert (second.origin, second.locked) == ("artist", False)
    assert second.points == edited.shapes[0].keys[1].points
    assert merged.shapes[1] == base.shapes[1]
    assert changed_frames(base, edited) == [1011]


def test_keys_on_the_frames_he_corrected_are_locked_moved_or_not(base):
    merged = merge_layer(base, touched(from_host(base), 0, 1011, 4.0), [1011])
    for shape, own in zip(merged.shapes, base.shapes, strict=True):
        assert [key.locked for key in shape.keys] == [False, True, False]
        assert [key.origin for key in shape.keys] == ["solved", "artist", "solved"]
        assert shape.keys[0] == own.keys[0]
    assert merged.shapes[1].keys[1].points == base.shapes[1].keys[1].points


@pytest.mark.parametrize(("dx", "frames"), [(SAME / 2, []), (3 * SAME, [1040])])
def test_what_a_hand_can_move_counts_and_what_only_rounding_can_does_not(base, dx, frames):
    assert changed_frames(base, touched(base, 0, 1040, dx)) == frames


def test_a_host_of_few_decimals_is_given_its_tolerance(base):
    def rounded(points):
        return tuple(ControlPoint(*(round(n, 2) for n in p[:6]), p.corner) for p in points)

    arm = base.shapes[0]
    keys = [replace(key, points=rounded(key.points)) for key in arm.keys]
    edited = replace(base, shapes=[replace(arm, keys=keys), base.shapes[1]])
    assert changed_frames(base, edited) == [1001, 1011, 1040]
    assert merge_layer(base, edited, (), tolerance=0.006) == base


def test_keys_he_deleted_and_added_stay_so(base):
    edited = from_host(base)
    arm = edited.shapes[0]
    keys = [arm.keys[0], Key(1020, stored(blob(x=950.0))), arm.keys[2]]
    edited.shapes[0] = replace(arm, keys=keys)
    merged = merge_layer(base, edited, [])
    assert [(key.frame, key.origin) for key in merged.shapes[0].keys] == [
        (1001, "solved"),
        (1020, "artist"),
        (1040, "solved"),
    ]
    assert changed_frames(base, edited) == [1011, 1020]


def test_shapes_he_deleted_and_added_stay_so(base):
    edited = from_host(base)
    new = moving_blob("new", frames=(1005, 1009), name="hair")
    edited = replace(edited, shapes=[edited.shapes[1], new])
    merged = merge_layer(base, edited, [1009])
    assert [shape.id for shape in merged.shapes] == ["leg-id", "new"]
    assert [(key.origin, key.locked) for key in merged.shapes[1].keys] == [
        ("artist", False),
        ("artist", True),
    ]
    assert changed_frames(base, edited) == [1001, 1005, 1009, 1011, 1040]


def test_ids_go_before_names_and_a_renamed_shape_keeps_its_id(base):
    """He swaps the names of two shapes; a third party's numbers of the ids are still there."""
    arm, leg = base.shapes
    edited = replace(base, shapes=[replace(arm, name="leg"), replace(leg, name="arm")])
    merged = merge_layer(base, edited, ())
    assert [(shape.id, shape.name) for shape in merged.shapes] == [
        ("arm-id", "leg"),
        ("leg-id", "arm"),
    ]
    assert [shape.keys for shape in merged.shapes] == [arm.keys, leg.keys]
    assert changed_frames(base, edited) == []


def test_two_shapes_of_one_name_are_not_both_the_bases(base):
    edited = from_host(base)
    copy = replace(edited.shapes[0], id="copy")
    merged = merge_layer(base, replace(edited, shapes=[*edited.shapes, copy]), ())
    assert [shape.id for shape in merged.shapes] == ["arm-id", "leg-id", "copy"]
    assert {key.origin for key in merged.shapes[2].keys} == {"artist"}


def test_another_number_of_points_is_all_the_artists(base):
    edited = from_host(base)
    keys = [Key(frame, blob(count=9)) for frame in (1001, 1040)]
    edited.shapes[0] = replace(edited.shapes[0], keys=keys)
    merged = merge_layer(base, edited, ())
    assert merged.shapes[0].id == "arm-id"
    assert [key.origin for key in merged.shapes[0].keys] == ["artist", "artist"]
    assert changed_frames(base, edited) == [1001, 1011, 1040]


def as_bezier(layer: Layer) -> Layer:
    shapes = [
        replace(
            shape,
            kind="bezier",
            keys=[
                replace(key, points=stored(bspline_to_bezier(key.points, shape.closed)))
                for key in shape.keys
            ],
        )
        for shape in layer.shapes
    ]
    return replace(layer, shapes=shapes)


def test_a_b_spline_kept_as_beziers_is_a_b_spline_until_it_is_touched(base):
    base = replace(base, shapes=[replace(shape, kind="bspline") for shape in base.shapes])
    edited = as_bezier(base)
    assert merge_layer(base, edited, ()) == base
    merged = merge_layer(base, touched(edited, 1, 1011, 1.0), ())
    assert merged.shapes[0] == base.shapes[0]
    assert merged.shapes[1].kind == "bezier"
    assert {key.origin for key in merged.shapes[1].keys} == {"artist"}
    assert [len(key.points) for key in merged.shapes[1].keys] == [
        len(key.points) for key in edited.shapes[1].keys
    ]


def test_a_hold_an_artist_sets_is_his(base):
    arm = base.shapes[0]
    keys = [replace(arm.keys[0], interpolation="hold"), *arm.keys[1:]]
    edited = replace(base, shapes=[replace(arm, keys=keys), base.shapes[1]])
    assert merge_layer(base, edited, ()).shapes[0].keys[0].interpolation == "hold"
    assert changed_frames(base, edited) == [1001]


def test_what_has_no_frame_counts_with_a_few(base):
    arm, leg = base.shapes
    other = replace(base, shapes=[replace(arm, mode="subtract"), leg])
    assert merge_layer(base, other, ()).shapes[0].mode == "subtract"
    assert changed_frames(base, other) == [1001, 1011, 1040]


def test_transform_and_opacity_keys_one_by_one(base):
    motion, leg = base.transform, base.shapes[1]
    first, last = motion.keys
    edited = replace(
        base,
        transform=replace(motion, keys=[replace(first, tx=f32(first.tx)), replace(last, ty=9.0)]),
        shapes=[
            base.shapes[0],
            replace(leg, opacity=[Value(1001, f32(1 / 3)), Value(1040, 0.5)]),
        ],
    )
    merged = merge_layer(base, edited, ())
    assert merged.transform.keys == [first, replace(last, ty=9.0)]
    assert merged.shapes[1].opacity == [leg.opacity[0], Value(1040, 0.5)]
    assert changed_frames(base, edited) == [1040]


def test_a_transform_that_stands_still_may_be_keyed_anywhere(base):
    still = replace(base, transform=Transform((0, 0), [TransformKey(1001, 3.0)]))
    elsewhere = replace(still, transform=Transform((0, 0), [TransformKey(1020, 3.0)]))
    assert merge_layer(still, elsewhere, ()) == still
    moved = replace(still, transform=Transform((0, 0), [TransformKey(1020, 4.0)]))
    assert merge_layer(still, moved, ()).transform == moved.transform


def held(base: Layer, format: str) -> tuple[Layer, Layer]:
    """``base`` as a format's host holds it, and as read from a file of it."""
    document = Document(WIDTH, HEIGHT, frame_range=FRAMES, layers=[base])
    project = FORMATS[format].project
    assert project is not None
    size = {"width": WIDTH, "height": HEIGHT, "frame_range": FRAMES} if format == "nuke" else {}
    (found,) = read_format(write(document, format).text, format, **size).document.layers
    (kept,) = project(document).layers
    return kept, found


@pytest.mark.parametrize("format", ["nuke", "silhouette", "fusion"])
@pytest.mark.parametrize("kind", ["bezier", "bspline"])
def test_what_a_hosts_file_still_holds_is_the_bases(base, format, kind):
    """Holds become two keys, visibility becomes opacity, names are made safe: none is an edit."""
    arm, leg = base.shapes
    keys = [replace(arm.keys[0], interpolation="hold"), *arm.keys[1:]]
    arm = replace(arm, kind=kind, name="arm [left]", keys=keys, visible=[(1005, 1030)])
    leg = replace(leg, kind=kind, color=(0.1, 0.2, 0.3), feather=1.7)
    base = replace(base, transform=None, shapes=[arm, leg])
    kept, found = held(base, format)
    assert returned_layer(base, kept, found) == base
    edited = touched(found, [shape.name for shape in found.shapes].index("leg"), 1011, 3.0)
    back = returned_layer(base, kept, edited)
    # Only Silhouette keeps a B-spline a B-spline once it is touched.
    whole = kind == "bspline" and format != "silhouette"
    assert changed_frames(base, back) == ([1001, 1011, 1040] if whole else [1011])
    assert next(shape for shape in back.shapes if shape.id == "arm-id") == arm


def test_shapes_added_and_deleted_in_a_hosts_file(base):
    base = replace(base, transform=None)
    kept, found = held(base, "nuke")
    (arm,) = [shape for shape in found.shapes if shape.name == "arm"]
    new = replace(arm, name="hair")
    first, second = returned_layer(base, kept, replace(found, shapes=[arm, new])).shapes
    assert first == base.shapes[0]
    assert second.id not in {"arm-id", "leg-id", arm.id}
