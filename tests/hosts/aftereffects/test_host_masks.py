"""Masks drawn by the host's script, and read again."""

from __future__ import annotations

import json

import pytest
from helpers_host import HostError, data_of, job_of, path_keys, two_layers

from shapes.helpers_shapes import document, layer, moving_blob


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
