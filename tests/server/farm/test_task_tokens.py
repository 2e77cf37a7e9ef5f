"""What a claim's token opens, over HTTP: its attempt's reports and its own project's storage."""

from __future__ import annotations

import http.client
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from roto_client.contract import TASK_TOKEN_HEADER
from roto_server.access.tokens import create_token, token_digest
from roto_server.db.models import Attempt, Project, Shot, new_id
from server.farm.helpers_farm_rows import PLATE, Studio, make_result
from server.farm.test_routes import REGISTER, code, running_farm

ME = {"worker_id": "node1:0", "boot_id": REGISTER["boot_id"]}
BEAT = {"progress": {"done": 1, "total": 3}}
TRICKS = (
    "../{0}",
    "%2e%2e/{0}",
    "..%2f..%2ftop.bin",
    "%2Fetc%2Fpasswd",
    "/etc/passwd",
    "{1}/../../../../../top.bin",
    "{1}/..%2f..%2f..%2f..%2f..%2ftop.bin",
    "{1}/%2e%2e/v001/a.bin",
    "{1}//a.bin",
    "{1}/./a.bin",
    "{1}/a.bin%00",
    "{1}/a.bin%00.png",
    "{1}\\a.bin",
    "",
    ".",
    "..",
)
"""Keys by the key of a file {0} and of its folder {1}."""

OPEN = ExitStack()
"""Clients of the running test."""


@pytest.fixture
def farm(studio: Studio) -> Iterator[httpx.Client]:
    with running_farm(studio) as client, OPEN:
        client.post("/workers", json={**REGISTER, "version": "0.2.0"})
        yield client


class Claimed:
    """A claimed task and a client with its token."""

    def __init__(self, farm: httpx.Client, task_id: str) -> None:
        answer = farm.post(f"/tasks/{task_id}/claim", json=ME)
        assert answer.status_code == 200, answer.text
        self.spec: dict[str, Any] = answer.json()
        self.token = answer.headers[TASK_TOKEN_HEADER]
        self.attempt = f"/attempts/{self.spec['attempt_id']}"
        headers = {"Authorization": f"Bearer {self.token}"}
        self.client = httpx.Client(base_url=farm.base_url, headers=headers, timeout=60)
        OPEN.callback(self.client.close)

    def folder(self, studio: Studio) -> str:
        """Key of the attempt's folder."""
        return Path(self.spec["output_dir"]).relative_to(studio.path("")).as_posix()


@pytest.fixture
def track(farm: httpx.Client, studio: Studio) -> Claimed:
    return Claimed(farm, studio.task(studio.roto(studio.shot())))


class TestReports:
    @pytest.mark.database
    def test_need_the_token_of_that_very_attempt(
        self, farm: httpx.Client, studio: Studio, track: Claimed
    ) -> None:
        other = Claimed(farm, studio.task(studio.roto(studio.shot("sh020"))))
        bodies = {
            "heartbeat": BEAT,
            "complete": {"result": make_result(track.spec)},
            "fail": {"error": {"code": "bad_plate", "message": "cut short"}},
            "release": {"reason": "drain"},
        }
        for verb, body in bodies.items():
            for client in (farm, other.client):
                refused = client.post(f"{track.attempt}/{verb}", json=body)
                assert code(refused) == (403, "forbidden"), verb
        assert track.client.post(f"{track.attempt}/heartbeat", json=BEAT).status_code == 200
        for _ in range(2):
            done = track.client.post(f"{track.attempt}/complete", json=bodies["complete"])
            assert done.json() == {"state": "succeeded"}, "the same report again is harmless"
        late = track.client.post(f"{track.attempt}/heartbeat", json=BEAT)
        assert code(late) == (409, "stale_attempt")

    def test_the_database_keeps_the_tokens_sha256_alone(
        self, studio: Studio, track: Claimed
    ) -> None:
        with studio.database.reading() as session:
            attempt = session.scalars(select(Attempt)).one()
        assert attempt.token_sha256 == token_digest(track.token)
        assert track.token.startswith("rototask_")
        assert track.token not in str(track.spec)

    def test_a_lost_answer_is_given_again_with_another_token(
        self, farm: httpx.Client, track: Claimed
    ) -> None:
        again = Claimed(farm, track.spec["task_id"])
        assert again.spec == track.spec
        beat = f"{track.attempt}/heartbeat"
        assert code(track.client.post(beat, json=BEAT)) == (401, "unauthorized")
        assert again.client.post(beat, json=BEAT).status_code == 200

    def test_a_worker_of_the_version_before_goes_on_with_the_farm_token(
        self, farm: httpx.Client, studio: Studio
    ) -> None:
        farm.post("/workers", json={**REGISTER, "version": "0.1.9"})
        task_id = studio.task(studio.roto(studio.shot()))
        answer = farm.post(f"/tasks/{task_id}/claim", json=ME)
        assert TASK_TOKEN_HEADER not in answer.headers
        beat = farm.post(f"/attempts/{answer.json()['attempt_id']}/heartbeat", json=BEAT)
        assert beat.status_code == 200

    def test_a_task_token_claims_and_registers_nothing(
        self, farm: httpx.Client, studio: Studio, track: Claimed
    ) -> None:
        task_id = studio.task(studio.roto(studio.shot("sh020")))
        assert code(track.client.post("/workers", json=REGISTER)) == (403, "forbidden")
        assert code(track.client.post(f"/tasks/{task_id}/claim", json=ME)) == (403, "forbidden")


class TestStorage:
    @pytest.fixture
    def masks(self, farm: httpx.Client, studio: Studio, track: Claimed) -> str:
        """Key of the published folder of a track task, with a file in it."""
        result = make_result(track.spec)
        track.client.post(f"{track.attempt}/heartbeat", json=BEAT)
        track.client.post(f"{track.attempt}/complete", json={"result": result})
        with studio.database.reading() as session:
            shot = session.scalars(select(Shot)).one()
        folder = f"projects/{shot.project_id}/{shot.id}/masks/v001"
        (studio.path(folder) / "a.bin").write_bytes(b"0123456789")
        return folder

    @pytest.fixture
    def vectorize(self, farm: httpx.Client, studio: Studio, track: Claimed, masks: str) -> Claimed:
        return Claimed(farm, studio.task(track.spec["job_id"]))

    @pytest.mark.database
    def test_published_files_of_its_project_are_read(self, masks: str, vectorize: Claimed) -> None:
        address = f"/storage/{masks}/a.bin"
        assert vectorize.client.get(address).content == b"0123456789"
        part = vectorize.client.get(address, headers={"Range": "bytes=2-4"})
        assert (part.status_code, part.content) == (206, b"234")
        assert part.headers["Content-Range"] == "bytes 2-4/10"
        head = vectorize.client.head(address)
        assert (head.status_code, head.headers["Content-Length"], head.content) == (200, "10", b"")

    def test_an_earlier_attempts_folder_is_read_by_the_one_that_resumes(
        self, farm: httpx.Client, studio: Studio, track: Claimed
    ) -> None:
        (Path(track.spec["output_dir"]) / "checkpoint").write_bytes(b"so far")
        first = track.folder(studio)
        track.client.post(f"{track.attempt}/release", json={"reason": "drain"})
        second = Claimed(farm, track.spec["task_id"])
        assert second.client.get(f"/storage/{first}/checkpoint").content == b"so far"
        assert second.client.put(f"/storage/{first}/x", content=b"x").status_code == 404
        gone = track.client.get(f"/storage/{first}/checkpoint")
        assert code(gone) == (409, "stale_attempt"), "its token ended with the attempt"

    def test_a_file_is_written_whole_or_not_at_all(self, studio: Studio, track: Claimed) -> None:
        address = f"/storage/{track.folder(studio)}/deep/a.bin"
        big = b"x" * 3_000_000
        assert track.client.put(address, content=big).status_code == 204
        assert track.client.get(address).content == big
        assert track.client.put(address, content=b"other").status_code == 204
        assert track.client.get(address).content == b"other"

        url = track.client.base_url
        broken = http.client.HTTPConnection(url.host, url.port)
        broken.putrequest("PUT", f"{address}2")
        broken.putheader("Authorization", f"Bearer {track.token}")
        broken.putheader("Content-Length", "100")
        broken.endheaders(b"half")
        broken.close()
        assert track.client.get(f"{address}2").status_code == 404
        left = {path.name for path in (Path(track.spec["output_dir"]) / "deep").iterdir()}
        assert "a.bin" in left
        assert "a.bin2" not in left

    @pytest.mark.parametrize("verb", ["release", "complete"])
    def test_a_file_under_way_when_the_attempt_ends_is_dropped(
        self, studio: Studio, track: Claimed, verb: str
    ) -> None:
        body: dict[str, Any] = {"reason": "drain"}
        if verb == "complete":
            body = {"result": make_result(track.spec)}
        track.client.post(f"{track.attempt}/heartbeat", json=BEAT)
        url = track.client.base_url
        slow = http.client.HTTPConnection(url.host, url.port)
        slow.putrequest("PUT", f"/storage/{track.folder(studio)}/slow.bin")
        slow.putheader("Authorization", f"Bearer {track.token}")
        slow.putheader("Content-Length", str(3 << 20))
        slow.endheaders(b"x" * (2 << 20))
        output = Path(track.spec["output_dir"])
        while not list(output.glob(".*.part")):
            time.sleep(0.01)
        ended = track.client.post(f"{track.attempt}/{verb}", json=body)
        assert ended.status_code == 200, ended.text
        slow.send(b"x" * (1 << 20))
        answer = slow.getresponse()
        told = httpx.Response(answer.status, content=answer.read())
        slow.close()
        assert code(told) == (409, "stale_attempt")
        left = [path.name for path in studio.path("").rglob("*") if path.is_file()]
        assert not [name for name in left if name == "slow.bin" or name.endswith(".part")]

    def test_a_file_in_the_place_of_a_folder_is_refused(
        self, studio: Studio, track: Claimed
    ) -> None:
        address = f"/storage/{track.folder(studio)}"
        assert track.client.put(f"{address}/deep/a.bin", content=b"x").status_code == 204
        for name in ("deep", "deep/a.bin/b"):
            refused = track.client.put(f"{address}/{name}", content=b"x")
            assert code(refused) == (409, "conflict"), name
        assert track.client.get(f"{address}/deep/a.bin").content == b"x"

    def test_nothing_is_written_once_the_result_is_told(
        self, studio: Studio, track: Claimed, masks: str
    ) -> None:
        address = f"/storage/{track.folder(studio)}/late.bin"
        assert code(track.client.put(address, content=b"x")) == (409, "stale_attempt")

    def test_other_projects_and_what_is_not_published_are_not_there(
        self, studio: Studio, masks: str, vectorize: Claimed
    ) -> None:
        project, shot = masks.split("/")[1:3]
        with studio.database.session() as session:
            other = Project(id=new_id(), name="secret", created_by="eve")
            session.add(other)
            session.flush()
            session.add(
                Shot(id=new_id(), project_id=other.id, name="x", plate=PLATE, created_by="eve")
            )
            other_id = other.id
        theirs = studio.path(f"projects/{other_id}/{shot}/masks/v001")
        theirs.mkdir(parents=True)
        (theirs / "a.bin").write_bytes(b"secret")
        for folder in ("logs", "attempts", "uploads"):
            there = studio.path(f"projects/{project}/{shot}/{folder}")
            there.mkdir(exist_ok=True)
            (there / "a.bin").write_bytes(b"secret")
        studio.path("top.bin").write_bytes(b"secret")
        inside = studio.path(masks)
        (inside / "link.bin").symlink_to(theirs / "a.bin")
        (inside / "folder").symlink_to(theirs)
        (inside / "round").symlink_to(inside / "round")
        (inside / "out").symlink_to("/etc")
        keys = [
            f"projects/{other_id}/{shot}/masks/v001/a.bin",
            f"projects/{other_id}/{shot}/masks/v001/never.bin",
            f"projects/{project}/{shot}/logs/a.bin",
            f"projects/{project}/{shot}/attempts/a.bin",
            f"projects/{project}/uploads/{shot}/a.bin",
            "top.bin",
            f"{masks}/never.bin",
            masks,
            f"{masks}/",
            f"{masks}/link.bin",
            f"{masks}/folder/a.bin",
            f"{masks}/round",
            f"{masks}/out/passwd",
            f"{masks}/" + "n" * 300,
        ]
        told = {str(self.raw(vectorize, "GET", key)) for key in keys}
        assert told == {"404 not_found"}
        for key in keys:
            assert self.raw(vectorize, "PUT", key) == "404 not_found", key

    def test_no_spelling_leads_elsewhere(
        self, studio: Studio, masks: str, vectorize: Claimed
    ) -> None:
        studio.path("top.bin").write_bytes(b"secret")
        own = vectorize.folder(studio)
        for trick in TRICKS:
            key = trick.format(f"{masks}/a.bin", masks)
            assert self.raw(vectorize, "GET", key) == "404 not_found", trick
            key = trick.format(f"{own}/a.bin", own)
            assert self.raw(vectorize, "PUT", key) == "404 not_found", trick
        assert studio.path("top.bin").read_bytes() == b"secret"

    def test_a_link_in_its_own_folder_is_not_written_through(
        self, studio: Studio, track: Claimed, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (Path(track.spec["output_dir"]) / "link").symlink_to(outside)
        own = track.folder(studio)
        assert self.raw(track, "PUT", f"{own}/link/x.bin") == "404 not_found"
        assert self.raw(track, "PUT", f"{own}/link/deep/x.bin") == "404 not_found"
        assert not any(outside.iterdir())

    def test_the_storage_takes_task_tokens_only(
        self, farm: httpx.Client, studio: Studio, masks: str, vectorize: Claimed
    ) -> None:
        with studio.database.session() as session:
            key = create_token(session, "ann", "user")
        address = f"/storage/{masks}/a.bin"
        assert code(farm.get(address)) == (403, "forbidden")
        user = {"Authorization": f"Bearer {key}"}
        assert code(farm.get(address, headers=user)) == (403, "forbidden")
        nobody = {"Authorization": f"Bearer rototask_{uuid.uuid4().hex}"}
        assert code(farm.get(address, headers=nobody)) == (401, "unauthorized")

    @staticmethod
    def raw(claimed: Claimed, method: str, key: str) -> str:
        """Status and code of a request whose address nobody tidies up on the way."""
        url = claimed.client.base_url
        connection = http.client.HTTPConnection(url.host, url.port)
        connection.request(
            method, f"/storage/{key}", body=b"x" if method == "PUT" else None,
            headers={"Authorization": f"Bearer {claimed.token}"},
        )  # fmt: skip
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert "secret" not in text
        return f"{answer.status} {httpx.Response(answer.status, text=text).json()['code']}"
