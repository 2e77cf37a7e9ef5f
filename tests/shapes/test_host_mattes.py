"""Every host's file, decoded independently and drawn, is the matte of the document."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from roto_shapes.document import ControlPoint, Key, Transform, TransformKey, ValueKey
from roto_shapes.formats import write
from shapes import helpers_ae
from shapes.helpers_draw import (
    aftereffects_matte,
    document_matte,
    fusion_matte,
    nuke_matte,
    overlap,
    silhouette_matte,
)
from shapes.helpers_shapes import blob, document, l_points, layer, one_shape

WIDTH, HEIGHT = 640, 360
LEAST = 0.995


@pytest.fixture(params=["nuke", "silhouette", "fusion", "aftereffects"])
def draw(request, tmp_path):
    """``draw(document)(frame)`` is the host's matte."""
    drawers = {"nuke": nuke_matte, "silhouette": silhouette_matte, "fusion": fusion_matte}

    def of(doc):
        text = write(doc, request.param).text
        if request.param != "aftereffects":
            return lambda frame: drawers[request.param](text, frame, doc.width, doc.height)
        log = helpers_ae.run(text, tmp_path)
        return lambda frame: aftereffects_matte(
            log, frame - doc.frame_range[0], doc.width, doc.height
        )

    of.format = request.param
    return of


def small(*layers, **fields):
    return document(*layers, width=WIDTH, height=HEIGHT, **fields)


def shape(shape_id, *keys, **fields):
    return replace(one_shape(*keys).layers[0].shapes[0], id=shape_id, **fields)


def ring(dx, count=9):
    corners = []
    for i in range(count):
        a, r = 2 * math.pi * i / count, 60 + 25 * (i % 2)
        x, y = 480 + dx + r * math.cos(a), 120 + r * math.sin(a)
        corners.append(ControlPoint(x, y, corner=i in (2, 5)))
    return tuple(corners)


def busy_layers():
    """A body with a hole in it that leaves the frame, and a B-spline of its own layer beside it."""
    body = [
        Key(1001, blob(12, 250, 180, 110)),
        Key(1011, blob(12, 330, 200, 120, 0.4)),
        Key(1040, blob(12, 90, 330, 130, 1.0)),
    ]
    hole = [Key(1005, blob(7, 260, 180, 40)), Key(1040, blob(7, 80, 300, 55, 0.7))]
    limb = [Key(1001, ring(0)), Key(1031, ring(90))]
    first = layer(shape("a", *body), shape("b", *hole, mode="subtract"))
    return [first, layer(shape("c", *limb, kind="bspline"), layer_id="l2", name="limb")]


SLIDING = Transform((200.0, 100.0), [TransformKey(1001, 8.0), TransformKey(1030, 60.0, -40.0)])
TURNING = Transform(
    (250.0, 180.0),
    [
        TransformKey(1001),
        TransformKey(1012, 40.0, -20.0, 50.0, 1.3),
        TransformKey(1040, rotate=-30.0),
    ],
)


def check(matte_at, doc, frames):
    for frame in frames:
        ours = document_matte(doc, frame)
        assert ours.sum() > 500, frame
        assert overlap(matte_at(frame), ours) >= LEAST, frame


@pytest.mark.parametrize("aspect", [1.0, 2.0])
@pytest.mark.parametrize("transform", [None, SLIDING], ids=["still", "sliding"])
def test_at_keys_and_between(draw, transform, aspect) -> None:
    layers = busy_layers()
    layers[0].transform = transform
    doc = small(*layers, pixel_aspect=aspect)
    check(draw(doc), doc, (1001, 1003.5, 1008, 1011, 1020.25, 1033, 1040))


def test_a_turning_layer(draw) -> None:
    layers = busy_layers()
    layers[0].transform = TURNING
    for aspect in (1.0, 2.0):
        doc = small(*layers, pixel_aspect=aspect)
        check(draw(doc), doc, (1001, 1006, 1012, 1025, 1040))


@pytest.mark.parametrize("shift", [-0.25, 0.0, 0.25])
def test_every_pixel_of_an_l(draw, shift) -> None:
    """No pixel's centre lies within a quarter pixel of the outline: half a pixel off would show."""
    doc = small(*one_shape(Key(1, l_points(shift, shift))).layers)
    theirs = draw(doc)(1)
    np.testing.assert_array_equal(theirs, document_matte(doc, 1))
    assert theirs[210, 110] == theirs[60, 110] == 1
    assert theirs[60, 200] == theirs[359 - 210, 210] == theirs[210, 639 - 110] == 0


def test_visibility_opacity_and_holds(draw) -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    held = [
        Key(1001, l_points(300), interpolation="hold"),
        Key(1006, l_points(390, 30)),
        Key(1012, l_points(280, 60)),
    ]
    body = busy_layers()[0].shapes[0]
    body.visible, body.opacity = [(1002, 1004), (1006, 1020)], fade
    doc = small(layer(body, shape("b", *held, visible=[(1003, 1030)])))
    matte_at = draw(doc)
    for frame in (1001, 1002, 1003, 1004, 1005, 1006, 1009, 1015, 1020, 1021, 1030, 1031):
        assert overlap(matte_at(frame), document_matte(doc, frame)) >= LEAST, frame
    assert not matte_at(1001).any()
    assert matte_at(1009).max() == pytest.approx(1, abs=1e-6)


def test_inverted_shapes_show_nothing_while_hidden(draw) -> None:
    body = busy_layers()[0].shapes[0]
    doc = small(layer(replace(body, inverted=True, visible=[(1003, 1009)])))
    matte_at = draw(doc)
    for frame in (1002, 1003, 1009, 1010):
        assert overlap(matte_at(frame), document_matte(doc, frame)) >= LEAST, frame


def test_a_subtract_shape_with_nothing_below_shows_nothing(draw) -> None:
    first = busy_layers()[0]
    doc = small(layer(*first.shapes[::-1]))
    check(draw(doc), doc, (1001, 1020))
    alone = small(layer(first.shapes[1]))
    assert not draw(alone)(1010).any()
