"""The plate's pictures, as the ingest made them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_api import Live, add_project, add_shot, assert_refused, make_ready
from helpers_counting import API, counting
from sqlalchemy import select

from roto_server.db.media import Plate
from roto_server.db.models import Job, Shot, Task
from roto_server.jobs.folders import published_key
from roto_server.storage import DirectoryStorage

THUMBNAILS = (1001, 1003, 1006, 1010)


def jpeg(frame: int) -> bytes:
    return b"\xff\xd8 frame %d \xff\xd9" % frame


@pytest.fixture
def ready(live: Live, api: httpx.Client, shot: str) -> str:
    """A shot of frames 1001-1010 whose ingest has published pictures of some of them."""
    make_ready(live.database, shot)
    with live.database.session() as session:
        query = select(Task).join(Job, Task.job_id == Job.id).where(Job.shot_id == shot)
        task = session.scalars(query).one()
        task.published_dir = published_key(task.job.shot, task.job, task)
        published = task.published_dir
    for name, frames in {"proxies": (1004,), "thumbnails": THUMBNAILS}.items():
        folder = live.settings.storage_root / published / name
        folder.mkdir(parents=True)
        for frame in frames:
            (folder / f"{frame}.jpg").write_bytes(jpeg(frame))
    return shot


@pytest.mark.database
def test_a_frame_s_picture(api: httpx.Client, ready: str) -> None:
    answer = api.get(f"/shots/{ready}/frames/1004")
    assert (answer.status_code, answer.content) == (200, jpeg(1004))
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


def test_a_picture_that_goes_once_it_is_found(
    api: httpx.Client, ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    locate = DirectoryStorage.locate

    def then_gone(storage: DirectoryStorage, key: str, within: str | None = None) -> Path:
        path = locate(storage, key, within)
        path.unlink()
        return path

    monkeypatch.setattr(DirectoryStorage, "locate", then_gone)
    assert_refused(api.get(f"/shots/{ready}/frames/1004"), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("thumbnail", 1006),
        ("thumbnail?view=main&version=1", 1006),
        ("frames/1001?size=thumbnail", 1001),
        ("frames/1002?size=thumbnail", 1001),
        ("frames/1005?size=thumbnail", 1006),
        ("frames/1008?size=thumbnail", 1006),
        ("frames/1010?size=thumbnail", 1010),
    ],
)
def test_the_nearest_thumbnail(api: httpx.Client, ready: str, path: str, shown: int) -> None:
    answer = api.get(f"/shots/{ready}/{path}")
    assert (answer.status_code, answer.content) == (200, jpeg(shown))
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-roto-frame"] == str(shown)


def test_thumbnails_there_are_not(live: Live, api: httpx.Client, ready: str) -> None:
    assert_refused(
        api.get(f"/shots/{ready}/frames/1011?size=thumbnail"), 422, "range_outside_plate"
    )
    assert_refused(api.get(f"/shots/{ready}/frames/1001?size=huge"), 422, "bad_request")
    for missing in ("view=left", "version=2"):
        assert_refused(api.get(f"/shots/{ready}/thumbnail?{missing}"), 404, "not_found")
    for path in live.settings.storage_root.rglob(f"{ready}/**/thumbnails/*.jpg"):
        path.unlink()
    assert_refused(api.get(f"/shots/{ready}/thumbnail"), 404, "not_found")


def test_a_shot_says_where_its_thumbnail_is(
    live: Live, api: httpx.Client, project: str, shot: str
) -> None:
    assert api.get(f"/shots/{shot}").json()["thumbnail_url"] is None
    assert_refused(api.get(f"/shots/{shot}/thumbnail"), 409, "plate_not_ready")
    make_ready(live.database, shot)
    (told,) = api.get(f"/projects/{project}/shots").json()["items"]
    assert told["thumbnail_url"] == f"{API}/shots/{shot}/thumbnail"


def test_a_page_of_thumbnails_asks_the_database_little(
    live: Live, api: httpx.Client, ready: str
) -> None:
    """What a list says of them is in its rows, of however many projects."""
    plate = live.settings.allowed_roots[0] / "heist.mov"
    plate.touch()
    for _ in range(8):
        add_shot(api, add_project(api)["id"], plate)
    with counting(live.settings) as counted:

        def get(path: str, **more: Any) -> tuple[httpx.Response, int]:
            answer = counted.send("GET", path, live.user_token, **more)
            return answer, len(counted.counts.statements)

        page, many = get(f"{API}/shots?limit=1000")
        _, one = get(f"{API}/shots?limit=1")
        assert many == one
        url = next(one["thumbnail_url"] for one in page.json()["items"] if one["id"] == ready)
        picture, asked = get(url)
        again, asked_again = get(url, headers={"If-None-Match": picture.headers["etag"]})
        assert (picture.status_code, again.status_code) == (200, 304)
        assert asked == asked_again <= 6


def test_before_the_plate_is_read(live: Live, api: httpx.Client, shot: str) -> None:
    body = assert_refused(api.get(f"/shots/{shot}/frames/1004"), 409, "plate_not_ready")
    assert "probing" in body["message"]
    with live.database.session() as session:
        row = session.get_one(Shot, shot)
        for one in (row, session.get_one(Plate, row.plate_id)):
            one.state, one.error = "invalid", {"message": "Frame 1003 is cut off."}
    body = assert_refused(api.get(f"/shots/{shot}/frames/1004"), 409, "plate_not_ready")
    assert body["hint"] == "Frame 1003 is cut off."


def test_whose_shot_it_is(live: Live, api: httpx.Client, ready: str) -> None:
    assert_refused(api.get(f"/shots/{'0' * 32}/frames/1004"), 404, "not_found")
    with live.client("wrong") as stranger:
        assert_refused(stranger.get(f"/shots/{ready}/frames/1004"), 401, "unauthorized")
