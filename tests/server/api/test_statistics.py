"""Statistics while others have theirs counted: who waits keeps nobody from anything else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from helpers_api import Live, add_project, assert_refused, live_server, migrated_settings

from roto_server.api.statistics import AT_ONCE, all_counting
from roto_server.db.gate import Gate
from roto_server.limiting.classes import class_of


@pytest.fixture
def narrow(redis_server: str, tmp_path: Path) -> Iterator[Live]:
    """A server that lets one request at the database at a time."""
    settings = migrated_settings(tmp_path, f"sqlite:///{tmp_path / 'roto.db'}", redis_server)
    one = settings.model_copy(update={"database_pool_size": 1, "database_max_overflow": 0})
    with live_server(one) as live:
        yield live


def test_who_waits_to_count_holds_nothing(narrow: Live) -> None:
    places: Gate = narrow.app.state.statistics
    assert (narrow.database.gate.places, places.places) == (1, AT_ONCE)
    # As if others counted and did not end.
    narrow.app.state.statistics = Gate(0, 3.0, all_counting)
    answers: list[httpx.Response] = []

    def ask() -> None:
        with narrow.client() as client:
            answers.append(client.get("/statistics"))

    with narrow.client() as client:
        add_project(client)
        asking = [threading.Thread(target=ask) for _ in range(3)]
        for thread in asking:
            thread.start()
        while any(thread.is_alive() for thread in asking):
            assert client.get("/users/me").status_code == 200
        for answer in answers:
            told = assert_refused(answer, 503, "server_unavailable")
            assert "statistics" in told["message"]
            assert answer.headers["Retry-After"] == "1"


def test_they_are_limited_beside_everything_else() -> None:
    kind = class_of("GET", "/api/v1/statistics")
    assert kind.by_holder == ("limit_user", "limit_key", "limit_statistics")
