"""Corrections laid into masks that an artist has worked on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from helpers_host import HostError, data_of, job_of, masks_by_name, path_keys, two_layers

from shapes.helpers_shapes import moving_blob

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


def test_keys_the_farm_does_not_have_stay_within_the_stretch(plate) -> None:
    """The artist has moved one key and made another since he sent his correction."""
    base = data_of(two_layers())
    plate.apply(base)
    plate.hand(
        _DRAG.replace("keyValue(1)", "keyValue(3)").replace("AtKey(1", "AtKey(3")
        + "vertices[0] = [7, 7]; shape.vertices = vertices; path.setValueAtTime(24 / 24, shape);"
    )
    before = {key["frame"] + 1001: key for key in path_keys(plate.layer()["masks"][0])}
    data = data_of(corrected())
    plate.stage(base, token="base")
    plate.stage(data, token="new")
    given = {"token": "new", "baseToken": "base", "base": "j1", "changed": {"l1": [[1020, 1030]]}}
    done = plate.call("updateMasks", job=job_of("j2", 2), **given)
    assert done["spared"] == 2
    after = {key["frame"] + 1001: key for key in path_keys(plate.layer()["masks"][0])}
    assert [after[frame] for frame in (1020, 1025)] == [before[frame] for frame in (1020, 1025)]
    row = data["masks"][0]["points"][data["masks"][0]["frames"].index(1030)]
    assert [x for x, _ in after[1030]["value"]["vertices"]] == row[::6]
    assert plate.call("unstage", token="base") == {"masks": 3}
    plate.order(undo=True)
    del given["baseToken"]
    assert plate.call("updateMasks", job=job_of("j2", 2), **given)["spared"] == 0
    frames = [key["frame"] + 1001 for key in path_keys(plate.layer()["masks"][0])]
    assert 1025 not in frames


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_new_shape_is_drawn_in_its_place_and_one_that_is_no_more_goes(plate, place) -> None:
    plate.apply(data_of(two_layers()))
    plate.hand(_DRAG)
    kept = path_keys(plate.layer()["masks"][0])[:2]
    doc = two_layers()
    doc.layers[0].shapes.insert(place, replace(moving_blob("d"), name="arm"))
    data = data_of(doc)
    plate.stage(data, token="new")
    given = {"token": "new", "changed": {"l1": [[1020, 1040]]}}
    done = plate.call("updateMasks", **given, job=job_of("j2", 2), base="j1")
    assert (done["rebuilt"], done["removed"], done["updated"]) == (1, 0, 2)
    masks = masks_by_name(plate)
    assert list(masks) == [mask["name"] for mask in data["masks"]]
    first = next(mask["name"] for mask in data["masks"] if mask["shape_id"] == "a")
    assert path_keys(masks[first])[:2] == kept  # with what the artist did
    assert len(plate.call("readMasks", job="j2")["masks"]) == 4
    data = data_of(two_layers())
    plate.stage(data, token="new")
    done = plate.call("updateMasks", **given, job=job_of("j3", 3), base="j2")
    assert (done["rebuilt"], done["removed"], done["updated"]) == (0, 1, 2)
    assert list(masks_by_name(plate)) == [mask["name"] for mask in data["masks"]]


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
