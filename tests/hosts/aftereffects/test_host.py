"""Prompts, mattes, pictures and memory: the host's script, as built, in an After Effects that
refuses what the real one would."""

from __future__ import annotations

import json
import subprocess

import pytest
from helpers_host import LAYER, PLATE, HostError, Session, data_of, two_layers

_PROMPTS = """
var comp = app.project.activeItem, layer = comp.layer(1);
comp.time = 4 / 24;
function rectangle(name, x0, y0, x1, y1, frame) {
    var masks = layer.property("ADBE Mask Parade");
    masks.addProperty("ADBE Mask Atom");
    var mask = masks.property(masks.numProperties);
    mask.name = name;
    mask.maskMode = MaskMode.NONE;
    var shape = new Shape();
    shape.vertices = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
    shape.inTangents = shape.outTangents = [[0, 0], [0, 0], [0, 0], [0, 0]];
    var path = mask.property("ADBE Mask Shape");
    if (frame < 0) { path.setValue(shape); } else { path.setValueAtTime(frame / 24, shape); }
    return mask;
}
function point(name, frames, x, y) {
    var effect = layer.property("ADBE Effect Parade").addProperty("ADBE Point Control");
    effect.name = name;
    for (var i = 0; i < frames.length; i++) {
        effect.property(1).setValueAtTime(frames[i] / 24, [x + i, y]);
    }
    if (!frames.length) { effect.property(1).setValue([x, y]); }
}
rectangle("box:hero", -10, 20, 300, 400, 0);
rectangle("neg:hero", 500, 500, 520, 540, 9);
rectangle("box: car", 700, 700, 800, 800, -1);
rectangle("drawn", 1, 2, 30, 40, 3).selected = true;
point("+hero", [0, 9], 100, 100);
point("+hero 2", [0], 120, 130);
point("-hero", [], 600, 10);
point("+far", [0], 5000, 10);
point("something else", [0], 1, 1);
"""


def test_prompts_of_the_program_itself(plate) -> None:
    plate.hand(_PROMPTS)
    found = plate.call("prompts")
    objects = {each["name"]: each["prompts"] for each in found["objects"]}
    assert list(objects) == ["hero", "car"]
    on = {"positive": True}
    assert objects["hero"] == [
        {
            "frame": 1001,
            "box": [0, 20, 300, 400],
            "points": [{"x": 100, "y": 100, **on}, {"x": 120, "y": 130, **on}],
        },
        {"frame": 1005, "points": [{"x": 600, "y": 10, "positive": False}]},
        {
            "frame": 1010,
            "points": [{"x": 510, "y": 520, "positive": False}, {"x": 101, "y": 100, **on}],
        },
    ]
    assert objects["car"] == [{"frame": 1005, "box": [700, 700, 800, 800]}]
    assert ["far" in note for note in found["notes"]] == [True]
    more = {each["name"]: each for each in plate.call("prompts", outlines=True)["objects"]}
    assert list(more) == ["hero", "car", "drawn"]
    (drawn,) = more["drawn"]["prompts"]
    assert (drawn["frame"], drawn["outline"][0]["mode"]) == (1004, "add")
    assert drawn["outline"][0]["points"][0] == [1, 2, 0, 0, 0, 0, True]


# --- mattes, pictures, memory


@pytest.mark.parametrize("version", ["22.6x64", "25.4x12"])
def test_a_matte_lies_over_its_plate(host, version) -> None:
    ae = Session(host, version=version)
    ae.open(start=10)
    ae.hand(
        LAYER + "layer.property('ADBE Transform Group').property('ADBE Scale').setValue([50, 50]);"
    )
    matte = {"width": 960, "height": 540, "frames": 30, "alpha": True}
    ae.order(footage={"/m/v1/hero.1005.exr": matte, "/m/v2/hero.1005.exr": matte})
    given = {"mode": "alpha", "name": "hero matte"}
    at = ae.call("describe")["layer"]["ref"]
    made = ae.call("importMatte", firstFile="/m/v1/hero.1005.exr", **given, at=at)
    assert (made["replaced"], made["notes"]) == (False, [])
    top, below = ae.comp()["layers"]
    assert (below["matte"], below["matteType"]) == (top["id"], "ALPHA")
    assert not top["enabled"]
    source = next(item for item in ae.state()["items"] if item["id"] == top["source"])
    assert source["alphaMode"] == "STRAIGHT"
    assert round(top["start"] * 24) == 10 + 4  # its first file is plate frame 1005
    corner = "app.project.activeItem.layer(%d).sourcePointToComp([%d, %d]).join(' ')"
    assert ae.hand("return " + corner % (1, 960, 540)) == ae.hand(
        "return " + corner % (2, 1920, 1080)
    )
    again = ae.call("importMatte", firstFile="/m/v2/hero.1005.exr", **given, replace=True, at=at)
    assert again["replaced"]
    assert len(ae.comp()["layers"]) == 2
    assert ae.steps()[-2:] == ["Megaton Roto matte"] * 2
    ae.order(footage={"/m/v1/car.1005.exr": matte})
    other = ae.call("importMatte", firstFile="/m/v1/car.1005.exr", mode="alpha", name="car", at=at)
    assert "already" in other["notes"][0]  # the first stays the plate's matte
    names = [layer["name"] for layer in ae.comp()["layers"]]
    assert names == ["car", "hero matte", "a.1001.exr"]
    assert ae.layer()["matte"] == made["layer"]["layer"]
    with pytest.raises(HostError) as fault:
        ae.call("importMatte", firstFile="/m/v3/hero.1005.exr", **given, at=at)
    assert fault.value.problem["code"] == "matte_missing"
    ae.close()


def test_a_picture_comes_later_and_says_where_the_plate_is(plate) -> None:
    plate.hand("app.project.activeItem.resolutionFactor = [2, 2];")
    saved = plate.call("saveFrame", frame=1003)
    assert saved["toPicture"] == [0.5, 0, 0, 0.5, 0, 0]
    for _ in range(200):
        subprocess.run(["sleep", "0.05"], check=True)
        try:
            with open(saved["file"], "rb") as file:
                picture = file.read()
        except FileNotFoundError:
            continue
        if picture.endswith(b"IEND\xaeB`\x82"):
            break
    assert picture.endswith(b"IEND\xaeB`\x82")
    assert [int.from_bytes(picture[n : n + 4], "big") for n in (16, 20)] == [960, 540]
    plate.hand(LAYER + "layer.threeDLayer = true;")
    with pytest.raises(HostError) as fault:
        plate.call("saveFrame", frame=1003)
    assert fault.value.problem["code"] == "not_flat"


def test_what_is_kept_stays_beside_the_artists_words(plate) -> None:
    plate.hand(LAYER + "layer.comment = 'ask [Ann] first';")
    value = {"objects": [{"name": 'hé "x" ]', "frames": [1, 2.5, None, True]}]}
    plate.call("remember", key="objects", value=value)
    assert plate.call("recall", key="objects") == value
    plate.apply(data_of(two_layers()))
    assert plate.call("recall", key="objects") == value
    assert plate.layer()["comment"].startswith("ask [Ann] first [megaton-roto {")
    plate.hand(LAYER + "layer.comment = layer.comment + ' and Bob';")
    assert plate.call("recall", key="objects") == value
    plate.call("remember", key="objects", value=None)
    assert plate.layer()["comment"].endswith("] and Bob")
    with pytest.raises(HostError) as fault:
        plate.call("remember", key="much", value="x" * 16000)
    assert fault.value.problem["code"] == "too_large"
    plate.hand(LAYER + "layer.comment = '[megaton-roto {oops}]';")
    with pytest.raises(HostError) as fault:
        plate.call("recall", key="objects")
    assert fault.value.problem["code"] == "bad_data"


def test_the_self_test_leaves_nothing_behind(plate) -> None:
    before = plate.comp(), len(plate.state()["items"])
    report = plate.call("selftest")
    assert [check for check in report["checks"] if not check["ok"]] == []
    assert len(report["checks"]) == 8
    assert (plate.comp(), len(plate.state()["items"])) == before


def test_an_error_of_the_program_is_told(plate) -> None:
    plate.hand(LAYER + f"layer.name = {json.dumps(PLATE)};")
    with pytest.raises(HostError) as fault:
        plate.call("stage", token="x", head=None, masks=None)
    assert fault.value.problem["code"] in ("not_staged", "failed")
    assert fault.value.problem["hint"]
