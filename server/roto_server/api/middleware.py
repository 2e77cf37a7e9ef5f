"""Around every request: its id, the version check, the body limit, the access log, the metrics."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.utils import ClientDisconnected

from roto_client.contract import API_PREFIX, PRODUCT_VERSION, VERSION_HEADER, versions_fit
from roto_shapes.errors import RotoError

from ..errors import as_roto_error, error_response, log_unexpected
from ..metrics import Metrics

MAX_BODY_BYTES = 64 * 2**20
"""Bodies of everything but upload pieces, which are streamed and have a limit of their own."""

REQUEST_ID_HEADER = "X-Request-Id"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEARTBEAT = re.compile(rf"{API_PREFIX}/farm/(workers|attempts)/[^/]+/heartbeat")
_UPLOAD_PIECE = re.compile(rf"{API_PREFIX}/uploads/[^/]+/files/[^/]+")
# Metrics grow a series per method: only known ones, whatever is sent.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})

log = structlog.get_logger("roto.access")


class RequestMiddleware:
    """Innermost but for Starlette's own: an exception nobody foresaw becomes an answer here."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID_HEADER, "")
        request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        watch = _AnswerWatch(send, request_id)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._answer(scope, headers, receive, watch)
            finally:
                self._record(scope, watch.status, time.perf_counter() - started)

    async def _answer(
        self, scope: Scope, headers: Headers, receive: Receive, watch: _AnswerWatch
    ) -> None:
        if not _version_fits(scope, headers):
            theirs = headers.get(VERSION_HEADER, "")
            await error_response(_version_mismatch(theirs), scope)(scope, receive, watch)
            return
        try:
            await self.app(scope, _limited(scope, receive), watch)
        except (ClientDisconnect, ClientDisconnected):
            watch.status = 499
        except Exception as error:
            log_unexpected(error)
            if watch.started:
                raise
            await error_response(as_roto_error(error), scope)(scope, receive, watch)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope.get("method", "WEBSOCKET")
        method = method if method in _METHODS else "OTHER"
        path = scope["path"]
        route = getattr(scope.get("route"), "path", "unmatched")
        self.metrics.observe(method, route, status, seconds)
        regular = path in _QUIET or _HEARTBEAT.fullmatch(path)
        write = log.debug if regular and status < 400 else log.info
        write(
            "request",
            method=method,
            path=path,
            status=status,
            ms=round(seconds * 1000, 1),
            token=scope["state"].get("token_name", ""),
        )


class _AnswerWatch:
    """Passes the answer on, adds our headers, and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self.started = True
            self.status = message["status"]
        elif message["type"] == "websocket.accept":
            self.started = True
            self.status = 101
        if message["type"] in (
            "http.response.start",
            "websocket.http.response.start",
            "websocket.accept",
        ):
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID_HEADER] = self._request_id
            headers[VERSION_HEADER] = PRODUCT_VERSION
        await self._send(message)


def _version_fits(scope: Scope, headers: Headers) -> bool:
    theirs = headers.get(VERSION_HEADER)
    return (
        theirs is None
        or not scope["path"].startswith(API_PREFIX)
        or versions_fit(PRODUCT_VERSION, theirs)
    )


def _version_mismatch(theirs: str) -> RotoError:
    return RotoError(
        f"This server is version {PRODUCT_VERSION}; the client says {theirs[:32]!r}.",
        code="version_mismatch",
        hint="Client and server may be one minor version apart; update the older one.",
        detail={"server": PRODUCT_VERSION},
    )


def _limited(scope: Scope, receive: Receive) -> Receive:
    """``receive`` that refuses to read a JSON body without end."""
    if scope["type"] != "http" or _UPLOAD_PIECE.fullmatch(scope["path"]):
        return receive
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MAX_BODY_BYTES:
            # FastAPI passes on HTTPException from the body it reads, and nothing else.
            raise HTTPException(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
        return message

    return counted
