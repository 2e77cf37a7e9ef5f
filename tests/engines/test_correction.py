"""The track stage of a correction: what is tracked again, and what stays to the bit."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engines.helpers_engines import HERO, OTHER, Context, EchoEngine, results
from roto_client.contract.validation import check_farm_body, check_task_spec
from roto_shapes.errors import RotoError
from roto_worker.engines import registry
from roto_worker.media.masks import read_mask16
from roto_worker.stages import track
from roto_worker.stages.context import StageResult
from roto_worker.stages.track_files import seed_path
from roto_worker.synthetic.clip import Clip

Spec = dict[str, Any]
FIRST = 1001
LAST = 1014


def correction_of(spec: Spec, base: Path, prompts: dict[str, list[Any]]) -> Spec:
    """The task of a job that corrects ``spec``, whose results lie in ``base``.

    ``prompts``: object id -> what is said besides, each replacing what was said on its frame.
    """
    new = copy.deepcopy(spec)
    params = new["params"]
    params["base"] = {"objects": copy.deepcopy(spec["params"]["objects"])}
    new["inputs"] = {"base_masks": str(base)}
    for one in params["objects"]:
        said = {prompt["frame"]: prompt for prompt in one["prompts"]}
        said |= {prompt["frame"]: prompt for prompt in prompts.get(one["id"], [])}
        one["prompts"] = [said[frame] for frame in sorted(said)]
    check_task_spec(new)
    return new


def from_scratch(spec: Spec, folder: Path) -> Path:
    """All of a correction's prompts in a job of its own; its folder."""
    whole = copy.deepcopy(spec)
    del whole["params"]["base"]
    whole["inputs"] = {}
    track.run(Context(whole, folder))
    return folder


def run(spec: Spec, folder: Path, **options: Any) -> StageResult:
    result = track.run(Context(spec, folder, **options))
    check_farm_body("result", result)
    for entry in result["files"]:
        assert (folder / entry["path"]).stat().st_size == entry["size"]
    objects = len(spec["params"]["objects"])
    first, last = spec["params"]["frame_range"]
    assert len(result["files"]) == objects * (last - first + 1)
    return result


def same_file(one: Path, other: Path) -> bool:
    return one.samefile(other) and one.read_bytes() == other.read_bytes()


def summary(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / "track.json").read_text())
    return said


def click_at(spec: Spec, frame: int, **changes: Any) -> dict[str, Any]:
    given = spec["params"]["objects"]
    point = next(dict(p["points"][0]) for one in given for p in one["prompts"] if "points" in p)
    point |= changes
    return {"frame": frame, "points": [point]}


def assert_kept(base: Path, now: Path, names: dict[str, str], changed: dict[str, Any]) -> None:
    """Everything outside the stretches is the base's own file, and told as it was."""
    then, told = summary(base), summary(now)
    assert told["changed"] == changed
    for object_id, name in names.items():
        again = {f for a, b in changed[object_id] for f in range(a, b + 1)}
        for frame in range(FIRST, LAST + 1):
            one, other = base / name / f"{frame}.png", now / name / f"{frame}.png"
            assert same_file(one, other) == (frame not in again), (name, frame)
            if frame not in again:
                for what in ("confidence", "signals"):
                    assert told[what][object_id][str(frame)] == then[what][object_id][str(frame)]


NAMES = {HERO: "hero", OTHER: "other one"}


def test_only_the_stretch_is_tracked_and_as_if_from_scratch(
    spec: Spec, tmp_path: Path, echo: list[EchoEngine]
) -> None:
    """The base: shown on the first frame, corrected on 1010."""
    track.run(Context(spec, tmp_path / "base"))
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 5)]})
    result = run(new, tmp_path / "now")
    changed = {HERO: [[FIRST + 1, FIRST + 8]], OTHER: []}
    assert result["report"] == {"changed": changed}
    assert_kept(tmp_path / "base", tmp_path / "now", NAMES, changed)
    # Forward from the prompt to the correction's frame, on to the next one, and back both times.
    assert echo[-1].begun == [
        (FIRST, 1, (HERO,), ()),
        (FIRST + 5, 1, (HERO,), (HERO,)),
        (FIRST + 9, -1, (HERO,), (HERO,)),
        (FIRST + 5, -1, (HERO,), (HERO,)),
    ]
    assert echo[-1].steps == 6 + 4 + 4 + 5
    # From scratch the correction on 1010 begins from another seed; up to this one all is alike.
    whole = from_scratch(new, tmp_path / "whole")
    for frame in range(FIRST + 1, FIRST + 6):
        mine, theirs = (folder / "hero" / f"{frame}.png" for folder in (tmp_path / "now", whole))
        assert mine.read_bytes() == theirs.read_bytes(), frame
        assert (
            summary(tmp_path / "now")["signals"][HERO][str(frame)]
            == (summary(whole)["signals"][HERO][str(frame)])
        )


SHOWN_AND_CORRECTED = [([3], 8, (4, 13)), ([2, 12], 7, (3, 11))]
"""Prompts that show the object, a correction, and what it changes; frames after the first."""


@pytest.mark.parametrize(("shown", "corrected", "changed"), SHOWN_AND_CORRECTED)
def test_with_flow(
    spec: Spec, tmp_path: Path, shown: list[int], corrected: int, changed: tuple[int, int]
) -> None:
    one = spec["params"]["objects"][0]
    spec["params"]["objects"] = [one]
    one["prompts"] = [one["prompts"][0] | {"frame": FIRST + frame} for frame in shown]
    run(spec, tmp_path / "base")
    beside = click_at(spec, FIRST + corrected, positive=False, x=3.0, y=3.0)
    new = correction_of(spec, tmp_path / "base", {HERO: [beside]})
    run(new, tmp_path / "now")
    spans = {HERO: [[FIRST + frame for frame in changed]]}
    assert_kept(tmp_path / "base", tmp_path / "now", {HERO: "hero"}, spans)
    assert (read_mask16(tmp_path / "now" / "hero" / f"{FIRST + corrected + 1}.png") >= 0.5).any()
    # Bit for bit the job that was told everything at once, frames that stay included.
    whole = results(from_scratch(new, tmp_path / "whole"))
    pictures = [key for key in whole if key.endswith(".png")]
    mine = results(tmp_path / "now")
    assert sorted(pictures) == sorted(key for key in mine if key.endswith(".png"))
    assert {key: mine[key] for key in pictures} == {key: whole[key] for key in pictures}


def test_corrections_chain(spec: Spec, tmp_path: Path, echo: list[EchoEngine]) -> None:
    """A correction stands on the seeds that those before it left."""
    spec["params"]["objects"][0]["prompts"].pop()
    track.run(Context(spec, tmp_path / "1"))
    second = correction_of(spec, tmp_path / "1", {HERO: [click_at(spec, FIRST + 5)]})
    run(second, tmp_path / "2")
    third = correction_of(second, tmp_path / "2", {HERO: [click_at(spec, FIRST + 9)]})
    run(third, tmp_path / "3")
    changed: dict[str, Any] = {HERO: [[FIRST + 6, LAST]], OTHER: []}
    assert_kept(tmp_path / "2", tmp_path / "3", NAMES, changed)
    assert (FIRST + 5, 1, (HERO,), (HERO,)) in echo[-1].begun
    # Each went beyond the last one, so all that is from scratch the same job is the same.
    expected = results(from_scratch(third, tmp_path / "whole"))
    mine = results(tmp_path / "3")
    pictures = [key for key in expected if key.endswith(".png")]
    assert {key: mine[key] for key in pictures} == {key: expected[key] for key in pictures}
    assert f".seeds/{HERO}/{FIRST + 5}.png" in pictures
    # Between two corrections: both begin from what they began from before.
    fourth = correction_of(third, tmp_path / "3", {HERO: [click_at(spec, FIRST + 7)]})
    run(fourth, tmp_path / "4")
    changed = {HERO: [[FIRST + 6, FIRST + 8]], OTHER: []}
    assert_kept(tmp_path / "3", tmp_path / "4", NAMES, changed)
    for frame in (FIRST + 5, FIRST + 9):
        assert same_file(*(seed_path(tmp_path / number, HERO, frame) for number in ("3", "4")))
    # The same frame corrected again: the seed there is made anew.
    again = {HERO: [click_at(spec, FIRST + 7, x=1.0)]}
    fifth = correction_of(fourth, tmp_path / "4", again)
    run(fifth, tmp_path / "5")
    assert_kept(tmp_path / "4", tmp_path / "5", NAMES, changed)
    one, other = (seed_path(tmp_path / number, HERO, FIRST + 7) for number in ("4", "5"))
    assert not one.samefile(other)
    assert one.read_bytes() == other.read_bytes()  # nothing it depends on is new


def test_nothing_new_is_nothing_tracked(spec: Spec, tmp_path: Path, echo: list[EchoEngine]) -> None:
    track.run(Context(spec, tmp_path / "base"))
    result = run(correction_of(spec, tmp_path / "base", {}), tmp_path / "now")
    assert result["report"]["changed"] == {HERO: [], OTHER: []}
    assert_kept(tmp_path / "base", tmp_path / "now", NAMES, {HERO: [], OTHER: []})
    assert echo[-1].steps == 0
    for what in ("confidence", "signals", "kinds"):
        assert summary(tmp_path / "now")[what] == summary(tmp_path / "base")[what]


def test_absent_from_a_frame_to_the_next_prompt(
    spec: Spec, tmp_path: Path, echo: list[EchoEngine]
) -> None:
    track.run(Context(spec, tmp_path / "base"))
    gone = {"frame": FIRST + 5, "absent": True}
    new = correction_of(spec, tmp_path / "base", {HERO: [gone], OTHER: [gone]})
    run(new, tmp_path / "now")
    changed = {HERO: [[FIRST + 1, FIRST + 8]], OTHER: [[FIRST + 1, LAST]]}
    assert_kept(tmp_path / "base", tmp_path / "now", NAMES, changed)
    assert not read_mask16(tmp_path / "now" / "hero" / f"{FIRST + 5}.png").any()
    assert read_mask16(tmp_path / "now" / "hero" / f"{FIRST + 6}.png").any()
    for frame in range(FIRST + 5, LAST + 1):
        assert not read_mask16(tmp_path / "now" / "other one" / f"{frame}.png").any()
        assert summary(tmp_path / "now")["signals"][OTHER][str(frame)] == {"blank": 1}
    # Back again: what stays does not remember.
    back = correction_of(new, tmp_path / "now", {OTHER: [click_at(spec, FIRST + 9)]})
    run(back, tmp_path / "back")
    changed = {HERO: [], OTHER: [[FIRST + 6, LAST]]}
    assert_kept(tmp_path / "now", tmp_path / "back", NAMES, changed)


def test_clicks_that_showed_the_object_still_do_beside_a_new_box(
    spec: Spec, tmp_path: Path, echo: list[EchoEngine]
) -> None:
    spec["params"]["objects"][0]["prompts"] = [click_at(spec, FIRST + 4)]
    track.run(Context(spec, tmp_path / "base"))
    box = {"frame": FIRST + 9, "box": [10.0, 10.0, 200.0, 150.0]}
    new = correction_of(spec, tmp_path / "base", {HERO: [box]})
    run(new, tmp_path / "now")
    changed = {HERO: [[FIRST + 5, LAST]], OTHER: []}
    assert_kept(tmp_path / "base", tmp_path / "now", NAMES, changed)
    assert summary(tmp_path / "now")["kinds"][HERO] == {
        str(FIRST + 4): "shown",
        str(FIRST + 9): "shown",
    }
    assert (FIRST + 4, 1, (HERO,), ()) in echo[-1].begun


def test_a_new_object_and_one_whose_range_moved_are_tracked_whole(
    spec: Spec, tmp_path: Path, echo: list[EchoEngine]
) -> None:
    track.run(Context(spec, tmp_path / "base"))
    new = correction_of(spec, tmp_path / "base", {})
    third = "c" * 32
    new["params"]["objects"].append(
        {"id": third, "name": "late", "prompts": [click_at(spec, FIRST + 2)]}
    )
    new["params"]["objects"][1]["frame_range"] = [FIRST, LAST - 3]
    run(new, tmp_path / "now")
    assert summary(tmp_path / "now")["changed"] == {
        HERO: [],
        OTHER: [[FIRST, LAST]],
        third: [[FIRST, LAST]],
    }
    assert not read_mask16(tmp_path / "now" / "other one" / f"{LAST}.png").any()


def test_an_object_with_a_range_of_its_own_and_another_name(
    spec: Spec, tmp_path: Path, echo: list[EchoEngine]
) -> None:
    spec["params"]["objects"][1]["frame_range"] = [FIRST, LAST - 3]
    track.run(Context(spec, tmp_path / "base"))
    new = correction_of(spec, tmp_path / "base", {OTHER: [click_at(spec, FIRST + 6)]})
    new["params"]["objects"][1]["name"] = "renamed"
    run(new, tmp_path / "now")
    assert summary(tmp_path / "now")["changed"][OTHER] == [[FIRST + 1, LAST - 3]]
    for frame in (FIRST, LAST - 2, LAST):
        old, own = tmp_path / "base" / "other one", tmp_path / "now" / "renamed"
        assert same_file(old / f"{frame}.png", own / f"{frame}.png")


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("direction", lambda p: p.update(direction="forward")),
        ("edges", lambda p: p.update(edges={"refine": False})),
        ("model", lambda p: None),
        ("frame_range", lambda p: p.update(frame_range=[FIRST, LAST - 1])),
    ],
)
def test_a_base_made_in_another_way_is_not_used(
    spec: Spec,
    tmp_path: Path,
    echo: list[EchoEngine],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    change: Callable[[Spec], None],
) -> None:
    track.run(Context(spec, tmp_path / "base"))
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 5)]})
    change(new["params"])
    if what == "model":
        said = summary(tmp_path / "base")
        said["engine"]["model"] = "another"
        (tmp_path / "base" / "track.json").write_text(json.dumps(said))
    result = run(new, tmp_path / "now")
    assert result["provenance"]["base_not_used"] == [what]
    whole = list(new["params"]["frame_range"])
    assert result["report"]["changed"] == {HERO: [whole], OTHER: [whole]}
    expected = results(from_scratch(new, tmp_path / "whole"))
    del expected["track.json"]
    mine = results(tmp_path / "now")
    assert {key: mine[key] for key in expected} == expected


def test_another_device_is_noted(spec: Spec, tmp_path: Path, echo: list[EchoEngine]) -> None:
    track.run(Context(spec, tmp_path / "base"))
    said = summary(tmp_path / "base")
    said["engine"]["device"] = "cuda:0"
    (tmp_path / "base" / "track.json").write_text(json.dumps(said))
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 5)]})
    result = run(new, tmp_path / "now")
    assert result["provenance"]["base_made_by"]["device"] == "cuda:0"
    assert result["report"]["changed"][OTHER] == []


def test_a_base_of_an_earlier_version_lends_its_mattes_as_seeds(
    spec: Spec, tmp_path: Path, echo: list[EchoEngine]
) -> None:
    track.run(Context(spec, tmp_path / "base"))
    said = summary(tmp_path / "base")
    for new_there in ("kinds", "settings"):
        del said[new_there]
    (tmp_path / "base" / "track.json").write_text(json.dumps(said))
    seed_path(tmp_path / "base", HERO, FIRST + 9).unlink()
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 12)]})
    result = run(new, tmp_path / "now")
    assert result["provenance"]["seeds_from_mattes"] == {HERO: [FIRST + 9]}
    assert_kept(tmp_path / "base", tmp_path / "now", NAMES, {HERO: [[FIRST + 10, LAST]], OTHER: []})
    matte = read_mask16(tmp_path / "base" / "hero" / f"{FIRST + 9}.png")
    seed = read_mask16(seed_path(tmp_path / "now", HERO, FIRST + 9))
    np.testing.assert_array_equal(seed > 0.5, matte > 0.5)


def test_a_base_whose_mattes_were_let_go_is_not_used(
    spec: Spec, tmp_path: Path, echo: list[EchoEngine]
) -> None:
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 5)]})
    new["inputs"] = {}
    result = run(new, tmp_path / "now")
    assert result["provenance"]["base_not_used"] == ["masks"]
    assert result["report"]["changed"][OTHER] == [[FIRST, LAST]]


def test_a_lost_matte_is_told(spec: Spec, tmp_path: Path, echo: list[EchoEngine]) -> None:
    track.run(Context(spec, tmp_path / "base"))
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 5)]})
    (tmp_path / "base" / "other one" / f"{LAST}.png").unlink()
    with pytest.raises(RotoError) as refused:
        run(new, tmp_path / "now")
    assert refused.value.code == "storage_failed"
    (tmp_path / "base" / "track.json").unlink()
    with pytest.raises(RotoError) as refused:
        run(new, tmp_path / "again")
    assert refused.value.code == "storage_failed"


@pytest.mark.parametrize("kill_at", [3, 9, 14, 18])
def test_killed_corrections_leave_the_same_bits(
    spec: Spec,
    tmp_path: Path,
    echo: list[EchoEngine],
    monkeypatch: pytest.MonkeyPatch,
    kill_at: int,
) -> None:
    track.run(Context(spec, tmp_path / "base"))
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 5)]})
    run(new, tmp_path / "undisturbed")
    with monkeypatch.context() as patched:
        patched.setattr(registry, "acquire", lambda *_: EchoEngine(die_at_step=kill_at))
        with pytest.raises(KeyboardInterrupt):
            run(new, tmp_path / "first")
    result = run(new, tmp_path / "second", earlier=[tmp_path / "first"])
    assert results(tmp_path / "second") == results(tmp_path / "undisturbed")
    assert ("resumed_at" in result["provenance"]) == (kill_at > 4)
    # A frame on which a correction joins late is one step of the plan and two of the engine.
    done = echo[-1].steps + result["provenance"].get("resumed_at", 0)
    assert done in {18, 19}


@pytest.mark.parametrize("change", ["track.json", "prompts", "no base"])
def test_a_correction_of_another_base_is_not_resumed(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(registry, "acquire", lambda *_: EchoEngine())
    track.run(Context(spec, tmp_path / "base"))
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 5)]})
    with monkeypatch.context() as patched:
        patched.setattr(registry, "acquire", lambda *_: EchoEngine(die_at_step=14))
        with pytest.raises(KeyboardInterrupt):
            run(new, tmp_path / "first")
    if change == "track.json":
        said = summary(tmp_path / "base")
        said["confidence"][OTHER][str(LAST)] = 0.1234
        (tmp_path / "base" / "track.json").write_text(json.dumps(said))
    elif change == "prompts":
        new["params"]["base"]["objects"][0]["prompts"].pop()
    else:
        del new["params"]["base"]
    result = run(new, tmp_path / "second", earlier=[tmp_path / "first"])
    assert "resumed_at" not in result["provenance"]


def test_a_shape_shows_what_its_mask_would(spec: Spec, clip: Clip, tmp_path: Path) -> None:
    spec["params"]["objects"] = spec["params"]["objects"][:1]
    spec["params"]["frame_range"] = [FIRST, FIRST + 2]
    info = (180, 320)
    mask = np.zeros(info, np.uint8)
    mask[40:120, 100:220] = 255
    mask[60:80, 130:170] = 0

    def square(x0: float, y0: float, x1: float, y1: float, mode: str) -> dict[str, Any]:
        corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
        points = [[*corner, 0, 0, 0, 0, True] for corner in corners]
        return {"kind": "bezier", "mode": mode, "closed": True, "points": points}

    shapes = [square(100, 40, 220, 120, "add"), square(130, 60, 170, 80, "subtract")]
    ok, png = cv2.imencode(".png", mask)
    assert ok
    told = {
        "shape": {"outline": shapes},
        "mask": {"mask": {"png": base64.b64encode(png.tobytes()).decode()}},
    }
    for name, prompt in told.items():
        job = copy.deepcopy(spec)
        job["params"]["objects"][0]["prompts"] = [{"frame": FIRST, **prompt}]
        check_task_spec(job)
        run(job, tmp_path / name)
    one, other = results(tmp_path / "shape"), results(tmp_path / "mask")
    assert one == other
