"""The track stage: files, resume, refusals."""

from __future__ import annotations

import base64
import copy
import json
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engines.helpers_engines import HERO, OTHER, Context, EchoEngine, results
from roto_client.contract.validation import check_task_spec
from roto_shapes.errors import RotoError
from roto_worker.engines import registry
from roto_worker.media.masks import read_mask16
from roto_worker.stages import track
from roto_worker.stages.context import TaskStopped
from roto_worker.synthetic.clip import Clip


def test_end_to_end_with_flow(spec: dict[str, Any], clip: Clip, tmp_path: Path) -> None:
    context = Context(spec, tmp_path / "out")
    result = track.run(context)
    assert len(result["files"]) == 2 * len(clip.frames)
    scores = []
    for frame in clip.frames:
        found = read_mask16(tmp_path / "out" / "hero" / f"{frame}.png") >= 0.5
        truth = clip.truth(frame) >= 0.5
        scores.append((found & truth).sum() / (found | truth).sum())
    assert np.mean(scores) >= 0.95
    summary = json.loads((tmp_path / "out" / "track.json").read_text())
    assert summary["frame_range"] == list(clip.frame_range)
    assert summary["objects"] == [
        {"id": HERO, "name": "hero"},
        {"id": OTHER, "name": "other one"},
    ]
    assert set(summary["confidence"][HERO]) == {str(frame) for frame in clip.frames}
    assert set(summary["signals"][OTHER]) == set(summary["confidence"][OTHER])
    assert summary["signals"][OTHER][str(clip.frame_range[0])]["prompted"] == 1
    assert summary["engine"]["engine"] == "flow"
    assert result["provenance"]["engine"] == "flow"
    assert result["provenance"]["job"] == "3" * 32
    for entry in result["files"]:
        assert entry["role"] == "mask"
        assert (tmp_path / "out" / entry["path"]).stat().st_size == entry["size"]
        assert 0 <= entry["confidence"] <= 1
    total = context.reports[-1][1]
    assert [done for done, _, _ in context.reports] == list(range(total + 1))
    assert "flow" in context.reports[0][2]


def test_outside_its_range_an_object_is_known_not_to_be_there(
    spec: dict[str, Any], clip: Clip, tmp_path: Path, echo: list[EchoEngine]
) -> None:
    first, last = clip.frame_range
    spec["params"]["objects"][1]["frame_range"] = [first - 5, first + 4]
    check_task_spec(spec)
    track.run(Context(spec, tmp_path / "out"))
    summary = json.loads((tmp_path / "out" / "track.json").read_text())
    for frame in range(first + 5, last + 1):
        assert not read_mask16(tmp_path / "out" / "other one" / f"{frame}.png").any()
        assert summary["confidence"][OTHER][str(frame)] > 0.9
        assert summary["signals"][OTHER][str(frame)] == {"blank": 1}


def test_edges_are_laid_by_the_picture_unless_not_wanted(
    spec: dict[str, Any], clip: Clip, tmp_path: Path
) -> None:
    params = spec["params"]
    params["objects"] = params["objects"][1:]
    params["frame_range"] = [clip.frame_range[0], clip.frame_range[0] + 1]
    mattes = {}
    for name, edges in {
        "default": {},
        "refined": {"edges": {"refine": True}},
        "plain": {"edges": {"refine": False}},
        "detailed": {"edges": {"detail": True}},
    }.items():
        job = {**spec, "params": {**params, **edges}}
        check_task_spec(job)
        track.run(Context(job, tmp_path / name))
        mattes[name] = read_mask16(
            tmp_path / name / "other one" / f"{params['frame_range'][1]}.png"
        )
        found, truth = mattes[name] >= 0.5, clip.truth(params["frame_range"][1]) >= 0.5
        assert (found & truth).sum() / (found | truth).sum() > 0.9, name
    np.testing.assert_array_equal(mattes["default"], mattes["refined"])
    assert (mattes["default"] != mattes["plain"]).any()


@pytest.mark.parametrize("kill_at", [3, 6, 11, 16, 21])
def test_killed_attempts_leave_the_same_bits(
    spec: dict[str, Any],
    tmp_path: Path,
    echo: list[EchoEngine],
    monkeypatch: pytest.MonkeyPatch,
    kill_at: int,
) -> None:
    undisturbed = Context(spec, tmp_path / "whole")
    track.run(undisturbed)
    expected = results(tmp_path / "whole")

    def killed(*_: object) -> EchoEngine:
        return EchoEngine(die_at_step=kill_at)

    with monkeypatch.context() as patched:
        patched.setattr(registry, "acquire", killed)
        with pytest.raises(KeyboardInterrupt):
            track.run(Context(spec, tmp_path / "first"))
        # The second attempt goes on from the first and dies as well.
        patched.setattr(registry, "acquire", lambda *_: EchoEngine(die_at_step=2))
        with pytest.raises(KeyboardInterrupt):
            track.run(Context(spec, tmp_path / "second", earlier=[tmp_path / "first"]))
    last = Context(spec, tmp_path / "third", earlier=[tmp_path / "second", tmp_path / "first"])
    result = track.run(last)
    assert results(tmp_path / "third") == expected
    assert ("resumed" in last.logged) == (kill_at > 4)
    if kill_at > 4:
        assert result["provenance"]["resumed_at"] >= 4
        assert echo[-1].steps < last.reports[-1][1]


def test_a_stop_is_resumed_from_that_very_step(
    spec: dict[str, Any], tmp_path: Path, echo: list[EchoEngine]
) -> None:
    with pytest.raises(TaskStopped):
        track.run(Context(spec, tmp_path / "first", stop_at=6))
    again = Context(spec, tmp_path / "second", earlier=[tmp_path / "first"])
    assert track.run(again)["provenance"]["resumed_at"] == 6
    assert again.reports[0][0] == 6


def _damage(folder: Path) -> None:
    (folder / ".checkpoint" / "state.npz").write_bytes(b"PK\x03\x04 half of it")


def _lose_a_frame(folder: Path) -> None:
    next((folder / "hero").glob("*.png")).unlink()


def _lose_the_checkpoint(folder: Path) -> None:
    (folder / ".checkpoint" / "state.npz").unlink()


@pytest.mark.parametrize("harm", [_damage, _lose_a_frame, _lose_the_checkpoint])
def test_what_cannot_be_trusted_is_not_resumed(
    spec: dict[str, Any], tmp_path: Path, echo: list[EchoEngine], harm: Any
) -> None:
    with pytest.raises(TaskStopped):
        track.run(Context(spec, tmp_path / "first", stop_at=9))
    harm(tmp_path / "first")
    again = Context(spec, tmp_path / "second", earlier=[tmp_path / "first"])
    assert "resumed_at" not in track.run(again)["provenance"]


@pytest.mark.parametrize("change", ["prompt", "range", "object range", "direction", "edges"])
def test_another_job_is_not_resumed(
    spec: dict[str, Any], clip: Clip, tmp_path: Path, echo: list[EchoEngine], change: str
) -> None:
    with pytest.raises(TaskStopped):
        track.run(Context(spec, tmp_path / "first", stop_at=9))
    other = copy.deepcopy(spec)
    if change == "prompt":
        other["params"]["objects"][0]["prompts"][0]["points"][0]["x"] += 1
    elif change == "range":
        other["params"]["frame_range"][1] -= 1
    elif change == "object range":
        other["params"]["objects"][1]["frame_range"] = list(clip.frame_range)
    elif change == "edges":
        other["params"]["edges"] = {"detail": True}
    else:
        other["params"]["direction"] = "forward"
    again = Context(other, tmp_path / "second", earlier=[tmp_path / "first"])
    assert "resumed_at" not in track.run(again)["provenance"]


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda p: p.update(objects=[]), "no_objects"),
        (
            lambda p: p["objects"][0]["prompts"][0]["points"][0].update(x=321),
            "prompt_outside_plate",
        ),
        (lambda p: p["objects"][0]["prompts"][0].update(frame=99), "prompt_outside_range"),
        (lambda p: p.update(frame_range=[1001, 1099]), "range_outside_plate"),
        (lambda p: p.update(model="magic"), "unknown_model"),
        (
            lambda p: p["objects"][0]["prompts"][0].update(mask={"png": "iVBORw0KGgo="}),
            "bad_prompt",
        ),
        (
            lambda p: p["objects"][0].update(prompts=[{"frame": 1001, "absent": True}]),
            "no_objects",
        ),
        (lambda p: p["objects"][0]["prompts"][0].update(box=[0, 0, 3, 3]), "bad_prompt"),
        (lambda p: p["objects"][0]["prompts"][0].update(absent=True), "bad_prompt"),
        (lambda p: p["objects"][0].update(frame_range=[1002, 1003]), "prompt_outside_range"),
        (lambda p: p["objects"][0].update(frame_range=[1, 2]), "bad_prompt"),
    ],
)
def test_bad_input_is_refused(
    spec: dict[str, Any], tmp_path: Path, break_it: Any, code: str
) -> None:
    break_it(spec["params"])
    with pytest.raises(RotoError) as refused:
        track.run(Context(spec, tmp_path / "out"))
    assert refused.value.code == code
    assert not list((tmp_path / "out").rglob("*.png"))


def test_a_mask_that_unpacks_to_gigabytes_is_refused_by_its_header(
    spec: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: Any) -> None:
        raise AssertionError("it was decoded")

    header = struct.pack(">I4sII5B", 13, b"IHDR", 32767, 32767, 8, 0, 0, 0, 0)
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + header).decode()
    spec["params"]["objects"][0]["prompts"] = [{"frame": 1001, "mask": {"png": png}}]
    monkeypatch.setattr(cv2, "imdecode", decoded)
    with pytest.raises(RotoError, match="is 32767 x 32767, the plate 320 x 180") as refused:
        track.run(Context(spec, tmp_path / "out"))
    assert refused.value.code == "bad_prompt"


def test_nothing_found_is_an_error(
    spec: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind(EchoEngine):
        def step(self):  # type: ignore[no-untyped-def]
            frame, answers = super().step()
            for prediction in answers.values():
                prediction.logits[...] = -9
            return frame, answers

    monkeypatch.setattr(registry, "acquire", lambda *_: Blind())
    with pytest.raises(RotoError) as refused:
        track.run(Context(spec, tmp_path / "out"))
    assert refused.value.code == "empty_result"
    assert "hero" in refused.value.message
