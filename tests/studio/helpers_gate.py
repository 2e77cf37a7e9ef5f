"""A gate before the object store: what S3 itself refuses, and moto's server lets through.

moto believes every signature and no expiry, and answers pages of any origin.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from botocore.exceptions import ClientError
from helpers_s3 import BUCKET, Store

TOLD = ("etag", "content-range")


@dataclass(frozen=True)
class Put:
    """What came through: of which part, how many bytes, with which headers (lower case)."""

    part: str
    size: int
    headers: dict[str, str]


class Gate:
    """What artists, pages and nodes see of the store: refuses what is late or not signed, and tells
    pages what the bucket's CORS rules let them have."""

    def __init__(self, store: Store) -> None:
        self.puts: list[Put] = []
        self.refused = 0
        self.skew = timedelta(0)
        self.on_time_from = 0
        """With that refusal, counted from the first, the clock is right again."""
        self._store = store
        self._counting = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, store.endpoint))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def opens(self, path: str) -> bool:
        """Whether the address is signed and still good, by its own words; counts refusals."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if re.fullmatch("[0-9a-f]{64}", asked.get("X-Amz-Signature", "")):
            made = datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lasts = timedelta(seconds=int(asked["X-Amz-Expires"]))
            if datetime.now(UTC) + self.skew < made + lasts:
                return True
        with self._counting:
            self.refused += 1
            if self.refused == self.on_time_from:
                self.skew = timedelta(0)
        return False

    def allowed(self, origin: str | None, method: str) -> dict[str, str]:
        """What the bucket's rules let a page of ``origin`` have; without a page nothing."""
        try:
            told = self._store.client.get_bucket_cors(Bucket=BUCKET) if origin else {}
        except ClientError:
            return {}
        rules: list[dict[str, Any]] = told.get("CORSRules", [])
        for rule in rules:
            if origin in rule["AllowedOrigins"] and method in rule["AllowedMethods"]:
                return {
                    "Access-Control-Allow-Origin": str(origin),
                    "Access-Control-Allow-Methods": ", ".join(rule["AllowedMethods"]),
                    "Access-Control-Allow-Headers": ", ".join(rule["AllowedHeaders"]),
                }
        return {}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(gate: Gate, target: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_OPTIONS(self) -> None:
            asked = self.headers.get("Access-Control-Request-Method", "")
            allowed = gate.allowed(self.headers["Origin"], asked)
            self._answer(200 if allowed else 403, allowed, b"")

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            allowed = gate.allowed(self.headers["Origin"], self.command)
            if not gate.opens(self.path):
                self._answer(403, allowed, b"<Code>AccessDenied</Code>")
                return
            sent = {name: value for name, value in self.headers.items() if name != "Host"}
            told = httpx.request(
                self.command, target + self.path, content=body, headers=sent, timeout=60
            )
            if self.command == "PUT" and told.is_success:
                (part,) = parse_qs(urlsplit(self.path).query).get("partNumber", [""])
                heard = {name.lower(): value for name, value in sent.items()}
                gate.puts.append(Put(part, len(body), heard))
            passed = {name: told.headers[name] for name in TOLD if name in told.headers}
            self._answer(told.status_code, {**passed, **allowed}, told.content)

        do_GET = do_PUT = pass_on  # noqa: N815

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler


@contextmanager
def running_gate(store: Store) -> Iterator[Gate]:
    made = Gate(store)
    try:
        yield made
    finally:
        made.close()
