"""A job frame by frame: what its track stage and its shapes say, and small mattes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_api import Live, assert_refused, make_ready, submission

from roto_server.db.models import Attempt, Job, Shapes, Worker
from roto_server.db.types import utc_now
from roto_server.jobs.folders import published_key

HERO = "a" * 32
SUMMARY = {
    "frame_range": [1001, 1004],
    "objects": [{"id": HERO, "name": "hero"}],
    "confidence": {HERO: {"1001": 0.99, "1002": 0.5, "1004": 0.25}},
    "signals": {HERO: {"1001": {"area": 120.0, "match": 1.0}, "1002": {"match": 0.5}}},
}
DOCUMENT = {
    "width": 100,
    "layers": [
        {"name": "hero", "shapes": [
            {"keys": [{"frame": 1001}, {"frame": 1004}]}, {"keys": [{"frame": 1002}]},
        ]},
        {"name": "wire", "shapes": []},
    ],
}  # fmt: skip


@pytest.fixture
def job(live: Live, api: httpx.Client, shot: str) -> str:
    make_ready(live.database, shot)
    return str(api.post(f"/shots/{shot}/segment", json=submission("hero", "wire")).json()["id"])


def publish(live: Live, job_id: str) -> Path:
    """Have the job tracked and vectorized; the folder of its mattes."""
    with live.database.session() as session:
        job = session.get_one(Job, job_id)
        task = next(one for one in job.tasks if one.kind == "track")
        task.state, task.published_dir = "succeeded", published_key(job.shot, job, task)
        key = f"{task.published_dir}/shapes.json"
        session.add(Shapes(
            shot_id=job.shot_id, job_id=job.id, version=1, path=key, size=1, created_by="x"
        ))  # fmt: skip
        folder = live.settings.storage_root / task.published_dir
    folder.mkdir(parents=True)
    (folder / "track.json").write_text(json.dumps(SUMMARY))
    (folder / "shapes.json").write_text(json.dumps(DOCUMENT))
    return folder


def add_attempt(live: Live, job_id: str, number: int) -> str:
    """A try of the job's track stage."""
    now = utc_now()
    with live.database.session() as session:
        if session.get(Worker, "farm:0") is None:
            session.add(Worker(
                id="farm:0", node="farm", slot=0, boot_id="b" * 32, version="0", queues=["cpu"],
                kinds=["track"], engines=[], device="cpu",
            ))  # fmt: skip
            session.flush()
        task = next(one for one in session.get_one(Job, job_id).tasks if one.kind == "track")
        attempt = Attempt(
            task_id=task.id, worker_id="farm:0", boot_id="b" * 32, number=number, state="lost",
            output_dir=f"attempts/{number}", heartbeat_at=now, progress_at=now,
        )  # fmt: skip
        session.add(attempt)
        session.flush()
        return attempt.id


def frames(api: httpx.Client, job: str, **headers: str) -> httpx.Response:
    return api.get(f"/jobs/{job}/frames", headers=headers)


def test_before_it_was_tracked_the_prompts_are_known(api: httpx.Client, job: str) -> None:
    told = frames(api, job).json()
    assert [one["name"] for one in told["objects"]] == ["hero", "wire"]
    hero = told["objects"][0]
    assert hero["prompts"]
    assert set(hero["confidence"]) == set(hero["area"]) == {None}
    assert len(hero["confidence"]) == told["last"] - told["first"] + 1


@pytest.mark.database
def test_what_was_tracked_is_told_frame_by_frame(live: Live, api: httpx.Client, job: str) -> None:
    before = frames(api, job).headers["ETag"]
    publish(live, job)
    answer = frames(api, job, **{"If-None-Match": before})
    assert answer.status_code == 200, "what is known now was not then"
    told = answer.json()
    assert (told["first"], told["last"]) == (1001, 1004)
    hero, wire = told["objects"]
    assert hero["id"] == HERO
    assert hero["confidence"] == [0.99, 0.5, None, 0.25]
    assert hero["area"] == [120.0, None, None, None]
    assert hero["keys"] == [1001, 1002, 1004]
    assert (wire["id"], wire["confidence"], wire["keys"]) == ("", [None] * 4, [])
    same = frames(api, job, **{"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304


def test_another_attempt_is_told(live: Live, api: httpx.Client, job: str) -> None:
    """A browser keeps mattes by it: those of a try that was given up are no others' mattes."""
    before = frames(api, job)
    assert before.json()["attempt"] is None
    tags = [before.headers["ETag"]]
    for number in (1, 2):
        made = add_attempt(live, job, number)
        answer = frames(api, job, **{"If-None-Match": tags[-1]})
        assert answer.status_code == 200
        assert answer.json()["attempt"] == made
        tags.append(answer.headers["ETag"])


def test_a_result_that_is_gone_is_not_known(live: Live, api: httpx.Client, job: str) -> None:
    folder = publish(live, job)
    for name in ("track.json", "shapes.json"):
        (folder / name).unlink()
    assert set(frames(api, job).json()["objects"][0]["confidence"]) == {None}


@pytest.mark.parametrize(
    ("told", "frames_told"),
    [([0, 4_000_000], (1001, 1010)), ([1005, 3_000_000], (1005, 1010)), ([5, 9], (1001, 1010))],
    ids=str,
)
def test_frames_the_plate_has_not_are_not_told(
    live: Live, api: httpx.Client, job: str, told: list[int], frames_told: tuple[int, int]
) -> None:
    (publish(live, job) / "track.json").write_text(json.dumps({**SUMMARY, "frame_range": told}))
    answer = frames(api, job).json()
    assert (answer["first"], answer["last"]) == frames_told
    assert len(answer["objects"][0]["confidence"]) == answer["last"] - answer["first"] + 1


def matte(api: httpx.Client, job: str, frame: Any, name: str = "hero") -> httpx.Response:
    return api.get(f"/jobs/{job}/mattes/{frame}", params={"object": name})


def test_the_small_matte_or_that_of_the_version_before(
    live: Live, api: httpx.Client, job: str
) -> None:
    assert_refused(matte(api, job, 1001), 404, "not_found")
    folder = publish(live, job)
    for path in ("hero/1001.png", "hero/1002.png", ".small/hero/1002.png"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(path.encode())
    assert matte(api, job, 1001).content == b"hero/1001.png"
    answer = matte(api, job, 1002)
    assert (answer.content, answer.headers["content-type"]) == (
        b".small/hero/1002.png",
        "image/png",
    )
    same = api.get(
        f"/jobs/{job}/mattes/1002",
        params={"object": "hero"},
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert same.status_code == 304
    for frame, name in ((1003, "hero"), (1002, "nobody"), (1002, "../hero")):
        assert_refused(matte(api, job, frame, name), 404, "not_found")
    assert matte(api, job, "x").status_code == 422
