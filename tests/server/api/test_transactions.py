"""One transaction per request, opened and closed in one place; a failed commit is a refusal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_api import assert_refused, make_ready, make_sequence, migrated_settings, submission
from helpers_counting import API, Counted, counting
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from roto_server.access.accounts import create_person
from roto_server.access.roles import Role
from roto_server.access.sessions import Sender, open_session
from roto_server.access.tokens import create_token
from roto_server.db.models import Project
from roto_server.db.people import Membership, User
from roto_server.openapi import document

NOBODY = "0" * 32
OF_THE_SERVER = {"healthz", "readyz", "metrics"}
"""Asked of the server itself: nobody's transaction."""

OF_VISITORS = {
    "register", "confirm", "resend", "forgot_password", "reset_password", "login",
    "refresh_tokens", "start_device", "poll_device", "list_providers", "start_oidc", "finish_oidc",
}  # fmt: skip
"""Who is nobody yet may be refused before the database is asked."""

IN_PIECES = {"export_me", "export_audit", "get_health", "get_statistics"}
"""Files of any length: each piece is read in a transaction of its own, none while it is sent. What
asks much is asked for after the right to it; health asks the database whether it answers."""


class House:
    """An app that counts, with a shot that is ready, and who may do everything."""

    def __init__(self, counted: Counted, plates: Path) -> None:
        self.counted = counted
        with counted.database.session() as session:
            user = create_person(session, email="ada@studio.example", name="ada", role=Role.ADMIN)
            self.user = user.id
            self.key = create_token(session, "house", "user")
            self.farm = create_token(session, "node", "farm")
        self.plate = make_sequence(plates, list(range(1001, 1011)))
        self.project = self.made("/projects", {"name": "heist"})

    def send(self, method: str, path: str, **more: Any) -> Any:
        return self.counted.send(method, API + path, self.key, **more)

    def signed_in(self) -> str:
        """The access token of a new session."""
        with self.counted.database.session() as session:
            user, sender = session.get_one(User, self.user), Sender("tests", "", "")
            settings = self.counted.app.state.settings
            return open_session(session, settings, user, "password", sender).access

    def made(self, path: str, body: dict[str, Any]) -> str:
        answer = self.send("POST", path, json=body)
        assert answer.status_code in (201, 202), answer.text
        return str(answer.json()["id"])

    def shot(self, name: str) -> str:
        """The id of a ready shot."""
        body = {"name": name, "plate": {"path": str(self.plate)}}
        ident = self.made(f"/projects/{self.project}/shots", body)
        make_ready(self.counted.database, ident)
        return ident

    def assert_took(self, began: int, committed: int) -> None:
        """So many transactions, of which so many were committed; no connection is left."""
        counts = self.counted.counts
        assert (counts.began, counts.committed) == (began, committed)
        assert self.counted.database.connections_in_use() == 0


@pytest.fixture(scope="module")
def house(
    either_database: str, redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("transactions")
    settings = migrated_settings(folder, either_database, redis_server)
    hurried = settings.model_copy(update={"preview_wait_seconds": 0.0})
    with counting(hurried) as counted:
        yield House(counted, settings.allowed_roots[0])


def _operations() -> list[Any]:
    return [
        pytest.param(method.upper(), path, operation, id=operation["operationId"])
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize(("method", "path", "operation"), _operations())
def test_every_address_asks_once(
    house: House, method: str, path: str, operation: dict[str, Any]
) -> None:
    """What is refused, or empty, takes one transaction too, and gives its connection back."""
    parts = path.replace("{index}", "0").split("/")
    concrete = "/".join(NOBODY if part.startswith("{") else part for part in parts)
    token = house.farm if "/farm/" in path else house.signed_in()
    body = {"json": {}} if "requestBody" in operation else {}
    house.counted.send(method, concrete, token, **body)
    name, began = operation["operationId"], house.counted.counts.began
    if name in IN_PIECES:
        assert began > 1
    elif name in OF_VISITORS:
        assert began <= 1
    elif name not in OF_THE_SERVER:
        assert began == 1
    assert house.counted.database.connections_in_use() == 0


class TestChangesAreCommittedOnce:
    def test_projects_shots_and_objects(self, house: House) -> None:
        house.made("/projects", {"name": "dune"})
        house.assert_took(1, 1)
        body = {"name": "made", "plate": {"path": str(house.plate)}}
        shot = house.made(f"/projects/{house.project}/shots", body)
        house.assert_took(2, 1)
        house.made(f"/shots/{shot}/objects", {"name": "hero"})
        house.assert_took(1, 1)

    def test_jobs(self, house: House) -> None:
        shot = house.shot("jobs")
        job = house.made(f"/shots/{shot}/segment", submission("hero"))
        house.assert_took(1, 1)
        for change in ("cancel", "retry"):
            assert house.send("POST", f"/jobs/{job}/{change}").status_code == 200
            house.assert_took(1, 1)
        for read in ("", "/status", "/outputs", "/log"):
            assert house.send("GET", f"/jobs/{job}{read}").status_code == 200
            house.assert_took(1, 0)

    def test_the_same_request_again(self, house: House) -> None:
        shot, again = house.shot("again"), {"headers": {"Idempotency-Key": "again"}}
        path = f"/shots/{shot}/segment"
        jobs = [house.send("POST", path, json=submission("hero"), **again) for _ in range(2)]
        house.assert_took(1, 1)
        assert jobs[0].json() == jobs[1].json()

    def test_uploads(self, house: House) -> None:
        data = b"movie"
        file = {"name": "a.mov", "size": 5, "sha256": hashlib.sha256(data).hexdigest()}
        body = {"project_id": house.project, "files": [file]}
        upload = house.made("/uploads", body)
        house.assert_took(2, 1)
        piece = {"content": data, "headers": {"Upload-Offset": "0"}}
        assert house.send("PATCH", f"/uploads/{upload}/files/0", **piece).status_code == 200
        house.assert_took(1, 0)
        # Hashing comes before the last of them.
        assert house.send("POST", f"/uploads/{upload}/complete").status_code == 200
        house.assert_took(3, 1)
        plate = {"name": "uploaded", "plate": {"upload_id": upload}}
        house.made(f"/projects/{house.project}/shots", plate)
        # Where the project's bytes lie now is noted once they are there, whatever becomes of it.
        house.assert_took(5, 2)

    def test_previews(self, house: House) -> None:
        """The rights, the question, one look at whether it is answered, what is told."""
        shot = house.shot("previews")
        point = {"x": 320.5, "y": 180.5, "positive": True}
        body = {"frame": 1001, "objects": [{"name": "hero", "points": [point]}]}
        answer = house.send("POST", f"/shots/{shot}/preview", json=body)
        assert answer.status_code == 202, answer.text
        house.assert_took(4, 1)


def test_a_commit_that_fails_is_a_refusal(house: House) -> None:
    def fail(session: Session) -> None:
        if not session.in_nested_transaction():
            raise OperationalError("COMMIT", {}, Exception("the disk is gone"))

    sessions = house.counted.database.sessions
    event.listen(sessions, "before_commit", fail)
    try:
        answer = house.send("POST", "/projects", json={"name": "never"})
    finally:
        event.remove(sessions, "before_commit", fail)
    assert_refused(answer, 503, "server_unavailable")
    house.assert_took(1, 0)
    with house.counted.database.reading() as session:
        assert session.scalar(select(func.count()).where(Project.name == "never")) == 0
    assert house.made("/projects", {"name": "never"})


def test_what_is_refused_leaves_nothing(house: House) -> None:
    shot = house.shot("refused")
    body = submission("hero", "car")
    body["objects"][1]["prompts"][0]["points"][0]["x"] = 10_000
    answer = house.send("POST", f"/shots/{shot}/segment", json=body)
    assert_refused(answer, 422, "prompt_outside_plate")
    house.assert_took(1, 0)
    objects = house.send("GET", f"/shots/{shot}/objects").json()["items"]
    assert objects == []


def test_maintenance_refuses_before_any_file_is_written(house: House) -> None:
    with house.counted.database.session() as session:
        token = create_token(session, "artist", "user", role=Role.ARTIST)
        artist = session.scalars(select(User.id).where(User.name == "artist")).one()
        session.add(Membership(project_id=house.project, user_id=artist, role=Role.ARTIST))
    file = {"name": "a.mov", "size": 4, "sha256": "0" * 64}
    body = {"project_id": house.project, "files": [file]}
    upload = house.counted.send("POST", f"{API}/uploads", token, json=body).json()["id"]
    piece = {"content": b"four", "headers": {"Upload-Offset": "0"}}
    plate = {"name": "waits", "plate": {"path": str(house.plate)}}
    writes: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", f"/uploads/{upload}/files/0", piece),
        ("POST", f"/uploads/{upload}/complete", {}),
        ("POST", f"/projects/{house.project}/shots", {"json": plate}),
    ]
    assert house.send("PUT", "/admin/maintenance", json={"on": True}).status_code == 200
    try:
        for method, path, more in writes:
            answer = house.counted.send(method, API + path, token, **more)
            assert_refused(answer, 503, "maintenance")
            house.assert_took(1, 0)
    finally:
        assert house.send("PUT", "/admin/maintenance", json={"on": False}).status_code == 200
    files = house.counted.send("GET", f"{API}/uploads/{upload}", token).json()["files"]
    assert files[0]["offset"] == 0
