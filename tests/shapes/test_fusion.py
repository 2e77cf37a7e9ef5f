"""Fusion polygon masks, written and read."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import Key, Transform, TransformKey, ValueKey
from roto_shapes.errors import DocumentError
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import read, write
from roto_shapes.formats.fusion_lower import project
from roto_shapes.formats.lua_table import parse, quoted
from shapes.helpers_shapes import (
    L_CORNERS,
    SLIDING,
    STILL,
    TURNING,
    assert_same,
    at_whole_and_between,
    document,
    drawn_documents,
    l_points,
    layer,
    moving_blob,
    one_shape,
    polygon,
)

SHARED = Path(os.environ.get("ROTO_SHARED", Path(__file__).parents[3] / "shared"))
SAMPLES = SHARED / "samples" / "fusion"


def text_of(doc):
    return write(doc, "fusion").text


def back(doc):
    return read(text_of(doc), "fusion").document


def check_round_trip(doc):
    # Nine decimals of 4096 pixels; with_corners decides on angles, so a name apart is a fault.
    assert_same(without_corners(back(doc)), without_corners(project(doc)), 1e-5)


def without_corners(doc):
    for la in doc.layers:
        for sh in la.shapes:
            sh.keys = [
                Key(k.frame, tuple(p._replace(corner=False) for p in k.points)) for k in sh.keys
            ]
    return doc


def same_look(doc, got, frames, tolerance=1e-3):
    layers = [la for la in doc.layers if la.shapes]
    for la, other_layer in zip(layers, got.layers, strict=True):
        for sh, other in zip(la.shapes, other_layer.shapes, strict=True):
            for frame in frames:
                shown = is_visible(sh, frame) * opacity_at(sh, frame)
                assert is_visible(other, frame) * opacity_at(other, frame) == pytest.approx(
                    shown, abs=1e-8
                )
                if not shown:
                    continue
                ours, theirs = outline_at(la, sh, frame), outline_at(other_layer, other, frame)
                for p, q in zip(ours, theirs, strict=True):
                    assert p[:6] == pytest.approx(q[:6], abs=tolerance)


@pytest.mark.parametrize("transform", [None, STILL, SLIDING, TURNING])
@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_round_trip_and_look(transform, aspect) -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    doc = document(
        layer(
            moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=fade),
            moving_blob("b", mode="subtract", kind="bspline", inverted=True),
            transform=transform,
        ),
        layer(moving_blob("c", feather=[3.0] * 8, motion_blur=True), layer_id="l2", group=["x"]),
        layer(layer_id="l3", name="nothing in it"),
        pixel_aspect=aspect,
    )
    check_round_trip(doc)
    same_look(doc, back(doc), range(1001, 1041))
    if aspect == 1:
        plain = document(layer(moving_blob("a"), transform=transform))
        same_look(plain, back(plain), at_whole_and_between(1001, 1040))


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_round_trip_of_any_document(doc) -> None:
    check_round_trip(doc)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_any_document_looks_the_same_on_every_frame(doc) -> None:
    first, last = doc.frame_range
    same_look(doc, project(doc), range(first, min(last, first + 20) + 1), 2e-3)


def test_a_fade_to_nothing_that_is_then_switched_on_stays_nothing() -> None:
    """Its zeros end within a frame, as a switch's do, and began as a fade: they are no switch."""
    fade = [
        ValueKey(985, 0.5),
        ValueKey(1001, 0.0, "hold"),
        ValueKey(1004, 0.5),
    ]
    doc = document(layer(moving_blob("a", visible=[(990, 1004)], opacity=fade)))
    same_look(doc, project(doc), range(1001, 1006))
    same_look(doc, back(doc), range(1001, 1006))


def test_orientation_and_half_pixel() -> None:
    """X in widths from the centre, Y in heights, upwards: the L lies at the top left."""
    text = text_of(one_shape(Key(1001, l_points())))
    found = re.findall(r"X = (\S+), Y = (\S+), LX", text)
    assert [(float(x), float(y)) for x, y in found] == [
        pytest.approx((x / 1920 - 0.5, 0.5 - y / 1080), abs=1e-9) for x, y in L_CORNERS
    ]
    pixel = text_of(one_shape(Key(1001, polygon((0.5, 0.5), (1.5, 0.5), (1.5, 1.5)))))
    x, y = re.findall(r"X = (\S+), Y = (\S+), LX", pixel)[0]
    assert (float(x), float(y)) == pytest.approx((0.5 / 1920 - 0.5, 0.5 - 0.5 / 1080), abs=1e-9)


def test_handles_are_offsets_and_flip() -> None:
    points = (polygon((960, 540))[0]._replace(in_dx=-192, in_dy=108, out_dx=384, out_dy=-54),)
    text = text_of(one_shape(Key(1001, points + polygon((0, 0), (9, 9)))))
    row = re.search(r"LX = (\S+), LY = (\S+), RX = (\S+), RY = (\S+) }", text)
    assert [float(v) for v in row.groups()] == pytest.approx([-0.1, -0.1, 0.2, 0.05])


def test_structure() -> None:
    low = moving_blob("a", name="low", feather=19.2, opacity=0.5)
    cut = moving_blob("b", name="cut", mode="subtract")
    tools = parse(text_of(document(layer(low, cut, transform=TURNING)))).table("Tools").fields
    kinds = {name: tool.kind for name, tool in tools.items()}
    assert kinds["hero_low"] == kinds["hero_cut"] == "PolylineMask"
    inputs = tools["hero_cut"].table("Inputs")
    assert inputs.table("EffectMask").fields == {"SourceOp": "hero_low", "Source": "Mask"}
    assert inputs.table("PaintMode").table("Value").items == ["Subtract"]
    assert inputs.table("PixelAspect").table("Value").items == [1, 1]
    first = tools["hero_low"].table("Inputs")
    assert first.table("SoftEdge").number("Value") == pytest.approx(0.01)
    assert first.table("Level").number("Value") == 0.5
    keys = tools[first.table("Polyline").text("SourceOp")].table("KeyFrames").fields
    assert list(keys) == [1001, 1011, 1040]
    assert [key.items[0] for key in keys.values()] == [0, 1, 2]
    path = tools[first.table("Center").text("SourceOp")]
    assert path.kind == "XYPath"
    spin = tools[first.table("ZRotation").text("SourceOp")].table("KeyFrames").fields
    assert [key.items[0] for key in spin.values()] == [0, -30, 45]
    right = spin[1001].table("RH").items
    assert right == [pytest.approx(1004), pytest.approx(-10)]
    linked = re.findall(r'SourceOp = "(\w+)"', text_of(document(layer(low, cut))))
    assert set(linked) <= set(parse(text_of(document(layer(low, cut)))).table("Tools").fields)


def test_open_shapes_are_strokes() -> None:
    doc = one_shape(Key(1, polygon((0, 0), (9, 9))), closed=False)
    assert "Solid = Input { Value = 0, }" in text_of(doc)
    assert not back(doc).layers[0].shapes[0].closed


HOSTILE = [
    "}}",
    'a"b',
    "back\\",
    "--[[",
    "nl\nx",
    "\x00",
    "",
    "é漢 🎬",
    "\ud800",
    "1",
    "dup",
    "dup",
]


def test_hostile_names() -> None:
    shapes = [moving_blob(f"s{i}", name=name) for i, name in enumerate(HOSTILE)]
    doc = document(layer(*shapes, name="]]", group=["{", '"']))
    text_of(doc).encode("utf-8")
    got = back(doc)
    assert [s.name for s in got.layers[0].shapes] == [
        re.sub("[\x00-\x1f\ud800-\udfff]", "_", name) for name in HOSTILE
    ]
    assert (got.layers[0].name, got.layers[0].group) == ("]]", ["{", '"'])
    assert parse("{ " + quoted('a"b\\c\nd') + " }").items == ['a"b\\c\nd']


# --- files of others


@pytest.mark.footage
def test_the_sample() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("ROTO_SHARED has no samples/fusion")
    (path,) = SAMPLES.glob("*.setting")
    doc, report = read(path.read_text(), "fusion")
    shape = doc.layers[0].shapes[0]
    assert (doc.width, doc.height, doc.frame_range) == (1920, 1080, (1001, 1010))
    assert [key.frame for key in shape.keys] == [1001, 1010]
    assert [(p.x, p.y) for p in shape.keys[0].points] == [
        (480, 810),
        (1440, 810),
        (1440, 270),
        (480, 270),
    ]
    assert report.as_list() == []


def setting(spline="", inputs="", polyline="", more=""):
    source = polyline or 'SourceOp = "P", Source = "Value"'
    return f"""{{ Tools = ordereddict() {{
      -- a comment
      M = PolylineMask {{ Inputs = {{ MaskWidth = Input {{ Value = 1000 }},
        MaskHeight = Input {{ Value = 500, }}, Polyline = Input {{ {source} }}, {inputs} }} }},
      P = BezierSpline {{ KeyFrames = {{ {spline} }} }}, {more} }}, ActiveTool = 'M' }}"""


def key(frame, value, x, flags="", handles=""):
    points = f"{{ Linear = true, X = {x}, Y = 0 }}, {{ X = 0.1, Y = 0, RX = 0.1 }}, {{ X = 0.2 }}"
    return (
        f"[{frame}] = {{ {value}, {handles} Flags = {{ {flags} }},"
        f" Value = Polyline {{ Closed = true, Points = {{ {points} }} }} }}"
    )


def xs(text, frames, **options):
    doc, report = read(text, "fusion", **options)
    la = doc.layers[0]
    return [outline_at(la, la.shapes[0], f)[0].x for f in frames], la, report


def test_linear_stepped_and_eased_keys() -> None:
    two = setting(key(0, 0, -0.5) + ", " + key(10, 1, 0))
    assert xs(two, (0, 5, 10))[0] == [0, 250, 500]
    stepped = setting(key(0, 0, -0.5) + ", " + key(10, 1, 0, "StepIn = true"))
    assert xs(stepped, (0, 9, 10))[0] == [0, 0, 500]
    eased = setting(
        key(0, 0, -0.5, handles="RH = { 5, 0 },") + ", " + key(10, 1, 0, handles="LH = { 5, 1 },")
    )
    got, la, report = xs(eased, range(11), tolerance=0.01)
    for frame, x in enumerate(got):
        # Handles half way: time is 10 (1.5 t (1 - t)^2 + 1.5 t^2 (1 - t) + t^3).
        low, high = 0.0, 1.0
        for _ in range(60):
            t = (low + high) / 2
            time = 10 * (1.5 * t * (1 - t) ** 2 + 1.5 * t * t * (1 - t) + t**3)
            low, high = (t, high) if time < frame else (low, t)
        assert x == pytest.approx(500 * (3 * low**2 - 2 * low**3), abs=0.02)
    assert len(la.shapes[0].keys) > 2
    assert any("eased or stepped" in line for line in report.lines())


def test_transforms_of_others() -> None:
    keys = key(3, 0, 0)
    still = setting(keys, "Center = Input { Value = { 0.6, 0.5 } }, Angle = Input { Value = 90 },")
    doc = read(still, "fusion").document
    shape = doc.layers[0].shapes[0]
    points = outline_at(doc.layers[0], shape, 3)
    assert (points[1].x, points[1].y) == pytest.approx((600, 150))
    spin = "A = BezierSpline { KeyFrames = { [0] = { 0 }, [10] = { 90 } } }"
    moving = setting(keys, 'Angle = Input { SourceOp = "A", Source = "Value" },', more=spin)
    doc = read(moving, "fusion").document
    assert [k.rotate for k in doc.layers[0].transform.keys] == [0, -90]
    twice = "N = PolylineMask { Inputs = { EffectMask = Input { SourceOp = 'M' }, Polyline = Input"
    twice += " { SourceOp = 'P' } } }"
    doc, report = read(
        setting(keys, "Center = Input { Value = { 0.6, 0.5 } },", more=twice), "fusion"
    )
    assert doc.layers[0].transform is None
    assert [s.keys[0].points[0].x for s in doc.layers[0].shapes] == pytest.approx([600, 500])
    assert any("move apart" in line for line in report.lines())


def test_static_and_odd_polygons() -> None:
    static = "Value = Polyline { Points = { { X = 0 }, { X = 0.1 }, 3 } }"
    doc = read(setting(polyline=static), "fusion").document
    assert (doc.layers[0].shapes[0].closed, len(doc.layers[0].shapes[0].keys)) == (False, 1)
    doc, report = read(setting(polyline="Value = Polyline { }"), "fusion")
    assert doc.layers == []
    assert any("without a polygon" in line for line in report.lines())
    odd = key(0, 0, 0) + ", [5] = { 1, Value = Polyline { Points = { { X = 0 } } } }"
    assert any("number of points" in x for x in read(setting(odd), "fusion").report.lines())
    grouped = "{ Tools = { G = GroupOperator { Tools = " + setting(key(0, 0, 0)).split("=", 1)[1]
    grouped = grouped.rsplit(", ActiveTool", 1)[0] + " } } }"
    assert len(read(grouped, "fusion").document.layers) == 1


def test_what_is_reported() -> None:
    inputs = 'PaintMode = Input { Value = FuID { "Multiply" } }, Level = Input { SourceOp = "L" },'
    level = "L = BezierSpline { KeyFrames = { [0] = { 0, RH = { 5, 0 } }, [10] = { 1,"
    level += " LH = { 5, 1 } } } }"
    _, report = read(setting(key(0, 0, 0), inputs, more=level), "fusion")
    assert {line.split(": ")[1].split(",")[0] for line in report.lines()} == {
        "paint mode Multiply",
        "eased opacity",
    }
    bare = "{ Tools = { M = PolylineMask { } } }"
    assert any("1920 x 1080" in x for x in read(bare, "fusion").report.lines())


BROKEN = {
    "nothing": "",
    "a number": "3",
    "brace": "{ Tools = {",
    "no tools": "{ }",
    "sign": "{ Tools = ! }",
    "colon": "{ Tools = { A = B { 1 2 } } }",
    "call": "{ Tools = ordered( { } }",
    "key": "{ Tools = {}, [{}] = 1 }",
    "bracket": "{ Tools = {}, [1 = 1 }",
    "mark": "{ Tools = = }",
    "deep": "{" * 500,
    "no frame": setting("a = { 0 }"),
    "no keys": setting(""),
    "infinite": setting("[1e999] = { 0 }"),
    "size": setting(key(0, 0, 0), "Size = Input { Value = 0 },"),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_broken_files_are_refused_with_a_reason(text) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text, "fusion")
    assert len(caught.value.message) > 10


def test_lua_values() -> None:
    table = parse(r"""{ 0x10, -1.5e2, "a\65\n", 'q', true, nil; a = { }, ["b c"] = 1 } -- end""")
    assert table.items == [16, -150, "aA\n", "q", True, None]
    assert list(table.fields) == ["a", "b c"]
    assert math.isclose(table.number("b c"), 1)


def test_a_still_transform_is_on_the_first_frame() -> None:
    transform = Transform((10, 20), [TransformKey(77, 5, 6, 7, 2)])
    got = back(document(layer(moving_blob(), transform=transform)))
    assert got.layers[0].transform.keys[0].frame == 1001
