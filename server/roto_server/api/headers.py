"""Headers that keep browsers from doing what nobody asked for, on every answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roto_client.contract import API_PREFIX

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    # For data. A page that is to be seen brings its own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_STARTS = ("http.response.start", "websocket.http.response.start")


class SecurityHeadersMiddleware:
    """Adds what an answer has not set itself. ``hsts_seconds`` 0: no word about HTTPS."""

    def __init__(self, app: ASGIApp, hsts_seconds: int) -> None:
        self.app = app
        self._headers = dict(_ALWAYS)
        if hsts_seconds:
            self._headers["Strict-Transport-Security"] = f"max-age={hsts_seconds}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        # Caches that people share store what came without an Authorization header, as by cookie.
        is_private = scope["path"].startswith(f"{API_PREFIX}/")

        async def with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if is_private or message["status"] in (401, 403, 429):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)
