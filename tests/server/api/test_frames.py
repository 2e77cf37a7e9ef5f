"""The plate's pictures, as the ingest made them."""

from __future__ import annotations

import httpx
import pytest
from helpers_api import Live, assert_refused, make_ready
from sqlalchemy import select

from roto_server.db.models import Job, Shot, Task
from roto_server.jobs.folders import published_key

JPEG = b"\xff\xd8 frame 1004 \xff\xd9"


@pytest.fixture
def ready(live: Live, api: httpx.Client, shot: str) -> str:
    """A shot of frames 1001-1010 whose ingest has published the picture of one of them."""
    make_ready(live, shot)
    with live.database.session() as session:
        query = select(Task).join(Job, Task.job_id == Job.id).where(Job.shot_id == shot)
        task = session.scalars(query).one()
        task.published_dir = published_key(task.job.shot, task.job, task)
        folder = live.settings.storage_root / task.published_dir / "proxies"
    folder.mkdir(parents=True)
    (folder / "1004.jpg").write_bytes(JPEG)
    return shot


@pytest.mark.database
def test_a_frame_s_picture(api: httpx.Client, ready: str) -> None:
    answer = api.get(f"/shots/{ready}/frames/1004")
    assert (answer.status_code, answer.content) == (200, JPEG)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-roto-frame"] == "1004"
    assert answer.headers["cache-control"].startswith("private")


def test_frames_the_plate_does_not_have(api: httpx.Client, ready: str) -> None:
    for frame in (1000, 1011, -4):
        answer = api.get(f"/shots/{ready}/frames/{frame}")
        body = assert_refused(answer, 422, "range_outside_plate")
        assert "1001-1010" in body["message"]
    for text in ("hero", "1e9", str(2**40), "../1004"):
        assert api.get(f"/shots/{ready}/frames/{text}").status_code in (404, 422)


def test_a_picture_that_is_gone(api: httpx.Client, ready: str) -> None:
    assert_refused(api.get(f"/shots/{ready}/frames/1005"), 404, "not_found")


def test_before_the_plate_is_read(live: Live, api: httpx.Client, shot: str) -> None:
    body = assert_refused(api.get(f"/shots/{shot}/frames/1004"), 409, "plate_not_ready")
    assert "probing" in body["message"]
    with live.database.session() as session:
        row = session.get_one(Shot, shot)
        row.state, row.error = "invalid", {"message": "Frame 1003 is cut off."}
    body = assert_refused(api.get(f"/shots/{shot}/frames/1004"), 409, "plate_not_ready")
    assert body["hint"] == "Frame 1003 is cut off."


def test_whose_shot_it_is(live: Live, api: httpx.Client, ready: str) -> None:
    assert_refused(api.get(f"/shots/{'0' * 32}/frames/1004"), 404, "not_found")
    with live.client("wrong") as stranger:
        assert_refused(stranger.get(f"/shots/{ready}/frames/1004"), 401, "unauthorized")
