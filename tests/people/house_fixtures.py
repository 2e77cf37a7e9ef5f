"""Houses on both databases, for the conftest.py of each suite that lives in them.

Tests share one per database, so they name things uniquely; what they break, they break in a house
of their own (`running_house`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_people import House, running_house

from helpers_services import postgres_database, running_postgres


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a house or database runs on SQLite and on PostgreSQL; on SQLite alone when it
    is marked ``one_database``, on PostgreSQL alone when it is marked ``postgresql``."""
    marked = metafunc.definition.get_closest_marker
    backends = ["sqlite", "postgresql"]
    if marked("one_database"):
        backends = ["sqlite"]
    if marked("postgresql"):
        backends = ["postgresql"]
    for name, scope in (("house", "session"), ("empty_database", "function")):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, backends, indirect=True, scope=scope)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URI of a PostgreSQL server."""
    with running_postgres() as uri:
        yield uri


@pytest.fixture(scope="session")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One server process on a database of its own, shared by all tests."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        with running_house(folder, f"sqlite:///{folder / 'roto.db'}") as house:
            yield house
        return
    uri: str = request.getfixturevalue("postgres")
    with postgres_database(uri) as url, running_house(folder, url) as house:
        yield house


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database of the test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'roto.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres")) as url:
        yield url
