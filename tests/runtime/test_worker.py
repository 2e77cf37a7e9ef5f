"""The RQ side, on a real Redis: what is taken, what is refused before anything is imported."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import signal
import sys
import uuid
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from rq import Callback, Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker, WorkerStatus

from roto_worker import entry
from roto_worker.runtime.worker import RotoWorker, queue_names


@pytest.fixture
def connection(redis_url: str) -> Iterator[redis.Redis]:
    made = redis.Redis.from_url(redis_url)
    yield made
    made.close()


@pytest.fixture
def ran(connection: redis.Redis) -> list[str]:
    """Task ids that reached the entry point."""
    ids: list[str] = []
    entry.bind(ids.append)
    return ids


def work_off(connection: redis.Redis, queues: list[str] | None = None) -> None:
    """Take everything that is on the queues, then end."""
    worker_on(connection, queues).work(burst=True, logging_level=None)


def worker_on(
    connection: redis.Redis,
    queues: list[str] | None = None,
    on_drain: Callable[[], None] = lambda: None,
) -> RotoWorker:
    return RotoWorker(
        queues or ["gpu", "cpu"], name=uuid.uuid4().hex, connection=connection, on_drain=on_drain
    )


def queue(connection: redis.Redis, name: str = "roto-gpu-normal") -> Queue:
    return Queue(name, connection=connection, serializer=JSONSerializer)


def ring(connection: redis.Redis, name: str = "roto-gpu-normal", **options: Any) -> str:
    """Enqueue as the server does; answers the task id."""
    task_id = uuid.uuid4().hex
    queue(connection, name).enqueue_call(
        entry.ENTRY_POINT,
        args=[task_id],
        timeout=-1,
        result_ttl=0,
        failure_ttl=60,
        ttl=600,
        **options,
    )
    return task_id


def test_a_ring_runs_the_entry_point_and_leaves_nothing(
    connection: redis.Redis, ran: list[str]
) -> None:
    task_id = ring(connection)
    work_off(connection)
    assert ran == [task_id]
    assert not connection.keys("rq:job:*")


def test_urgent_first_and_the_stages_that_finish_a_job_before_the_next_track(
    connection: redis.Redis, ran: list[str]
) -> None:
    names = ["roto-gpu-low", "roto-gpu-normal", "roto-cpu-normal", "roto-gpu-high"]
    by_name = {name: ring(connection, name) for name in names}
    work_off(connection)
    assert ran == [by_name[name] for name in reversed(names)]
    assert queue_names(["cpu"]) == ["roto-cpu-high", "roto-cpu-normal", "roto-cpu-low"]


def test_an_exception_of_the_entry_point_does_not_stay_in_redis(
    connection: redis.Redis,
) -> None:
    def broken(task_id: str) -> None:
        raise ValueError(task_id)

    entry.bind(broken)
    ring(connection, retry=Retry(max=3))
    work_off(connection)
    assert not connection.keys("rq:job:*")
    assert not queue(connection).get_job_ids(), "no retry of RQ's own"


FOREIGN = {
    "os.system": ("os.system", ["touch {file}"], {}),
    "no arguments": (entry.ENTRY_POINT, [], {}),
    "two arguments": (entry.ENTRY_POINT, ["0" * 32, "x"], {}),
    "not an id": (entry.ENTRY_POINT, ["../../etc"], {}),
    "keyword arguments": (entry.ENTRY_POINT, ["0" * 32], {"x": 1}),
    "a module nobody has imported": ("this", [], {}),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_functions_and_arguments_are_refused(
    name: str,
    connection: redis.Redis,
    ran: list[str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    function, args, kwargs = FOREIGN[name]
    witness = tmp_path / "executed"
    sys.modules.pop("this", None)
    with caplog.at_level(logging.ERROR):
        filled = [str(arg).format(file=witness) for arg in args]
        queue(connection).enqueue_call(function, args=filled, kwargs=kwargs)
        after = ring(connection)
        work_off(connection)
    assert ran == [after], "the worker goes on with its own work"
    assert "FOREIGN JOB" in caplog.text
    assert not witness.exists()
    assert "this" not in sys.modules, "refused before import"
    assert not connection.keys("rq:job:*")


@pytest.mark.parametrize("hook", ["on_success", "on_failure", "on_stopped"])
def test_callbacks_are_refused(hook: str, connection: redis.Redis, ran: list[str]) -> None:
    queue(connection).enqueue(
        entry.ENTRY_POINT, "0" * 32, **{hook: Callback("roto_worker.entry.run_task")}
    )
    work_off(connection)
    assert not ran


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.witness}",)


@pytest.mark.parametrize("field", ["data", "meta", "result"])
def test_a_pickle_is_never_opened(
    field: str, connection: redis.Redis, ran: list[str], tmp_path: Path
) -> None:
    witness = tmp_path / "executed"
    task_id = ring(connection)
    (job_id,) = queue(connection).get_job_ids()
    payload = pickle.dumps((entry.ENTRY_POINT, None, (Bomb(witness),), {}))
    connection.hset(
        Job.key_for(job_id), field, zlib.compress(payload) if field == "data" else payload
    )
    work_off(connection)
    assert not witness.exists()
    assert ran == ([] if field == "data" else [task_id])


def test_a_mangled_job_does_not_end_the_worker(
    connection: redis.Redis, ran: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    ring(connection)
    (job_id,) = queue(connection).get_job_ids()
    connection.hset(Job.key_for(job_id), "status", "nonsense")
    after = ring(connection)
    work_off(connection)
    assert ran == [after]
    assert "cannot be read" in caplog.text


def test_nothing_of_rqs_own_housekeeping_runs_callbacks(
    connection: redis.Redis, ran: list[str], tmp_path: Path
) -> None:
    """RQ's registry clean-up runs the failure callback of abandoned jobs: ours must not."""
    witness = tmp_path / "executed"
    job = queue(connection).enqueue(
        "os.system", f"touch {witness}", on_failure=Callback("os.getcwd")
    )
    connection.lrem("rq:queue:roto-gpu-normal", 0, job.id)
    connection.zadd("rq:wip:roto-gpu-normal", {f"{job.id}:x": 1})
    work_off(connection)
    assert connection.zcard("rq:wip:roto-gpu-normal") == 1, "left alone"
    assert not witness.exists()


# -- told to end


class SignalledWhileWriting(logging.Handler):
    """A log whose first line of the format ``text`` is written as the signal comes.

    What is raised then is kept to itself, as logging's own handlers do."""

    def __init__(self, text: str, signalled: Callable[[], None]) -> None:
        super().__init__()
        self._text, self._signalled = text, signalled

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == self._text:
            self._text = ""
            with contextlib.suppress(Exception):
                self._signalled()


@pytest.mark.parametrize(
    "line", ["Worker %s: %s: %s", "Worker %s: dequeued job %s from %s", "Redis: %s"]
)
def test_a_signal_within_a_log_line_ends_an_idle_worker(
    line: str, connection: redis.Redis, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drained: list[bool] = []
    worker = worker_on(connection, on_drain=lambda: drained.append(True))
    if line == "Redis: %s":
        silent = [redis.exceptions.ConnectionError("gone")]
        beat = SimpleWorker.heartbeat

        def heartbeat(self: SimpleWorker, *given: Any) -> None:
            if silent:
                raise silent.pop()
            beat(self, *given)

        monkeypatch.setattr(SimpleWorker, "heartbeat", heartbeat)
    else:
        ring(connection)
    handler = SignalledWhileWriting(line, lambda: worker.request_stop(signal.SIGTERM, None))
    logs = [logging.getLogger("rq.worker"), logging.getLogger("roto_worker")]
    for log in logs:
        monkeypatch.setattr(log, "level", logging.DEBUG)
        log.addHandler(handler)
    # Where the stop is lost, this ring is what the worker goes on with, and then it ends.
    ring(connection, "roto-gpu-low")
    try:
        worker.work(burst=True, logging_level=None)
    finally:
        for log in logs:
            log.removeHandler(handler)
    assert worker.drained
    assert drained == [True]
    assert ran == []


def test_a_signal_that_nothing_raised_ends_the_worker_before_its_next_task(
    connection: redis.Redis, ran: list[str]
) -> None:
    """It came between taking the ring and running the task, or while a preview was put away."""
    worker = worker_on(connection)
    ring(connection)
    set_state = worker.set_state

    def told(state: str, pipeline: Any = None) -> None:
        set_state(state, pipeline)
        if state == WorkerStatus.BUSY:
            worker.request_stop(signal.SIGTERM, None)

    worker.set_state = told  # type: ignore[method-assign]
    worker.work(burst=True, logging_level=None)
    assert worker.drained
    assert ran == []
