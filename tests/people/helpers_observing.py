"""Receivers that a server tells things to, and a farm node beside a house."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from helpers_people import ROTO, House
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

T = TypeVar("T")


class Receiver:
    """An HTTP server that keeps every body it is posted, unpacked."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.posts.append((self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def spans(self) -> list[Any]:
        """What arrived as OTLP."""
        found = []
        for path, _, body in list(self.posts):
            if path == "/v1/traces":
                request = ExportTraceServiceRequest.FromString(body)
                for resource in request.resource_spans:
                    for scope in resource.scope_spans:
                        found += scope.spans
        return found

    def events(self) -> list[dict[str, Any]]:
        """What arrived as Sentry's envelopes: the events in them."""
        found = []
        for path, _, body in list(self.posts):
            if path.endswith("/envelope/"):
                lines = body.decode().splitlines()
                found += [json.loads(line) for line in lines if '"exception"' in line]
        return found


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver, closed at the end."""
    made = Receiver()
    try:
        yield made
    finally:
        made.close()


def attributes(span: Any) -> dict[str, Any]:
    """A span's attributes as plain values."""
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


@contextmanager
def running_worker(house: House) -> Iterator[Path]:
    """A worker process of the house; its log."""
    token = house.folder / "farm-token"
    token.write_text(house.farm_token)
    log = house.folder / "worker.log"
    roots = os.pathsep.join(map(str, (house.plates, house.folder / "storage")))
    environment = {
        **house.environment,
        "ROTO_SERVER": house.url,
        "ROTO_FARM_TOKEN_FILE": str(token),
        "ROTO_WORKER_ROOTS": roots,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*ROTO, "worker", "--node", "node1", "--drain-seconds", "1",
             "--scratch", str(house.folder / "scratch")],
            env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield log
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()


def wait_for(what: Callable[[], T], why: Callable[[], str], seconds: float = 150) -> T:
    """The first answer of ``what`` that is true; ``why`` tells what was seen otherwise."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)
    return found


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a log, which are all JSON."""
    return [json.loads(line) for line in path.read_text().splitlines()]
