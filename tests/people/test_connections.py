"""Database connections of a real server: none is lost to clients that hang up, none is waited for
without end, and what holds one without working loses it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from helpers_people import House, running_house
from helpers_several import METRICS_TOKEN, gauge, wait_for
from sqlalchemy import text

TIGHT = {
    "ROTO_DATABASE_POOL_SIZE": "4",
    "ROTO_DATABASE_MAX_OVERFLOW": "3",
    "ROTO_DATABASE_POOL_WAIT_SECONDS": "5",
    "ROTO_DATABASE_STATEMENT_SECONDS": "20",
    # Or PostgreSQL would mend what the server leaks.
    "ROTO_DATABASE_IDLE_TRANSACTION_SECONDS": "0",
    "ROTO_METRICS_TOKEN": METRICS_TOKEN,
    "ROTO_PREVIEW_WAIT_SECONDS": "3",
}
CANCELLED = 200


@pytest.fixture
def tight(empty_database: str, tmp_path: Path) -> Iterator[House]:
    """A server with seven connections, of which requests may hold three."""
    with running_house(tmp_path / "house", empty_database, **TIGHT) as house:
        yield house


def test_200_clients_that_hang_up_leave_no_connection_behind(tight: House) -> None:
    """In the middle of what they wait for: a lock, the gate, a worker's answer, a body's rest."""
    key = tight.admin.key
    project = tight.project()
    shot = tight.shot(project, tight.admin)
    preview = {"frame": 1001, "objects": [{"name": "hero", "points": [_POINT]}]}
    with tight.client(key) as api:
        file = {"name": "p.exr", "size": 2**20, "sha256": "0" * 64}
        made = api.post("/uploads", json={"project_id": project, "files": [file]})
        upload = made.json()["id"]
    kinds = [
        _request("POST", "/projects", key, json.dumps({"name": "never"}).encode()),
        _request("GET", f"/projects/{project}/shots", key),
        _request("POST", f"/shots/{shot}/preview", key, json.dumps(preview).encode()),
        _request("PATCH", f"/uploads/{upload}/files/0", key, b"x" * 1000, announced=2**20),
        _request("GET", "/events", key, upgrade=True),
    ]
    for round_ in range(4):
        with locked(tight) if round_ % 2 else nothing():
            hang_up(tight, [kinds[n % len(kinds)] for n in range(CANCELLED // 4)], rough=round_ > 1)
    process = tight.processes[0]
    wait_for("nothing is at the gate", lambda: gauge(process, "database_requests") == 0)
    wait_for("all is given back", lambda: in_use(process.url) == 0)
    wait_for("no socket is left", lambda: gauge(process, "event_sockets") == 0)
    if not tight.database.is_sqlite:
        wait_for("no transaction is left", lambda: idle_transactions(tight) == 0)
    statuses = _at_once(tight, 4)
    assert statuses == [200] * 4
    assert "Traceback" not in process.log.read_text()


def test_too_many_at_once_are_told_which_setting_it_is(tight: House) -> None:
    with locked(tight):
        answers = _post_projects(tight, 12)
    # Three hold a connection each until the database gives up on the lock; nine got none.
    assert [answer.status_code for answer in answers] == [503] * 12
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers)
    hints = [answer.json()["hint"] for answer in answers]
    assert sum("ROTO_DATABASE_POOL_SIZE" in hint for hint in hints) == 9
    assert _at_once(tight, 4) == [200] * 4


@pytest.mark.postgresql
def test_a_statement_that_takes_too_long_is_ended(empty_database: str, tmp_path: Path) -> None:
    settings = {**TIGHT, "ROTO_DATABASE_STATEMENT_SECONDS": "1"}
    with running_house(tmp_path / "house", empty_database, **settings) as house:
        with locked(house), house.client(house.admin.key) as api:
            answer = api.post("/projects", json={"name": "heist"})
        assert answer.status_code == 503
        assert "ROTO_DATABASE_STATEMENT_SECONDS" in answer.json()["hint"]


_STOPS_ITSELF = """
import os, signal, sys
from roto_server import events
from roto_server.db.engines import PoolLimits
from roto_server.db.session import Database
from roto_server.settings import load_settings
from sqlalchemy import event
settings = load_settings()
database = Database(settings.database_url, PoolLimits.of(settings))
def stop(_session):
    os.kill(os.getpid(), signal.SIGSTOP)
# After the events' own hook, which takes the lock that all writers need.
event.listen(database.sessions, "before_commit", stop)
with database.session() as session:
    events.emit(session, "worker.updated", None, {})
"""


@pytest.mark.postgresql
def test_a_process_stopped_while_it_holds_a_lock_loses_it(
    empty_database: str, tmp_path: Path
) -> None:
    """Otherwise it would keep every other server from writing until somebody notices."""
    settings = {**TIGHT, "ROTO_DATABASE_IDLE_TRANSACTION_SECONDS": "10"}
    with running_house(tmp_path / "house", empty_database, **settings) as house:
        stopped = subprocess.Popen([sys.executable, "-c", _STOPS_ITSELF], env=house.environment)
        try:
            wait_for("it holds the lock", lambda: advisory_locks(house) == 1)
            its = psutil.Process(stopped.pid)
            wait_for("it is stopped", lambda: its.status() == psutil.STATUS_STOPPED)
            shot = house.shot(house.project(), house.admin)
            hero = {"name": "hero", "prompts": [{"frame": 1001, "points": [_POINT]}]}
            with house.client(house.admin.key) as api:
                body = {"objects": [hero], "engine": "flow"}
                assert api.post(f"/shots/{shot}/segment", json=body).status_code == 202
        finally:
            os.kill(stopped.pid, signal.SIGCONT)
            assert stopped.wait(60) == 1  # its transaction was taken from it


_POINT = {"x": 20.5, "y": 10.5, "positive": True}


def _request(
    method: str,
    path: str,
    key: str,
    body: bytes = b"",
    *,
    announced: int = 0,
    upgrade: bool = False,
) -> bytes:
    """A request's bytes; ``announced``: it says that so many bytes will come."""
    lines = [f"{method} /api/v1{path} HTTP/1.1", "Host: x", f"Authorization: Bearer {key}"]
    if upgrade:
        lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    else:
        lines += [f"Content-Length: {announced or len(body)}", "Content-Type: application/json"]
        lines += ["Upload-Offset: 0"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def hang_up(house: House, requests: list[bytes], *, rough: bool) -> None:
    """Send them all, wait a little, then close every connection; ``rough``: with a reset."""
    address = ("127.0.0.1", int(house.url.rpartition(":")[2]))
    lines = []
    for request in requests:
        line = socket.create_connection(address)
        if rough:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall(request)
        lines.append(line)
    # Long enough for some to be at work and the others to queue.
    threading.Event().wait(0.7)
    for line in lines:
        line.close()


@contextmanager
def locked(house: House) -> Iterator[None]:
    """Nobody else can write projects (on PostgreSQL: nor read them)."""
    with house.database.engine.connect() as connection, connection.begin() as transaction:
        if not house.database.is_sqlite:
            connection.execute(text("LOCK TABLE projects IN ACCESS EXCLUSIVE MODE"))
        yield
        transaction.rollback()


@contextmanager
def nothing() -> Iterator[None]:
    yield


def in_use(url: str) -> float:
    """Connections of the process that somebody holds."""
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    exposition = httpx.get(url + "/metrics", headers=headers, timeout=60).text
    found = re.search(r'^roto_database_connections{state="in_use"} (\S+)$', exposition, re.M)
    assert found, exposition[:300]
    return float(found[1])


def idle_transactions(house: House) -> int:
    """Connections of servers that sit in a transaction."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
    )
    with house.database.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def advisory_locks(house: House) -> int:
    query = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with house.database.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def _post_projects(house: House, count: int) -> list[httpx.Response]:
    """That many at once, each of a name of its own."""
    answers: list[httpx.Response] = []

    def ask(number: int) -> None:
        with house.client(house.admin.key) as api:
            answers.append(api.post("/projects", json={"name": f"at once {number}"}))

    _all_at_once(ask, count)
    return answers


def _at_once(house: House, count: int) -> list[int]:
    """Statuses of that many lists asked for at once."""
    statuses: list[int] = []

    def ask(_: int) -> None:
        with house.client(house.admin.key) as api:
            statuses.append(api.get("/projects").status_code)

    _all_at_once(ask, count)
    return statuses


def _all_at_once(ask: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
