"""Around every request: is it one too many of its sender, its key, its user, its account?

One round trip to Redis, before any routing. Whose a token is becomes known only after that, so a
token's first request is counted against its user when it has been answered; from then on with
everything else. Without Redis the routes that a secret could be guessed at, or mail be sent from,
are refused; the others go on, with a warning in the log and a metric: a farm must not stand still
because its limits cannot be counted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roto_shapes.errors import RotoError

from ..access.principal import Principal
from ..errors import error_response
from ..limiting.classes import RouteClass, class_of
from ..limiting.plan import Sender, account_named, digest, user_windows, windows_of
from ..limiting.windows import Standing, Verdict, Windows, WindowsAwayError
from ..metrics import Metrics
from ..settings.limits import LimitSettings
from .bodies import looked_at

MOST_KNOWN_TOKENS = 20_000
_OF = {
    "address": "your address",
    "user": "your account",
    "key": "your key",
    "bulk": "your account",
    "statistics": "your account",
    "farm": "this farm token",
    "account": "this account",
    "account_total": "this account",
    "mail_account": "this mail address",
}

log = structlog.get_logger(__name__)


class LimitMiddleware:
    """Refuses what is too much with 429, and tells every sender where they stand.

    ``settings`` is asked at every request: limits may change while the server runs.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Callable[[], LimitSettings],
        windows: Windows,
        metrics: Metrics,
    ) -> None:
        self.app = app
        self._settings = settings
        self._windows = windows
        self._metrics = metrics
        self._users = _Users()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        kind = class_of(scope.get("method", "GET"), scope["path"])
        sender = self._sender(scope)
        account = ""
        if kind.account_field and scope["type"] == "http":
            body, receive = await looked_at(receive, self._settings().max_sign_in_body_bytes)
            account = account_named(body, kind.account_field)
        verdict = None
        try:
            verdict = await self._count(kind, sender, account)
        except WindowsAwayError:
            self._metrics.uncounted.labels(kind.name).inc()
            if kind.strict:
                refusal = _cannot_count()
                await error_response(refusal, scope)(scope, receive, send)
                return
        if verdict is not None and not verdict.allowed:
            await self._refuse(verdict.tightest, scope, receive, send)
            return
        await self.app(scope, receive, _telling(send, verdict))
        await self._learn(kind, scope, sender)

    def _sender(self, scope: Scope) -> Sender:
        address = scope["client"][0] if scope.get("client") else ""
        _, _, secret = Headers(scope=scope).get("Authorization", "").partition(" ")
        token = digest(secret.strip()) if secret else ""
        return Sender(address, token, self._users.of(token))

    async def _count(self, kind: RouteClass, sender: Sender, account: str) -> Verdict | None:
        windows = windows_of(kind, self._settings(), sender, account)
        return await self._windows.take(windows) if windows else None

    async def _refuse(self, full: Standing, scope: Scope, receive: Receive, send: Send) -> None:
        self._metrics.limited.labels(full.window.name).inc()
        scope["state"]["limited_by"] = full.window.name
        answer = error_response(_too_many(full), scope)
        _tell(answer.headers, full)
        await answer(scope, receive, send)

    async def _learn(self, kind: RouteClass, scope: Scope, sender: Sender) -> None:
        """Remember whose the token was, and count what could not be counted before."""
        who: Principal | None = scope.get("state", {}).get("principal")
        if not sender.token or who is None or who.kind != "user" or sender.user_id == who.user_id:
            return
        self._users.note(sender.token, who.user_id)
        windows = user_windows(kind, self._settings(), who.user_id)
        if windows:
            try:
                await self._windows.take(windows)
            except WindowsAwayError:
                self._metrics.uncounted.labels(kind.name).inc()


class _Users:
    """Whose a token was when it was last believed; the oldest are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, str] = OrderedDict()

    def of(self, token: str) -> str:
        return self._known.get(token, "")

    def note(self, token: str, user_id: str) -> None:
        self._known[token] = user_id
        if len(self._known) > MOST_KNOWN_TOKENS:
            self._known.popitem(last=False)


def _telling(send: Send, verdict: Verdict | None) -> Send:
    if verdict is None:
        return send
    tightest = verdict.tightest

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            _tell(MutableHeaders(scope=message), tightest)
        await send(message)

    return told


def _tell(headers: MutableHeaders, standing: Standing) -> None:
    """The headers of draft-ietf-httpapi-ratelimit-headers, of the tightest window."""
    window = standing.window
    renewed = standing.wait or standing.renews_in
    headers["RateLimit-Policy"] = f'"{window.name}";q={window.rate.amount};w={window.rate.seconds}'
    headers["RateLimit"] = f'"{window.name}";r={standing.remaining};t={renewed}'


def _too_many(full: Standing) -> RotoError:
    window = full.window
    whose = _OF.get(window.name, "your address")
    return RotoError(
        f"Too many requests from {whose}: at most {window.rate} ({window.name}).",
        hint=f"Try again in {full.wait} s. The server's ROTO_LIMIT_{window.name.upper()} sets it.",
        detail={"retry_after": full.wait, "limit": window.name},
        code="rate_limited",
    )


def _cannot_count() -> RotoError:
    return RotoError(
        "The server cannot count requests at the moment, so nobody can sign in.",
        hint="Try again in a moment. Its Redis (ROTO_REDIS_URL) does not answer; /readyz tells. "
        "Whoever is signed in, and every API key, goes on.",
        detail={"retry_after": 2},
        code="server_unavailable",
    )
