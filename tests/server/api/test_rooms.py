"""The rooms by right: whose project a name is, what an artist reaches, and what stays on record."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_api import Live, add_project, add_shot, assert_refused, make_sequence, submission
from sqlalchemy import select

from roto_server.access.roles import Role
from roto_server.access.tokens import create_token
from roto_server.db.models import new_id
from roto_server.db.people import Assignment, AuditEntry, Membership, User

pytestmark = pytest.mark.database


class Person:
    """Somebody with a client of their own."""

    def __init__(self, live: Live, role: Role) -> None:
        self.live, self.name = live, uuid.uuid4().hex
        with live.database.session() as session:
            token = create_token(session, self.name, "user", role=role)
            self.id = session.scalars(select(User.id).where(User.name == self.name)).one()
        self.client = live.client(token)

    def join(self, project: str, role: Role) -> Person:
        with self.live.database.session() as session:
            session.add(Membership(project_id=project, user_id=self.id, role=role))
        return self


Joining = Callable[[Role], Person]


@pytest.fixture
def person(live: Live) -> Iterator[Joining]:
    """Makes people; their connections are closed after the test."""
    with ExitStack() as stack:

        def make(role: Role) -> Person:
            made = Person(live, role)
            stack.callback(made.client.close)
            return made

        yield make


def test_names_of_projects_one_does_not_see_are_free(api: httpx.Client, person: Joining) -> None:
    one, other = person(Role.SUPERVISOR), person(Role.SUPERVISOR)
    name = uuid.uuid4().hex
    first = add_project(one.client, name)
    assert_refused(one.client.post("/projects", json={"name": name}), 409, "conflict")
    second = add_project(other.client, name)
    assert first["id"] != second["id"]
    # Whoever sees one of them may not make a third.
    assert_refused(api.post("/projects", json={"name": name}), 409, "conflict")
    for each, project in ((one, first), (other, second)):
        listed = each.client.get("/projects", params={"name": name}).json()["items"]
        assert [item["id"] for item in listed] == [project["id"]]
    assert len(api.get("/projects", params={"name": name}).json()["items"]) == 2


def test_who_makes_a_project_supervises_it(person: Joining) -> None:
    maker = person(Role.SUPERVISOR)
    project = add_project(maker.client)["id"]
    members = maker.client.get(f"/projects/{project}/members").json()["items"]
    assert [(item["role"]) for item in members] == ["supervisor"]
    assert maker.client.patch(f"/projects/{project}", json={"name": new_id()}).status_code == 200


def test_artists_and_viewers_make_no_projects(person: Joining) -> None:
    for role in (Role.ARTIST, Role.VIEWER):
        answer = person(role).client.post("/projects", json={"name": new_id()})
        assert_refused(answer, 403, "forbidden")


class TestShots:
    @pytest.fixture
    def project(self, api: httpx.Client) -> str:
        """One whose artists do not see each other's shots."""
        project = str(add_project(api)["id"])
        answer = api.patch(f"/projects/{project}", json={"artists_see_all": False})
        assert answer.status_code == 200, answer.text
        return project

    def test_an_artist_s_lists_hold_what_is_theirs(
        self, live: Live, api: httpx.Client, project: str, plates: Path, person: Joining
    ) -> None:
        eve = person(Role.ARTIST).join(project, Role.ARTIST)
        plate = make_sequence(plates, [1001, 1002])
        ours = [add_shot(api, project, plate, name)["id"] for name in ("a", "b", "c")]
        own = add_shot(eve.client, project, plate, "own")["id"]
        with live.database.session() as session:
            session.add(Assignment(shot_id=ours[1], user_id=eve.id, assigned_by=eve.id))
        theirs = {ours[1], own}
        for path in ("/shots", f"/projects/{project}/shots", "/shots?mine=true"):
            assert {item["id"] for item in eve.client.get(path).json()["items"]} == theirs
        assert {job["shot_id"] for job in eve.client.get("/jobs").json()["items"]} == theirs
        found = api.get("/shots", params={"project_id": project}).json()["items"]
        assert {item["id"] for item in found} == {*ours, own}
        assert api.get("/shots", params={"project_id": project, "mine": True}).json()["items"]
        assert api.get("/shots", params={"project_id": project, "state": "ready"}).json() == {
            "items": [], "next": None
        }  # fmt: skip
        named = eve.client.get("/shots", params={"name": "own"}).json()["items"]
        assert [item["id"] for item in named] == [own]
        assert_refused(eve.client.get(f"/shots/{ours[0]}"), 404, "not_found")
        assert eve.client.get(f"/shots/{ours[1]}").status_code == 200

    def test_an_artist_s_key_again_is_not_another_s(
        self, api: httpx.Client, project: str, plates: Path, person: Joining
    ) -> None:
        """The same Idempotency-Key of two people makes two jobs."""
        eve = person(Role.ARTIST).join(project, Role.SUPERVISOR)
        shot = add_shot(api, project, make_sequence(plates, [1001, 1002]))["id"]
        key = {"Idempotency-Key": new_id()}
        path, body = f"/shots/{shot}/segment", submission("hero")
        first, again, hers = (
            client.post(path, json=body, headers=key).json() for client in (api, api, eve.client)
        )
        assert first == again
        assert hers["id"] != first["id"]
        assert (hers["created_by"], hers["created_by_id"]) == (eve.name, eve.id)


def test_somebody_else_s_upload_is_not_there(api: httpx.Client, person: Joining) -> None:
    project = str(add_project(api)["id"])
    eve = person(Role.ARTIST).join(project, Role.SUPERVISOR)
    dan = person(Role.ARTIST).join(project, Role.SUPERVISOR)
    file = {"name": "a.mov", "size": 4, "sha256": "0" * 64}
    upload = eve.client.post("/uploads", json={"project_id": project, "files": [file]}).json()["id"]
    piece: dict[str, Any] = {"content": b"four", "headers": {"Upload-Offset": "0"}}
    assert_refused(dan.client.get(f"/uploads/{upload}"), 404, "not_found")
    answer = dan.client.patch(f"/uploads/{upload}/files/0", **piece)
    assert_refused(answer, 404, "not_found")
    assert_refused(dan.client.post(f"/uploads/{upload}/complete"), 404, "not_found")
    plate = {"name": "x", "plate": {"upload_id": upload}}
    assert_refused(dan.client.post(f"/projects/{project}/shots", json=plate), 404, "not_found")
    assert eve.client.patch(f"/uploads/{upload}/files/0", **piece).json() == {"offset": 4}


def test_what_changes_is_on_record(live: Live, plates: Path, person: Joining) -> None:
    ann = person(Role.SUPERVISOR)
    project = add_project(ann.client)["id"]
    shot = add_shot(ann.client, project, make_sequence(plates, [1001, 1002]))["id"]
    ann.client.post(f"/shots/{shot}/objects", json={"name": "hero"})
    job = ann.client.post(f"/shots/{shot}/segment", json=submission("hero")).json()["id"]
    for _ in range(2):
        assert ann.client.post(f"/jobs/{job}/cancel").status_code == 200
    assert ann.client.post(f"/jobs/{job}/retry").status_code == 200
    refused = ann.client.post(f"/shots/{shot}/segment", json={"objects": []})
    assert refused.status_code == 422
    with live.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.actor_id == ann.id).order_by(AuditEntry.seq)
        entries = session.scalars(query).all()
    assert [entry.action for entry in entries] == [
        "project.created", "shot.created", "object.created", "job.created", "job.cancelled",
        "job.retried",
    ]  # fmt: skip
    assert {entry.project_id for entry in entries} == {project}
    cancelled = entries[4]
    assert (cancelled.target_kind, cancelled.target_id) == ("job", job)
    assert (cancelled.before, cancelled.after) == ({"state": "queued"}, {"state": "cancelled"})
    assert all(entry.address and entry.request_id and entry.via for entry in entries)
