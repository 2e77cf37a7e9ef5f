"""What the host tells of a layer and its plate, and which it refuses."""

from __future__ import annotations

import pytest
from helpers_host import LAYER, HostError, Session, data_of, job_of, two_layers


def test_what_is_told_of_a_plate(ae) -> None:
    ae.open("/plates/a.1001.exr", start=12, pixelAspect=2.0)
    scene = ae.call("describe")
    assert scene["refusals"] == []
    assert scene["plate"] | {"file": ""} == {
        "kind": "sequence",
        "path": "/plates/a.####.exr",
        "file": "",
        "firstFrame": 1001,
        "lastFrame": 1040,
        "width": 1920,
        "height": 1080,
        "pixelAspect": 2,
        "fps": 24,
        "missing": False,
        "proxy": None,
    }
    assert scene["frame"] is None  # the layer starts twelve frames later
    assert scene["shown"] == [1001, 1040]
    assert ae.call("goTo", frame=1008) == {"frame": 1008}
    assert ae.call("describe")["frame"] == 1008
    assert ae.comp()["frame"] == 12 + 7
    with pytest.raises(HostError) as fault:
        ae.call("goTo", frame=1041)
    assert fault.value.problem["code"] == "outside_plate"


def test_a_movie_counts_from_one(ae) -> None:
    ae.open("/plates/shot 2.mov", movie=True)
    plate = ae.call("describe")["plate"]
    assert (plate["kind"], plate["firstFrame"], plate["lastFrame"]) == ("movie", 1, 40)
    assert plate["path"] == "/plates/shot 2.mov"


@pytest.mark.parametrize(
    ("file", "path", "first"),
    [
        ("/a 1/1001.exr", "/a 1/####.exr", 1001),
        ("/12/a_v2_0101_left.jp2", "/12/a_v2_####_left.jp2", 101),
        ("/plates/a.00000.tif", "/plates/a.#####.tif", 0),
    ],
)
def test_numbers_of_files(ae, file, path, first) -> None:
    ae.open(file)
    plate = ae.call("describe")["plate"]
    assert (plate["kind"], plate["path"], plate["firstFrame"]) == ("sequence", path, first)


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("C:/show/a_0101.dpx", "C:\\show\\a_####.dpx"),
        ("//server/show/a.101.dpx", "\\\\server\\show\\a.###.dpx"),
    ],
)
def test_paths_of_windows(host, file, path) -> None:
    session = Session(host, os="Windows")
    session.open(file)
    plate = session.call("describe")["plate"]
    assert (plate["path"], plate["firstFrame"]) == (path, 101)
    session.close()


_SOURCE = LAYER + "var source = layer.source.mainSource;"
REFUSALS = {
    "time_remap": LAYER + "layer.timeRemapEnabled = true;",
    "stretched": LAYER + "layer.stretch = 50;",
    "reversed": LAYER + "layer.stretch = -100;",
    "frame_blending": LAYER + "layer.frameBlendingType = FrameBlendingType.FRAME_MIX;",
    "rate_mismatch": "app.project.activeItem.frameRate = 25;",
    "off_grid": LAYER + "layer.startTime = 0.02;",
    "locked": LAYER + "layer.locked = true;",
    "interlaced": _SOURCE + "source.fieldSeparationType = FieldSeparationType.UPPER_FIELD_FIRST;",
    "pulldown": _SOURCE + "source.removePulldown = PulldownPhase.WSSWW;",
    "looped": _SOURCE + "source.loop = 3;",
    "no_layer": LAYER + "layer.selected = false;",
    "many_layers": "var comp = app.project.activeItem; comp.layers.add(comp.layer(1).source)"
    ".selected = true;",
    "no_plate": LAYER + "layer.selected = false; app.project.activeItem.layers.addSolid("
    "[0, 0, 0], 's', 9, 9, 1).selected = true;",
    "precomp": LAYER + "layer.selected = false; app.project.activeItem.layers.add("
    "app.project.items.addComp('c', 9, 9, 1, 1, 24)).selected = true;",
}


@pytest.mark.parametrize("code", REFUSALS)
def test_what_cannot_be_told_right_is_refused(plate, code) -> None:
    plate.hand(REFUSALS[code])
    scene = plate.call("describe")
    assert [refusal["code"] for refusal in scene["refusals"]] == [code]
    assert all(refusal["message"] and refusal["hint"] for refusal in scene["refusals"])
    before = plate.state()
    plate.stage(data_of(two_layers()))
    with pytest.raises(HostError) as fault:
        plate.call("applyMasks", token="t", job=job_of("j1"))
    assert fault.value.problem["code"] == code
    assert plate.state() == before


def test_stills_missing_files_and_no_composition(ae) -> None:
    assert ae.call("describe")["refusals"][0]["code"] == "no_comp"
    ae.open(sequence=False)
    assert ae.call("describe")["refusals"][0]["code"] == "still"
    ae.open()
    item = ae.layer()["source"]
    footage = [each for each in ae.state()["items"] if each["kind"] == "footage"][-1]
    assert footage["id"] != item  # the second composition's plate
    ae.order(set={"missing": True}, item=footage["id"])
    scene = ae.call("describe")
    assert [refusal["code"] for refusal in scene["refusals"]] == ["missing_footage"]
    assert scene["plate"]["missing"]
    assert scene["plate"]["path"] == "/plates/a.####.exr"


def test_a_proxy_is_told_and_no_obstacle(plate) -> None:
    plate.order(footage={"/plates/small.1001.exr": {"width": 960, "height": 540, "frames": 40}})
    plate.hand(LAYER + "layer.source.setProxyWithSequence(new File('/plates/small.1001.exr'));")
    scene = plate.call("describe")
    assert scene["plate"]["proxy"] == {"path": "/plates/small.1001.exr", "inUse": True}
    assert (scene["plate"]["width"], scene["refusals"]) == (1920, [])
    assert "proxy" in scene["notes"][0]
