"""The thread that watches jobs, where a desk around it would hide what it does."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from roto_client.api import RotoClient
from roto_client.api.errors import RateLimitedError, ServerUnavailableError, SignInError
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


class Busy:
    """A client whose server has too much to do."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def job(self, job_id: str) -> Any:
        self.asked.append(job_id)
        raise RateLimitedError("Too many requests.", detail={"retry_after": 3600.0})


def test_a_job_more_to_follow_does_not_shorten_the_pause_a_server_asks_for() -> None:
    """Where the artist signs in at another server, that one is asked at once."""
    busy, other = Busy(), Busy()
    clients, begun = [busy], []

    def client() -> Any:
        begun.append(len(begun))
        return clients[-1]

    def go_round() -> None:
        """Have it begin two rounds: the first of them is over then."""
        after = len(begun) + 2
        while len(begun) < after:
            follower.look_now()
            time.sleep(0.01)

    follower = Follower(client, lambda *_: None, lambda _: None, lambda _: None, 0.01)
    follower.follow(["one"])
    go_round()
    follower.follow(["another"])
    go_round()
    assert busy.asked == ["one"]
    clients.append(other)
    go_round()
    follower.close()
    assert (len(busy.asked), len(other.asked)) == (1, 1)
