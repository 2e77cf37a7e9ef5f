"""What the Nuke writer writes, read back by the independent checker and held against evaluate."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import ControlPoint, Key, Shape, Transform, TransformKey, ValueKey
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import nuke, write
from shapes import helpers_nk as nk
from shapes.helpers_shapes import (
    L_CORNERS,
    SLIDING,
    STILL,
    TURNING,
    at_whole_and_between,
    blob,
    document,
    drawn_documents,
    l_points,
    layer,
    moving_blob,
    one_shape,
    polygon,
)

TOLERANCE = 1e-3


def decoded(doc, **options):
    text, _ = write(doc, "nuke", **options)
    knobs = nk.curves_knobs(text)
    assert [knob.node_class for knob in knobs] == ["Roto"]
    nk.check_strict(knobs[0].root)
    return knobs[0].root


def in_order(doc):
    """(layer, shape) topmost first, as Nuke lists them."""
    pairs = [(la, sh) for la in doc.layers for sh in la.shapes]
    return list(reversed(pairs))


def expected(la, sh, frame):
    return [
        [(p.x + p.in_dx, p.y + p.in_dy), (p.x, p.y), (p.x + p.out_dx, p.y + p.out_dy)]
        for p in outline_at(la, sh, frame)
    ]


def jumps_within(keys, frame):
    """Whether a hold changes within the frame that ``frame`` lies in: Nuke has no step there."""
    pairs = pairwise(keys)
    return any(k.interpolation == "hold" and n.frame - 1 < frame < n.frame for k, n in pairs)


def worst(doc, instants):
    found = nk.shapes_of(decoded(doc))
    assert len(found) == len(in_order(doc))
    error = 0.0
    for (la, sh), theirs in zip(in_order(doc), found, strict=True):
        for frame in instants:
            if not is_visible(sh, frame) or jumps_within(sh.keys, frame):
                continue
            ours = expected(la, sh, frame)
            got = theirs.outline(frame, doc.height)
            assert len(ours) == len(got)
            for a, b in zip(ours, got, strict=True):
                error = max(error, *(math.dist(p, q) for p, q in zip(a, b, strict=True)))
    return error


@pytest.mark.parametrize(
    "transform", [None, STILL, SLIDING, TURNING], ids=["none", "still", "sliding", "turning"]
)
def test_outlines_equal_the_document_at_keys_and_between(transform) -> None:
    doc = document(layer(moving_blob("a"), moving_blob("b"), transform=transform))
    assert worst(doc, at_whole_and_between(995, 1045)) < TOLERANCE


def test_a_jittering_shape_keyed_on_every_frame() -> None:
    keys = [
        Key(f, blob(x=960 + 40 * math.sin(f), y=500 + 30 * math.cos(2 * f)))
        for f in range(1001, 1041)
    ]
    assert worst(one_shape(*keys), at_whole_and_between(1001, 1040)) < TOLERANCE


def test_bsplines_closed_and_open_with_corners() -> None:
    def points(d):
        return tuple(
            ControlPoint(400 + 90 * i + d, 300 + 80 * (i % 3) + d * i, corner=i in (0, 3))
            for i in range(6)
        )

    for closed in (True, False):
        doc = one_shape(Key(1001, points(0)), Key(1020, points(31)), kind="bspline", closed=closed)
        assert worst(doc, at_whole_and_between(1001, 1022)) < TOLERANCE


def test_holds_are_exact_on_every_whole_frame() -> None:
    keys = [
        Key(1001, l_points(), interpolation="hold"),
        Key(1005, l_points(40), interpolation="hold"),
        Key(1006, l_points(90), interpolation="linear"),
        Key(1012, l_points(10), interpolation="hold"),
    ]
    doc = one_shape(*keys)
    assert worst(doc, at_whole_and_between(1000, 1015)) < TOLERANCE
    assert nk.shapes_of(decoded(doc))[0].main.times == [1001, 1004, 1005, 1006, 1012]
    assert any("held keys" in line for line in write(doc, "nuke").report.lines())


def test_rotation_over_non_square_pixels_is_baked_and_reported() -> None:
    doc = document(layer(moving_blob(), transform=TURNING), pixel_aspect=2.0)
    text, report = write(doc, "nuke")
    assert worst(doc, list(range(1001, 1041))) < TOLERANCE
    assert any("baked" in line for line in report.lines())
    hero = next(la for la in nk.layers_of(nk.curves_knobs(text)[0].root) if la.name == "hero")
    assert len(hero.transform) == 2
    slid = document(layer(moving_blob(), transform=SLIDING), pixel_aspect=2.0)
    assert not any("baked" in line for line in write(slid, "nuke").report.lines())


def test_baking_keeps_to_the_frames_the_shape_is_seen_on() -> None:
    shape = moving_blob(visible=[(1010, 1015)])
    doc = document(layer(shape, transform=TURNING), pixel_aspect=2.0)
    times = nk.shapes_of(decoded(doc))[0].main.times
    assert (times[0], times[-1]) == (1010, 1015)
    assert worst(doc, list(range(1005, 1020))) < TOLERANCE


def test_orientation_and_half_pixel() -> None:
    """The L lies at the top left in Nuke too, and no half pixel is gained or lost."""
    shape = nk.shapes_of(decoded(one_shape(Key(1001, l_points()))))[0]
    centres = [(x.at(1), y.at(1)) for x, y in shape.main.entries[1::3]]
    assert centres == [(x, 1080 - y) for x, y in L_CORNERS]
    # The first pixel, centre (0.5, 0.5) from the top-left corner, is Nuke's (0.5, 1079.5).
    pixel = one_shape(Key(1001, polygon((0.5, 0.5), (1.5, 0.5), (1.5, 1.5))))
    entries = nk.shapes_of(decoded(pixel))[0].main.entries
    assert (entries[1][0].at(1), entries[1][1].at(1)) == (0.5, 1079.5)


def test_handles_flip_with_the_picture() -> None:
    points = (ControlPoint(10, 20, -3, 4, 5, -6), ControlPoint(40, 50), ControlPoint(0, 70))
    entries = nk.shapes_of(decoded(one_shape(Key(1001, points))))[0].main.entries
    left, centre, right = [(x.at(1), y.at(1)) for x, y in entries[:3]]
    assert (left, centre, right) == ((-3, -4), (10, 1060), (5, 6))


def test_a_single_key_is_written_the_way_nuke_writes_a_fresh_shape() -> None:
    text = write(one_shape(Key(1001, l_points())), "nuke").text
    assert "{px x447a4000\n{0 0}\n{x42c80000 x4480c000}\n{0 0}" in text


def test_constant_axes_take_one_item() -> None:
    text = write(one_shape(Key(1, l_points()), Key(11, l_points(5))), "nuke").text
    assert "{{{x42c80000 0 1 x3f000000 1} {x42d20000 x3f000000 1 0 1}} {{x4480c000 -}}}" in text


def test_stacking_is_top_first_and_subtract_shapes_are_of_no_colour() -> None:
    low = moving_blob("a", name="low")
    cut = moving_blob("b", name="cut", mode="subtract")
    doc = document(
        layer(low, cut), layer(moving_blob("c", name="top"), layer_id="l2", name="second")
    )
    text, report = write(doc, "nuke")
    shapes = nk.shapes_of(nk.curves_knobs(text)[0].root)
    assert [s.name for s in shapes] == ["top", "cut", "low"]
    colours = [[s.attribute(c, 1001, 1.0) for c in "rgba"] for s in shapes]
    assert colours == [[1] * 4, [0] * 4, [1] * 4]
    assert not any("cut" in line for line in report.lines())
    swapped = replace(doc, layers=doc.layers[::-1])
    assert any(
        "also cut the layers below it (second)" in x for x in write(swapped, "nuke").report.lines()
    )


def test_visibility_and_opacity_on_every_frame() -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    for visible in (
        [],
        [(1001, 1040)],
        [(1003, 1009)],
        [(1002, 1004), (1006, 1006), (1007, 1010), (1020, 1030)],
    ):
        doc = document(layer(moving_blob(visible=visible, opacity=fade)))
        theirs, ours = nk.shapes_of(decoded(doc))[0], doc.layers[0].shapes[0]
        for frame in range(1001, 1041):
            assert theirs.visible(frame) == is_visible(ours, frame), (visible, frame)
            assert theirs.attribute("opc", frame, 1.0) == pytest.approx(
                opacity_at(ours, frame), abs=1e-6
            )


def test_attributes() -> None:
    shape = moving_blob(
        inverted=True, motion_blur=True, feather=7.5, opacity=0.5, color=(1.0, 0.5, 0.0)
    )
    found = nk.shapes_of(decoded(document(layer(shape))))[0]
    values = {
        name: found.attribute(name, 1001, None)
        for name in ("inv", "mbo", "fx", "fy", "opc", "ro", "go", "bo")
    }
    assert values == {
        "inv": 1,
        "mbo": 1,
        "fx": 7.5,
        "fy": 7.5,
        "opc": 0.5,
        "ro": 1,
        "go": 0.5,
        "bo": 0,
    }


def test_per_point_feather_leaves_the_shape_at_right_angles() -> None:
    square = polygon((100, 100), (200, 100), (200, 200), (100, 200))
    for points in (square, square[::-1]):
        doc = one_shape(Key(1001, points), feather=[0.0, 0.0, 0.0, 14.0])
        found = nk.shapes_of(decoded(doc))[0]
        centres = [(x.at(1), y.at(1)) for x, y in found.feather.entries[1::3]]
        corner = points[3]
        assert centres[:3] == [(0, 0)] * 3
        outward = (
            math.copysign(14 / math.sqrt(2), corner.x - 150),
            math.copysign(14 / math.sqrt(2), 150 - corner.y),
        )
        assert centres[3] == pytest.approx(outward)


def test_feather_of_an_animated_bspline_and_of_an_open_shape() -> None:
    points = polygon((100, 100), (300, 120), (320, 400), (90, 380))
    moved = polygon((110, 100), (310, 120), (330, 400), (100, 380))
    closed = one_shape(Key(1001, points), Key(1009, moved), kind="bspline", feather=[4.0] * 4)
    found = nk.shapes_of(decoded(closed))[0]
    assert len(found.feather.entries) == len(found.main.entries)
    for x, y in found.feather.entries[1::3]:
        assert math.hypot(x.at(1004), y.at(1004)) == pytest.approx(4, abs=1e-3)
    assert any("per-point feather" in line for line in write(closed, "nuke").report.lines())
    straight = one_shape(Key(1001, polygon((0, 10), (50, 10))), closed=False, feather=[3.0, 3.0])
    found = nk.shapes_of(decoded(straight))[0]
    assert found.open
    assert [(x.at(1), y.at(1)) for x, y in found.feather.entries[1::3]] == [(0, 3), (0, 3)]


def test_no_feather_is_idem() -> None:
    doc = one_shape(Key(1001, l_points()), feather=[0.0] * 6)
    assert nk.shapes_of(decoded(doc))[0].feather is None


def test_groups_become_nested_layers_without_changing_the_order() -> None:
    layers = [
        layer(layer_id=str(i), name=f"n{i}", group=group)
        for i, group in enumerate([["a", "b"], ["a", "b"], ["a"], [], ["a"]])
    ]
    root = decoded(document(*layers))

    def tree(node):
        return {child.name: tree(child) for child in node.items}

    assert tree(root) == {
        "a": {"n4": {}},
        "n3": {},
        "a_2": {"n2": {}, "b": {"n1": {}, "n0": {}}},
    }


HOSTILE = [
    "a{b",
    "}}}",
    'say "hi"',
    "back\\slash",
    "$var [exec rm]",
    "semi;colon",
    "tab\tnew\nline",
    "",
    " ",
    "é漢字 🎬",
    "\ud800",
    "Root",
    "dup",
    "dup",
    "x.y/z",
    "#c",
]


def test_hostile_names_leave_the_script_whole() -> None:
    shapes = [moving_blob(f"s{i}", name=name) for i, name in enumerate(HOSTILE)]
    doc = document(layer(*shapes, name='{"', group=["}", "["]))
    text, report = write(doc, "nuke", node_name="1 {bad}\n")
    text.encode("utf-8")
    knob = nk.curves_knobs(text)[0]
    nk.check_strict(knob.root)
    assert len(nk.shapes_of(knob.root)) == len(HOSTILE)
    assert knob.knobs["name"] == "_1__bad__"
    found = [s.name for s in nk.shapes_of(knob.root)]
    assert "é漢字 🎬" in found
    assert "dup_2" in found
    assert any("is named 'dup_2' in Nuke" in line for line in report.lines())


def test_file_and_clipboard() -> None:
    doc = document(layer(moving_blob()))
    text = write(doc, "nuke").text
    assert text.startswith("version 13.2 v8\nRoto {\n inputs 0\n")
    words = [command[0][0] for command in nk.commands(text)]
    assert words == ["version", "Roto"]
    pasted = write(doc, "nuke", clipboard=True, node_name="").text
    assert [c[0][0] for c in nk.commands(pasted)] == ["set", "version", "push", "Roto"]
    knob = nk.curves_knobs(pasted)[0]
    assert "inputs" not in knob.knobs
    assert knob.knobs["name"] == "Roto1"


def test_writing_twice_gives_the_same_text() -> None:
    doc = document(layer(moving_blob(), transform=TURNING))
    assert write(doc, "nuke").text == nuke.write(doc).text


def test_far_and_negative_frames() -> None:
    doc = document(
        layer(
            Shape(
                "s",
                "s",
                keys=[Key(-7, l_points()), Key(3, l_points(8)), Key(2**24 - 1, l_points())],
            )
        )
    )
    assert worst(doc, [-9, -7, -3.5, 0, 2, 3, 10, 1e6]) < TOLERANCE


def test_a_single_transform_key_is_not_animated() -> None:
    root = decoded(
        document(layer(moving_blob(), transform=Transform((1, 2), [TransformKey(7, 3, 4, 5, 2)])))
    )
    slots = [curve.at(0) for curve in nk.layers_of(root)[1].transform]
    assert slots == [1, 1078, 0, 3, -4, 0, 0, 0, -5, 2, 2]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_any_document(doc) -> None:
    first, last = doc.frame_range
    instants = at_whole_and_between(first, min(last, first + 40))
    if doc.pixel_aspect != 1:  # a turning layer is baked then, on whole frames
        instants = [instant for instant in instants if instant == int(instant)]
    # float32 holds 2500 px to 1.2e-4 and 180 degrees to 8e-6; turned and scaled they add up.
    assert worst(doc, instants) < 2 * TOLERANCE
