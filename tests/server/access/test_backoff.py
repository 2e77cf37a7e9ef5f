"""Wrong passwords make the next try wait, however many come at once."""

from __future__ import annotations

import threading

import pytest
from redis import Redis

from roto_server.access.backoff import Backoff
from roto_shapes.errors import RotoError

ACCOUNT, HERE, ELSEWHERE = "ada@studio.example", "192.0.2.1", "192.0.2.2"


def refused_for(backoff: Backoff, place: str) -> float:
    """Seconds to wait; 0 when the try was let through."""
    try:
        backoff.charge(ACCOUNT, place)
    except RotoError as error:
        return float(error.detail["retry_after"])
    return 0.0


def let_time_pass(redis: Redis) -> None:
    """As if everyone had waited."""
    for key in redis.scan_iter("roto:wrong:*:wait"):
        redis.delete(key)


def test_waits_double_up_to_five_minutes_and_the_right_password_ends_them(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        backoff = Backoff(redis)
        assert [refused_for(backoff, HERE) for _ in range(5)] == [0.0] * 5
        for most in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
            wait = refused_for(backoff, HERE)
            assert wait <= most
            assert wait > most - 3 or most < 8
            # A busy machine may sit out the first few waits; then that try was the next wrong one.
            if wait:
                let_time_pass(redis)
                assert refused_for(backoff, HERE) == 0
        assert refused_for(backoff, HERE) > 0
        backoff.clear(ACCOUNT, HERE)
        assert refused_for(backoff, HERE) == 0


def test_nobody_is_locked_out_from_elsewhere(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        backoff = Backoff(redis)
        for _ in range(40):
            refused_for(backoff, HERE)
        assert refused_for(backoff, ELSEWHERE) == 0
        for number in range(80):
            let_time_pass(redis)
            refused_for(backoff, f"198.51.100.{number}")
        assert 0 < refused_for(backoff, ELSEWHERE) <= 30


def test_of_tries_that_arrive_together_one_is_let_through(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        backoff = Backoff(redis)
        for _ in range(9):
            backoff.charge(ACCOUNT, HERE)
            let_time_pass(redis)
        start, through = threading.Barrier(16), []

        def go() -> None:
            start.wait(20)
            if not refused_for(backoff, HERE):
                through.append(1)

        threads = [threading.Thread(target=go) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(through) == 1


def test_an_unknown_account_waits_like_any_other(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        for _ in range(10):
            let_time_pass(redis)
            Backoff(redis).charge("nobody@studio.example", HERE)
        with pytest.raises(RotoError, match="wrong passwords"):
            Backoff(redis).charge("nobody@studio.example", HERE)
