"""Following a job until it ends: pushed over a WebSocket, asked for where that does not work.

The socket only says *that* something happened; what holds is always fetched, so a lost message, a
``resync`` or a server restarted in between costs nothing but a moment. While the server is away
the watch waits, up to ``patience`` seconds.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Any, Iterator, Mapping

from ..contract import API_PREFIX, PRODUCT_VERSION, VERSION_HEADER
from .errors import ServerUnavailableError
from .models import Job, Progress
from .transport import REQUEST_ID_HEADER, Transport, ca_bundle

if TYPE_CHECKING:
    from .client import RotoClient

_REFUSALS_BEFORE_POLLING = 3
_STOP_WITHIN = 1.0


@dataclass(frozen=True)
class WatchOptions:
    """Seconds: between two questions while polling (growing from first to longest), between two
    looks at the job while the socket is quiet, and how long an absent server is waited for."""

    first_poll: float = 0.25
    longest_poll: float = 3.0
    quiet: float = 10.0
    patience: float = 300.0
    websocket: bool = True


def watch_job(
    client: RotoClient,
    job_id: str,
    *,
    stop: Event | None = None,
    options: WatchOptions | None = None,
) -> Iterator[Job]:
    """Yield the job now and after each change until it has ended (its last state included).

    Setting ``stop`` ends the watch early and leaves the job alone. Raises
    ServerUnavailableError after ``patience`` seconds without an answer, and whatever else
    fetching the job raises.
    """
    return _Watch(client, job_id, stop or Event(), options or WatchOptions()).run()


@dataclass
class _Watch:
    client: RotoClient
    job_id: str
    stop: Event
    options: WatchOptions
    last: Job | None = None
    pause: float = 0.0
    away_since: float | None = None
    refusals: int = 0

    def run(self) -> Iterator[Job]:
        while not self.stop.is_set():
            yield from self._look()
            if self._over():
                return
            socket = self._connect()
            if socket is None:
                self._wait()
                continue
            try:
                yield from self._listen(socket)
            finally:
                socket.close(timeout=0.5)
            if self._over():
                return
            # Or a proxy that takes every call and drops it at once would keep this spinning.
            self._wait()

    def _over(self) -> bool:
        return self.stop.is_set() or (self.last is not None and self.last.ended)

    def _look(self) -> Iterator[Job]:
        """Fetch the job; yields it if it is not as it was."""
        try:
            job = self.client.job(self.job_id)
        except ServerUnavailableError:
            now = time.monotonic()
            self.away_since = self.away_since or now
            if now - self.away_since > self.options.patience:
                raise
            return
        self.away_since = None
        yield from self._show(job)

    def _show(self, job: Job) -> Iterator[Job]:
        if job != self.last:
            self.last = job
            self.pause = 0.0
            yield job

    def _wait(self) -> None:
        growing = max(self.options.first_poll, self.pause * 1.5)
        self.pause = min(self.options.longest_poll, growing)
        self.stop.wait(self.pause)

    # -- the socket

    def _connect(self) -> Any:
        """A connected socket, or None: there is no library for it, or nobody takes the call."""
        if not self.options.websocket or self.refusals >= _REFUSALS_BEFORE_POLLING:
            return None
        try:
            import websocket
        except ImportError:
            self.refusals = _REFUSALS_BEFORE_POLLING
            return None
        try:
            socket = open_events(self.client.transport)
        except (websocket.WebSocketException, OSError, ValueError):
            # A server that is away is not a server without sockets: only count refusals of one
            # that answers.
            if self.away_since is None:
                self.refusals += 1
            return None
        self.refusals = 0
        socket.settimeout(min(_STOP_WITHIN, self.options.quiet))
        return socket

    def _listen(self, socket: Any) -> Iterator[Job]:
        """Yield changes until the job ends, the socket breaks or ``stop`` is set."""
        import websocket

        # What happened between the first look and the connection was told to nobody.
        yield from self._look()
        heard = time.monotonic()
        while not self._over():
            try:
                text = socket.recv()
            except websocket.WebSocketTimeoutException:
                if time.monotonic() - heard >= self.options.quiet:
                    yield from self._look()
                    heard = time.monotonic()
                continue
            except (websocket.WebSocketException, OSError):
                return
            if not text:
                return
            heard = time.monotonic()
            yield from self._heard(json.loads(text))

    def _heard(self, message: Mapping[str, Any]) -> Iterator[Job]:
        kind = message.get("kind")
        payload = message.get("payload") or {}
        if kind == "resync":
            yield from self._look()
        elif payload.get("job_id") != self.job_id:
            return
        elif kind == "task.progress" and self.last is not None:
            progress = Progress.from_json(payload.get("progress"))
            yield from self._show(_with_progress(self.last, progress))
        else:
            yield from self._look()


def open_events(transport: Transport) -> Any:
    """A connected ``websocket.WebSocket`` on the event stream, from now on.

    Raises websocket.WebSocketException or OSError. Proxies are taken from the environment, as
    for requests.
    """
    import websocket

    address = transport.server.replace("http", "ws", 1) + API_PREFIX + "/events"
    headers = {VERSION_HEADER: PRODUCT_VERSION, REQUEST_ID_HEADER: uuid.uuid4().hex}
    if transport.token:
        headers["Authorization"] = f"Bearer {transport.token}"
    bundle = ca_bundle()
    return websocket.create_connection(
        address,
        timeout=transport.timeout[0],
        header=headers,
        sslopt={"ca_certs": bundle} if bundle else None,
    )


def _with_progress(job: Job, progress: Progress) -> Job:
    """``job`` with ``progress``, in the task whose stage it is too."""
    tasks = tuple(
        replace(task, progress=progress) if task.kind == progress.stage else task
        for task in job.tasks
    )
    return replace(job, progress=progress, tasks=tasks)
