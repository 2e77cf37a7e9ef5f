"""Around every request: its id, the version check, the body limit, the access log, the metrics."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.utils import ClientDisconnected

from roto_client.contract import API_PREFIX, PRODUCT_VERSION, VERSION_HEADER, versions_fit
from roto_shapes.errors import RotoError

from ..errors import as_roto_error, error_response, log_unexpected
from ..limiting.classes import class_of
from ..metrics import Metrics
from ..observing.traces import RequestSpan, Traces
from ..settings.limits import LimitSettings
from .bodies import limited, refuse_announced, refuse_large_headers

REQUEST_ID_HEADER = "X-Request-Id"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEARTBEAT = re.compile(rf"{API_PREFIX}/farm/(workers|attempts)/[^/]+/heartbeat")
# Streamed to the disk, each with a limit of its own.
_STREAMED = re.compile(rf"{API_PREFIX}/(uploads/[^/]+/files/[^/]+(/pieces/[^/]+)?|farm/storage/.+)")
# Metrics grow a series per method: only known ones, whatever is sent.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})

log = structlog.get_logger("roto.access")


class RequestMiddleware:
    """Innermost but for Starlette's own: an exception nobody foresaw becomes an answer here."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, settings: LimitSettings, traces: Traces | None = None
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.traces = traces
        self.settings = settings

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
        with self._traced(request_id, headers) as span:
            try:
                await self._answer(scope, headers, receive, watch)
            finally:
                seconds = time.perf_counter() - started
                method, route = self._record(scope, watch.status, seconds)
                if span is not None:
                    span.answered(method, route, watch.status)

    @contextmanager
    def _traced(self, request_id: str, headers: Headers) -> Iterator[RequestSpan | None]:
        """Every log line of the block says which request it is of; its span if there is one."""
        bound = structlog.contextvars.bound_contextvars
        if self.traces is None:
            with bound(request_id=request_id):
                yield None
            return
        with (
            self.traces.request(request_id, headers) as span,
            bound(request_id=request_id, trace_id=span.trace_id),
        ):
            yield span

    async def _answer(
        self, scope: Scope, headers: Headers, receive: Receive, watch: _AnswerWatch
    ) -> None:
        if not _version_fits(scope, headers):
            theirs = headers.get(VERSION_HEADER, "")
            await error_response(_version_mismatch(theirs), scope)(scope, receive, watch)
            return
        try:
            refuse_large_headers(headers, self.settings.max_header_bytes)
            await self.app(scope, self._limited(scope, headers, receive), watch)
        except (ClientDisconnect, ClientDisconnected):
            watch.status = 499
        except Exception as error:
            log_unexpected(error)
            if watch.started:
                raise
            await error_response(as_roto_error(error), scope)(scope, receive, watch)

    def _limited(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        """``receive`` with the route's limit; what is streamed has its own."""
        if scope["type"] != "http" or _STREAMED.fullmatch(scope["path"]):
            return receive
        small = class_of(scope["method"], scope["path"]).small
        most = self.settings.max_sign_in_body_bytes if small else self.settings.max_body_bytes
        refuse_announced(headers, most)
        return limited(receive, most)

    def _record(self, scope: Scope, status: int, seconds: float) -> tuple[str, str]:
        """Count and log the request; its method and the template of its route."""
        method = scope.get("method", "WEBSOCKET")
        method = method if method in _METHODS else "OTHER"
        path = scope["path"]
        route = _template(scope)
        self.metrics.observe(method, route, status, seconds)
        regular = path in _QUIET or _HEARTBEAT.fullmatch(path)
        write = log.debug if regular and status < 400 else log.info
        write(
            "request",
            method=method,
            path=path,
            status=status,
            ms=round(seconds * 1000, 1),
            who=scope["state"].get("token_name", ""),
            **_refused_by(scope),
        )
        return method, route


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


def _template(scope: Scope) -> str:
    """The route's path with its parameters' names; that of the whole app, not of one router."""
    whole = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(whole, "path", None) or getattr(scope.get("route"), "path", "unmatched")
    return str(path)


def _refused_by(scope: Scope) -> dict[str, str]:
    limit = scope["state"].get("limited_by")
    return {"limit": limit} if limit else {}


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
