"""The worker's lines: JSON, with the ids of what is in hand, without secrets."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest
from helpers_runtime import TOKEN, FarmStub

from roto_worker.runtime import heartbeat
from roto_worker.runtime.config import WorkerConfig
from roto_worker.runtime.farm_client import FarmClient
from roto_worker.runtime.logs import bound_ids, configure_logging, current_ids, secrets_of

logger = logging.getLogger("roto_worker.test")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a worker writes; pytest's own handlers are put back."""
    root, output = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    config = WorkerConfig(server="http://x", redis="redis://:redis%2Fpassword@x:6379/0")
    configure_logging(secrets_of(config), output)
    yield output
    root.handlers[:] = before
    root.setLevel(level)


def test_lines_are_json_with_ids_and_without_secrets(lines: io.StringIO) -> None:
    secret = "rototask_" + "x" * 43
    with bound_ids(request_id="nuke-1", job_id="j", attempt_id="a", stage="track"):
        logger.info("frame %d with %s", 3, secret)
        try:
            raise ValueError(f"redis://:redis%2Fpassword@x and redis/password and {secret}")
        except ValueError:
            logger.exception("broke")
    logger.warning("idle")
    told, broke, idle = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert told["event"].startswith("frame 3 with rototask_")
    for line in (told, broke):
        ids = {"request_id": "nuke-1", "job_id": "j", "attempt_id": "a", "stage": "track"}
        assert ids.items() <= line.items()
    assert "ValueError" in broke["exception"]
    assert (idle["level"], idle["logger"]) == ("warning", "roto_worker.test")
    assert "request_id" not in idle
    assert "x" * 20 not in lines.getvalue()
    assert "password" not in lines.getvalue().replace("[hidden]", "")


def test_a_preview_between_two_frames_has_ids_of_its_own() -> None:
    with bound_ids(request_id="job", attempt_id="a", stage="track"):
        with bound_ids(request_id="click", preview_id="p", stage="preview"):
            assert current_ids() == {"request_id": "click", "preview_id": "p", "stage": "preview"}
        assert current_ids() == {"request_id": "job", "attempt_id": "a", "stage": "track"}
    assert current_ids() == {}


def test_a_heartbeat_speaks_with_the_ids_of_its_attempt() -> None:
    seen: list[dict[str, str]] = []
    beaten = threading.Event()

    def beat() -> bool:
        seen.append(dict(current_ids()))
        beaten.set()
        return False

    with bound_ids(attempt_id="a"):
        pulse = heartbeat.Pulse("test", 0.01, beat)
        pulse.start()
    assert beaten.wait(60)
    pulse.stop()
    assert seen == [{"attempt_id": "a"}]


def test_reports_go_out_under_the_artists_request() -> None:
    farm = FarmStub()
    try:
        client = FarmClient(farm.url, TOKEN)
        client.worker_heartbeat("node:0", "b" * 32)
        with bound_ids(request_id="nuke-1"):
            client.worker_heartbeat("node:0", "b" * 32)
        assert [call.get("X-Request-Id") for call in farm.headers] == [None, "nuke-1"]
    finally:
        farm.stop()


def test_memory_is_told_to_servers_that_take_it() -> None:
    memory = {"gpu_used_bytes": 1, "gpu_total_bytes": 2, "process_bytes": 1}
    farm = FarmStub()
    try:
        client = FarmClient(farm.url, TOKEN)
        answer = {"worker_id": "node:0", "heartbeat_seconds": 1, "lease_seconds": 2}
        farm.script["register"] = [(200, answer), (200, {**answer, "takes": ["memory", "more"]})]
        card = {
            "node": "n", "slot": 0, "boot_id": "b" * 32, "version": "0.2.0", "queues": [],
            "kinds": [], "engines": [], "device": "cpu",
        }  # fmt: skip
        older, newer = client.register(card), client.register(card)
        assert (older.takes, newer.takes) == (frozenset(), frozenset({"memory", "more"}))
        client.worker_heartbeat("node:0", "b" * 32, memory)
        client.worker_heartbeat("node:0", "b" * 32, None)
        first, second = farm.named("worker_heartbeat")
        assert first == {"boot_id": "b" * 32, "memory": memory}
        assert second == {"boot_id": "b" * 32}
    finally:
        farm.stop()
