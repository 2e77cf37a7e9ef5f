"""The thread that watches jobs, where a desk around it would hide what it does."""

from __future__ import annotations

import threading
import time

import pytest

from roto_client.api import RotoClient
from roto_client.api.errors import ServerUnavailableError, SignInError
from roto_client.hosts.following import Follower
from roto_shapes.errors import RotoError


@pytest.mark.parametrize(
    ("error", "most"), [(ServerUnavailableError("away"), 6), (SignInError("no"), 1)]
)
def test_a_server_that_is_away_is_not_hammered(error: RotoError, most: int) -> None:
    """Pauses grow from 0.1 s by half each: not more than six questions in a second."""
    asked: list[float] = []

    def client() -> RotoClient:
        asked.append(time.monotonic())
        raise error

    def trouble(told: RotoError | None) -> None:
        if isinstance(told, ServerUnavailableError):
            follower.find_server()  # as the desk does

    follower = Follower(client, lambda *_: None, lambda _: None, trouble, 0.1)
    follower.find_server()
    time.sleep(1.0)
    follower.close()
    assert 1 <= len(asked) <= most, asked


def test_its_thread_ends_when_there_is_nothing_to_watch() -> None:
    told = threading.Event()
    follower = Follower(lambda: None, lambda *_: None, lambda _: None, lambda _: told.set(), 0.01)
    follower.follow([])
    assert follower._thread is None
    follower.close()
    assert not told.is_set()
