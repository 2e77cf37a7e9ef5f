"""The host's script, as built, in an After Effects that refuses what the real one would."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import pytest
from helpers_host import NODE, PLATE, SOURCES, HostError, Session, data_of, job_of

from roto_shapes.document import Key, ValueKey
from shapes.helpers_shapes import document, l_points, layer, moving_blob


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    """The built extension's host.jsx."""
    out = tmp_path_factory.mktemp("built")
    command = [NODE, "build.mjs", "--out", out]
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out / "host/host.jsx"


@pytest.fixture
def ae(host):
    session = Session(host)
    yield session
    session.close()


@pytest.fixture
def plate(ae):
    ae.open()
    return ae


def two_layers():
    """Two objects: one of two shapes, of which one cuts and jumps, and one still."""
    keys = [
        Key(1001, l_points()),
        Key(1011, l_points(9), interpolation="hold"),
        Key(1012, l_points(50)),
        Key(1030, l_points(60)),
    ]
    cut = replace(moving_blob("b"), id="b", mode="subtract", keys=keys, name="hole")
    fade = [ValueKey(1001, 1.0), ValueKey(1020, 0.5)]
    return document(
        layer(moving_blob("a", frames=(1001, 1011, 1020, 1030), feather=4.0, opacity=fade), cut),
        layer(moving_blob("c", frames=(1005,)), layer_id="l2", name="car"),
    )


def masks_by_name(session):
    return {mask["name"]: mask for mask in session.layer()["masks"]}


def path_keys(mask):
    return mask["properties"]["ADBE Mask Shape"]["keys"]


# --- the layer and its plate


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


_LAYER = "var layer = app.project.activeItem.layer(1);"
_SOURCE = _LAYER + "var source = layer.source.mainSource;"
REFUSALS = {
    "time_remap": _LAYER + "layer.timeRemapEnabled = true;",
    "stretched": _LAYER + "layer.stretch = 50;",
    "reversed": _LAYER + "layer.stretch = -100;",
    "frame_blending": _LAYER + "layer.frameBlendingType = FrameBlendingType.FRAME_MIX;",
    "rate_mismatch": "app.project.activeItem.frameRate = 25;",
    "off_grid": _LAYER + "layer.startTime = 0.02;",
    "locked": _LAYER + "layer.locked = true;",
    "interlaced": _SOURCE + "source.fieldSeparationType = FieldSeparationType.UPPER_FIELD_FIRST;",
    "pulldown": _SOURCE + "source.removePulldown = PulldownPhase.WSSWW;",
    "looped": _SOURCE + "source.loop = 3;",
    "no_layer": _LAYER + "layer.selected = false;",
    "many_layers": "var comp = app.project.activeItem; comp.layers.add(comp.layer(1).source)"
    ".selected = true;",
    "no_plate": _LAYER + "layer.selected = false; app.project.activeItem.layers.addSolid("
    "[0, 0, 0], 's', 9, 9, 1).selected = true;",
    "precomp": _LAYER + "layer.selected = false; app.project.activeItem.layers.add("
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
    plate.hand(_LAYER + "layer.source.setProxyWithSequence(new File('/plates/small.1001.exr'));")
    scene = plate.call("describe")
    assert scene["plate"]["proxy"] == {"path": "/plates/small.1001.exr", "inUse": True}
    assert (scene["plate"]["width"], scene["refusals"]) == (1920, [])
    assert "proxy" in scene["notes"][0]


# --- masks


def test_masks_are_drawn_in_one_undo_step(plate) -> None:
    data = data_of(two_layers())
    before = plate.comp()
    applied = plate.apply(data)
    assert [mask["name"] for mask in applied["masks"]] == [mask["name"] for mask in data["masks"]]
    assert plate.steps()[-1] == "Megaton Roto masks"
    for made, due in zip(plate.layer()["masks"], data["masks"], strict=True):
        assert made["maskMode"].lower() == due["mode"]
        assert not made["rotoBezier"]
        keys = path_keys(made)
        assert [key["frame"] + 1001 for key in keys] == (
            due["frames"] if len(due["frames"]) > 1 else []
        )
        assert [i for i, key in enumerate(keys) if key["hold"]] == due["hold"]
        for key, row in zip(keys, due["points"], strict=False):
            assert key["value"]["vertices"] == list(
                map(list, zip(row[::6], row[1::6], strict=True))
            )
    assert plate.call("describe")["jobs"] == [job_of("j1")]
    assert plate.order(undo=True)["result"] == "Megaton Roto masks"
    assert plate.comp() == before


@pytest.mark.parametrize("fps", [23.976, 24, 25, 29.97, 30, 59.94])
def test_keys_lie_on_their_frames_at_every_rate(ae, fps) -> None:
    ae.open(fps=fps, start=7, frames=200)
    frames = tuple(range(1001, 1201))
    data = data_of(document(layer(moving_blob("a", frames=frames)), frame_range=(1001, 1200)))
    ae.apply(data)
    assert [key["frame"] for key in path_keys(ae.layer()["masks"][0])] == [
        7 + n for n in range(200)
    ]
    now = ae.call("readMasks", job="j1")
    assert now["masks"][0]["frames"] == data["masks"][0]["frames"]


def test_masks_come_back_as_they_were_drawn_also_from_a_saved_project(plate, tmp_path) -> None:
    data = data_of(two_layers())
    plate.apply(data)
    at = plate.call("describe")["layer"]["ref"]
    file = json.dumps(str(tmp_path / "shot.aep"))
    plate.script(
        f"app.project.save(new File({file})); app.newProject(); app.open(new File({file}))"
    )
    (kept,) = plate.call("results")
    assert (kept["at"], kept["jobs"]) == (at, [job_of("j1")])
    plate.stage(data)
    now = plate.call("readMasks", at=at, token="t", job="j1")
    assert (now["missing"], now["notes"], now["job"]) == ([], [], job_of("j1"))
    for made, due in zip(now["masks"], data["masks"], strict=True):
        same = ("name", "layer", "layer_id", "shape_id", "mode", "inverted", "closed", "hold")
        assert [made[key] for key in same] == [due[key] for key in same]
        assert made["points"] == due["points"]  # to the last digit
        assert made["opacity"] == due["opacity"]
        assert (made["feather"], made["foundBy"]) == (due["feather"], "name")


def test_names_stay_unique_and_jobs_apart(plate) -> None:
    data = data_of(two_layers())
    plate.apply(data)
    second = plate.apply(data, job="j2", version=2)
    assert [mask["name"] for mask in second["masks"]] == [m["name"] + " 2" for m in data["masks"]]
    now = plate.call("readMasks", job="j2")
    assert [mask["name"] for mask in now["masks"]] == [mask["name"] for mask in second["masks"]]
    third = plate.apply(data, job="j3", version=3, replace=True)
    assert (third["removed"], len(plate.layer()["masks"])) == (6, 3)
    assert [each["job"] for each in plate.call("describe")["jobs"]] == ["j3"]


def test_pieces_are_one_job(plate) -> None:
    data = data_of(two_layers())
    plate.stage(data)
    for start in range(3):
        given = {"token": "t", "job": job_of("j1"), "from": start, "count": 1}
        plate.call("applyMasks", **given)
    assert len(plate.call("readMasks", job="j1")["masks"]) == 3
    assert plate.steps()[-3:] == [f"Megaton Roto masks ({n} to {n})" for n in (1, 2, 3)]
    assert plate.call("unstage", token="t") == {"masks": 3}
    with pytest.raises(HostError, match="did not reach"):
        plate.call("applyMasks", token="t", job=job_of("j1"))


def test_more_masks_than_a_comment_names(plate) -> None:
    """The comment keeps the job; which mask is which is then told by its data."""
    shapes = [moving_blob(f"{n:032x}", frames=(1001, 1010 + n % 9)) for n in range(300)]
    data = data_of(document(layer(*shapes)))
    plate.apply(data)
    assert len(plate.layer()["comment"]) < 200
    with pytest.raises(HostError) as fault:
        plate.call("readMasks", job="j1")
    assert fault.value.problem["code"] == "not_staged"
    plate.stage(data)
    now = plate.call("readMasks", token="t", job="j1")
    assert [mask["shape_id"] for mask in now["masks"]] == [m["shape_id"] for m in data["masks"]]
    again = plate.apply(data, job="j2", version=2, replace=True)
    assert (again["removed"], len(plate.layer()["masks"])) == (300, 300)


def test_broken_and_foreign_masks_are_refused(plate) -> None:
    data = data_of(two_layers())
    broken = [data["masks"][0] | {"points": data["masks"][0]["points"][:1]}]
    head = {key: value for key, value in data.items() if key != "masks"}
    for given, code in (
        ({"head": head, "masks": broken}, "bad_data"),
        ({"head": head | {"schema": "megaton-roto/aftereffects/9"}, "masks": []}, "bad_data"),
    ):
        with pytest.raises(HostError) as fault:
            plate.call("stage", token="x", **given)
        assert fault.value.problem["code"] == code
    with pytest.raises(HostError) as fault:
        plate.apply(data | {"width": 1000})
    assert fault.value.problem["code"] == "size_mismatch"
    with pytest.raises(HostError) as fault:
        plate.call("draw")
    assert fault.value.problem["code"] == "bad_call"


def test_masks_of_a_smaller_plate_fit(plate) -> None:
    data = data_of(two_layers())
    plate.apply(data | {"width": 960, "height": 540})
    row = data["masks"][0]["points"][0]
    x, y = path_keys(plate.layer()["masks"][0])[0]["value"]["vertices"][0]
    assert (x, y) == (2 * row[0], 2 * row[1])


# --- corrections

_DRAG = """
var masks = app.project.activeItem.layer(1).property("ADBE Mask Parade");
var path = masks.property("hero s1") || masks.property(1);
path = path.property("ADBE Mask Shape");
var shape = path.keyValue(1);
var vertices = shape.vertices;
vertices[0] = [vertices[0][0] + 5, vertices[0][1]];
shape.vertices = vertices;
path.setValueAtKey(1, shape);
"""


def corrected():
    """`two_layers` with other points of both shapes of the first object on 1020..1030."""
    doc = two_layers()
    first = doc.layers[0]
    for i, shape in enumerate(first.shapes):
        keys = [
            replace(key, points=tuple(p._replace(x=p.x + 40) for p in key.points))
            if key.frame >= 1020
            else key
            for key in shape.keys
        ]
        first.shapes[i] = replace(shape, keys=keys)
    return doc


def test_a_correction_changes_only_its_stretch(plate) -> None:
    plate.apply(data_of(two_layers()))
    plate.hand(_DRAG)
    before = masks_by_name(plate)
    data = data_of(corrected())
    plate.stage(data, token="new")
    done = plate.call(
        "updateMasks", token="new", job=job_of("j2", 2), base="j1", changed={"l1": [[1020, 1030]]}
    )
    assert (done["updated"], done["rebuilt"]) == (2, 0)
    assert plate.steps()[-1] == "Megaton Roto correction"
    after = masks_by_name(plate)
    assert list(after) == list(before)
    for due in data["masks"]:
        old, new = path_keys(before[due["name"]]), path_keys(after[due["name"]])
        if due["layer_id"] == "l2":
            assert new == old
            continue
        kept = [key for key in new if key["frame"] + 1001 < 1020]
        assert kept == [key for key in old if key["frame"] + 1001 < 1020]
        rows = dict(zip(due["frames"], due["points"], strict=True))
        for key in new[len(kept) :]:
            xs = [x for x, _ in key["value"]["vertices"]]
            assert xs == rows[key["frame"] + 1001][::6]
    assert plate.call("describe")["jobs"] == [job_of("j2", 2)]
    assert plate.order(undo=True)["result"] == "Megaton Roto correction"
    assert masks_by_name(plate) == before
    assert plate.call("describe")["jobs"] == [job_of("j1")]


def test_another_shape_is_drawn_in_the_old_ones_place(plate) -> None:
    plate.apply(data_of(two_layers()))
    doc = two_layers()
    doc.layers[0].shapes.append(replace(moving_blob("d"), name="arm"))
    data = data_of(doc)
    plate.stage(data, token="new")
    done = plate.call(
        "updateMasks", token="new", job=job_of("j2", 2), base="j1", changed={"l1": [[1001, 1040]]}
    )
    assert (done["rebuilt"], done["removed"], done["updated"]) == (3, 2, 0)
    names = [mask["name"] for mask in plate.layer()["masks"]]
    assert names == [mask["name"] for mask in data["masks"]]  # the car is still the last
    assert len(plate.call("readMasks", job="j2")["masks"]) == 4


def test_topology_that_changes_in_a_stretch_is_held(plate) -> None:
    plate.apply(data_of(two_layers()))
    data = data_of(two_layers())
    data["masks"][0]["points"][-1] = data["masks"][0]["points"][-1][:18]
    plate.stage(data, token="new")
    plate.call(
        "updateMasks", token="new", job=job_of("j2", 2), base="j1", changed={"l1": [[1030, 1040]]}
    )
    keys = path_keys(plate.layer()["masks"][0])
    counts = [len(key["value"]["vertices"]) for key in keys]
    assert counts[-1] == 3
    for key, count, following in zip(keys, counts, counts[1:], strict=False):
        assert key["hold"] or count == following


def test_a_renamed_mask_is_known_by_its_keys_and_a_missing_one_is_told(plate) -> None:
    data = data_of(two_layers())
    plate.apply(data)
    names = [mask["name"] for mask in data["masks"]]
    plate.hand(
        f"""var masks = app.project.activeItem.layer(1).property("ADBE Mask Parade");
        masks.property({json.dumps(names[2])}).remove();
        masks.property({json.dumps(names[0])}).name = "mine";
        var own = masks.addProperty("ADBE Mask Atom");
        own.name = "drawn by hand";
        var path = own.property("ADBE Mask Shape");
        path.setValue(masks.property("mine").property("ADBE Mask Shape").keyValue(3));"""
    )
    plate.stage(data)
    now = plate.call("readMasks", token="t", job="j1")
    found = {mask["name"]: (mask["foundBy"], mask["shape_id"]) for mask in now["masks"]}
    assert found["mine"] == ("keys", data["masks"][0]["shape_id"])
    assert found[names[1]] == ("name", data["masks"][1]["shape_id"])
    assert found["drawn by hand"] == ("none", "")
    assert [each["name"] for each in now["missing"]] == [names[2]]
    with pytest.raises(HostError) as fault:
        plate.call("readMasks", job="unknown")
    assert fault.value.problem["code"] == "masks_gone"


def test_a_locked_mask_stops_a_correction_before_anything_is_changed(plate) -> None:
    plate.apply(data_of(two_layers()))
    plate.hand(
        "app.project.activeItem.layer(1).property('ADBE Mask Parade').property(1).locked = true;"
    )
    before = masks_by_name(plate)
    plate.stage(data_of(corrected()), token="new")
    given = {"token": "new", "job": job_of("j2", 2), "base": "j1"}
    with pytest.raises(HostError) as fault:
        plate.call("updateMasks", **given, changed={"l1": [[1020, 1030]]})
    assert fault.value.problem["code"] == "mask_locked"
    assert masks_by_name(plate) == before
    with pytest.raises(HostError, match="is locked"):
        plate.apply(data_of(corrected()), job="j2", version=2, replace=True)
    assert masks_by_name(plate) == before


def test_notes_on_what_roto_shapes_do_not_know(plate) -> None:
    plate.apply(data_of(two_layers()))
    plate.hand(
        """var mask = app.project.activeItem.layer(1).property("ADBE Mask Parade").property(1);
        mask.maskMode = MaskMode.INTERSECT;
        var path = mask.property("ADBE Mask Shape");
        path.addKey(0.02);
        path.setInterpolationTypeAtKey(1, KeyframeInterpolationType.BEZIER);"""
    )
    now = plate.call("readMasks", job="j1")
    assert [word in " ".join(now["notes"]) for word in ("a mode", "between", "eases")] == [True] * 3
    assert now["masks"][0]["eased"] == [0]
    assert now["masks"][0]["frames"] == [1001, 1011, 1020, 1030]


# --- prompts

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
        _LAYER + "layer.property('ADBE Transform Group').property('ADBE Scale').setValue([50, 50]);"
    )
    matte = {"width": 960, "height": 540, "frames": 30}
    ae.order(footage={"/m/v1/hero.1005.exr": matte, "/m/v2/hero.1005.exr": matte})
    given = {"mode": "luma", "name": "hero matte"}
    at = ae.call("describe")["layer"]["ref"]
    made = ae.call("importMatte", firstFile="/m/v1/hero.1005.exr", **given, at=at)
    assert (made["replaced"], made["notes"]) == (False, [])
    top, below = ae.comp()["layers"]
    assert (below["matte"], below["matteType"]) == (top["id"], "LUMA")
    assert not top["enabled"]
    assert round(top["start"] * 24) == 10 + 4  # its first file is plate frame 1005
    corner = "app.project.activeItem.layer(%d).sourcePointToComp([%d, %d]).join(' ')"
    assert ae.hand("return " + corner % (1, 960, 540)) == ae.hand(
        "return " + corner % (2, 1920, 1080)
    )
    again = ae.call("importMatte", firstFile="/m/v2/hero.1005.exr", **given, replace=True, at=at)
    assert again["replaced"]
    assert len(ae.comp()["layers"]) == 2
    assert ae.steps()[-2:] == ["Megaton Roto matte"] * 2
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
    plate.hand(_LAYER + "layer.threeDLayer = true;")
    with pytest.raises(HostError) as fault:
        plate.call("saveFrame", frame=1003)
    assert fault.value.problem["code"] == "not_flat"


def test_what_is_kept_stays_beside_the_artists_words(plate) -> None:
    plate.hand(_LAYER + "layer.comment = 'ask [Ann] first';")
    value = {"objects": [{"name": 'hé "x" ]', "frames": [1, 2.5, None, True]}]}
    plate.call("remember", key="objects", value=value)
    assert plate.call("recall", key="objects") == value
    plate.apply(data_of(two_layers()))
    assert plate.call("recall", key="objects") == value
    assert plate.layer()["comment"].startswith("ask [Ann] first [megaton-roto {")
    plate.hand(_LAYER + "layer.comment = layer.comment + ' and Bob';")
    assert plate.call("recall", key="objects") == value
    plate.call("remember", key="objects", value=None)
    assert plate.layer()["comment"].endswith("] and Bob")
    with pytest.raises(HostError) as fault:
        plate.call("remember", key="much", value="x" * 16000)
    assert fault.value.problem["code"] == "too_large"
    plate.hand(_LAYER + "layer.comment = '[megaton-roto {oops}]';")
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
    plate.hand(_LAYER + f"layer.name = {json.dumps(PLATE)};")
    with pytest.raises(HostError) as fault:
        plate.call("stage", token="x", head=None, masks=None)
    assert fault.value.problem["code"] in ("not_staged", "failed")
    assert fault.value.problem["hint"]
