"""The data of the Blender add-on, taken back to plate pixels by the formula of Blender's space."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import Key, ValueKey
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import write
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


def check_look(doc, frames):
    data = data_of(doc)
    for la, mask in zip(doc.layers, data["masks"], strict=True):
        assert mask["name"] == la.name
        for sh, found in zip(la.shapes, mask["layers"], strict=True):
            for frame in frames:
                shown = is_visible(sh, frame) * opacity_at(sh, frame)
                assert alpha_at(found["alpha"], frame) == pytest.approx(shown, abs=1e-5)
                if not shown:
                    continue
                row = row_at(found, frame)
                for i, p in enumerate(outline_at(la, sh, frame)):
                    due = (p.x, p.y, p.x + p.in_dx, p.y + p.in_dy, p.x + p.out_dx, p.y + p.out_dy)
                    for j in (0, 2, 4):
                        got = pixel(data, row[6 * i + j], row[6 * i + j + 1])
                        assert got == pytest.approx(due[j : j + 2], abs=2e-3)


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
    if doc.pixel_aspect == 1:
        check_look(doc, range(doc.frame_range[0], min(doc.frame_range[1], doc.frame_range[0] + 20)))
    write(doc, "blender").text.encode("ascii")


@pytest.mark.parametrize(
    ("size", "aspect"), [((1920, 1080), 1.0), ((1080, 1920), 1.0), ((800, 600), 2.0)]
)
def test_orientation_and_half_pixel(size, aspect) -> None:
    """v is up: the plate's top-left corner lies at the left and high."""
    width, height = size
    doc = one_shape(Key(1, polygon((0, 0), (width, height), (0.5, 0.5))))
    doc.width, doc.height, doc.pixel_aspect = width, height, aspect
    (row,) = data_of(doc)["masks"][0]["layers"][0]["keys"]
    side = max(width * aspect, height)
    assert row[:2] == pytest.approx([0.5 - width * aspect / side / 2, 0.5 + height / side / 2])
    assert row[6:8] == pytest.approx([0.5 + width * aspect / side / 2, 0.5 - height / side / 2])
    assert row[12:14] == pytest.approx(
        [row[0] + 0.5 * aspect / side, row[1] - 0.5 / side], abs=2e-8
    )


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
    for part in ("feather", "colour", "motion blur", "open shape"):
        assert part in text
