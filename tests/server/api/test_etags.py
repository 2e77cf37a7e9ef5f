"""What a client has already is not sent again; what has changed is, and only to those who may."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from helpers_api import Live, add_output, assert_refused, make_ready, submission
from sqlalchemy import select

from roto_server.access.roles import Role
from roto_server.access.tokens import create_token
from roto_server.api.etags import etag_of
from roto_server.db.models import Attempt, Job, Shapes, Shot, Task, Worker, new_id
from roto_server.db.types import utc_now
from roto_server.jobs.folders import attempt_key, published_key, shot_key

pytestmark = pytest.mark.database
JPEG = b"\xff\xd8 frame 1004 \xff\xd9"


@dataclass
class Things:
    """One address of each kind that has tags, on one shot."""

    live: Live
    shot: str
    job: str
    newest: Path
    paths: dict[str, str]

    def change(self, what: str) -> None:
        """Something that a client must be told of."""
        with self.live.database.session() as session:
            if what == "status":
                task = session.get_one(Job, self.job).tasks[0]
                task.progress = {"done": 1, "total": 10}
            elif what in ("frame", "thumbnail"):
                query = select(Task).join(Job).where(Job.shot_id == self.shot, Job.kind == "ingest")
                task = session.scalars(query).one()
                task.published_dir = f"{task.published_dir}/again"
                _add_pictures(self.live, task.published_dir, JPEG + b"2")
        if what == "shapes":
            _add_shapes(self.live, self.shot, self.job, 2)
        elif what == "newest":
            self.newest.write_bytes(b"\x89PNG tracked again")


KINDS = ("status", "frame", "thumbnail", "shapes", "newest", "output")


@pytest.fixture
def things(live: Live, api: httpx.Client, shot: str) -> Things:
    make_ready(live.database, shot)
    job = str(api.post(f"/shots/{shot}/segment", json=submission("hero")).json()["id"])
    with live.database.session() as session:
        query = select(Task).join(Job).where(Job.shot_id == shot, Job.kind == "ingest")
        task = session.scalars(query).one()
        task.published_dir = published_key(task.job.shot, task.job, task)
        _add_pictures(live, task.published_dir, JPEG)
        row = session.get_one(Job, job)
        session.merge(
            Worker(id="tags:0", node="tags", slot=0, boot_id="0" * 32, version="0.1.0", queues=[],
                   kinds=[], engines=[], device="cpu")
        )  # fmt: skip
        key = attempt_key(row.shot, new_id())
        session.add(
            Attempt(task_id=row.tasks[0].id, worker_id="tags:0", boot_id="0" * 32, number=1,
                    state="running", output_dir=key, heartbeat_at=utc_now(), progress_at=utc_now())
        )  # fmt: skip
    _add_shapes(live, shot, job, 1)
    paths = {
        "status": f"/jobs/{job}/status",
        "frame": f"/shots/{shot}/frames/1004",
        "thumbnail": f"/shots/{shot}/thumbnail",
        "shapes": f"/shots/{shot}/shapes",
        "newest": f"/jobs/{job}/newest-mask?object=hero",
        "output": f"/jobs/{job}/outputs/{add_output(live, job, 'a.exr', b'matte')}",
    }
    return Things(live, shot, job, _write(live, f"{key}/hero/1001.png", b"\x89PNG"), paths)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_client_has_is_not_sent_again(api: httpx.Client, things: Things, kind: str) -> None:
    path = things.paths[kind]
    first = api.get(path)
    tag = first.headers["etag"]
    assert first.status_code == 200
    assert first.headers["cache-control"].startswith("private")
    assert "authorization" in first.headers["vary"].lower()
    for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = api.get(path, headers={"If-None-Match": named})
        assert (again.status_code, again.content) == (304, b""), named
        assert again.headers["etag"] == tag
    for named in ('"other"', tag.strip('"'), ""):
        assert api.get(path, headers={"If-None-Match": named}).content == first.content


@pytest.mark.parametrize("kind", ["status", "frame", "thumbnail", "shapes", "newest"])
def test_what_has_changed_is_sent(api: httpx.Client, things: Things, kind: str) -> None:
    path = things.paths[kind]
    first = api.get(path)
    things.change(kind)
    second = api.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert second.content != first.content
    assert second.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_tag_opens_nothing(live: Live, things: Things, kind: str) -> None:
    with live.database.session() as session:
        stranger = create_token(session, new_id(), "user", role=Role.SUPERVISOR)
    with live.client(stranger) as client:
        for named in ("*", '"any"'):
            answer = client.get(things.paths[kind], headers={"If-None-Match": named})
            assert_refused(answer, 404, "not_found")


@pytest.mark.parametrize("kind", ["frame", "thumbnail", "output", "shapes"])
def test_a_304_comes_before_the_file_is_looked_for(
    live: Live, api: httpx.Client, things: Things, kind: str
) -> None:
    tag = api.get(things.paths[kind]).headers["etag"]
    for path in live.settings.storage_root.rglob("*"):
        if path.is_file() and things.shot in path.parts:
            path.unlink()
    assert api.get(things.paths[kind], headers={"If-None-Match": tag}).status_code == 304
    assert_refused(api.get(things.paths[kind]), 404, "not_found")


def test_a_part_is_of_the_version_it_was_of(api: httpx.Client, things: Things) -> None:
    path = things.paths["output"]
    tag = api.get(path).headers["etag"]
    wanted = {"Range": "bytes=2-"}
    assert api.get(path, headers={**wanted, "If-Range": tag}).content == b"tte"
    assert api.get(path, headers={**wanted, "If-Range": '"older"'}).content == b"matte"


def test_tags_tell_values_apart() -> None:
    tags = [etag_of("a", 1), etag_of("a", "b"), etag_of("ab"), etag_of("a", None), etag_of("a")]
    assert len(set(tags)) == len(tags)
    assert etag_of("a", 1) == etag_of("a", 1)


def _write(live: Live, key: str, content: bytes) -> Path:
    path = live.settings.storage_root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _add_pictures(live: Live, key: str, content: bytes) -> None:
    for kind in ("proxies", "thumbnails"):
        _write(live, f"{key}/{kind}/1004.jpg", content)


def _add_shapes(live: Live, shot_id: str, job_id: str, version: int) -> None:
    with live.database.session() as session:
        key = f"{shot_key(session.get_one(Shot, shot_id))}/shapes/v{version:03d}/shapes.json"
        _write(live, key, b"{%d}" % version)
        session.add(
            Shapes(shot_id=shot_id, job_id=job_id, version=version, path=key, size=3,
                   created_by="ada")
        )  # fmt: skip
