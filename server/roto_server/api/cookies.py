"""Cookies for pages of this server: the refresh token, and the access token that it gave.

A page's script never sees them (HttpOnly, and no answer repeats what is in them) and other sites'
pages never send them (SameSite=Strict). The refresh token goes to the addresses of signing in only.
The access token stands in for an ``Authorization`` header (see `CookieMiddleware`), so that
pictures and downloads need no script.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from fastapi import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roto_client.contract import API_PREFIX
from roto_shapes.errors import RotoError

from ..access.sessions import Issued
from ..db.types import utc_now
from ..settings import Settings

REFRESH_COOKIE = "roto_refresh"
ACCESS_COOKIE = "roto_access"
CSRF_HEADER = "X-Roto-CSRF"
"""A page of another origin cannot send it: to ask for it takes a preflight, which we refuse."""

_PATHS = {REFRESH_COOKIE: f"{API_PREFIX}/auth", ACCESS_COOKIE: f"{API_PREFIX}/"}
_SAFE = frozenset({"GET", "HEAD"})
_FROM_HERE = frozenset({"same-origin", "none"})
"""What a browser says of requests by our pages, or by the person (address bar, bookmark)."""
_STRICT: Literal["strict"] = "strict"


def set_session_cookies(response: Response, settings: Settings, issued: Issued) -> None:
    """Give the browser the tokens of a session, each for as long as it is good."""
    left = max(0, int((issued.login.expires_at - utc_now()).total_seconds()))
    access = min(left, int(settings.access_token_seconds))
    for name, secret, seconds in (
        (REFRESH_COOKIE, issued.refresh, left),
        (ACCESS_COOKIE, issued.access, access),
    ):
        response.set_cookie(
            name,
            secret,
            max_age=seconds,
            path=_PATHS[name],
            secure=_is_https(settings),
            httponly=True,
            samesite=_STRICT,
        )


def clear_session_cookies(response: Response, settings: Settings) -> None:
    """Have the browser forget them."""
    for name, path in _PATHS.items():
        response.delete_cookie(
            name, path=path, secure=_is_https(settings), httponly=True, samesite=_STRICT
        )


def forget_pictures(response: Response) -> None:
    """Have the browser drop what it keeps of us: plates and mattes are not for the next person."""
    response.headers["Clear-Site-Data"] = '"cache"'


def cookie_of(headers: Headers, name: str) -> str:
    """The cookie of this name; "" where there is none, or two.

    A site of our domain (other host) can set a second one of the name beside ours, and nothing in a
    request tells whose is whose.
    """
    told = headers.get("cookie", "")
    names = [pair.partition("=")[0].strip() for pair in told.split(";")]
    return cookie_parser(told)[name] if names.count(name) == 1 else ""


def refuse_foreign_origin(connection: HTTPConnection, settings: Settings) -> None:
    """Raise `RotoError` ``forbidden`` unless a page of this server asks."""
    if connection.headers.get("origin") != own_origin(settings):
        raise RotoError(
            "Only this server's own pages sign in by cookie.",
            code="forbidden",
            hint=f"Open {settings.public_url} (ROTO_PUBLIC_URL), or leave `cookie` out.",
        )


def own_origin(settings: Settings) -> str:
    """What a browser calls the origin of this server's pages."""
    parts = urlsplit(settings.public_url)
    return f"{parts.scheme}://{parts.netloc}"


class CookieMiddleware:
    """Lets the access cookie be the ``Authorization`` of requests of this server's own pages.

    To read takes the cookie, and a page of ours or the person to ask. To write takes the page's
    ``Origin`` and ``X-Roto-CSRF`` too, a socket the ``Origin``: sites next to ours (same domain,
    other host) count as the same site, and their pages send the cookie. Without them the request
    goes on as nobody's.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._origin = own_origin(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = self._token(scope) if scope["type"] in ("http", "websocket") else None
        if token is None:
            await self.app(scope, receive, send)
            return
        lent = (b"authorization", f"Bearer {token}".encode("latin-1"))
        await self.app({**scope, "headers": [*scope["headers"], lent]}, receive, _private(send))

    def _token(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        if "authorization" in headers or not scope["path"].startswith(_PATHS[ACCESS_COOKIE]):
            return None
        token = cookie_of(headers, ACCESS_COOKIE)
        return token if token and self._may_use(scope, headers) else None

    def _may_use(self, scope: Scope, headers: Headers) -> bool:
        # Reading can cost too (an export), or be written down (the audit log).
        if headers.get("sec-fetch-site", "none") not in _FROM_HERE:
            return False
        if scope["type"] == "http" and scope["method"] in _SAFE:
            return True
        is_ours = headers.get("origin") == self._origin
        return is_ours and (scope["type"] == "websocket" or CSRF_HEADER in headers)


def _private(send: Send) -> Send:
    """No page of another origin may show what a cookie opened."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        await send(message)

    return sending


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
