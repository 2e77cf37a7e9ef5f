"""`roto serve --embedded` as a process: starts from nothing, stops cleanly, leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from roto_server.embedded.children import Child, Supervisor
from roto_server.embedded.tether import tethered

pytestmark = pytest.mark.timeout(900)

ROTO = [str(Path(sys.executable).with_name("roto"))]
PATIENCE_SECONDS = 180.0


def wait_for(what: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextmanager
def serving(data_dir: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    environment = {key: value for key, value in os.environ.items() if key[:5] != "ROTO_"}
    with subprocess.Popen(
        [*ROTO, "serve", "--embedded", "--data-dir", str(data_dir), "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        try:
            wait_for(lambda: (data_dir / "server.json").exists() or process.poll() is not None)
            yield process
        finally:
            process.kill()


def registered(data_dir: Path) -> int:
    """How often a worker process in the first slot was registered."""
    log = data_dir / "logs" / "worker-0.log"
    return log.read_text().count("registered") if log.exists() else 0


def ready(url: str) -> bool:
    try:
        return httpx.get(url + "/readyz", timeout=20).status_code == 200
    except httpx.TransportError:
        return False


def facts(data_dir: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((data_dir / "server.json").read_text())
    return found


@pytest.mark.farm
def test_from_nothing_to_a_worker_and_a_clean_end(tmp_path: Path) -> None:
    data_dir = tmp_path / "d"
    with serving(data_dir) as process:
        family = psutil.Process(process.pid)
        url = facts(data_dir)["url"]
        assert httpx.get(url + "/readyz", timeout=60).status_code == 200
        wait_for(lambda: registered(data_dir))
        children = family.children(recursive=True)
        # Redis, the worker's supervisor and the worker.
        assert len(children) == 3
        for name in ("api-key", "farm-token", "server.json", "redis.sock"):
            assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600
        key = Path(facts(data_dir)["api_key_file"]).read_text().strip()
        headers = {"Authorization": f"Bearer {key}"}
        assert httpx.get(url + "/api/v1/projects", headers=headers, timeout=60).status_code == 200

        second = subprocess.run(
            [*ROTO, "serve", "--embedded", "--data-dir", str(data_dir), "--port", "0"],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert second.returncode != 0
        assert "Another server" in second.stderr

        redis = next(child for child in children if "redis" in child.name())
        redis.kill()
        wait_for(lambda: not redis.is_running())
        wait_for(lambda: ready(url))

        os.kill(children[-1].pid, signal.SIGKILL)
        wait_for(lambda: registered(data_dir) >= 2)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, output
    assert not psutil.wait_procs(children, timeout=20)[1]
    assert not (data_dir / "server.json").exists()


@pytest.mark.farm
def test_nothing_survives_a_killed_server_and_the_next_start_keeps_the_key(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "d"
    with serving(data_dir) as process:
        wait_for(lambda: registered(data_dir))
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        assert not psutil.wait_procs(children, timeout=20)[1]
    key = (data_dir / "api-key").read_text()
    (data_dir / "server.json").unlink()
    with serving(data_dir, "--workers", "0") as process:
        assert httpx.get(facts(data_dir)["url"] + "/readyz", timeout=60).status_code == 200
        assert (data_dir / "api-key").read_text() == key
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


@pytest.mark.farm
def test_a_taken_port_is_told(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            [*ROTO, "serve", "--embedded", "--data-dir", str(tmp_path), "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    assert refused.returncode != 0
    assert f"Port {port} cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_supervisor_restarts_what_dies_and_ends_what_lives(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child(
        name="c",
        command=[sys.executable, "-c", "import time; print('born', flush=True); time.sleep(600)"],
        environment={},
        log_path=log,
    )
    supervisor = Supervisor([child], grace_seconds=5.0)
    supervisor.start()
    wait_for(lambda: log.exists() and log.read_text().count("born") >= 1)
    first = supervisor.pids()["c"]
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: log.read_text().count("born") >= 2)
    second = supervisor.pids()["c"]
    supervisor.stop()
    assert supervisor.pids() == {}
    assert first != second
    assert not psutil.pid_exists(second)


def test_a_child_that_cannot_be_started_is_tried_again_and_takes_no_other_with_it(
    tmp_path: Path,
) -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
    folder = tmp_path / "logs"
    folder.mkdir()
    stays, other = (Child(n, sleeps, {}, tmp_path / m) for n, m in (("a", "a"), ("b", "logs/b")))
    told: list[str] = []
    supervisor = Supervisor([stays, other], grace_seconds=5.0, tell=told.append)
    supervisor.start()
    wait_for(lambda: len(supervisor.pids()) == 2)
    first = supervisor.pids()
    folder.rename(tmp_path / "away")
    os.kill(first["b"], signal.SIGKILL)
    wait_for(lambda: told or not supervisor.is_alive())
    assert supervisor.pids() == {"a": first["a"]}
    assert "b cannot be started: " in told[0]
    (tmp_path / "away").rename(folder)
    wait_for(lambda: len(supervisor.pids()) == 2)
    assert supervisor.pids()["a"] == first["a"]
    supervisor.stop()


@pytest.mark.farm
def test_a_server_whose_workers_nobody_looks_after_any_more_ends(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from roto_server.embedded import children, serve
children.Supervisor._launch = None
serve.serve_embedded(serve.EmbeddedOptions(Path({str(tmp_path)!r}), 0, 1), print)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert "The embedded workers' supervisor died." in ended.stderr


def test_a_child_that_does_not_stay_up_is_told_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child("c", [sys.executable, "-c", "print('born', flush=True)"], {}, log)
    told: list[str] = []
    supervisor = Supervisor([child], grace_seconds=5.0, tell=told.append)
    supervisor.start()
    wait_for(lambda: log.exists() and log.read_text().count("born") >= 4)
    supervisor.stop()
    assert told == [f"c does not stay up: {log} says why."]


def test_a_tethered_process_dies_with_its_parent(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    command = ["sh", "-c", f"echo $$ > {told}; exec sleep 600"]
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys\n"
            "from roto_server.embedded.tether import tethered\n"
            "subprocess.Popen(tethered(sys.argv[1:])).wait()",
            *command,
        ]
    )
    wait_for(lambda: told.exists() and told.read_text().strip())
    parent.kill()
    parent.wait()
    wait_for(lambda: not psutil.pid_exists(int(told.read_text())), seconds=60)


def test_a_tether_to_a_dead_parent_runs_nothing(tmp_path: Path) -> None:
    line = tethered(["touch", str(tmp_path / "ran")])
    line[3] = "1"
    assert subprocess.run(line, capture_output=True, check=False).returncode != 0
    assert not (tmp_path / "ran").exists()
