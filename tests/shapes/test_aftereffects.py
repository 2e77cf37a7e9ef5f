"""After Effects: the data, the script around it, and the script run in an emulator."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import Key, ValueKey
from roto_shapes.edits import changed_frames, returned_layer
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import write
from roto_shapes.formats.aftereffects import project
from shapes import helpers_ae
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


def data_of(doc):
    return json.loads(write(doc, "aftereffects-data").text)


def at(frames, values, held, frame):
    """What After Effects shows: keys linear or held."""
    if frame <= frames[0]:
        return values[0]
    for i in range(len(frames) - 1):
        if frames[i] <= frame < frames[i + 1]:
            share = 0 if i in held else (frame - frames[i]) / (frames[i + 1] - frames[i])
            a, b = values[i], values[i + 1]
            if isinstance(a, list):
                return [p + share * (q - p) for p, q in zip(a, b, strict=True)]
            return a + share * (b - a)
    return values[-1]


def check_look(doc, frames):
    masks = data_of(doc)["masks"]
    pairs = [(la, sh) for la in doc.layers for sh in la.shapes]
    for (la, sh), mask in zip(pairs, masks, strict=True):
        for frame in frames:
            shown = 100 * is_visible(sh, frame) * opacity_at(sh, frame)
            opacity = mask["opacity"]
            if isinstance(opacity, dict):
                opacity = at(opacity["frames"], opacity["values"], opacity["hold"], frame)
            assert opacity == pytest.approx(shown, abs=1e-5)
            if shown:
                row = at(mask["frames"], mask["points"], mask["hold"], frame)
                due = [v for p in outline_at(la, sh, frame) for v in p[:6]]
                assert row == pytest.approx(due, abs=1e-3)


def test_masks_look_as_the_document() -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    for transform in (None, STILL, SLIDING):
        plain = document(layer(moving_blob("a"), transform=transform), pixel_aspect=2.0)
        check_look(plain, at_whole_and_between(1001, 1040))
    doc = document(
        layer(
            moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=fade),
            moving_blob("b", mode="subtract", kind="bspline", inverted=True),
            transform=TURNING,
        )
    )
    check_look(doc, range(1001, 1041))
    assert any("baked to 40 keys" in x for x in write(doc, "aftereffects").report.lines())


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_any_document(doc) -> None:
    first, last = doc.frame_range
    check_look(doc, range(first, min(last, first + 20) + 1))
    text = write(doc, "aftereffects").text
    text.encode("ascii")
    assert json.loads(text.split("var DATA = ")[1].split(";\n")[0]) == data_of(doc)


def test_orientation_and_half_pixel() -> None:
    """Source pixels, y down, from the corner of the first pixel: as in the document."""
    (mask,) = data_of(one_shape(Key(1001, l_points())))["masks"]
    row = mask["points"][0]
    assert list(zip(row[::6], row[1::6], strict=True)) == list(L_CORNERS)
    (mask,) = data_of(one_shape(Key(1001, polygon((0.5, 0.5), (1.5, 0.5)))))["masks"]
    assert mask["points"][0][:2] == [0.5, 0.5]


def test_mask_attributes_and_holds() -> None:
    keys = [
        Key(1001, l_points(), interpolation="hold"),
        Key(1005, l_points(9)),
        Key(1009, l_points()),
    ]
    doc = one_shape(*keys, mode="subtract", feather=[1.0] * 5 + [7.0], color=(1.0, 0.5, 0.0))
    (mask,) = data_of(doc)["masks"]
    assert (mask["hold"], mask["frames"]) == ([0], [1001, 1005, 1009])
    assert (mask["name"], mask["mode"], mask["feather"]) == ("hero main", "none", 2)
    assert mask["color"] == [1, 0.5, 0]
    report = write(doc, "aftereffects").report.lines()
    assert any("per-point feather" in line for line in report)
    assert any("nothing below it to cut" in line for line in report)
    inwards = one_shape(*keys, closed=False, feather=-3.0)
    text = "\n".join(write(inwards, "aftereffects").report.lines())
    assert "feather inwards" in text
    assert "without area" in text
    cuts = document(layer(moving_blob("a")), layer(moving_blob("b", mode="subtract"), layer_id="2"))
    assert any("also cut" in line for line in write(cuts, "aftereffects").report.lines())


# --- in the emulator


def run(tmp_path: Path, doc, **where):
    return helpers_ae.run(write(doc, "aftereffects").text, tmp_path, **where)


def test_a_hostile_name_is_only_a_name(tmp_path: Path) -> None:
    name = '"</x>\u2028\n} \\ é漢 🎬'
    log = run(tmp_path, one_shape(Key(1, l_points()), name=name))
    assert log["masks"][0]["name"] == f"hero {name}".strip()


def test_the_script_builds_the_masks_in_one_undo_group(tmp_path: Path) -> None:
    keys = [Key(1001, l_points(), interpolation="hold"), Key(1011, l_points(9))]
    low = moving_blob("a", visible=[(1003, 1009)], feather=4.0, motion_blur=True)
    doc = one_shape(*keys, mode="subtract", inverted=True, name='q"\\')
    doc.layers[0].shapes.insert(0, low)
    log = run(tmp_path, doc, layer={"startTime": 2, "source": {"width": 960, "height": 1080}})
    assert log["undo"] == ["Megaton Roto masks", "end"]
    assert log["alerts"] == []
    first, second = log["masks"]
    assert [m["maskMode"] for m in log["masks"]] == ["ADD", "SUBTRACT"]
    assert (first["rotoBezier"], first["maskMotionBlur"], second["inverted"]) == (False, "ON", True)
    assert second["name"] == 'hero q"\\'
    shape = second["properties"]["ADBE Mask Shape"]["keys"]
    assert [key["frame"] for key in shape] == [48, 58]
    assert [key["hold"] for key in shape] == [True, False]
    assert shape[0]["value"]["vertices"] == [[x / 2, y] for x, y in L_CORNERS]
    opacity = first["properties"]["ADBE Mask Opacity"]["keys"]
    assert [(k["frame"], k["value"], k["hold"]) for k in opacity] == [
        (49, 0, True),
        (50, 100, True),
        (56, 100, True),
        (57, 0, False),
    ]
    assert first["properties"]["ADBE Mask Feather"]["value"] == [2, 4]
    assert second["properties"]["ADBE Mask Opacity"]["value"] == 100


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"noComp": True}, "composition"),
        ({"layers": 0}, "Select one layer"),
        ({"noMasks": True}, "cannot hold masks"),
        ({"layer": {"locked": True}}, "locked"),
        ({"layer": {"timeRemapEnabled": True}}, "time-remapped"),
        ({"layer": {"stretch": 50}}, "time-stretched"),
    ],
)
def test_the_script_says_what_is_wrong(tmp_path: Path, where, words) -> None:
    log = run(tmp_path, one_shape(Key(1, l_points())), **where)
    assert words in log["alerts"][0]
    assert log["masks"] == log["undo"] == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(doc=drawn_documents())
def test_the_script_of_any_document_builds_its_masks(tmp_path_factory, doc) -> None:
    log = run(tmp_path_factory.mktemp("jsx"), doc, frameDuration=1001 / 24000)
    data = data_of(doc)
    assert log["alerts"] == []
    assert len(log["masks"]) == len(data["masks"])
    for made, due in zip(log["masks"], data["masks"], strict=True):
        assert made["name"] == due["name"]
        assert made["maskMode"].lower() == due["mode"]
        keys = made["properties"]["ADBE Mask Shape"]["keys"]
        frames = [key["frame"] + data["first_frame"] for key in keys]
        assert frames == (due["frames"] if len(due["frames"]) > 1 else [])


MASK = """app.beginUndoGroup("x");
var parade = app.project.activeItem.selectedLayers[0].property("ADBE Mask Parade");
var mask = parade.addProperty("ADBE Mask Atom");
var path = mask.property("ADBE Mask Shape"), shape = new Shape();
shape.vertices = shape.inTangents = shape.outTangents = [[0, 0]];
"""
REFUSED = {
    "not ES3": ("let a = 1;", "Unexpected token"),
    "reserved words": ("var a = {default: 1};", "Unexpected keyword"),
    "nested conditionals": ("var a = 1 ? 2 : 3 ? 4 : 5;", "associate"),
    "newer library": ("[1].map(alert);", "map is not a function"),
    "JSON": ("JSON.parse('1');", "JSON is not defined"),
    "unknown member": (MASK + "mask.rotoBezir = false;", "no rotoBezir"),
    "wrong type": (MASK + "mask.inverted = 1;", "not a boolean"),
    "display name": (MASK + 'mask.property("Mask Path").setValue(shape);', "null"),
    "not a shape": (MASK + "path.setValue([[0, 0]]);", "not a Shape"),
    "tangents": (MASK + "shape.inTangents = []; path.setValue(shape);", "tangents and vertices"),
    "stale": (MASK + 'parade.addProperty("ADBE Mask Atom"); mask.name = "a";', "invalid"),
    "stale property": (
        MASK + 'parade.addProperty("ADBE Mask Atom"); path.setValue(shape);',
        "invalid",
    ),
    "between frames": (MASK + "path.setValuesAtTimes([0.01], [shape]);", "between frames"),
    "lengths": (MASK + "path.setValuesAtTimes([0, 1], [shape]);", "times and values"),
    "value on keys": (
        MASK + "path.setValuesAtTimes([0], [shape]); path.setValue(shape);",
        "keyed property",
    ),
    "key index": (
        MASK + "path.setInterpolationTypeAtKey(0, KeyframeInterpolationType.HOLD);",
        "no key 0",
    ),
    "opacity": (MASK + 'mask.property("ADBE Mask Opacity").setValue(101);', "range"),
    "outside the group": (MASK + 'app.endUndoGroup(); mask.name = "a";', "outside the undo"),
    "open group": (MASK, "stays open"),
}


@pytest.mark.parametrize(("script", "words"), REFUSED.values(), ids=REFUSED)
def test_the_emulator_refuses_what_after_effects_would(tmp_path: Path, script, words) -> None:
    with pytest.raises(AssertionError, match=words):
        helpers_ae.run(script, tmp_path)


# --- read back


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_read_back_it_looks_as_the_document(doc) -> None:
    back = project(doc)
    assert (back.width, back.height, back.fps) == (doc.width, doc.height, doc.fps)
    drawn = [la for la in doc.layers if la.shapes]
    assert [(la.id, la.name) for la in back.layers] == [(la.id, la.name) for la in drawn]
    first, last = doc.frame_range
    for la, held in zip(drawn, back.layers, strict=True):
        assert [sh.id for sh in held.shapes] == [sh.id for sh in la.shapes]
        for sh, kept in zip(la.shapes, held.shapes, strict=True):
            for frame in range(first, min(last, first + 20) + 1):
                shown = is_visible(sh, frame) * opacity_at(sh, frame)
                got = is_visible(kept, frame) * opacity_at(kept, frame)
                assert got == pytest.approx(shown, abs=1e-5)
                if shown:
                    due = [v for p in outline_at(la, sh, frame) for v in p[:6]]
                    row = [v for p in outline_at(held, kept, frame) for v in p[:6]]
                    assert row == pytest.approx(due, abs=1e-3)


def test_what_was_read_back_is_no_change() -> None:
    """An artist who touched nothing corrects nothing, whatever the data's decimals lost."""
    points = tuple(p._replace(x=p.x + 1 / 3, y=p.y - 1 / 7) for p in l_points())
    doc = one_shape(Key(1001, points), Key(1011, l_points(1 / 3)), feather=1 / 3)
    (base,), (held,) = doc.layers, project(doc).layers
    assert held.shapes[0].keys != base.shapes[0].keys
    assert returned_layer(base, held, held) == base
    moved = deepcopy(held)
    keys = moved.shapes[0].keys
    keys[1] = replace(keys[1], points=tuple(p._replace(x=p.x + 3) for p in keys[1].points))
    back = returned_layer(base, held, moved)
    assert changed_frames(base, back) == [1011]
    assert back.shapes[0].keys[0] == base.shapes[0].keys[0]
