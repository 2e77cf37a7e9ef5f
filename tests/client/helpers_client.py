"""A small server that holds clients to the public API's contract, and fails on demand.

It keeps everything in memory. What a client does against the contract is answered with an error
and noted in ``complaints``, which the fixture asserts to be empty. Faults are callables put in
``faults``; each sees requests before they are handled and is dropped once it answers True.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from typing import Any

from click.testing import Result
from helpers_handler import NOW, Handler, new_id

from roto_client.api import Retry
from roto_client.contract import PRODUCT_VERSION

TOKEN = "roto_test-key"
QUICK = Retry(tries=4, first_pause=0.001, longest_pause=0.002)
Fault = Callable[["Handler"], bool]
Run = Callable[..., Result]
"""What the fixture ``run`` is: words of a `roto` command line to its outcome."""


def matching(method: str, pattern: str, act: Callable[[Handler], None]) -> Fault:
    """A fault for the next request of that method and path; ``act`` answers (or cuts) it."""

    def fault(handler: Handler) -> bool:
        if handler.command != method or not re.search(pattern, handler.path):
            return False
        act(handler)
        return True

    return fault


def cut(handler: Handler) -> None:
    """Close the connection without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def answering(status: int, *, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
    def act(handler: Handler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        handler.answer(status, body, "text/html", headers)

    return act


class Browser:
    """Whoever approves codes. ``answers``: one for each question, then the key; ``interval``: in
    seconds, as the server would tell it."""

    CODE, SECRET = "BCDF-GHJK", "device-secret"

    def __init__(self, key: str) -> None:
        self.key = key
        self.answers: list[str] = []
        self.waits = False
        self.interval: float = 0
        self.expires_in: float = 600
        self.page = "/device"
        self.names: list[str] = []
        self.questions = 0

    def started(self, url: str, name: str) -> dict[str, Any]:
        self.names.append(name)
        return {
            "device_code": self.SECRET, "user_code": self.CODE,
            "verification_url": url + self.page,
            "verification_url_complete": f"{url}{self.page}?code={self.CODE}",
            "expires_in": self.expires_in, "interval": self.interval, "from_the_future": 1,
        }  # fmt: skip

    def asked(self, secret: str) -> dict[str, Any] | str:
        """The answer to a question, or the code of a refusal."""
        self.questions += 1
        if secret != self.SECRET:
            return "link_expired"
        if self.answers:
            return self.answers.pop(0)
        if self.waits:
            return "authorization_pending"
        return {
            "api_key": self.key, "expires_at": "2027-01-02T03:04:05Z", "scopes": ["read", "write"],
            "user": {"id": "0" * 32, "name": "Ada Artist"},
        }  # fmt: skip


class FakeServer(ThreadingHTTPServer):
    """State and rules; one per test."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.version = PRODUCT_VERSION
        self.token = TOKEN
        self.faults: list[Fault] = []
        self.complaints: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.request_ids: list[str] = []
        self.device = Browser(self.token)
        self.refuse_projects = False
        self.projects: dict[str, dict[str, Any]] = {}
        self.shots: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.received: dict[tuple[str, int], bytearray] = {}
        self.outputs: dict[str, list[tuple[dict[str, Any], bytes]]] = {}
        self.masks: list[dict[str, Any]] = [
            {"object_id": "o", "job_id": "j", "frame": frame, "confidence": None}
            for frame in (1, 2, 3)
        ]
        self.documents: dict[str, dict[str, Any]] = {}
        self.previews: list[dict[str, Any]] = []
        self.previews_pending = 0
        self.preview_refusal = ""
        self.preview_candidates: list[dict[str, Any]] = [
            {"png": "iVBORw==", "score": 0.9, "box": [1, 2, 3.5, 4]},
            {"png": "AAAA", "score": 0.2, "box": None},
        ]
        self.refuse_paths = False
        self.probes_left = 1
        self.on_probe: dict[str, Any] = {
            "state": "ready", "width": 640, "height": 360, "pixel_aspect": 1.0,
            "fps": [24, 1], "frame_range": [1001, 1010],
        }  # fmt: skip
        self.connections: list[socket.socket] = []
        self.sockets: list[Handler] = []
        self.socket_messages: list[dict[str, Any]] = []
        self.serves_sockets = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.append(request)
        super().process_request(request, client_address)

    def drop_connections(self) -> None:
        for connection in self.connections:
            with suppress(OSError):  # most are closed already
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections cut on purpose are not worth a traceback."""

    def add_job(self, shot_id: str, **facts: Any) -> dict[str, Any]:
        job = {
            "id": new_id(), "shot_id": shot_id, "project_id": new_id(), "kind": "roto",
            "state": "queued", "priority": "normal", "version": 1, "engine": None, "model": None,
            "checkpoint_sha256": None, "provenance": {}, "params": {}, "progress": {
                "stage": None, "done": 0, "total": 0, "fraction": 0.0,
                "frames_per_second": None, "eta_seconds": None, "message": ""},
            "tasks": [], "error": None, "created_by": "test", "created_at": NOW,
            "started_at": None, "finished_at": None, "from_the_future": {"x": 1}, **facts,
        }  # fmt: skip
        self.jobs[job["id"]] = job
        return job

    def add_output(self, job_id: str, name: str, content: bytes, **facts: Any) -> dict[str, Any]:
        output = {
            "id": new_id(), "role": "matte", "format": "exr", "object_id": None, "frame": None,
            "name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
            "report": {}, **facts,
        }  # fmt: skip
        self.outputs.setdefault(job_id, []).append((output, content))
        return output

    def push(self, message: dict[str, Any]) -> None:
        """Send an event to every open socket."""
        for handler in list(self.sockets):
            handler.send_text(json.dumps(message))

    def drop_sockets(self) -> None:
        for handler in list(self.sockets):
            self.sockets.remove(handler)
            with suppress(OSError):  # the client may have closed it first
                handler.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def running(server: FakeServer) -> Iterator[FakeServer]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.socket.close()
        server.drop_connections()
