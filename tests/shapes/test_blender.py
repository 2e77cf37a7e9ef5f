"""The data of the Blender add-on, taken back to plate pixels by the formula of Blender's space."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import Key, ValueKey
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import write
from roto_shapes.formats.blender import project
from shapes.helpers_shapes import (
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


def data_of(doc):
    return json.loads(write(doc, "blender").text)


def pixel(data, u, v):
    """Measured in Blender: u = (x - W/2) pax / S + .5, v = (H/2 - y) / S + .5."""
    side = max(data["width"] * data["pixel_aspect"], data["height"])
    x = (u - 0.5) * side / data["pixel_aspect"] + data["width"] / 2
    return x, data["height"] / 2 - (v - 0.5) * side


def row_at(mask, frame):
    frames, keys = mask["frames"], mask["keys"]
    if frame <= frames[0]:
        return keys[0]
    for i in range(len(frames) - 1):
        if frames[i] <= frame < frames[i + 1]:
            u = (frame - frames[i]) / (frames[i + 1] - frames[i])
            return [p + u * (q - p) for p, q in zip(keys[i], keys[i + 1], strict=True)]
    return keys[-1]


def alpha_at(alpha, frame):
    if not isinstance(alpha, list):
        return alpha
    if frame <= alpha[0][0]:
        return alpha[0][1]
    for (f0, v0, kind), (f1, v1, _) in pairwise(alpha):
        if f0 <= frame < f1:
            return v0 if kind == "CONSTANT" else v0 + (v1 - v0) * (frame - f0) / (f1 - f0)
    return alpha[-1][1]


def triples_of(data, row):
    """Per point: the point, its left and its right handle; plate pixels."""
    pairs = [pixel(data, u, v) for u, v in zip(row[::2], row[1::2], strict=True)]
    return list(zip(pairs[::3], pairs[1::3], pairs[2::3], strict=True))


def expected(la, sh, frame):
    return [
        ((p.x, p.y), (p.x + p.in_dx, p.y + p.in_dy), (p.x + p.out_dx, p.y + p.out_dy))
        for p in outline_at(la, sh, frame)
    ]


def turned(triples):
    return [(point, right, left) for point, left, right in (triples[0], *triples[:0:-1])]


def worst(got, due):
    pairs = [zip(a, b, strict=True) for a, b in zip(got, due, strict=True)]
    return max(math.dist(p, q) for pair in pairs for p, q in pair)


def check_look(doc, frames):
    data = data_of(doc)
    for la, mask in zip(doc.layers, data["masks"], strict=True):
        for sh, found in zip(la.shapes, mask["layers"], strict=True):
            errors = []
            for frame in frames:
                alpha = alpha_at(found["alpha"], frame)
                assert alpha == pytest.approx(opacity_at(sh, frame), abs=1e-5)
                assert bool(alpha_at(found["hidden"], frame)) != is_visible(sh, frame)
                if is_visible(sh, frame):
                    got, due = triples_of(data, row_at(found, frame)), expected(la, sh, frame)
                    errors.append((worst(got, due), worst(got, turned(due))))
            assert not errors or min(map(max, zip(*errors, strict=True))) < 2e-3


def test_masks_look_as_the_document() -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    for aspect in (1.0, 2.0):
        for transform in (None, STILL, SLIDING):
            plain = document(layer(moving_blob("a"), transform=transform), pixel_aspect=aspect)
            check_look(plain, at_whole_and_between(1001, 1040))
    held = [Key(1001, l_points(), interpolation="hold"), Key(1009, l_points(9))]
    doc = document(
        layer(
            moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=fade),
            moving_blob("b", mode="subtract", kind="bspline"),
            transform=TURNING,
        ),
        layer(*one_shape(*held).layers[0].shapes, layer_id="l2"),
    )
    check_look(doc, range(1001, 1041))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_any_document(doc) -> None:
    first, last = doc.frame_range
    check_look(doc, range(first, min(last, first + 20) + 1))
    write(doc, "blender").text.encode("ascii")


@pytest.mark.parametrize(
    ("size", "aspect"), [((1920, 1080), 1.0), ((1080, 1920), 1.0), ((800, 600), 2.0)]
)
def test_orientation_and_half_pixel(size, aspect) -> None:
    """v is up: the plate's top-left corner lies at the left and high."""
    width, height = size
    doc = one_shape(Key(1, polygon((0, 0), (0.5, 1.5), (width, height))))
    doc.width, doc.height, doc.pixel_aspect = width, height, aspect
    (row,) = data_of(doc)["masks"][0]["layers"][0]["keys"]
    side = max(width * aspect, height)
    left, top = 0.5 - width * aspect / side / 2, 0.5 + height / side / 2
    assert row[:2] == pytest.approx([left, top])
    assert row[6:8] == pytest.approx([left + 0.5 * aspect / side, top - 1.5 / side], abs=2e-8)
    assert row[12:14] == pytest.approx([1 - left, 1 - top])


def circuit(data):
    """The points of the only layer's first key with their feather, from the topmost leftmost on."""
    (found,) = data["masks"][0]["layers"]
    places = [(round(x, 3), round(y, 3)) for (x, y), _, _ in triples_of(data, found["keys"][0])]
    feather = [round(1920 * weight, 3) for weight in found["weights"]]
    start = places.index(min(places))
    both = list(zip(places, feather, strict=True))
    return both[start:] + both[:start]


def test_points_run_so_that_feather_lies_outside() -> None:
    """Clockwise on screen with feather, counter-clockwise without, whichever way they came."""
    corners, each = polygon((100, 100), (300, 120), (300, 200)), [1.0, 2.0, 3.0]
    clockwise = [((p.x, p.y), feather) for p, feather in zip(corners, each, strict=True)]
    for points, feather in ((corners, each), (corners[::-1], each[::-1])):
        assert circuit(data_of(one_shape(Key(1, points), feather=feather))) == clockwise
        bare = circuit(data_of(one_shape(Key(1, points))))
        assert [place for place, _ in bare] == [clockwise[i][0] for i in (0, 2, 1)]
        assert {width for _, width in bare} == {0}


def test_feather_of_a_bspline_is_a_bspline_of_its_vertices() -> None:
    points = polygon((100, 100), (300, 100), (300, 300), (100, 300))
    smooth = tuple(p._replace(corner=i == 3) for i, p in enumerate(points))
    data = data_of(one_shape(Key(1, smooth), kind="bspline", feather=[6.0, 0.0, 0.0, 9.0]))
    assert len(circuit(data)) == 6
    assert sorted(width for _, width in circuit(data)) == [1, 1.5, 5.5, 7.5, 8.5, 9]


def test_names_are_what_blender_takes() -> None:
    shapes = [
        moving_blob(f"s{i}", name=name) for i, name in enumerate(["\x00\n", "é" * 40, "\ud800"])
    ]
    doc = document(layer(*shapes, name="ok"))
    (mask,) = data_of(doc)["masks"]
    assert [found["name"] for found in mask["layers"]] == ["__", "é" * 31, "_"]
    assert mask["name"] == "ok"
    assert sum("in Blender" in line for line in write(doc, "blender").report.lines()) == 3


def test_attributes_and_losses() -> None:
    shape = moving_blob(
        "a", mode="subtract", inverted=True, closed=False, feather=2.0, motion_blur=True
    )
    shape.color = (1.0, 0.0, 0.0)
    doc = document(layer(shape, group=["g"]))
    (mask,) = data_of(doc)["masks"]
    (found,) = mask["layers"]
    assert (found["blend"], found["invert"], found["cyclic"]) == ("MERGE_SUBTRACT", True, False)
    assert (mask["group"], data_of(doc)["frame_range"]) == (["g"], [1001, 1040])
    text = "\n".join(write(doc, "blender").report.lines())
    for part in ("colour", "motion blur", "open shape"):
        assert part in text
    hard = moving_blob("b", inverted=True, opacity=0.5, feather=-1.0)
    wide = moving_blob("c", feather=1.0)
    far = one_shape(Key(2000000, l_points())).layers[0].shapes[0]
    doc = document(layer(hard, wide, far), pixel_aspect=2.0)
    text = "\n".join(write(doc, "blender").report.lines())
    for part in ("inwards", "opacity of an inverted", "the plate's lines", "beyond frame"):
        assert part in text
    flat = one_shape(Key(1, l_points()), Key(9, l_points()[::-1]))
    assert "inside out" in "".join(write(flat, "blender").report.lines())


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25, deadline=None)
@given(doc=drawn_documents())
def test_read_back_it_is_the_same_picture(doc) -> None:
    """On whole frames, with the document's ids and its points in its own order."""
    back = project(doc)
    first, last = doc.frame_range
    for own, held in zip(doc.layers, back.layers, strict=True):
        assert own.id == held.id
        for shape, kept in zip(own.shapes, held.shapes, strict=True):
            assert (shape.id, shape.mode, shape.closed) == (kept.id, kept.mode, kept.closed)
            for frame in range(first, min(last, first + 12) + 1):
                due, got = outline_at(own, shape, frame), outline_at(held, kept, frame)
                assert (due is None) == (got is None), frame
                if due and got:
                    assert opacity_at(kept, frame) == pytest.approx(
                        opacity_at(shape, frame), abs=1e-5
                    )
                    for p, q in zip(due, got, strict=True):
                        assert p[:6] == pytest.approx(q[:6], abs=4e-3)


def test_what_blender_keeps_and_what_not() -> None:
    hidden = one_shape(Key(1001, l_points()), visible=[(990, 995)])
    assert project(hidden).layers[0].shapes[0].visible == [(990, 995)]
    feathered = one_shape(Key(1001, l_points()[::-1]), feather=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    (shape,) = project(feathered).layers[0].shapes
    assert shape.feather == pytest.approx([1, 2, 3, 4, 5, 6], abs=1e-4)
