"""Servers on real databases and a real Redis.

``live`` is shared by the whole session (one per database), so tests name things uniquely; ``own``
is a server of the test's own, to be broken.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from helpers_api import (
    Live,
    add_project,
    add_shot,
    live_server,
    make_sequence,
    migrated_settings,
)

from helpers_services import postgres_database
from roto_server.embedded.children import EmbeddedRedis


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked ``database`` get a server on SQLite and one on PostgreSQL."""
    if "live" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("database") is not None
        backends = ["sqlite", "postgresql"] if both else ["sqlite"]
        metafunc.parametrize("live", backends, indirect=True, scope="session")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis apart from the farm tests': the servers here live on beside those and ring theirs."""
    folder = tmp_path_factory.mktemp("redis")
    (folder / "logs").mkdir()
    redis = EmbeddedRedis(folder)
    redis.start()
    yield redis.url
    redis.stop()


@pytest.fixture(scope="session")
def live(
    request: pytest.FixtureRequest, redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    url = f"sqlite:///{folder / 'roto.db'}"
    if request.param == "postgresql":
        url = _new_postgres_database(request.getfixturevalue("postgres"))
    with live_server(migrated_settings(folder, url, redis_server)) as live:
        yield live


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def either_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """URL of an empty database for all tests of a module: of one after the other kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('either') / 'roto.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def own(redis_server: str, tmp_path: Path) -> Iterator[Live]:
    """A server nobody else uses."""
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with live_server(migrated_settings(tmp_path, url, redis_server)) as live:
        yield live


@pytest.fixture
def api(live: Live) -> Iterator[httpx.Client]:
    """A client of the public API with a user's token."""
    with live.client() as client:
        yield client


@pytest.fixture
def plates(live: Live) -> Path:
    """An empty folder plates may be read from."""
    folder = live.settings.allowed_roots[0] / uuid.uuid4().hex
    folder.mkdir()
    return folder


@pytest.fixture
def project(api: httpx.Client) -> str:
    """The id of a project of the test's own."""
    return str(add_project(api)["id"])


@pytest.fixture
def shot(api: httpx.Client, project: str, plates: Path) -> str:
    """The id of a shot of frames 1001-1010, still probing."""
    plate = make_sequence(plates, list(range(1001, 1011)))
    return str(add_shot(api, project, plate)["id"])


def _new_postgres_database(uri: str) -> str:
    name = f"api_{uuid.uuid4().hex}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    base, _, query = uri.partition("?")
    return f"{base.rpartition('/')[0]}/{name}?{query}"
