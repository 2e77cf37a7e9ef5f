"""Keeps one worker process alive: restarts it when it dies, passes signals on, leaves nothing."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from types import FrameType

from .config import CONFIG_VARIABLE, WorkerConfig
from .parent import how_it_ended
from .process import EXIT_DRAINED, EXIT_REFUSED

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Backoff:
    """Pause before the n-th restart in a row, in seconds; a long life starts the count anew."""

    first: float = 0.5
    longest: float = 30.0
    healthy_after: float = 60.0

    def pause(self, deaths_in_a_row: int) -> float:
        """Doubles with each death, up to ``longest``."""
        return min(self.first * 2 ** min(deaths_in_a_row - 1, 16), self.longest)


class Supervisor:
    """Runs ``python -m roto_worker.runtime`` again and again until told to stop.

    The child has the kernel kill it when this process dies, however that happens.
    """

    def __init__(self, config: WorkerConfig, backoff: Backoff = Backoff()) -> None:
        self._config = replace(config, parent_pid=os.getpid())
        self._backoff = backoff
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Block until the worker has drained; answers the exit code."""
        signal.signal(signal.SIGTERM, self._forward)
        signal.signal(signal.SIGINT, self._forward)
        deaths = 0
        while True:
            started = time.monotonic()
            code = self._run_once()
            if self._stopping.is_set() or code == EXIT_DRAINED:
                return 0 if code in (EXIT_DRAINED, -signal.SIGTERM, -signal.SIGINT) else 1
            if time.monotonic() - started > self._backoff.healthy_after:
                deaths = 0
            deaths += 1
            self._config = replace(self._config, last_death=how_it_ended(code))
            # A refused token or version needs a person: no point in asking often.
            pause = self._backoff.longest if code == EXIT_REFUSED else self._backoff.pause(deaths)
            logger.error("worker died (%s); restart in %.1f s", how_it_ended(code), pause)
            if self._stopping.wait(pause):
                return 0

    def _run_once(self) -> int:
        # Its own process group: Ctrl-C in a terminal reaches us alone, and we pass it on once.
        # Started from the main thread, since PDEATHSIG follows the starting thread.
        name = f"{self._config.node}:{self._config.slot}"
        self._child = subprocess.Popen(
            [sys.executable, "-m", "roto_worker.runtime", name],
            env={**os.environ, CONFIG_VARIABLE: self._config.to_json()},
            process_group=0,
        )
        if self._stopping.is_set():
            self._child.terminate()
        return self._wait(self._child)

    def _wait(self, child: subprocess.Popen[bytes]) -> int:
        killed_at: float | None = None
        while True:
            try:
                return child.wait(timeout=1.0)
            except subprocess.TimeoutExpired:
                if not self._stopping.is_set():
                    continue
            killed_at = killed_at or time.monotonic() + self._config.drain_seconds + 15.0
            if time.monotonic() > killed_at:
                logger.error("worker did not end within its grace: killed")
                child.kill()

    def _forward(self, signum: int, frame: FrameType | None) -> None:
        self._stopping.set()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
