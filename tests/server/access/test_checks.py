"""Checks of what is configured: what they tell, how often they ask, and one that hangs."""

from __future__ import annotations

import asyncio
import threading

import pytest
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from roto_server import checks
from roto_server.checks import Checks, Outcome
from roto_server.db.troubles import explain
from roto_shapes.errors import RotoError


def outcomes(registry: Checks) -> dict[str, Outcome]:
    return asyncio.run(registry.outcomes())


def failing(error: Exception) -> Outcome:
    registry = Checks()

    def ask() -> str:
        raise error

    registry.add("part", "ROTO_PART_URL", ask)
    return outcomes(registry)["part"]


def test_what_works_tells_so_in_the_order_it_was_added() -> None:
    registry = Checks()
    registry.add("second", "ROTO_B", lambda: "12 GB free")
    registry.add("first", "ROTO_A", lambda: "")
    found = outcomes(registry)
    assert list(found) == ["second", "first"]
    assert found["second"] == Outcome(ok=True, message="12 GB free", setting="ROTO_B")


def test_a_failing_part_says_what_to_do_and_a_working_one_what_it_is_for() -> None:
    registry = Checks()

    def ask() -> str:
        raise ConnectionRefusedError(111, "Connection refused")

    registry.add("mail", "ROTO_A", ask, about="Invitations.", remedy="Start it.")
    registry.add("disk", "ROTO_B", lambda: "", about="Room.", remedy="Buy one.")
    found = outcomes(registry)
    assert (found["mail"].about, found["mail"].remedy) == ("Invitations.", "Start it.")
    assert (found["disk"].about, found["disk"].remedy) == ("Room.", "")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RotoError("only 0.2 GB free", code="disk_full"), "only 0.2 GB free"),
        (ConnectionRefusedError(111, "Connection refused"), "[Errno 111] Connection refused"),
        (
            RedisError("no way to redis://:hunter2@host:6379/0"),
            "no way to redis://:***@host:6379/0",
        ),
        (KeyError("a value that nobody foresaw"), "KeyError"),
    ],
)
def test_what_does_not_work_names_its_setting_and_no_password(error: Exception, told: str) -> None:
    assert failing(error) == Outcome(
        ok=False, message=f"ROTO_PART_URL: {told}", setting="ROTO_PART_URL"
    )


def test_one_that_hangs_is_not_asked_again_before_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "ANSWER_SECONDS", 1.0)
    back, asked = threading.Event(), []

    def ask() -> str:
        asked.append(1)
        back.wait(60)
        return "back"

    registry = Checks()
    registry.add("disk", "ROTO_STORAGE_ROOT", ask)
    registry.add("other", "ROTO_OTHER", lambda: "")
    for _ in range(3):
        found = outcomes(registry)
        assert found["disk"].message.startswith("ROTO_STORAGE_ROOT: no answer for")
        assert found["other"].ok
    assert asked == [1]
    back.set()
    monkeypatch.setattr(checks, "ANSWER_SECONDS", 60.0)
    assert outcomes(registry)["disk"].message == "back"
    assert outcomes(registry)["disk"].ok


def test_an_answer_is_kept_for_as_long_as_it_is_good() -> None:
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return f"answer {len(asked)}"

    registry = Checks()
    registry.add("mail", "ROTO_SMTP_URL", ask, keep_seconds=60)
    told = [outcomes(registry)["mail"].message for _ in range(3)]
    assert told == ["answer 1"] * 3


class DriverError(Exception):
    """What psycopg raises, as far as it is looked at."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("said by the driver")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "setting"),
    [
        (PoolTimeoutError("QueuePool limit"), "ROTO_DATABASE_POOL_SIZE"),
        (OperationalError("", {}, DriverError("57014")), "ROTO_DATABASE_STATEMENT_SECONDS"),
        (OperationalError("", {}, DriverError("25P03")), "ROTO_DATABASE_IDLE_TRANSACTION_SECONDS"),
        (OperationalError("", {}, DriverError("53300")), "max_connections"),
        (OperationalError("", {}, DriverError("40P01")), "log"),
        (OperationalError("", {}, DriverError("40001")), "log"),
        (OperationalError("", {}, Exception("database is locked")), "ROTO_DATABASE_URL"),
        (OperationalError("", {}, Exception("gone")), "ROTO_DATABASE_URL"),
        (RedisError("gone"), "ROTO_REDIS_URL"),
    ],
)
def test_troubles_name_what_decides_and_can_be_tried_again(error: Exception, setting: str) -> None:
    refusal = explain(error)
    assert refusal is not None
    assert refusal.code == "server_unavailable"
    assert setting in refusal.hint
    # What another change stood in the way of is tried again by clients; what is gone is not.
    assert ("retry_after" in refusal.detail) is ("reach" not in refusal.message)
    assert "said by the driver" not in refusal.message + refusal.hint


def test_a_mistake_of_ours_is_no_trouble_of_the_database() -> None:
    assert explain(KeyError("x")) is None
