"""Jobs: paging, cancel, retry, logs; outputs with ranges; masks; shapes; exports."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import httpx
import pytest
from helpers_api import Live, add_output, assert_refused, make_ready, submission

from roto_server.db.models import Attempt, Job, Mask, RotoObject, Shapes, Shot, Worker, new_id
from roto_server.db.types import utc_now
from roto_server.jobs.folders import log_key, shot_key


@pytest.fixture
def job(live: Live, api: httpx.Client, shot: str) -> str:
    """A queued roto job's id."""
    make_ready(live.database, shot)
    return str(api.post(f"/shots/{shot}/segment", json=submission("hero")).json()["id"])


def add_attempt(live: Live, job_id: str, number: int, lines: str | None) -> str:
    """An attempt at the job's first task, with its log."""
    with live.database.session() as session:
        job = session.get_one(Job, job_id)
        session.merge(Worker(
            id="logger:0", node="logger", slot=0, boot_id="0" * 32, version="0.1.0", queues=[],
            kinds=[], engines=[], device="cpu",
        ))  # fmt: skip
        attempt = Attempt(
            id=new_id(), task_id=job.tasks[0].id, worker_id="logger:0", boot_id="0" * 32,
            number=number, state="failed", output_dir="x", heartbeat_at=utc_now(),
            progress_at=utc_now(),
        )  # fmt: skip
        session.add(attempt)
        if lines is not None:
            path = live.settings.storage_root / log_key(job.shot, attempt.id)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(lines, encoding="utf-8")
        return attempt.id


@pytest.mark.database
def test_jobs_page_newest_first(live: Live, api: httpx.Client, shot: str) -> None:
    make_ready(live.database, shot)
    made = [
        api.post(f"/shots/{shot}/segment", json=submission("hero")).json()["id"] for _ in range(5)
    ]
    seen: list[str] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        params = {"shot_id": shot, "state": "queued", "limit": 2}
        page = api.get("/jobs", params={**params, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert seen == made[::-1]
    assert api.get("/jobs", params={"shot_id": shot, "state": "failed"}).json()["items"] == []


@pytest.mark.database
def test_status_is_the_short_form(api: httpx.Client, job: str) -> None:
    status = api.get(f"/jobs/{job}/status").json()
    assert set(status) == {"id", "state", "progress", "error"}
    whole = api.get(f"/jobs/{job}").json()
    assert status == {key: whole[key] for key in status}


@pytest.mark.database
def test_cancel_then_retry(api: httpx.Client, job: str) -> None:
    cancelled = api.post(f"/jobs/{job}/cancel").json()
    assert cancelled["state"] == "cancelled"
    assert {task["state"] for task in cancelled["tasks"]} == {"cancelled"}
    assert cancelled["finished_at"] is not None
    assert api.post(f"/jobs/{job}/cancel").json() == cancelled
    revived = api.post(f"/jobs/{job}/retry").json()
    assert revived["state"] == "queued"
    assert [task["state"] for task in revived["tasks"]] == ["ready", "waiting", "waiting"]
    assert_refused(api.post(f"/jobs/{job}/retry"), 409, "conflict")


@pytest.mark.database
def test_the_log_of_all_attempts_and_of_one(live: Live, api: httpx.Client, job: str) -> None:
    assert api.get(f"/jobs/{job}/log").text == ""
    first = add_attempt(live, job, 1, "engine flow\nframe 1001 bröken\n")
    second = add_attempt(live, job, 2, "again\n")
    silent = add_attempt(live, job, 3, None)
    whole = api.get(f"/jobs/{job}/log")
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert whole.text == (
        "=== track, attempt 1 on logger:0: failed ===\nengine flow\nframe 1001 bröken\n"
        "=== track, attempt 2 on logger:0: failed ===\nagain\n"
    )
    one = api.get(f"/jobs/{job}/log", params={"attempt": second}).text
    assert one.endswith("again\n")
    assert "bröken" not in one
    assert api.get(f"/jobs/{job}/log", params={"attempt": silent}).text == ""
    for unknown in (new_id(), "nonsense"):
        answer = api.get(f"/jobs/{job}/log", params={"attempt": unknown})
        assert_refused(answer, 404, "not_found")
    attempts = api.get(f"/jobs/{job}").json()["tasks"][0]["attempts"]
    assert [attempt["id"] for attempt in attempts] == [first, second, silent]


class TestOutputs:
    @pytest.mark.database
    def test_list_and_download(self, live: Live, api: httpx.Client, job: str) -> None:
        content = bytes(range(256)) * 40
        late = add_output(live, job, "mattes/hero_matte_v001.1002.exr", b"1002")
        early = add_output(live, job, "mattes/hero_matte_v001.1001.exr", content)
        page = api.get(f"/jobs/{job}/outputs").json()
        assert [item["id"] for item in page["items"]] == [early, late]
        assert page["next"] is None
        item = page["items"][0]
        assert item["url"] == f"/api/v1/jobs/{job}/outputs/{early}"
        assert item["size"] == len(content)
        answer = httpx.get(live.url + item["url"], headers=api.headers, timeout=60)
        assert answer.content == content
        assert "hero_matte_v001.1001.exr" in answer.headers["content-disposition"]

    @pytest.mark.database
    def test_counted_and_listed_by_role(self, live: Live, api: httpx.Client, job: str) -> None:
        """Thousands of mattes come before the shapes by name; whoever wants these asks for them."""
        for frame in range(3):
            add_output(live, job, f"mattes/hero.{frame}.exr", b"1234")
        shapes = add_output(live, job, "shapes/shapes.json", b"{}", "shapes")
        assert api.get(f"/jobs/{job}/outputs/counts").json()["roles"] == [
            {"role": "matte", "files": 3, "size": 12},
            {"role": "shapes", "files": 1, "size": 2},
        ]
        page = api.get(f"/jobs/{job}/outputs", params={"role": "shapes", "limit": 2}).json()
        assert [item["id"] for item in page["items"]] == [shapes]
        assert page["next"] is None

    @pytest.mark.parametrize(
        ("asked", "part"),
        [
            ("bytes=0-9", slice(0, 10)),
            ("bytes=1000-", slice(1000, None)),
            ("bytes=-5", slice(-5, None)),
        ],
    )
    def test_ranges(
        self, live: Live, api: httpx.Client, job: str, *, asked: str, part: slice
    ) -> None:
        content = hashlib.sha256(b"roto").digest() * 100
        output = add_output(live, job, "mattes/a.exr", content)
        answer = api.get(f"/jobs/{job}/outputs/{output}", headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.content == content[part]
        assert answer.headers["content-range"].endswith(f"/{len(content)}")

    def test_a_range_past_the_end(self, live: Live, api: httpx.Client, job: str) -> None:
        output = add_output(live, job, "a.exr", b"abc")
        answer = api.get(f"/jobs/{job}/outputs/{output}", headers={"Range": "bytes=9-"})
        assert answer.status_code == 416

    def test_an_interrupted_download_goes_on(self, live: Live, api: httpx.Client, job: str) -> None:
        content = b"0123456789" * 10_000
        output = add_output(live, job, "a.exr", content)
        place = f"/jobs/{job}/outputs/{output}"
        with api.stream("GET", place) as answer:
            got = next(answer.iter_raw(1000))
            tag = answer.headers["etag"]
        rest = api.get(place, headers={"Range": f"bytes={len(got)}-", "If-Range": tag})
        assert rest.status_code == 206
        assert got + rest.content == content

    def test_one_jobs_output_is_not_anothers(
        self, live: Live, api: httpx.Client, shot: str, job: str
    ) -> None:
        output = add_output(live, job, "a.exr", b"abc")
        other = api.post(f"/shots/{shot}/segment", json=submission("hero")).json()["id"]
        assert_refused(api.get(f"/jobs/{other}/outputs/{output}"), 404, "not_found")

    def test_a_lost_file_and_a_planted_link(
        self, live: Live, api: httpx.Client, job: str, tmp_path: Path
    ) -> None:
        output = add_output(live, job, "a.exr", b"abc")
        shot = api.get(f"/jobs/{job}").json()["shot_id"]
        [path] = live.settings.storage_root.glob(f"projects/*/{shot}/exports/*/a.exr")
        path.unlink()
        assert_refused(api.get(f"/jobs/{job}/outputs/{output}"), 404, "not_found")
        secret = tmp_path / "secret"
        secret.write_text("password")
        path.symlink_to(secret)
        refusal = assert_refused(api.get(f"/jobs/{job}/outputs/{output}"), 403, "path_refused")
        assert "password" not in json.dumps(refusal)


@pytest.mark.database
def test_masks_page_and_filter(live: Live, api: httpx.Client, shot: str, job: str) -> None:
    attempt = add_attempt(live, job, 1, None)
    with live.database.session() as session:
        [hero] = session.get_one(Job, job).params["objects"]
        other = RotoObject(shot_id=shot, name="car", created_by="ada")
        session.add(other)
        session.flush()
        for object_id in (hero["id"], other.id):
            for frame in range(1001, 1005):
                session.add(Mask(
                    shot_id=shot, object_id=object_id, job_id=job, attempt_id=attempt,
                    frame=frame, path=f"m/{frame}.png", confidence=frame / 2000,
                ))  # fmt: skip
    place = f"/shots/{shot}/masks"
    everything = api.get(place, params={"job_id": job}).json()
    assert len(everything["items"]) == 8
    first = api.get(place, params={"object_id": hero["id"], "limit": 3}).json()
    rest = api.get(
        place, params={"object_id": hero["id"], "limit": 3, "cursor": first["next"]}
    ).json()
    frames = [item["frame"] for item in first["items"] + rest["items"]]
    assert frames == [1001, 1002, 1003, 1004]
    assert rest["next"] is None
    assert first["items"][0]["confidence"] == 1001 / 2000
    assert api.get(place, params={"job_id": new_id()}).json()["items"] == []
    for cursor in ("W10", "WyJhIl0", "Wy0xXQ", "WzFlOTld", "!"):
        assert_refused(api.get(place, params={"cursor": cursor}), 422, "bad_request")


def add_shapes(live: Live, shot_id: str, job_id: str, version: int) -> bytes:
    content = json.dumps({"schema": "roto/1", "version": version}).encode()
    with live.database.session() as session:
        key = f"{shot_key(session.get_one(Shot, shot_id))}/shapes/v{version:03d}/shapes.json"
        path = live.settings.storage_root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        session.add(Shapes(
            shot_id=shot_id, job_id=job_id, version=version, path=key, size=len(content),
            report={}, created_by="ada",
        ))  # fmt: skip
    return content


@pytest.mark.database
def test_shapes_latest_and_by_version(live: Live, api: httpx.Client, shot: str, job: str) -> None:
    place = f"/shots/{shot}/shapes"
    assert_refused(api.get(place), 404, "not_found")
    one, two = (add_shapes(live, shot, job, version) for version in (1, 2))
    assert api.get(place).content == two
    assert api.get(place).headers["X-Roto-Shapes-Version"] == "2"
    assert api.get(place, params={"version": 1}).content == one
    assert_refused(api.get(place, params={"version": 3}), 404, "not_found")
    for version in (0, 2**40):
        assert_refused(api.get(place, params={"version": version}), 422, "bad_request")


@pytest.mark.database
def test_export_jobs(live: Live, api: httpx.Client, shot: str, job: str) -> None:
    place = f"/shots/{shot}/export"
    assert_refused(api.post(place, json={"formats": ["nuke"]}), 404, "not_found")
    add_shapes(live, shot, job, 1)
    key = {"Idempotency-Key": new_id()}
    made = api.post(place, json={"formats": ["nuke"]}, headers=key)
    assert made.status_code == 202
    assert made.json()["kind"] == "export"
    assert [task["kind"] for task in made.json()["tasks"]] == ["export"]
    assert api.post(place, json={"formats": ["nuke"]}, headers=key).json() == made.json()
    assert_refused(api.post(place, json={"formats": ["json"]}, headers=key), 409, "conflict")
    assert_refused(api.post(place, json={"formats": ["word"]}), 422, "unknown_format")
    assert_refused(api.post(place, json={"formats": []}), 422, "bad_request")
    assert_refused(api.post(place, json={"formats": ["nuke"], "version": 9}), 404, "not_found")
