"""Real Blender builds the masks, animates them and renders them: are they our shapes?"""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from hosts.blender.helpers_blender import rendered
from roto_shapes.document import ControlPoint, Document, Key, ValueKey
from roto_shapes.formats import write
from shapes.helpers_draw import document_matte, overlap
from shapes.helpers_goldens import rich_document
from shapes.helpers_shapes import (
    SLIDING,
    STILL,
    TURNING,
    blob,
    document,
    l_points,
    layer,
    moving_blob,
    one_shape,
    polygon,
)

LEAST = 0.995
KEYS_AND_BETWEEN = (1001, 1004, 1006.5, 1011, 1020, 1039.25, 1040)


def check(doc: Document, frames, folder, least=LEAST) -> None:
    for frame, theirs in zip(frames, rendered(doc, frames, folder), strict=True):
        ours = document_matte(doc, frame)
        assert ours.sum() > 1000, frame
        assert overlap(theirs, ours) >= least, frame


@pytest.mark.parametrize(
    ("size", "aspect"),
    [((1920, 1080), 1.0), ((1080, 1920), 1.0), ((2048, 858), 1.0), ((1000, 700), 2.0)],
)
def test_add_and_subtract_in_any_format(size, aspect, tmp_path) -> None:
    cut = [
        Key(1001, blob(9, 900, 500, 60)),
        Key(1020, blob(9, 990, 530, 90, 1.0)),
        Key(1040, blob(9, 1000, 500, 40)),
    ]
    hole = replace(one_shape(*cut).layers[0].shapes[0], id="b", name="hole", mode="subtract")
    doc = document(layer(moving_blob("a"), hole), width=size[0], height=size[1])
    doc.pixel_aspect = aspect
    check(doc, KEYS_AND_BETWEEN, tmp_path)


@pytest.mark.parametrize("shift", [-0.25, 0.0, 0.25])
@pytest.mark.parametrize("clockwise", [True, False])
def test_every_pixel_of_an_l(shift, clockwise, tmp_path) -> None:
    """No pixel's centre lies within a quarter pixel of the outline: half a pixel off would show."""
    corners = l_points(shift, shift)
    doc = one_shape(Key(1, corners if clockwise else corners[::-1]))
    (theirs,) = rendered(doc, [1], tmp_path)
    np.testing.assert_array_equal(theirs, document_matte(doc, 1))
    assert theirs[210, 110] == theirs[60, 110] == 1
    assert theirs[60, 200] == theirs[1080 - 210, 110] == theirs[210, 1920 - 110] == 0


def test_layer_transforms_are_baked(tmp_path) -> None:
    for transform, frames in (
        (STILL, KEYS_AND_BETWEEN),
        (SLIDING, KEYS_AND_BETWEEN),
        (TURNING, (1001, 1004, 1010, 1025, 1040)),
    ):
        doc = document(layer(moving_blob(), transform=transform))
        check(doc, frames, tmp_path)


def test_bsplines_with_corners(tmp_path) -> None:
    def points(d):
        ring = [(2 * math.pi * i / 9, 250 + 90 * (i % 2)) for i in range(9)]
        return tuple(
            ControlPoint(900 + d + r * math.cos(a), 520 + r * math.sin(a), corner=i in (2, 5))
            for i, (a, r) in enumerate(ring)
        )

    check(
        one_shape(Key(1001, points(0)), Key(1021, points(130)), kind="bspline"),
        (1001, 1006, 1011.5, 1021),
        tmp_path,
    )


def test_a_shape_keyed_on_every_frame_survives_saving(tmp_path) -> None:
    keys = [
        Key(f, blob(x=960 + 40 * math.sin(f), y=500 + 30 * math.cos(2 * f)))
        for f in range(1001, 1021)
    ]
    frames = (1001, 1008, 1008.5, 1020)
    doc = one_shape(*keys)
    mattes = rendered(doc, frames, tmp_path, blend=True)
    for frame, theirs in zip(frames, mattes, strict=True):
        assert overlap(theirs, document_matte(doc, frame)) >= LEAST


def test_visibility_opacity_and_holds(tmp_path) -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    held = [
        Key(1001, l_points(1000), interpolation="hold"),
        Key(1006, l_points(1200, 300)),
        Key(1012, l_points(900, 300)),
    ]
    shapes = [
        moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=fade),
        *one_shape(*held).layers[0].shapes,
    ]
    shapes[1].visible = [(1003, 1030)]
    doc = document(layer(*shapes))
    frames = (1001, 1002, 1003, 1004, 1005, 1006, 1007, 1009, 1015, 1020, 1021, 1030, 1031)
    for frame, theirs in zip(frames, rendered(doc, frames, tmp_path), strict=True):
        ours = document_matte(doc, frame)
        assert overlap(theirs, ours) >= LEAST, frame
        assert np.abs(np.median(theirs[ours > 0] - ours[ours > 0])) < 1e-3 if ours.any() else True
        assert (not theirs.any()) == (frame in (1001, 1031))


def test_inverted_shapes_show_nothing_while_hidden(tmp_path) -> None:
    doc = document(layer(moving_blob(visible=[(1005, 1010)], inverted=True)))
    before, inside, after = rendered(doc, (1004, 1005, 1011), tmp_path)
    assert not before.any()
    assert not after.any()
    assert overlap(1 - inside, 1 - document_matte(doc, 1005)) >= LEAST


@pytest.mark.parametrize("clockwise", [True, False])
def test_feather_runs_outwards_over_its_width(clockwise, tmp_path) -> None:
    corners = polygon((400, 300), (800, 300), (800, 700), (400, 700))
    each = [10.0, 10.0, 20.0, 20.0]
    if not clockwise:
        corners, each = corners[::-1], each[::-1]
    (matte,) = rendered(one_shape(Key(1, corners), feather=each), [1], tmp_path)
    assert matte[300:700, 400:800].min() == 1
    ramp = (np.arange(10) + 0.5) / 10
    np.testing.assert_allclose(matte[290:300, 600], ramp, atol=2e-3)
    wide = 1 - (np.arange(20) + 0.5) / 20
    np.testing.assert_allclose(matte[700:720, 600], wide, atol=2e-3)
    assert not matte[:, 600][:289].any()
    assert not matte[721:, 600].any()
    assert 0.4 < matte[500, 807] < 0.6  # 15 pixels wide half way between its ends


def test_the_rich_document(tmp_path) -> None:
    """Names of any kind, negative frames, nested and empty layers, all modes at once."""
    doc = rich_document()
    for la in doc.layers:
        for sh in la.shapes:
            sh.feather = 0.0
        la.shapes = [sh for sh in la.shapes if sh.closed]
    frames = (1001, 1005, 1012, 1015, 1020, 1030, 1040)
    for frame, theirs in zip(frames, rendered(doc, frames, tmp_path), strict=True):
        assert overlap(theirs, document_matte(doc, frame)) >= LEAST, frame
    names = json.loads((tmp_path / "names.json").read_text(encoding="utf-8"))
    data = json.loads(write(doc, "blender").text)["masks"]
    assert names == [[mask["name"], [each["name"] for each in mask["layers"]]] for mask in data]


def test_hostile_names_and_far_frames(tmp_path) -> None:
    names = ['a"]', "back\\", "nl\nx", "\x00", "é漢 🎬" * 9, "\ud800", "dup", "dup", "x" * 200]
    shapes = [
        replace(moving_blob(f"s{i}", opacity=[ValueKey(1, 0.5), ValueKey(9, 1.0)]), name=name)
        for i, name in enumerate(names)
    ]
    doc = document(layer(*shapes, name="漢" * 40))
    rendered(doc, [], tmp_path)
    ((mask, layers),) = json.loads((tmp_path / "names.json").read_text(encoding="utf-8"))
    assert (mask, len(layers), len(set(layers))) == ("漢" * 21, len(names), len(names))
    assert layers[:4] == ['a"]', "back\\", "nl_x", "_"]
    far = one_shape(Key(-120000, l_points()), Key(250000, l_points(370)))
    check(far, (-120000, 0, 65000, 250000), tmp_path)
