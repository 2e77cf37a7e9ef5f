"""Lottie: held against the format's rules, evaluated, and drawn by a player."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import Key, ValueKey
from roto_shapes.evaluate import flatten, is_visible, opacity_at, outline_at
from roto_shapes.formats import write
from shapes import helpers_lottie as lottie
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


def animation_of(doc):
    animation = json.loads(write(doc, "lottie").text)
    lottie.check(animation)
    return animation


def check_look(doc, frames):
    first = doc.frame_range[0]
    layers = animation_of(doc)["layers"]
    adds = [(la, sh) for la in doc.layers for sh in la.shapes if sh.mode == "add"]
    for (la, sh), found in zip(reversed(adds), layers, strict=True):
        above = [s for s in la.shapes[la.shapes.index(sh) :] if s.mode == "subtract"]
        masks = found.get("masksProperties", [])
        assert len(masks) == len(above)
        path, fill = lottie.parts(found)
        pairs = [(sh, path, fill["o"])]
        pairs += [(s, m["pt"], m["o"]) for s, m in zip(reversed(above), masks, strict=True)]
        for shape, prop, opacity in pairs:
            for frame in frames:
                shown = 100 * is_visible(shape, frame) * opacity_at(shape, frame)
                assert lottie.number(opacity, frame - first) == pytest.approx(shown, abs=1e-5)
                if shown:
                    got = lottie.rows(prop, found, frame - first)
                    for row, p in zip(got, outline_at(la, shape, frame), strict=True):
                        assert row == pytest.approx(p[:6], abs=2e-3)


def test_layers_look_as_the_document_at_keys_and_between() -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    for transform in (None, STILL, SLIDING, TURNING):
        doc = document(
            layer(
                moving_blob("a", opacity=fade),
                moving_blob("b", mode="subtract", kind="bspline"),
                moving_blob("c"),
                transform=transform,
            )
        )
        check_look(doc, at_whole_and_between(1001, 1040))
    gated = document(layer(moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=fade)))
    check_look(gated, range(1001, 1041))
    held = one_shape(Key(1001, l_points(), interpolation="hold"), Key(1009, l_points(9)))
    check_look(held, at_whole_and_between(1000, 1012))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_any_document(doc) -> None:
    first, last = doc.frame_range
    check_look(doc, range(first, min(last, first + 20) + 1))


def test_orientation_and_half_pixel() -> None:
    (found,) = animation_of(one_shape(Key(1001, l_points())))["layers"]
    path, _ = lottie.parts(found)
    assert [tuple(v) for v in path["k"]["v"]] == list(L_CORNERS)
    (found,) = animation_of(one_shape(Key(1001, polygon((0.5, 0.5), (1.5, 0.5)))))["layers"]
    assert lottie.parts(found)[0]["k"]["v"][0] == [0.5, 0.5]


def test_order_names_and_losses() -> None:
    names = ['"\\', "é漢 🎬", "\ud800", "\u2028"]
    shapes = [moving_blob(f"s{i}", name=name) for i, name in enumerate(names)]
    doc = document(layer(*shapes, name="</a>"), pixel_aspect=2.0, fps=(24000, 1001))
    text, report = write(doc, "lottie")
    text.encode("ascii")
    animation = animation_of(doc)
    assert [found["nm"] for found in animation["layers"]] == [f"</a> / {n}" for n in names[::-1]]
    assert (animation["ip"], animation["op"], animation["fr"]) == (0, 40, 23.976024)
    assert report.lines() == [
        "document: pixel aspect: Lottie's pixels are square, shown unstretched"
    ]
    lossy = moving_blob(feather=[0.0] * 7 + [1.0], motion_blur=True, closed=False, color=(1, 0, 0))
    text = "\n".join(write(document(layer(lossy)), "lottie").report.lines())
    for part in ("feather", "motion blur", "open shape", "colour"):
        assert part in text


SPOIL = {
    "ease on the last key": lambda a: a["layers"][0]["shapes"][0]["it"][0]["ks"]["k"][-1].update(
        h=1
    ),
    "one key": lambda a: a["layers"][0]["shapes"][0]["it"][0]["ks"]["k"].__delitem__(slice(1, 9)),
    "order": lambda a: a["layers"][0]["shapes"][0]["it"][0]["ks"]["k"].reverse(),
    "count": lambda a: a["layers"][0]["shapes"][0]["it"][0]["ks"]["k"][0]["s"][0]["v"].pop(),
    "no transform": lambda a: a["layers"][0]["shapes"][0]["it"].pop(),
    "index": lambda a: a["layers"].append(a["layers"][0]),
}


@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL.keys())
def test_the_checker_refuses_broken_files(spoil) -> None:
    animation = animation_of(document(layer(moving_blob())))
    spoil(animation)
    with pytest.raises(lottie.CheckError):
        lottie.check(animation)


# --- drawn by rlottie

SCALE = 4


def drawn(animation_text, frame, size):
    """Coverage 0..1 per pixel: drawn at four times the size, for its edges are coarse."""
    np = pytest.importorskip("numpy")
    rlottie = pytest.importorskip("rlottie_python")
    width, height = size
    with rlottie.LottieAnimation.from_data(animation_text) as player:
        buffer = player.lottie_animation_render(frame, None, width * SCALE, height * SCALE)
    alpha = np.frombuffer(buffer, np.uint8).reshape(height * SCALE, width * SCALE, 4)[..., 3]
    return alpha.reshape(height, SCALE, width, SCALE).mean((1, 3)) / 255


def filled(doc, frame, size):
    np = pytest.importorskip("numpy")
    cv2 = pytest.importorskip("cv2")
    width, height = size
    matte = np.zeros((height * 8, width * 8), np.uint8)
    for la in doc.layers:
        own = np.zeros_like(matte)
        for sh in la.shapes:
            points = outline_at(la, sh, frame)
            if points is None:
                continue
            corners = np.array(flatten(points, sh.closed, 0.02)) * 8 - 0.5
            one = np.zeros_like(matte)
            cv2.fillPoly(one, [np.round(corners * 256).astype(np.int32)], 255, shift=8)
            own = np.where(one > 0, 0 if sh.mode == "subtract" else 255, own).astype(np.uint8)
        matte = np.maximum(matte, own)
    return matte.reshape(height, 8, width, 8).mean((1, 3)) / 255


def test_a_player_draws_the_mattes_at_keys_and_between() -> None:
    np = pytest.importorskip("numpy")
    pytest.importorskip("rlottie_python")
    size = (640, 360)
    hole = [Key(1001, blob(8, 320, 180, 40)), Key(1011, blob(8, 350, 190, 45, 0.4))]
    body = [
        Key(1001, blob(12, 300, 180, 110)),
        Key(1011, blob(12, 360, 190, 100, 0.3), interpolation="hold"),
        Key(1021, blob(12, 300, 170, 120, 0.6)),
    ]
    base = one_shape(*body)
    shape, cut = base.layers[0].shapes[0], one_shape(*hole).layers[0].shapes[0]
    cut.id, cut.mode = "s2", "subtract"
    corner = one_shape(Key(1001, tuple(p._replace(x=p.x / 2, y=p.y / 2) for p in l_points())))
    corner.layers[0].id, corner.layers[0].shapes[0].id = "l2", "s3"
    base.layers[0].shapes = [shape, cut]
    doc = document(
        *base.layers, *corner.layers, width=size[0], height=size[1], frame_range=(1001, 1031)
    )
    text = write(doc, "lottie").text
    for frame in (1001, 1006, 1011, 1016, 1026):
        ours, theirs = filled(doc, frame, size) > 0.5, drawn(text, frame - 1001, size) > 0.5
        overlap = np.logical_and(ours, theirs).sum() / np.logical_or(ours, theirs).sum()
        assert overlap >= 0.995, frame
