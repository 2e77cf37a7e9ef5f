"""The newest matte of a running job, by a path nobody can bend."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from helpers_api import Live, assert_refused, make_ready, submission

from roto_server.db.models import Attempt, Job, Worker, new_id
from roto_server.db.types import utc_now
from roto_server.jobs.folders import attempt_key, published_key


@pytest.fixture
def job(live: Live, api: httpx.Client, shot: str) -> str:
    """A roto job of the objects ``hero`` and ``left hand``."""
    make_ready(live.database, shot)
    body = submission("hero", "left hand")
    return str(api.post(f"/shots/{shot}/segment", json=body).json()["id"])


def attempt_of(live: Live, job_id: str, number: int = 1) -> Path:
    """An attempt at tracking that runs; its folder."""
    with live.database.session() as session:
        job = session.get_one(Job, job_id)
        session.merge(Worker(
            id="newest:0", node="newest", slot=0, boot_id="0" * 32, version="0.1.0", queues=[],
            kinds=[], engines=[], device="cpu",
        ))  # fmt: skip
        ident = new_id()
        key = attempt_key(job.shot, ident)
        session.add(Attempt(
            id=ident, task_id=job.tasks[0].id, worker_id="newest:0", boot_id="0" * 32,
            number=number, state="running", output_dir=key, heartbeat_at=utc_now(),
            progress_at=utc_now(),
        ))  # fmt: skip
    return live.settings.storage_root / key


def write(folder: Path, name: str, frame: str, age: float) -> None:
    path = folder / name / frame
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"{folder.name} {name} {frame}".encode())
    os.utime(path, (1e9 - age, 1e9 - age))


def newest(api: httpx.Client, job: str, name: str = "hero") -> tuple[int, bytes]:
    answer = api.get(f"/jobs/{job}/newest-mask", params={"object": name})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return int(answer.headers["X-Roto-Frame"]), answer.content


@pytest.mark.database
def test_the_frame_tracked_last_of_the_attempt_that_runs(
    live: Live, api: httpx.Client, job: str
) -> None:
    """Sweeps go both ways, so the newest is by time; a matte that is being written is not one."""
    before, now = attempt_of(live, job, 1), attempt_of(live, job, 2)
    write(before, "hero", "1009.png", 0)
    for age, frame in enumerate(("999.png", "1000.png", "1001.png", "1002.png")):
        write(now, "hero", frame, age)
    write(now, "hero", ".998.png.part", -5)
    write(now, "hero", "overlay.png", -5)
    write(now, "left hand", "-3.png", 0)
    assert newest(api, job) == (999, f"{now.name} hero 999.png".encode())
    assert newest(api, job, "left hand")[0] == -3


def test_after_the_end_it_is_the_published_one(live: Live, api: httpx.Client, job: str) -> None:
    attempt = attempt_of(live, job)
    write(attempt, "hero", "1001.png", 0)
    with live.database.session() as session:
        row = session.get_one(Job, job)
        row.tasks[0].state = "succeeded"
        row.tasks[0].published_dir = published_key(row.shot, row, row.tasks[0])
        target = live.settings.storage_root / row.tasks[0].published_dir
    target.parent.mkdir(parents=True)
    attempt.rename(target)
    assert newest(api, job)[0] == 1001


def test_before_there_is_one(live: Live, api: httpx.Client, job: str) -> None:
    ask = {"params": {"object": "hero"}}
    body = assert_refused(api.get(f"/jobs/{job}/newest-mask", **ask), 404, "not_found")
    assert "yet" in body["message"]
    folder = attempt_of(live, job)
    assert_refused(api.get(f"/jobs/{job}/newest-mask", **ask), 404, "not_found")
    (folder / "hero").mkdir(parents=True)
    assert_refused(api.get(f"/jobs/{job}/newest-mask", **ask), 404, "not_found")


@pytest.mark.parametrize("name", ["villain", "..", "../hero", "hero/../hero", ".checkpoint", "/"])
def test_only_names_of_the_jobs_objects(live: Live, api: httpx.Client, job: str, name: str) -> None:
    folder = attempt_of(live, job)
    for inside in ("hero", ".checkpoint", "villain"):
        write(folder, inside, "1001.png", 0)
    write(folder, ".", "1001.png", 0)
    answer = api.get(f"/jobs/{job}/newest-mask", params={"object": name})
    assert_refused(answer, 404, "not_found")


def test_a_link_out_of_the_storage_is_refused(
    live: Live, api: httpx.Client, job: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    folder = attempt_of(live, job) / "hero"
    folder.mkdir(parents=True)
    (folder / "1001.png").symlink_to(secret)
    answer = api.get(f"/jobs/{job}/newest-mask", params={"object": "hero"})
    assert_refused(answer, 403, "path_refused")
    assert b"secret" not in answer.content


def test_a_key_is_asked_for(live: Live, job: str) -> None:
    with live.client("wrong") as stranger:
        answer = stranger.get(f"/jobs/{job}/newest-mask", params={"object": "hero"})
    assert_refused(answer, 401, "unauthorized")
