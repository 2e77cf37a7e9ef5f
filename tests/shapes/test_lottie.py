"""Lottie: held against its schema and the players' rules, and evaluated."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import Key, ValueKey
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import write
from shapes import helpers_lottie as lottie
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


def animation_of(doc):
    animation = json.loads(write(doc, "lottie").text)
    lottie.check(animation)
    return animation


def expected(doc):
    """(layer, shape, the subtract shapes above it) of each shape drawn, topmost first."""
    for la in reversed(doc.layers):
        cuts = []
        for shape in reversed(la.shapes):
            if shape.mode == "subtract":
                cuts.append(shape)
            else:
                yield la, shape, list(cuts)


def check_look(doc, frames):
    found = lottie.drawn(animation_of(doc))
    for (la, shape, cuts), (at, group, cut) in zip(expected(doc), found, strict=True):
        pairs = [(shape, at, group)]
        pairs += [(s, *place) for s, place in zip(cuts, cut, strict=True)]
        for one, place, its_group in pairs:
            check_group(doc, la, one, place, its_group, frames)


def check_group(doc, la, shape, place, group, frames):
    path, fill = lottie.parts(group)
    for frame in frames:
        time = frame - doc.frame_range[0]
        shown = 100 * is_visible(shape, frame) * opacity_at(shape, frame)
        assert lottie.number(fill["o"], time) == pytest.approx(shown, abs=1e-5)
        if shown:
            got = lottie.rows(path, place, time)
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


def only_path(doc):
    ((_, group, _),) = lottie.drawn(animation_of(doc))
    return lottie.parts(group)[0]


def test_orientation_and_half_pixel() -> None:
    path = only_path(one_shape(Key(1001, l_points())))
    assert [tuple(v) for v in path["k"]["v"]] == list(L_CORNERS)
    path = only_path(one_shape(Key(1001, polygon((0.5, 0.5), (1.5, 0.5)))))
    assert path["k"]["v"][0] == [0.5, 0.5]


def test_one_layer_a_layer_one_group_a_shape() -> None:
    names = ['"\\', "é漢 🎬", "\ud800", "\u2028"]
    shapes = [moving_blob(f"s{i}", name=name) for i, name in enumerate(names)]
    doc = document(layer(*shapes, name="</a>"), pixel_aspect=2.0, fps=(24000, 1001))
    text, report = write(doc, "lottie")
    text.encode("ascii")
    animation = animation_of(doc)
    (found,) = animation["layers"]
    assert found["nm"] == "</a>"
    assert [group["nm"] for group in found["shapes"]] == names[::-1]
    assert (animation["ip"], animation["op"], animation["fr"]) == (0, 40, 23.976024)
    assert report.lines() == [
        "document: pixel aspect: Lottie's pixels are square, shown unstretched"
    ]


def test_losses_are_told() -> None:
    lossy = moving_blob(
        feather=[0.0] * 7 + [1.0], motion_blur=True, closed=False, color=(1, 0, 0), inverted=True
    )
    text = "\n".join(write(document(layer(lossy)), "lottie").report.lines())
    for part in ("feather", "motion blur", "open shape", "colour", "inverted"):
        assert part in text


def test_a_cut_with_nothing_below_it_is_left_out_and_told() -> None:
    doc = document(layer(moving_blob("a", mode="subtract"), moving_blob("b")))
    assert write(doc, "lottie").report.lines() == ["hero / blob a: cuts nothing: left out"]
    check_look(document(layer(moving_blob("b"))), [1001])
    assert [group["nm"] for _, group, _ in lottie.drawn(animation_of(doc))] == ["blob b"]


def test_a_matte_cuts_one_layer_or_a_composition() -> None:
    modes = ("add", "subtract", "subtract", "add", "subtract", "add")
    shapes = [moving_blob(f"s{i}", mode=mode) for i, mode in enumerate(modes)]

    def kinds(layers):
        return [(found["ty"], found.get("td"), found.get("tt")) for found in layers]

    shape, matte, cut = (4, None, None), (4, 1, None), (4, None, 2)
    animation = animation_of(document(layer(*shapes[:3])))
    assert (kinds(animation["layers"]), animation["assets"]) == ([matte, cut], [])
    animation = animation_of(document(layer(*shapes)))
    (below,) = animation["assets"]
    assert kinds(animation["layers"]) == [shape, matte, (0, None, 2)]
    assert kinds(below["layers"]) == [shape, matte, cut]


def test_more_turns_than_players_follow_are_told() -> None:
    shapes = [moving_blob(f"s{i}", mode=("add", "subtract")[i % 2]) for i in range(22)]
    doc = document(layer(*shapes[:20]))
    assert write(doc, "lottie").report.lines() == []
    (line,) = write(document(layer(*shapes)), "lottie").report.lines()
    assert line.startswith("hero: adds and cuts take turns 11 times")


KEYS = "layers.0.shapes.0.it.0.ks.k"
SPOIL = {
    "ease on the last key": lambda a: at(a, KEYS)[-1].update(h=1),
    "one key": lambda a: at(a, KEYS).__delitem__(slice(1, 9)),
    "order": lambda a: at(a, KEYS).reverse(),
    "count": lambda a: at(a, KEYS)[0]["s"][0]["v"].pop(),
    "no transform": lambda a: at(a, "layers.0.shapes.0.it").pop(),
    "colour": lambda a: at(a, "layers.0.shapes.0.it.1.c").update(k=[1, 0, 0, 1]),
    "index": lambda a: a["layers"].append(a["layers"][0]),
    "schema: path": lambda a: at(a, KEYS)[0]["s"][0].pop("v"),
    "schema: number": lambda a: a.update(w="1920"),
    "a matte of nothing": lambda a: a["layers"].pop(),
    "no matte": lambda a: a["layers"].pop(0),
    "unknown composition": lambda a: a["assets"].clear(),
}


def at(value, path):
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL.keys())
def test_the_checker_refuses_broken_files(spoil) -> None:
    modes = ("add", "subtract", "add", "subtract")
    shapes = [moving_blob(f"s{i}", mode=mode) for i, mode in enumerate(modes)]
    animation = animation_of(document(layer(*shapes)))
    spoil(animation)
    with pytest.raises(lottie.CheckError):
        lottie.check(animation)
