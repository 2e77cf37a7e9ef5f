"""A server process from its start to its orderly end.

SIGTERM: /readyz turns red and stays so for ``drain_seconds`` while requests are still taken, so
that whoever distributes them sends no more; then nothing new is accepted, sockets are closed with
1012 (come back elsewhere), running requests get ``finish_seconds``, threads end, the exit code is
0. SIGINT (a person waits) skips the first part, a second one the rest.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.server import HANDLED_SIGNALS

from roto_shapes.errors import RotoError

from .settings import Settings

END_SECONDS = 10.0
"""What is left after the requests (threads, connections) must end within so long."""

KEEP_ALIVE_SECONDS = 75
"""Longer than a proxy keeps an idle connection to us (deploy/nginx), so that it never sends a
request into one we just closed."""

_BACKLOG = 2048
_TICK_SECONDS = 0.1

log = structlog.get_logger(__name__)


class Server(uvicorn.Server):
    """uvicorn that says it is leaving before it leaves, and then leaves in any case.

    ``forced_end``: end the process when a thread hangs; not for a server that is one thread of
    several.
    """

    def __init__(self, app: FastAPI, settings: Settings, *, forced_end: bool = True) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                log_config=None,
                backlog=_BACKLOG,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                # The middleware reads forwarded addresses, by ROTO_TRUSTED_PROXIES.
                proxy_headers=False,
                timeout_graceful_shutdown=math.ceil(settings.finish_seconds),
            )
        )
        self._stopping: threading.Event = app.state.stopping
        self._drain_seconds = settings.drain_seconds
        self._longest_end = settings.drain_seconds + settings.finish_seconds + END_SECONDS
        self._forced_end = forced_end
        self._ending = False

    def announce_end(self) -> None:
        """Turn /readyz red, and go on serving."""
        self._stopping.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; asked a second time by Ctrl-C, stop waiting for anything."""
        if sig == signal.SIGINT:
            self._drain_seconds = 0.0
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, but a stop that was asked for is no death by signal: exit code 0."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sig: signal.signal(sig, self.handle_exit) for sig in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)

    async def main_loop(self) -> None:
        """Serve until told to stop, then until those who distribute requests have noticed."""
        await super().main_loop()
        self._begin_end()
        log.info("stopping", drain_seconds=self._drain_seconds)
        began = time.monotonic()
        while time.monotonic() - began < self._drain_seconds:  # Ctrl-C makes it 0
            await asyncio.sleep(_TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is open; also when it was told to stop while it still started."""
        self._begin_end()
        await super().shutdown(sockets)

    def _begin_end(self) -> None:
        """From now on the end comes in bounded time."""
        if self._ending:
            return
        self._ending = True
        self.announce_end()
        if self._forced_end:
            end_at_last(self._longest_end, asyncio.get_running_loop())


def serve(app: FastAPI, settings: Settings) -> None:
    """Run ``app`` until SIGTERM or Ctrl-C.

    Raises:
        RotoError: ``conflict`` when the port is taken.
        SystemExit: the app did not start; the reason is in the log.
    """
    with listen(settings.host, settings.port) as listener:
        Server(app, settings).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket.

    Raises:
        RotoError: ``conflict`` when it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise RotoError(
            f"Port {port} cannot be used: {error.strerror or error}.",
            hint="Choose another with --port or ROTO_PORT (0 takes any free one), or another "
            "ROTO_HOST; `roto doctor` tells by whom it is used.",
            code="conflict",
        ) from error
    listener.listen(_BACKLOG)
    return listener


def end_at_last(seconds: float, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """End the process after ``seconds`` if it has not by then, with the names of what hangs:
    threads, and the tasks of ``loop``."""

    def end() -> None:
        hanging = [
            thread.name
            for thread in threading.enumerate()
            if not thread.daemon and thread is not threading.main_thread()
        ]
        tasks = [] if loop is None else [task.get_name() for task in asyncio.all_tasks(loop)]
        log.error("end_forced", after_seconds=seconds, hanging=hanging, tasks=tasks)
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
