"""A server that knows the few requests a panel makes, and complains about any other."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from roto_client.api.newest import FRAME_HEADER
from roto_client.contract import API_PREFIX, PRODUCT_VERSION, VERSION_HEADER

KEY = "roto_right"
SHOT = "5" * 32


def job(number: int, state: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": f"{number:032x}", "shot_id": SHOT, "project_id": "9" * 32, "kind": "roto",
        "state": state, "priority": "normal", "version": number, "engine": "flow", "model": "",
        "checkpoint_sha256": None, "provenance": {}, "tasks": [], "error": None,
        "params": {"objects": [{"id": "7" * 32, "name": "hero"}]},
        "progress": {"stage": "track", "done": 0, "total": 96, "fraction": 0.0,
                     "frames_per_second": None, "eta_seconds": None, "message": ""},
        "created_by": "test", "created_at": "2026-11-29T12:00:00Z", "started_at": None,
        "finished_at": None, **facts,
    }  # fmt: skip


class FarmServer(ThreadingHTTPServer):
    """``jobs`` by id; ``hold``: paths that wait for their event before they are answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.jobs: dict[str, dict[str, Any]] = {}
        self.masks: list[dict[str, Any]] = []
        self.mask = b""
        self.complaints: list[str] = []
        self.hold: dict[str, threading.Event] = {}
        self.came = threading.Event()
        self.version = PRODUCT_VERSION
        self.approval: dict[str, Any] | None = None
        """What the next question for the key is answered: None, it waits."""
        self._sockets: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._sockets.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections that are cut on purpose are not worth a traceback."""

    def go_away(self) -> None:
        """The process ends, and its connections with it."""
        self.shutdown()
        self.server_close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def add(self, *jobs: dict[str, Any]) -> None:
        self.jobs.update({one["id"]: one for one in jobs})


@contextmanager
def running() -> Iterator[FarmServer]:
    server = FarmServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        for event in server.hold.values():
            event.set()
        server.shutdown()
        server.server_close()
    assert server.complaints == [], server.complaints


class _Handler(BaseHTTPRequestHandler):
    server: FarmServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith(f"{API_PREFIX}/auth/device"):
            self._sign_in(json.loads(body))
            return
        self._answer()

    def _sign_in(self, body: dict[str, Any]) -> None:
        """Codes, for whom no key is asked."""
        assert "Authorization" not in self.headers
        page = f"{self.server.url}/device"
        if set(body) == {"client"}:
            self._reply({"device_code": "secret", "user_code": "BCDF-GHJK",
                         "verification_url": page, "interval": 1, "expires_in": 600,
                         "verification_url_complete": f"{page}?code=BCDF-GHJK"})  # fmt: skip
        elif body != {"device_code": "secret"}:
            self._unknown()
        elif self.server.approval is None:
            waiting = {"code": "authorization_pending", "message": "Not yet.", "hint": ""}
            self._reply(waiting, 400)
        else:
            self._reply(self.server.approval, 403 if "code" in self.server.approval else 200)

    def _answer(self) -> None:
        path = urlsplit(self.path).path
        if not path.startswith(API_PREFIX):
            self._unknown()
            return
        path = path[len(API_PREFIX) :]
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            body = {"code": "unauthorized", "message": "The key is not known.",
                    "hint": "Ask for a new one.", "detail": {}}  # fmt: skip
            self._reply(body, 401)
            return
        event = self.server.hold.get(path)
        if event is not None:
            self.server.came.set()
            event.wait(120)
        self._route(path.strip("/").split("/"))

    def _route(self, words: list[str]) -> None:
        jobs = self.server.jobs
        call: Callable[[], None] | None = None
        if self.command == "GET" and words == ["projects"]:
            call = self._page([])
        elif self.command == "GET" and words == ["jobs"]:
            call = self._page(list(jobs.values()))
        elif self.command == "GET" and words == ["shots", SHOT]:
            call = lambda: self._reply(_SHOT)  # noqa: E731
        elif self.command == "GET" and words == ["shots", SHOT, "masks"]:
            call = self._page(self.server.masks)
        elif len(words) >= 2 and words[0] == "jobs" and words[1] in jobs:
            call = self._job(jobs[words[1]], words[2:])
        (call or self._unknown)()

    def _job(self, found: dict[str, Any], rest: list[str]) -> Callable[[], None] | None:
        if self.command == "GET" and not rest:
            return lambda: self._reply(found)
        if self.command == "GET" and rest == ["log"]:
            return lambda: self._reply(b"12:00:01 track: 61 of 96 frames\n", kind="text/plain")
        if self.command == "GET" and rest == ["newest-mask"]:
            return self._newest
        if self.command == "POST" and rest == ["cancel"]:
            found["state"] = "cancelled"
            return lambda: self._reply(found)
        if self.command == "POST" and rest == ["retry"]:
            found.update(state="queued", error=None)
            return lambda: self._reply(found)
        return None

    def _newest(self) -> None:
        if self.server.mask:
            self._reply(self.server.mask, kind="image/png", **{FRAME_HEADER: "1061"})
        else:
            body = {"code": "not_found", "message": "No frame yet.", "hint": "", "detail": {}}
            self._reply(body, 404)

    def _page(self, items: list[Any]) -> Callable[[], None]:
        return lambda: self._reply({"items": items, "next": None})

    def _unknown(self) -> None:
        self.server.complaints.append(f"{self.command} {self.path}")
        self._reply({"code": "not_found", "message": "Not there.", "hint": "", "detail": {}}, 404)

    def _reply(
        self, body: Any, status: int = 200, kind: str = "application/json", **headers: str
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header(VERSION_HEADER, self.server.version)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


_SHOT = {
    "id": SHOT, "project_id": "9" * 32, "name": "sh030_plate", "state": "ready", "source": {},
    "width": 1920, "height": 1080, "first_frame": 1001, "last_frame": 1096, "error": None,
    "created_at": "2026-11-29T12:00:00Z",
}  # fmt: skip
