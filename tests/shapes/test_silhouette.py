"""What the Silhouette writer writes, read back by the independent checker."""

from __future__ import annotations

import math
import os
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import ControlPoint, Key, ValueKey
from roto_shapes.evaluate import bezier_segments, flatten, is_visible, opacity_at, outline_at
from roto_shapes.formats import write
from shapes import helpers_fxs as fxs
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

SHARED = Path(os.environ.get("ROTO_SHARED", Path(__file__).parents[3] / "shared"))
SAMPLES = SHARED / "samples" / "fxs"
TOLERANCE = 1e-3


def decoded(doc, **options):
    text, _ = write(doc, "silhouette", **options)
    return fxs.read(text)


def shown(doc):
    return [(la, sh) for la in doc.layers for sh in la.shapes]


def curve_of(points, closed):
    """Points along each Bezier segment of ours."""
    curve = []
    for a, b, c, d in bezier_segments(points, closed):
        for t in (0.0, 0.3, 0.8):
            w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            curve.append(
                tuple(sum(v * p[i] for v, p in zip(w, (a, b, c, d), strict=True)) for i in (0, 1))
            )
    return curve


def curve_in(file, shape, frame):
    kind = shape.attributes["shape_type"]
    points = shape.path(frame - file.start)
    return [
        file.pixel(fxs.curve_point(points, kind, shape.closed, s, t))
        for s in range(fxs.segment_count(points, kind, shape.closed))
        for t in (0.0, 0.3, 0.8)
    ]


def worst(doc, instants):
    file = decoded(doc)
    found = fxs.shapes(file)
    assert len(found) == len(shown(doc))
    error = 0.0
    for (la, sh), theirs in zip(shown(doc), found, strict=True):
        for frame in instants:
            if not is_visible(sh, frame):
                continue
            ours = curve_of(outline_at(la, sh, frame), sh.closed)
            got = curve_in(file, theirs, frame)
            error = max(error, *(math.dist(p, q) for p, q in zip(ours, got, strict=True)))
    return error


# --- the checker on the samples


@pytest.fixture(scope="module")
def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip("ROTO_SHARED has no samples/fxs")
    return SAMPLES


@pytest.mark.footage
def test_the_checker_reads_all_samples(samples: Path) -> None:
    files = sorted(samples.glob("*.fxs"))
    assert len(files) == 5
    for path in files:
        assert fxs.shapes(fxs.read(path.read_text(), strict=False)), path.name


@pytest.mark.footage
def test_samples_give_their_known_geometry(samples: Path) -> None:
    known = {
        "A": [(960, 540), (0, 0), (1920, 1080), (480, 810)],
        "D": [(0, 0), (2048, 0), (2048, 1716), (0, 1716)],
    }
    for letter, corners in known.items():
        (path,) = samples.glob(f"{letter}_*.fxs")
        file = fxs.read(path.read_text(), strict=False)
        file.pixel_aspect = 2.0 if letter == "D" else 1.0  # that exporter does not write it
        points = [file.pixel(point[0]) for point in fxs.shapes(file)[0].path(0)]
        assert sorted(points) == [pytest.approx(c, abs=0.01) for c in sorted(corners)]


@pytest.mark.footage
def test_the_sample_circle_is_round_by_our_handle_order(samples: Path) -> None:
    (path,) = samples.glob("B_*.fxs")
    file = fxs.read(path.read_text(), strict=False)
    points = fxs.shapes(file)[0].path(0)
    for segment in range(4):
        for t in (0.2, 0.5, 0.9):
            x, y = file.pixel(fxs.curve_point(points, "Bezier", True, segment, t))
            assert math.hypot(x - 960, y - 540) == pytest.approx(200, abs=0.1)


SPOIL = {
    "no id": lambda s: re.sub(r' id="\d+"', "", s),
    "same uuid": lambda s: re.sub(r'uuid="[^"]+"', 'uuid="1"', s),
    "exponent": lambda s: re.sub(r"<Point>\(-0\.\d+", "<Point>(-4e-1", s, count=1),
    "tag in a layer": lambda s: s.replace("<Object", "<Shape").replace("</Object", "</Shape"),
    "boolean": lambda s: s.replace("<Value>false", "<Value>False"),
    "closed differs": lambda s: s.replace('closed="True"', 'closed="False"', 1),
    "points differ": lambda s: re.sub(r"<Point>.*</Point>\n", "", s, count=1),
    "interp": lambda s: s.replace('interp="linear"', 'interp="smooth"'),
    "opacity": lambda s: s.replace("<Value>100.000000000", "<Value>101.0"),
    "frames": lambda s: s.replace('frame="0"', 'frame="99"'),
}


@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL.keys())
def test_the_checker_refuses_broken_files(spoil) -> None:
    good = write(document(layer(moving_blob())), "silhouette").text
    fxs.read(good)
    bad = spoil(good)
    assert bad != good
    with pytest.raises(fxs.CheckError):
        fxs.read(bad)


# --- the writer


@pytest.mark.parametrize("transform", [None, STILL, SLIDING], ids=["none", "still", "sliding"])
def test_outlines_equal_the_document_at_keys_and_between(transform) -> None:
    for aspect in (1.0, 2.0):
        doc = document(
            layer(moving_blob("a"), moving_blob("b"), transform=transform), pixel_aspect=aspect
        )
        assert worst(doc, at_whole_and_between(995, 1045)) < TOLERANCE
        assert all(len(s.properties["path"].keys) == 3 for s in fxs.shapes(decoded(doc)))


def test_a_turning_layer_is_baked_on_frames_and_reported() -> None:
    for aspect in (1.0, 2.0):
        doc = document(layer(moving_blob(), transform=TURNING), pixel_aspect=aspect)
        assert worst(doc, list(range(1001, 1041))) < TOLERANCE
        assert any(
            "baked to 40 keys (exact on frames)" in x
            for x in write(doc, "silhouette").report.lines()
        )


def test_baking_keeps_to_the_visible_frames() -> None:
    shape = moving_blob(visible=[(1010, 1012), (1020, 1022)])
    doc = document(layer(shape, transform=TURNING))
    frames = [k[0] for k in fxs.shapes(decoded(doc))[0].properties["path"].keys]
    assert frames == list(range(9, 22))
    assert worst(doc, list(range(1001, 1041))) < TOLERANCE


def test_scaled_then_sliding_is_baked_without_more_keys_than_needed() -> None:
    keys = [replace(key, rotate=25.0, scale=1.5) for key in SLIDING.keys]
    doc = document(layer(moving_blob(), transform=replace(SLIDING, keys=keys)))
    assert worst(doc, at_whole_and_between(999, 1042)) < TOLERANCE
    assert any("baked to 3 keys (exact)" in x for x in write(doc, "silhouette").report.lines())


def test_bsplines_are_native() -> None:
    def points(d):
        return tuple(
            ControlPoint(400 + 90 * i + d, 300 + 80 * (i % 3), corner=i in (0, 3)) for i in range(6)
        )

    for closed in (True, False):
        doc = one_shape(Key(1001, points(0)), Key(1020, points(31)), kind="bspline", closed=closed)
        assert fxs.shapes(decoded(doc))[0].attributes["shape_type"] == "Bspline"
        assert worst(doc, at_whole_and_between(1001, 1022)) < TOLERANCE


def test_holds_are_native_unless_baked() -> None:
    keys = [
        Key(1001, l_points(), interpolation="hold"),
        Key(1005, l_points(40)),
        Key(1012, l_points(10)),
    ]
    doc = one_shape(*keys)
    assert worst(doc, at_whole_and_between(1000, 1015)) < TOLERANCE
    moving = document(replace(doc.layers[0], transform=TURNING))
    assert worst(moving, list(range(1001, 1041))) < TOLERANCE
    assert any("held keys" in x for x in write(moving, "silhouette").report.lines())
    still = document(replace(doc.layers[0], transform=STILL))
    assert worst(still, at_whole_and_between(1000, 1015)) < TOLERANCE


def test_orientation_and_half_pixel() -> None:
    """The L lies at the top left (negative coordinates), the plate's corner at (-W/2H, -1/2)."""
    file = decoded(one_shape(Key(1001, l_points())))
    points = [p[0] for p in fxs.shapes(file)[0].path(0)]
    assert points == [
        pytest.approx(((x - 960) / 1080, (y - 540) / 1080), abs=1e-9) for x, y in L_CORNERS
    ]
    corner = decoded(one_shape(Key(1001, polygon((0, 0), (0.5, 0.5), (0, 1)))))
    first, centre, _ = [p[0] for p in fxs.shapes(corner)[0].path(0)]
    assert first == pytest.approx((-0.888888889, -0.5), abs=1e-9)
    assert centre == pytest.approx((-959.5 / 1080, -539.5 / 1080), abs=1e-9)


def test_pixel_aspect_widens_x() -> None:
    doc = document(layer(moving_blob()), width=2048, height=1716, pixel_aspect=2.0)
    doc.layers[0].shapes[0].keys = [Key(1, polygon((0, 0), (2048, 0), (2048, 1716)))]
    points = [p[0] for p in fxs.shapes(decoded(doc))[0].path(0)]
    assert points == [
        pytest.approx(c, abs=1e-6) for c in ((-1.193473, -0.5), (1.193473, -0.5), (1.193473, 0.5))
    ]


def test_handles_are_absolute_incoming_then_outgoing() -> None:
    points = (ControlPoint(960, 540, -108, 54, 216, -27), ControlPoint(40, 50), ControlPoint(0, 70))
    first = fxs.shapes(decoded(one_shape(Key(1001, points))))[0].path(0)[0]
    assert first == [
        pytest.approx((0, 0)),
        pytest.approx((-0.1, 0.05)),
        pytest.approx((0.2, -0.025)),
    ]


def test_frames_count_from_the_session_start() -> None:
    doc = document(layer(moving_blob(visible=[(1003, 1005)], opacity=0.5)))
    text = write(doc, "silhouette").text
    assert 'workRangeStart="1001" workRangeEnd="1040" sessionStartFrame="1001"' in text
    shape = fxs.shapes(fxs.read(text))[0]
    assert [k[0] for k in shape.properties["path"].keys] == [0, 10, 39]
    assert [(f, kind, v[0]) for f, kind, v in shape.properties["opacity"].keys] == [
        (1, "hold", 0),
        (2, "hold", 50),
        (4, "hold", 50),
        (5, "hold", 0),
    ]
    moved = fxs.shapes(decoded(doc, session_start=990, key_offset=1))[0]
    assert [k[0] for k in moved.properties["path"].keys] == [12, 22, 51]


def test_visibility_and_opacity_on_every_frame() -> None:
    fades = [0.75, [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]]
    ranges = [
        [],
        [(1001, 1040)],
        [(1003, 1009)],
        [(1002, 1004), (1006, 1006), (1007, 1010), (1020, 1030)],
    ]
    for fade in fades:
        for visible in ranges:
            doc = document(layer(moving_blob(visible=visible, opacity=fade)))
            theirs, ours = fxs.shapes(decoded(doc))[0], doc.layers[0].shapes[0]
            for frame in range(1001, 1041):
                due = 100 * opacity_at(ours, frame) if is_visible(ours, frame) else 0
                assert theirs.number("opacity", frame - 1001) == pytest.approx(due), (
                    visible,
                    frame,
                )


def test_properties_order_and_identity() -> None:
    low = moving_blob(
        "a", name="low", inverted=True, motion_blur=True, feather=3.0, color=(0.0, 0.5, 1.0)
    )
    cut = moving_blob("b", name="cut", mode="subtract", feather=[1.0] * 7 + [9.0])
    doc = document(
        layer(low, cut), layer(moving_blob("c", name="top"), layer_id="l2", name="second")
    )
    file = decoded(doc)
    assert [s.label for s in fxs.shapes(file)] == ["low", "cut", "top"]
    first, second = fxs.shapes(file)[:2]
    values = {
        name: first.properties[name].constant
        for name in ("mode", "invert", "motionBlur", "feather", "outlineColor")
    }
    assert values == {
        "mode": "Add",
        "invert": "true",
        "motionBlur": "true",
        "feather": "3.000000000",
        "outlineColor": "(0.000000000,0.500000000,1.000000000)",
    }
    assert (second.properties["mode"].constant, second.properties["feather"].constant) == (
        "Subtract",
        "2.000000000",
    )
    assert write(doc, "silhouette").text == write(doc, "silhouette").text
    assert "per-point feather" in "".join(write(doc, "silhouette").report.lines())


def test_groups_are_nested_layers() -> None:
    layers = [
        layer(moving_blob(f"s{i}"), layer_id=str(i), name=f"n{i}", group=group)
        for i, group in enumerate([["a", "b"], ["a", "b"], ["a"], [], ["a"]])
    ]
    doc = document(*layers)
    file = decoded(doc)

    def tree(items):
        return [(i.label, tree(i.children)) if i.kind == "Layer" else i.label for i in items]

    assert tree(file.items) == [
        ("a", [("b", [("n0", ["blob s0"]), ("n1", ["blob s1"])]), ("n2", ["blob s2"])]),
        ("n3", ["blob s3"]),
        ("a", [("n4", ["blob s4"])]),
    ]
    assert worst(doc, [1001, 1007.5]) < TOLERANCE


def test_two_points_get_a_third_on_the_same_curve() -> None:
    points = (ControlPoint(100, 100, -40, 90, 60, -80), ControlPoint(300, 140, -20, -60, 10, 70))
    doc = one_shape(Key(1001, points))
    file = decoded(doc)
    path = fxs.shapes(file)[0].path(0)
    assert len(path) == 3
    ours = flatten(points, True, 0.001)
    for segment in range(3):
        for t in (0.0, 0.25, 0.6):
            p = file.pixel(fxs.curve_point(path, "Bezier", True, segment, t))
            near = min(_to_segment(p, a, b) for a, b in pairwise([*ours, ours[0]]))
            assert near < 0.002
    assert "two points" in "".join(write(doc, "silhouette").report.lines())


def _to_segment(p, a, b):
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length)) if length else 0.0
    return math.dist(p, (a[0] + t * dx, a[1] + t * dy))


def test_open_shapes_have_a_stroke_width() -> None:
    doc = one_shape(Key(1001, polygon((0, 10), (50, 10))), closed=False)
    shape = fxs.shapes(decoded(doc))[0]
    assert not shape.closed
    assert float(shape.properties["strokeWidth"].constant) > 0
    assert "open shape" in "".join(write(doc, "silhouette").report.lines())


def test_hostile_names() -> None:
    names = [
        "<b>&amp;",
        "say \"hi\" 'x'",
        "]]>",
        "--><!--",
        "\x00\x1f",
        "\ud800",
        "é漢字 🎬",
        "",
        "\t\n",
    ]
    shapes = [moving_blob(f"s{i}", name=name) for i, name in enumerate(names)]
    text, report = write(document(layer(*shapes, name="</Layer>")), "silhouette")
    text.encode("utf-8")
    labels = [s.label for s in fxs.shapes(fxs.read(text))]
    assert labels == [*names[:4], "__", "_", "é漢字 🎬", "", "__"]
    assert sum("XML cannot carry" in line for line in report.lines()) == 3


def test_no_exponents_and_no_negative_zero() -> None:
    points = polygon((960 - 1e-12, 540 - 1e-12), (1e-30, 0), (4000, 1e9))
    text = write(one_shape(Key(1001, points), opacity=1e-12), "silhouette").text
    assert not re.search(r"\d[eE][-+]?\d", re.sub(r'"[^"]*"', "", text))
    assert "-0.000000000" not in text
    fxs.read(text)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_any_document(doc) -> None:
    first, last = doc.frame_range
    file = decoded(doc)
    for (la, sh), theirs in zip(shown(doc), fxs.shapes(file), strict=True):
        if sh.closed and sh.kind == "bezier" and len(sh.keys[0].points) == 2:
            continue
        for frame in range(first, min(last, first + 40) + 1):
            due = 100 * opacity_at(sh, frame) if is_visible(sh, frame) else 0
            assert theirs.number("opacity", frame - first) == pytest.approx(due, abs=1e-6)
            if is_visible(sh, frame):
                ours = curve_of(outline_at(la, sh, frame), sh.closed)
                got = curve_in(file, theirs, frame)
                assert max(math.dist(p, q) for p, q in zip(ours, got, strict=True)) < TOLERANCE


def test_a_blob_keyed_on_every_frame() -> None:
    keys = [Key(f, blob(x=960 + 40 * math.sin(f))) for f in range(1001, 1041)]
    assert worst(one_shape(*keys), at_whole_and_between(1001, 1040)) < TOLERANCE
