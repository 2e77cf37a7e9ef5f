"""Sockets on a real server: each is told what its holder may see, and not a moment longer."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from helpers_people import API, House, Person
from helpers_signing_in import person_with_password, signed_in
from sqlalchemy import update
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from roto_server.db.models import Token
from roto_server.events import emit

Told = tuple[str, str | None, str]
"""Kind, project and shot of an event."""
SOON = 15.0


@contextmanager
def socket_of(house: House, token: str | None, query: str = "") -> Iterator[ClientConnection]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = house.url.replace("http", "ws", 1) + f"{API}/events{query}"
    with connect(url, additional_headers=headers, open_timeout=30) as socket:
        hello = json.loads(socket.recv(timeout=30))
        assert hello["kind"] == "hello"
        socket.hello = hello["seq"]  # type: ignore[attr-defined]
        yield socket


def happen(house: House, *events: Told) -> str:
    """Commit the events, and one that everybody is told; returns the mark they bear."""
    mark = uuid.uuid4().hex
    with house.database.session() as session:
        for kind, project, shot in events:
            emit(session, kind, project, {"mark": mark, "shot_id": shot})
        emit(session, "server.maintenance", None, {"mark": mark, "end": True})
    return mark


def heard(socket: ClientConnection, mark: str) -> list[tuple[str, str]]:
    """Kind and shot of what the socket is told of the marked events."""
    found = []
    while True:
        message = json.loads(socket.recv(timeout=30))
        payload = message["payload"]
        if payload.get("mark") != mark:
            continue
        if payload.get("end"):
            return found
        found.append((message["kind"], payload["shot_id"]))


def until(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The payload of the next event of that kind."""
    while True:
        message = json.loads(socket.recv(timeout=30))
        if message["kind"] == kind:
            payload: dict[str, Any] = message["payload"]
            return payload


class Show:
    """A project, closed to artists who are not on a shot, and two shots."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.lead = house.person("artist")
        self.artist, self.viewer = house.person("artist"), house.person("viewer")
        self.project = house.project(
            (self.lead, "supervisor"), (self.artist, "artist"), (self.viewer, "viewer"),
            artists_see_all=False,
        )  # fmt: skip
        self.mine = house.shot(self.project, self.lead, self.artist)
        self.other = house.shot(self.project, self.lead)
        self.both: list[Told] = [
            ("job.updated", self.project, self.mine),
            ("task.progress", self.project, self.other),
        ]

    def ask(self, person: Person, method: str, path: str, body: Any = None) -> httpx.Response:
        with self.house.client(person.key) as client:
            answer = client.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        return answer


@pytest.fixture
def show(house: House) -> Show:
    return Show(house)


def test_each_is_told_what_they_may_see(house: House, show: Show) -> None:
    stranger = house.person("supervisor")
    house.project((stranger, "supervisor"))
    mine, other = ("job.updated", show.mine), ("task.progress", show.other)
    farm = ("worker.updated", "")
    wanted = {
        house.admin.key: [mine, other, farm],
        show.lead.key: [mine, other],
        show.viewer.key: [mine, other],
        show.artist.key: [mine],
        stranger.key: [farm],
    }
    for key, told in wanted.items():
        with socket_of(house, key) as socket:
            mark = happen(house, *show.both, ("worker.updated", None, ""))
            assert heard(socket, mark) == told
        with socket_of(house, key, f"?after={socket.hello}") as socket:  # type: ignore[attr-defined]
            assert heard(socket, mark) == told, "what is told again is told by right, too"


def test_a_shot_assigned_is_heard_of_at_once_and_no_longer_than_that(
    house: House, show: Show
) -> None:
    assignments = f"/projects/{show.project}/assignments"
    body = {"shot_ids": [show.other], "user_ids": [show.artist.id], "mode": "add"}
    with socket_of(house, show.artist.key) as socket:
        show.ask(show.lead, "POST", assignments, body)
        assert until(socket, "shot.assigned")["added"] == [show.artist.id]
        assert len(heard(socket, happen(house, *show.both))) == 2
        show.ask(show.lead, "POST", assignments, {**body, "mode": "remove"})
        assert until(socket, "shot.assigned")["removed"] == [show.artist.id]
        assert heard(socket, happen(house, *show.both)) == [("job.updated", show.mine)]
        show.ask(show.lead, "PATCH", f"/projects/{show.project}", {"artists_see_all": True})
        until(socket, "project.updated")
        assert len(heard(socket, happen(house, *show.both))) == 2


def test_a_membership_that_ends_or_begins_counts_for_open_sockets(house: House, show: Show) -> None:
    members = f"/projects/{show.project}/members"
    with socket_of(house, show.viewer.key) as socket:
        assert len(heard(socket, happen(house, *show.both))) == 2
        show.ask(show.lead, "DELETE", f"{members}/{show.viewer.id}")
        assert until(socket, "project.members") == {"user_id": show.viewer.id, "role": None}
        assert heard(socket, happen(house, *show.both)) == []
        show.ask(show.lead, "POST", members, {"email": show.viewer.email, "role": "artist"})
        assert until(socket, "project.members")["role"] == "artist"
        assert heard(socket, happen(house, *show.both)) == []
        show.ask(show.lead, "PUT", f"{members}/{show.viewer.id}", {"role": "viewer"})
        until(socket, "project.members")
        assert len(heard(socket, happen(house, *show.both))) == 2


def closed_soon(socket: ClientConnection) -> int | None:
    """The code the server closes the socket with; it has a second or two, and this machine more."""
    try:
        while True:
            socket.recv(timeout=SOON)
    except ConnectionClosed:
        return socket.close_code


class TestClosed:
    def test_when_the_session_ends(self, house: House) -> None:
        person = person_with_password(house)
        with signed_in(house, person) as client:
            token = client.headers["Authorization"].removeprefix("Bearer ")
            with socket_of(house, token) as socket:
                assert client.post("/auth/logout").status_code == 204
                assert closed_soon(socket) == 1008

    def test_when_the_key_is_deleted_but_not_the_persons_other_sockets(self, house: House) -> None:
        person = person_with_password(house)
        with signed_in(house, person) as client:
            made = client.post("/api-keys", json={"name": "farm view", "scopes": ["read"]}).json()
            with socket_of(house, made["key"]) as socket, socket_of(house, person.key) as other:
                assert client.delete(f"/api-keys/{made['id']}").status_code == 204
                assert closed_soon(socket) == 1008
                assert heard(other, happen(house)) == []

    def test_when_the_account_is_disabled(self, house: House, show: Show) -> None:
        with socket_of(house, show.viewer.key) as socket:
            show.ask(house.admin, "PATCH", f"/admin/users/{show.viewer.id}", {"state": "disabled"})
            assert closed_soon(socket) == 1008

    def test_without_an_event_too(self, house: House, show: Show) -> None:
        """Somebody changes the row by hand, or a session's time is simply up."""
        with socket_of(house, show.viewer.key) as socket:
            with house.database.session() as session:
                mine = Token.user_id == show.viewer.id
                session.execute(update(Token).where(mine).values(revoked=True))
            assert closed_soon(socket) == 1008


class TestTickets:
    def test_a_ticket_opens_one_socket_with_the_rights_it_was_made_with(
        self, house: House, show: Show
    ) -> None:
        ticket = show.ask(show.artist, "POST", "/auth/tickets").json()["ticket"]
        with socket_of(house, None, f"?ticket={ticket}") as socket:
            assert heard(socket, happen(house, *show.both)) == [("job.updated", show.mine)]
        assert refused(house, f"?ticket={ticket}") == 401

    @pytest.mark.one_database
    def test_no_lasting_token_is_taken_from_an_address(self, house: House, show: Show) -> None:
        for name in ("ticket", "token", "access_token", "api_key"):
            assert refused(house, f"?{name}={show.lead.key}") == 401

    def test_its_socket_ends_with_the_session_that_made_it(self, house: House) -> None:
        with signed_in(house, person_with_password(house)) as client:
            ticket = client.post("/auth/tickets").json()["ticket"]
            with socket_of(house, None, f"?ticket={ticket}") as socket:
                client.post("/auth/logout")
                assert closed_soon(socket) == 1008


def refused(house: House, query: str) -> int:
    with pytest.raises(InvalidStatus) as caught, socket_of(house, None, query):
        pass
    return int(caught.value.response.status_code)


@pytest.mark.one_database
def test_events_of_jobs_and_tasks_say_which_shot_they_are_of(house: House) -> None:
    """Without it they would be for those alone who see every shot."""
    artist = house.person("artist")
    shot = house.shot(house.project((artist, "artist"), artists_see_all=False), artist)
    prompt = {"frame": 1001, "points": [{"x": 5, "y": 5, "positive": True}]}
    body = {"objects": [{"name": "hero", "prompts": [prompt]}]}
    with house.client(artist.key) as client, socket_of(house, artist.key) as socket:
        job = client.post(f"/shots/{shot}/segment", json=body)
        assert job.status_code == 202, job.text
        assert until(socket, "job.created")["shot_id"] == shot
        assert client.post(f"/jobs/{job.json()['id']}/cancel").status_code == 200
        assert until(socket, "task.updated")["shot_id"] == shot


@pytest.mark.one_database
def test_a_refused_socket_is_one_line_of_the_log_and_no_error(house: House) -> None:
    asked = uuid.uuid4().hex
    url = house.url.replace("http", "ws", 1) + f"{API}/events"
    with (
        pytest.raises(InvalidStatus),
        connect(url, additional_headers={"X-Request-Id": asked}, open_timeout=60),
    ):
        pass
    with house.client(house.admin.key) as client:
        client.get("/projects")
    lines = house.processes[0].log.read_text(encoding="utf-8").splitlines()
    # Sockets of other tests may be told of meanwhile: only what bears this request's id counts.
    told = [one for one in map(json.loads, lines) if one.get("request_id") == asked]
    assert [(one["level"], one["status"]) for one in told] == [("info", 401)]
