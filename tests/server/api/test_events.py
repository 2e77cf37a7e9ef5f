"""The WebSocket: in order, nothing lost over a reconnect, resync where something was."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_api import (
    API,
    Live,
    assert_refused,
    live_server,
    make_ready,
    migrated_settings,
    submission,
)
from sqlalchemy import delete, select
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from roto_client.contract import PRODUCT_VERSION
from roto_server.api import events as api_events
from roto_server.api import tail
from roto_server.db.models import Event
from roto_server.db.types import utc_now
from roto_server.events import emit, prune


@contextmanager
def events(
    live: Live, after: int | None = None, beat: str | None = None, **headers: str
) -> Iterator[ClientConnection]:
    asked = {"after": after, "beat": beat}
    query = httpx.QueryParams({name: value for name, value in asked.items() if value is not None})
    sent = {"Authorization": f"Bearer {live.user_token}", **headers}
    with connect(
        f"{live.websocket_url}?{query}", additional_headers=sent, open_timeout=60
    ) as socket:
        yield socket


def receive(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=20))
    return message


def happen(live: Live, *numbers: int, mark: str = "") -> None:
    """One committed event per number."""
    for number in numbers:
        with live.database.session() as session:
            emit(session, "worker.updated", None, {"number": number, "mark": mark})


def collect(socket: ClientConnection, mark: str, count: int) -> list[dict[str, Any]]:
    """The next ``count`` events that bear ``mark``."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = receive(socket)
        if message.get("payload", {}).get("mark") == mark:
            found.append(message)
    return found


@pytest.mark.database
def test_hello_then_what_happens_in_order(live: Live) -> None:
    mark = uuid.uuid4().hex
    with events(live) as socket:
        hello = receive(socket)
        assert hello["kind"] == "hello"
        happen(live, *range(30), mark=mark)
        found = collect(socket, mark, 30)
    assert [message["payload"]["number"] for message in found] == list(range(30))
    seqs = [message["seq"] for message in found]
    assert seqs == sorted(seqs)
    assert seqs[0] > hello["seq"]
    assert set(found[0]) == {"seq", "kind", "project_id", "payload"}


@pytest.mark.database
def test_a_submitted_job_is_told_with_its_progress(
    live: Live, api: httpx.Client, shot: str, project: str
) -> None:
    make_ready(live.database, shot)
    with events(live) as socket:
        receive(socket)
        job = api.post(f"/shots/{shot}/segment", json=submission("hero")).json()
        message = receive(socket)
        while message["payload"].get("job_id") != job["id"]:
            message = receive(socket)
    assert message["kind"] == "job.created"
    assert message["project_id"] == project
    assert message["payload"]["state"] == "queued"
    assert message["payload"]["progress"] == job["progress"]


@pytest.mark.database
def test_a_reconnect_misses_nothing_and_repeats_nothing(live: Live) -> None:
    mark = uuid.uuid4().hex
    with events(live) as socket:
        receive(socket)
        happen(live, 0, 1, mark=mark)
        last = collect(socket, mark, 2)[-1]["seq"]
    happen(live, 2, 3, 4, mark=mark)
    with events(live, after=last) as socket:
        assert receive(socket) == {"kind": "hello", "seq": last}
        happen(live, 5, 6, mark=mark)
        found = collect(socket, mark, 5)
    assert [message["payload"]["number"] for message in found] == [2, 3, 4, 5, 6]


@pytest.mark.database
def test_writers_at_once_and_sockets_that_come_and_go(live: Live) -> None:
    """Every socket sees every event once, in one order, wherever it joins."""
    mark = uuid.uuid4().hex
    with live.database.reading() as session:
        start = session.scalar(select(Event.seq).order_by(Event.seq.desc()).limit(1)) or 0
    happen(live, 0, mark=mark)
    writers = [
        threading.Thread(
            target=happen, args=(live, *range(n * 100, n * 100 + 25)), kwargs={"mark": mark}
        )
        for n in range(1, 5)
    ]
    heard: list[list[int]] = []

    def listen() -> None:
        seqs: list[int] = []
        position = start
        while len(seqs) < 101:
            with events(live, after=position) as socket:
                part = collect(socket, mark, min(17, 101 - len(seqs)))
            seqs += [message["seq"] for message in part]
            position = seqs[-1]
        heard.append(seqs)

    listeners = [threading.Thread(target=listen) for _ in range(3)]
    for thread in (*writers, *listeners):
        thread.start()
    for thread in (*writers, *listeners):
        thread.join(60)
    assert len(heard) == 3
    assert heard[0] == heard[1] == heard[2] == sorted(set(heard[0]))


def test_a_rolled_back_event_is_never_told(live: Live) -> None:
    mark = uuid.uuid4().hex
    with events(live) as socket:
        receive(socket)
        with suppress(ZeroDivisionError), live.database.session() as session:
            emit(session, "worker.updated", None, {"number": 1, "mark": mark})
            raise ZeroDivisionError
        happen(live, 2, mark=mark)
        assert collect(socket, mark, 1)[0]["payload"]["number"] == 2


def test_without_redis_the_poll_carries_on(tmp_path: Path) -> None:
    settings = migrated_settings(
        tmp_path, f"sqlite:///{tmp_path / 'roto.db'}", f"unix://{tmp_path}/no.sock"
    )
    mark = uuid.uuid4().hex
    with live_server(settings) as live, events(live) as socket:
        receive(socket)
        happen(live, 1, mark=mark)
        assert collect(socket, mark, 1)[0]["payload"]["number"] == 1
        ready = httpx.get(live.url + "/readyz", timeout=60)
    assert ready.status_code == 503
    assert ready.json()["checks"]["redis"]["ok"] is False


def test_who_asks_hears_that_a_quiet_line_is_there(
    own: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_events, "BEAT_SECONDS", 0.05)
    with events(own) as plain, events(own, beat="true") as asking:
        assert receive(asking)["kind"] == receive(plain)["kind"] == "hello"
        assert [receive(asking) for _ in range(2)] == [{"kind": "beat"}] * 2
        happen(own, 1)
        while (message := receive(asking)) == {"kind": "beat"}:
            continue
        # Released clients, who did not ask, know no such thing.
        assert receive(plain) == message


class TestResync:
    def test_when_events_were_pruned(self, own: Live) -> None:
        happen(own, *range(10))
        caught_up(own, 10)
        with own.database.session() as session:
            session.execute(delete(Event).where(Event.seq <= 8))
        with events(own, after=3) as socket:
            assert receive(socket) == {"kind": "hello", "seq": 3}
            assert receive(socket) == {"kind": "resync", "seq": 10}
            happen(own, 11)
            assert receive(socket)["seq"] == 11

    def test_not_when_only_older_ones_were(self, own: Live) -> None:
        happen(own, *range(10))
        with own.database.session() as session:
            session.execute(delete(Event).where(Event.seq <= 8))
        with events(own, after=8) as socket:
            assert [receive(socket).get("seq") for _ in range(3)] == [8, 9, 10]

    def test_numbers_go_on_when_everything_was_pruned(self, own: Live) -> None:
        happen(own, 1, 2)
        caught_up(own, 2)
        with events(own) as socket:
            assert receive(socket)["seq"] == 2
            with own.database.session() as session:
                prune(session, utc_now() + timedelta(hours=1))
            happen(own, 3)
            assert receive(socket)["seq"] == 3

    def test_when_the_client_is_ahead_of_the_database(self, own: Live) -> None:
        happen(own, 1, 2)
        caught_up(own, 2)
        with events(own, after=500) as socket:
            receive(socket)
            assert receive(socket) == {"kind": "resync", "seq": 2}
            happen(own, 3)
            assert receive(socket)["seq"] == 3

    def test_a_socket_far_behind_is_told_and_closed(
        self, own: Live, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tail, "BACKLOG", 5)
        monkeypatch.setattr(tail, "BATCH", 1)
        # Random, or the socket's compression makes nothing of it.
        payload = {"filler": os.urandom(100_000).hex()}
        with events(own) as socket:
            receive(socket)
            [subscription] = own.app.state.tail._subscriptions
            deadline = time.monotonic() + 60
            while not subscription.far_behind:
                assert time.monotonic() < deadline
                with own.database.session() as session:
                    for _ in range(20):
                        emit(session, "worker.updated", None, payload)
            kinds = [message["kind"] for message in until_closed(socket)]
        assert kinds[-1] == "resync"
        assert kinds.count("resync") == 1
        assert socket.close_code == 1013


def caught_up(own: Live, seq: int) -> None:
    """Return once the server has read so far: a new one may not hear Redis yet."""
    deadline = time.monotonic() + 60
    while own.app.state.tail.seq < seq:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def until_closed(socket: ClientConnection) -> Iterator[dict[str, Any]]:
    with suppress(ConnectionClosed):
        while True:
            yield receive(socket)


class TestRefused:
    def refused(self, live: Live, query: str = "", **headers: str) -> httpx.Response:
        handshake = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        return httpx.get(
            f"{live.url}{API}/events{query}", headers={**handshake, **headers}, timeout=60
        )

    def test_without_or_with_a_wrong_token(self, live: Live) -> None:
        assert_refused(self.refused(live), 401, "unauthorized")
        assert_refused(self.refused(live, Authorization="Bearer x"), 401, "unauthorized")
        farm = {"Authorization": f"Bearer {live.farm_token}"}
        assert_refused(self.refused(live, **farm), 403, "forbidden")

    def test_with_a_version_that_does_not_fit(self, live: Live) -> None:
        headers = {"Authorization": f"Bearer {live.user_token}", "X-Roto-Version": "9.0.0"}
        assert_refused(self.refused(live, **headers), 426, "version_mismatch")

    def test_a_good_handshake_names_the_servers_version(self, live: Live) -> None:
        with events(live, **{"X-Roto-Version": PRODUCT_VERSION}) as socket:
            assert socket.response is not None
            assert socket.response.headers["X-Roto-Version"] == PRODUCT_VERSION

    @pytest.mark.parametrize("after", ["-1", "x", "9223372036854775808"])
    def test_with_a_position_that_is_none(self, live: Live, after: str) -> None:
        token = f"Bearer {live.user_token}"
        answer = self.refused(live, f"?after={after}", Authorization=token)
        assert_refused(answer, 422, "bad_request")


def test_a_client_that_leaves_is_forgotten(own: Live) -> None:
    with events(own) as socket:
        receive(socket)
        assert len(own.app.state.tail._subscriptions) == 1
    deadline = time.monotonic() + 20
    while own.app.state.tail._subscriptions and time.monotonic() < deadline:
        time.sleep(0.02)
    assert own.app.state.tail._subscriptions == set()
