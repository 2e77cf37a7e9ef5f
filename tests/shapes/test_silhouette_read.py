"""The Silhouette reader: our own files, the samples, and what only other writers write."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import Key, ValueKey
from roto_shapes.errors import DocumentError
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import read, write
from roto_shapes.formats.silhouette_lower import project
from shapes import helpers_fxs as fxs
from shapes.helpers_shapes import (
    L_CORNERS,
    SLIDING,
    STILL,
    TURNING,
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
SAMPLES = SHARED / "samples" / "fxs"


def back(doc, **options):
    return read(write(doc, "silhouette").text, "silhouette", **options).document


def check_round_trip(doc):
    assert back(doc) == project(doc)


@pytest.mark.parametrize("transform", [None, STILL, SLIDING, TURNING])
@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_round_trip(transform, aspect) -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    doc = document(
        layer(
            moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=fade),
            moving_blob("b", mode="subtract", kind="bspline", color=(0.0, 0.5, 1.0)),
            transform=transform,
        ),
        layer(moving_blob("c", feather=[3.0] * 8), layer_id="l2", group=["x", "y"]),
        layer(layer_id="l3", name="nothing in it"),
        pixel_aspect=aspect,
    )
    check_round_trip(doc)


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
def test_the_projection_looks_the_same_on_every_frame(doc) -> None:
    got = project(doc)
    first, last = doc.frame_range
    for la, other_layer in zip(doc.layers, got.layers, strict=True):
        for sh, other in zip(la.shapes, other_layer.shapes, strict=True):
            for frame in range(first, min(last, first + 20) + 1):
                shown = is_visible(sh, frame) * opacity_at(sh, frame)
                assert is_visible(other, frame) * opacity_at(other, frame) == pytest.approx(
                    shown, abs=1e-9
                )
                if not (shown and is_visible(other, frame)) or len(sh.keys[0].points) == 2:
                    continue
                ours, theirs = outline_at(la, sh, frame), outline_at(other_layer, other, frame)
                for p, q in zip(ours, theirs, strict=True):
                    assert p[:6] == pytest.approx(q[:6], abs=1e-3)


def test_key_offset_and_session_start() -> None:
    doc = document(layer(moving_blob()))
    text = write(doc, "silhouette", session_start=990, key_offset=1).text
    got = read(text, "silhouette", key_offset=1).document
    assert [key.frame for key in got.layers[0].shapes[0].keys] == [1001, 1011, 1040]
    late = read(text, "silhouette").document
    assert late.layers[0].shapes[0].keys[0].frame == 1002


def test_orientation() -> None:
    points = back(one_shape(Key(1001, l_points()))).layers[0].shapes[0].keys[0].points
    assert [(p.x, p.y) for p in points] == [pytest.approx(c, abs=1e-6) for c in L_CORNERS]


def test_open_bsplines_and_corners() -> None:
    points = tuple(
        p._replace(corner=i == 2)
        for i, p in enumerate(polygon((0, 0), (50, 10), (90, 90), (10, 80), (3, 3)))
    )
    for closed in (True, False):
        got = back(one_shape(Key(1001, points), kind="bspline", closed=closed))
        shape = got.layers[0].shapes[0]
        assert [p.corner for p in shape.keys[0].points] == [False, False, True, False, False]
    # Three vertices in one place are a corner, whoever wrote them; a triangle stays one.
    same = polygon((5, 5), (5, 5), (5, 5))
    got = back(one_shape(Key(1001, tuple(p._replace(corner=False) for p in same)), kind="bspline"))
    assert len(got.layers[0].shapes[0].keys[0].points) == 3


# --- the samples


@pytest.fixture(scope="module")
def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip("ROTO_SHARED has no samples/fxs")
    return SAMPLES


def sample(samples, letter, **options):
    (path,) = samples.glob(f"{letter}_*.fxs")
    return read(path.read_text(), "silhouette", **options)


@pytest.mark.footage
def test_samples_give_their_known_geometry(samples: Path) -> None:
    known = {
        "A": [(960, 540), (0, 0), (1920, 1080), (480, 810)],
        "D": [(0, 0), (2048, 0), (2048, 1716), (0, 1716)],
    }
    for letter, corners in known.items():
        doc = sample(samples, letter, pixel_aspect=2.0 if letter == "D" else None).document
        shape = doc.layers[0].shapes[0]
        found = sorted((p.x, p.y) for p in shape.keys[0].points)
        assert found == [pytest.approx(c, abs=0.01) for c in sorted(corners)]
    assert sample(samples, "A").document.layers[0].shapes[0].keys[0].frame == 1001


@pytest.mark.footage
def test_the_sample_circle(samples: Path) -> None:
    doc = sample(samples, "B").document
    shape = doc.layers[0].shapes[0]
    assert (shape.mode, shape.inverted, shape.motion_blur) == ("subtract", True, True)
    for p in shape.keys[0].points:
        assert math.hypot(p.x - 960, p.y - 540) == pytest.approx(200, abs=0.1)
        assert not p.corner


@pytest.mark.footage
def test_the_tracked_layer_moves_as_it_was_put_in(samples: Path) -> None:
    """108 px to the right and 54 px up per frame, as a matrix: baked, and still linear."""
    doc, report = sample(samples, "C")
    moved = next(la for la in doc.layers if "tracked" in (la.name, *la.group))
    shape = moved.shapes[0]
    frames = [key.frame for key in shape.keys]
    a, b = (outline_at(moved, shape, frame) for frame in (frames[0], frames[0] + 1))
    for p, q in zip(a, b, strict=True):
        assert (q.x - p.x, q.y - p.y) == pytest.approx((108, -54), abs=0.01)
    assert any("baked" in line for line in report.lines())


@pytest.mark.footage
def test_samples_survive_a_round_trip(samples: Path) -> None:
    for path in sorted(samples.glob("*.fxs")):
        doc, _ = read(path.read_text(), "silhouette")
        assert any(la.shapes for la in doc.layers), path.name
        again = back(doc)
        for la, lb in zip(doc.layers, again.layers, strict=True):
            for sh, other in zip(la.shapes, lb.shapes, strict=True):
                for key, copy in zip(sh.keys, other.keys, strict=True):
                    for p, q in zip(key.points, copy.points, strict=True):
                        assert p[:6] == pytest.approx(q[:6], abs=1e-4)


# --- what others write


def file(body, head='workRangeStart="1" workRangeEnd="20" sessionStartFrame="1"'):
    return f'<Silhouette width="2000" height="1000" {head}>{body}</Silhouette>'


def path_keys(*keys, kind="Bspline", closed="True"):
    text = "".join(
        f'<Key frame="{frame}" interp="{interp}"><Path closed="{closed}" type="{kind}">'
        + "".join(f"<Point>({x / 1000},{y / 1000})</Point>" for x, y in points)
        + "</Path></Key>"
        for frame, interp, points in keys
    )
    return f'<Property id="path">{text}</Property>'


SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]


def shape(properties="", kind="Bspline", marks="", path=None):
    path = path or path_keys((0, "linear", SQUARE))
    return (
        f'<Object type="Shape" label="S" shape_type="{kind}" {marks}>'
        f"<Properties>{path}{properties}</Properties></Object>"
    )


def in_layer(properties, *children, label="L", tag="Layer"):
    return (
        f'<{tag} type="Layer" label="{label}"><Properties>{properties}<Property id="objects">'
        + "".join(children)
        + f"</Property></Properties></{tag}>"
    )


def constant(name, value):
    return f'<Property id="{name}" constant="True"><Value>{value}</Value></Property>'


def keyed(name, *keys):
    items = "".join(f'<Key frame="{f}" interp="{i}">{v}</Key>' for f, i, v in keys)
    return f'<Property id="{name}">{items}</Property>'


def first_point(text, frames, **options):
    doc, report = read(file(text), "silhouette", **options)
    la = doc.layers[0]
    points = [outline_at(la, replace(la.shapes[0], visible=[]), frame)[0] for frame in frames]
    return [(p.x, p.y) for p in points], la, report


def test_transforms_against_hand_reckoning() -> None:
    """The square's first B-spline node, (0, 0) + 1/6 of its neighbours, turned about the centre."""
    still, _, _ = first_point(in_layer("", shape()), [1])
    assert still[0] == pytest.approx((1000 + 100 / 6, 500 + 100 / 6))
    x, y = 100 / 6, 100 / 6
    for properties, due in [
        (constant("transform.rotate", "90"), (-y, x)),
        (constant("transform.scale", "(2,2,1)"), (2 * x, 2 * y)),
        (constant("transform.scale", "(2,3,1)"), (2 * x, 3 * y)),
        (constant("transform.position", "(0.1,-0.2)"), (x + 100, y - 200)),
        (
            constant("transform.anchor", "(0.1,0)") + constant("transform.rotate", "90"),
            (100 - y, x - 100),
        ),
        (
            constant("transform.matrix", "2,0,0,0,0,1,0,0,0,0,1,0,0.01,0.02,0,1"),
            (2 * x + 10, y + 20),
        ),
    ]:
        (got,), _, _ = first_point(in_layer(properties, shape()), [1])
        assert got == pytest.approx((1000 + due[0], 500 + due[1])), properties


def test_animated_transforms() -> None:
    slide = keyed("transform.position", (0, "linear", "(0,0)"), (10, "linear", "(0.1,0)"))
    got, la, _ = first_point(in_layer(slide, shape()), [1, 6, 11])
    assert [x - got[0][0] for x, _ in got] == pytest.approx([0, 50, 100])
    assert len(la.transform.keys) == 2
    step = keyed("transform.position", (0, "hold", "(0,0)"), (10, "linear", "(0.1,0)"))
    got, _, _ = first_point(in_layer(step, shape()), [1, 10, 11])
    assert [x - got[0][0] for x, _ in got] == pytest.approx([0, 0, 100])
    both = in_layer(slide, in_layer(constant("transform.scale", "(2,2,1)"), shape(), tag="Object"))
    got, la, report = first_point(both, [1, 6, 11])
    assert [x - 1000 for x, _ in got] == pytest.approx([200 / 6 + d for d in (0, 50, 100)])
    assert (la.transform, la.group) == (None, ["L"])
    assert any("baked" in line for line in report.lines())
    spin = keyed(
        "transform.rotate",
        (0, "catmullrom", "0"),
        (10, "catmullrom", "90"),
        (20, "catmullrom", "90"),
    )
    got, la, report = first_point(in_layer(spin, shape()), [6])
    assert la.transform is not None
    assert any("eased transform" in line for line in report.lines())


def test_catmull_rom_keys() -> None:
    def at(d):
        return [(x + d, y) for x, y in SQUARE]

    path = path_keys((0, "catmullrom", at(0)), (8, "catmullrom", at(80)), (16, "linear", at(80)))
    got, la, report = first_point(shape(path=path), range(1, 18), tolerance=0.01)
    assert [got[i][0] - got[0][0] for i in (0, 8, 16)] == pytest.approx([0, 80, 80])
    assert got[12][0] - got[0][0] > 81  # it overshoots, as the spline does
    assert len(la.shapes[0].keys) > 3
    assert any("Catmull-Rom" in line for line in report.lines())


@pytest.mark.parametrize(
    ("keys", "visible", "opacity"),
    [
        ([(0, "hold", 0), (2, "hold", 100), (5, "hold", 0)], [(3, 5)], 1.0),
        ([(0, "hold", 100), (5, "hold", 0)], [(1, 5)], 1.0),
        ([(3, "hold", 0), (5, "hold", 50)], [(6, 20)], 0.5),
        ([(3, "hold", 0), (5, "hold", 0)], [], 0.0),
        ([(3, "hold", 70)], [], 0.7),
    ],
)
def test_opacity_that_holds_0_is_visibility(keys, visible, opacity) -> None:
    doc, _ = read(file(shape(keyed("opacity", *keys))), "silhouette")
    found = doc.layers[0].shapes[0]
    assert (found.visible, found.opacity) == (visible, pytest.approx(opacity))


def test_a_fade_down_to_0_is_no_switch() -> None:
    keys = [(0, "linear", 100), (4, "hold", 0), (8, "linear", 60), (10, "linear", 0)]
    doc, _ = read(file(shape(keyed("opacity", *keys))), "silhouette")
    found = doc.layers[0].shapes[0]
    assert found.visible == []
    assert [opacity_at(found, frame) for frame in (3, 5, 9, 10)] == [0.5, 0, 0.6, 0.3]


def test_what_is_reported() -> None:
    properties = (
        constant("mode", "Max")
        + constant("blur", "3")
        + keyed("feather", (0, "linear", "1"), (4, "linear", "9"))
        + keyed("opacity", (0, "catmullrom", "0"), (4, "catmullrom", "90"), (8, "linear", "9"))
    )
    pins = constant("transform.pin_ul", "(0.1,0)")
    doc, report = read(
        file(
            in_layer(pins, shape(properties), shape(kind="Xspline"), shape(marks='hidden="True"'))
        ),
        "silhouette",
    )
    text = "\n".join(report.lines())
    for part in (
        "L: corner pin",
        "L / S: mode Max",
        "blur: not read",
        "animated feather",
        "eased opacity",
        "type Xspline: skipped",
        "hidden",
    ):
        assert part in text
    assert [s.opacity for s in doc.layers[0].shapes][1] == 0
    assert len(doc.layers[0].shapes) == 2


def test_bare_shapes_and_stacking() -> None:
    text = file(
        shape()
        + in_layer("", shape(), in_layer("", shape(), label="in", tag="Object"), shape())
        + shape()
    )
    doc, _ = read(text, "silhouette")
    assert [(la.name, la.group, len(la.shapes)) for la in doc.layers] == [
        ("Shapes", [], 1),
        ("L", [], 1),
        ("in", ["L"], 1),
        ("L", [], 1),
        ("Shapes", [], 1),
    ]


def test_a_work_range_from_0_counts_from_the_session_start() -> None:
    head = 'workRangeStart="0" workRangeEnd="9" sessionStartFrame="1001"'
    assert read(file(shape(), head), "silhouette").document.frame_range == (1001, 1010)


BROKEN = {
    "nothing": "",
    "not XML": "Roto {}",
    "another root": "<Project/>",
    "entities": '<!DOCTYPE x [<!ENTITY a "b">]><Silhouette/>',
    "no size": "<Silhouette/>",
    "frame": file(shape(path=path_keys(("x", "linear", SQUARE)))),
    "infinite frame": file(shape(path=path_keys(("inf", "linear", SQUARE)))),
    "twice": file(shape(path=path_keys((1, "linear", SQUARE), (1, "linear", SQUARE)))),
    "points differ": file(shape(path=path_keys((1, "linear", SQUARE), (2, "linear", SQUARE[1:])))),
    "no keys": file(shape(path='<Property id="path"/>')),
    "no path": file(shape(path='<Property id="path"><Key frame="1"/></Property>')),
    "pairs": file(shape(kind="Bezier")),
    "huge": file(shape(path=path_keys((1, "linear", [(1e320, 0)] * 3)))),
    "matrix": file(in_layer(constant("transform.matrix", "1,2"), shape())),
    "one number": file(in_layer(constant("transform.scale", "3"), shape())),
    "position": file(
        in_layer(keyed("transform.position", (0, "linear", "1"), (2, "linear", "(1,2)")), shape())
    ),
    "deep": file(
        "<Layer type='Layer'><Properties><Property id='objects'>" * 300
        + "</Property></Properties></Layer>" * 300
    ),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_broken_files_are_refused_with_a_reason(text) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text, "silhouette")
    assert len(caught.value.message) > 10


def test_the_checker_agrees_on_our_files() -> None:
    doc = document(layer(moving_blob("a"), moving_blob("b"), transform=SLIDING))
    theirs = fxs.shapes(fxs.read(write(doc, "silhouette").text))
    got = back(doc)
    for mine, other in zip(got.layers[0].shapes, theirs, strict=True):
        for frame in at_whole_and_between(1001, 1040)[::7]:
            points = outline_at(got.layers[0], mine, frame)
            space = fxs.File(1920, 1080, 1.0, 0, (0, 0), [])
            for p, point in zip(points, other.path(frame - 1001), strict=True):
                assert (p.x, p.y) == pytest.approx(space.pixel(point[0]), abs=1e-4)
