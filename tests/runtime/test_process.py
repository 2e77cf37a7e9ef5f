"""Real worker processes under their supervisor: signals, deaths, restarts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
from helpers_runtime import TOKEN, FarmStub, redis_server, refused, task_spec, wait_until
from rq import Queue
from rq.serializers import JSONSerializer

from roto_worker import entry
from roto_worker.runtime.scratch import write_json_atomically

pytestmark = pytest.mark.farm

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(farm: FarmStub, redis_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts `roto worker` against the scripted server; whatever lives at the end is killed."""
    started: list[subprocess.Popen[str]] = []
    site = str(Path(__file__).parent / "stand_in")
    # Before the packages of this checkout, where they are not those that are installed.
    paths = os.pathsep.join(filter(None, [site, os.environ.get("PYTHONPATH", "")]))

    def _start(
        *options: str,
        token: str = TOKEN,
        url: str = redis_url,
        env: dict[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        env = {**os.environ, "PYTHONPATH": paths, "ROTO_FARM_TOKEN": token, **(env or {})}
        command = [sys.executable, "-m", "roto_client.cli", "worker", "--server", farm.url]
        command += ["--redis", url] if url else []
        command += ["--scratch", str(tmp_path / "scratch"), "--drain-seconds", "0.2", *options]
        process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield _start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ring(url: str, task_id: str) -> None:
    with redis.Redis.from_url(url) as connection:
        queue = Queue("roto-cpu-normal", connection=connection, serializer=JSONSerializer)
        queue.enqueue_call(entry.ENTRY_POINT, args=[task_id], timeout=-1, result_ttl=0, ttl=600)


def give(farm: FarmStub, url: str, folder: Path, what: str) -> dict[str, Any]:
    """Have the server hold a task that does ``what``, and ring for it."""
    spec = task_spec(folder, provenance={"test": what})
    farm.specs[spec["task_id"]] = spec
    ring(url, spec["task_id"])
    return spec


def registered(farm: FarmStub, times: int = 1) -> None:
    wait_until(lambda: len(farm.named("register")) >= times, f"registered {times} times")


def begun(spec: dict[str, Any]) -> int:
    """Pid of the process that runs the task, once it does."""
    path = Path(spec["output_dir"]) / "begun"
    return int(wait_until(lambda: path.exists() and path.read_text(), "the stage runs"))


def gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # between the two questions
        return True


def test_a_task_runs_in_one_long_lived_process_that_ends_cleanly(
    farm: FarmStub, redis_url: str, start: Start, tmp_path: Path
) -> None:
    supervisor = start()
    specs = [give(farm, redis_url, tmp_path, "nothing") for _ in range(2)]
    wait_until(lambda: len(farm.named("completion")) == 2, "both are complete")
    assert len(farm.named("register")) == 1
    assert all((Path(spec["output_dir"]) / "done").exists() for spec in specs)
    (child,) = psutil.Process(supervisor.pid).children()

    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0
    assert not child.is_running()


def test_a_killed_worker_is_replaced_and_its_death_noted(
    farm: FarmStub, redis_url: str, start: Start, tmp_path: Path
) -> None:
    start()
    spec = give(farm, redis_url, tmp_path, "sleep")
    os.kill(begun(spec), signal.SIGKILL)

    registered(farm, 2)
    boots = {body["boot_id"] for body in farm.named("register")}
    assert len(boots) == 2, "by the new boot id the server knows that the old process is dead"
    last = Path(spec["log_path"]).read_text().splitlines()[-1]
    assert json.loads(last)["how"] == "signal SIGKILL"
    assert not any((tmp_path / "scratch" / "slot-0" / "attempts").iterdir())
    give(farm, redis_url, tmp_path, "nothing")
    wait_until(lambda: farm.named("completion"), "the next task runs")


def test_a_result_kept_through_a_restart_is_told_before_the_new_process_registers(
    farm: FarmStub, redis_url: str, start: Start, tmp_path: Path
) -> None:
    """By a new boot id the server takes what the old process had for lost: too late then."""
    farm.script["completion"] = [refused("server_unavailable", 503)] * 500
    first = start()
    give(farm, redis_url, tmp_path, "nothing")
    wait_until(lambda: farm.named("completion"), "the result cannot be delivered")
    first.kill()
    first.wait(60)
    farm.script["completion"] = [refused("server_unavailable", 503)]
    farm.calls.clear()
    start()
    registered(farm)
    names = [name for name, _, _ in farm.calls if name in ("completion", "register")]
    assert names == ["completion", "completion", "register"]
    assert not any((tmp_path / "scratch" / "slot-0" / "reports").iterdir())


def test_no_secret_is_on_a_command_line(
    farm: FarmStub, redis_url: str, start: Start, tmp_path: Path
) -> None:
    supervisor = start(url="", env={"ROTO_REDIS_URL": redis_url})
    registered(farm)
    (child,) = psutil.Process(supervisor.pid).children()
    shown = " ".join([*child.cmdline(), *psutil.Process(supervisor.pid).cmdline()])
    assert redis_url not in shown
    assert TOKEN not in shown


def test_nothing_survives_a_killed_supervisor(
    farm: FarmStub, redis_url: str, start: Start, tmp_path: Path
) -> None:
    supervisor = start()
    spec = give(farm, redis_url, tmp_path, "sleep")
    worker = psutil.Process(begun(spec))
    supervisor.kill()
    supervisor.wait(60)
    wait_until(lambda: gone(worker), "the child dies")


def test_sigterm_gives_a_long_task_back_after_the_grace(
    farm: FarmStub, redis_url: str, start: Start, tmp_path: Path
) -> None:
    supervisor = start()
    begun(give(farm, redis_url, tmp_path, "sleep"))
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0
    assert farm.named("release") == [{"reason": "drain"}]
    assert not any((tmp_path / "scratch" / "slot-0" / "attempts").iterdir())


def test_a_kept_report_that_gets_no_answer_holds_up_neither_heartbeats_nor_the_end(
    farm: FarmStub, start: Start, tmp_path: Path
) -> None:
    supervisor = start()
    registered(farm)
    came, go_on = farm.holding("/complete")
    kept: dict[str, Any] = {
        "server": farm.url,
        "attempt_id": "a" * 32,
        "verb": "complete",
        "token": "",
    }
    kept["body"] = {"result": {"files": [], "provenance": {}}}
    reports = tmp_path / "scratch" / "slot-0" / "reports"
    write_json_atomically(reports / f"{'a' * 32}.json", kept)
    wait_until(came.is_set, "the report is sent")
    before = len(farm.named("worker_heartbeat"))
    wait_until(lambda: len(farm.named("worker_heartbeat")) > before + 2, "it still says it lives")
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0
    go_on.set()


def test_the_server_can_tell_a_worker_to_end(farm: FarmStub, start: Start) -> None:
    farm.script["worker_heartbeat"] = [(200, {"action": "stop", "reason": "maintenance"})]
    assert start().wait(60) == 0


def test_a_node_that_is_given_nothing_takes_nothing(
    farm: FarmStub, redis_url: str, start: Start, tmp_path: Path
) -> None:
    """The rings are left to others, and what was rung for meanwhile is there when it may go on."""
    boot = {"worker_id": "node:0", "heartbeat_seconds": 0.05, "lease_seconds": 2, "pause": True}
    farm.script["register"] = [(200, boot)]
    farm.script["worker_heartbeat"] = [(200, {"action": "continue", "pause": True})] * 40
    start()
    registered(farm)
    give(farm, redis_url, tmp_path, "nothing")
    wait_until(lambda: farm.named("completion"), "it is given work again")
    names = [name for name, _, _ in farm.calls]
    assert (
        names.index("claim")
        > [place for place, name in enumerate(names) if name == "worker_heartbeat"][39]
    )


def test_told_to_end_while_the_model_is_loading(farm: FarmStub, start: Start) -> None:
    """On a GPU that takes minutes, the first time."""
    farm.script["worker_heartbeat"] = [(200, {"action": "stop", "reason": "maintenance"})]
    process = start(env={"ROTO_TEST_LOADING": "600"})
    assert process.wait(60) == 0
    assert len(farm.named("register")) == 1, "it is not started again"


def test_redis_may_be_killed_and_come_back_empty(
    farm: FarmStub, start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    with ExitStack() as stack:
        url, process = stack.enter_context(redis_server(folder))
        start(url=url)
        give(farm, url, tmp_path, "nothing")
        wait_until(lambda: farm.named("completion"), "the first is complete")
        process.kill()
        process.wait(60)
        stack.enter_context(redis_server(folder))
        give(farm, url, tmp_path, "nothing")
        wait_until(lambda: len(farm.named("completion")) == 2, "the second is complete")
    assert len(farm.named("register")) == 1, "the process, and a model in it, stays"


def test_the_worker_waits_for_its_server(farm: FarmStub, start: Start) -> None:
    farm.stop()
    process = start()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    farm.start()
    registered(farm)


def test_a_worker_the_server_forgot_registers_again(farm: FarmStub, start: Start) -> None:
    lost = (404, {"code": "not_found", "message": "no such worker", "hint": ""})
    farm.script["worker_heartbeat"] = [lost]
    start()
    registered(farm, 2)


def test_a_slot_is_taken_once(farm: FarmStub, start: Start) -> None:
    start()
    registered(farm)
    second = start("--no-supervise")
    assert second.wait(60) == 1
    assert second.stderr is not None
    assert "Slot 0" in second.stderr.read()


def test_a_refused_token_is_said_plainly(farm: FarmStub, start: Start) -> None:
    process = start("--no-supervise", token="wrong")
    assert process.wait(60) == 3
    assert not farm.named("register")
