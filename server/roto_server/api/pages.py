"""Pages that may call the API from their browser: After Effects' panel, a studio's own tools."""

from __future__ import annotations

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from roto_client.contract import API_PREFIX, VERSION_HEADER
from roto_client.contract.places import PLATFORM_HEADER

from .frames import FRAME_HEADER
from .middleware import REQUEST_ID_HEADER

_SENT = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Range",
    "Upload-Offset",
    PLATFORM_HEADER,
    REQUEST_ID_HEADER,
    VERSION_HEADER,
)
_READ = (
    "Content-Range",
    "Deprecation",
    "ETag",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "X-Roto-Shapes-Version",
    FRAME_HEADER,
    REQUEST_ID_HEADER,
    VERSION_HEADER,
)
_AUTH = f"{API_PREFIX}/auth/"
# Of what has to do with signing in, what takes no cookie and no password.
_OPEN_AUTH = frozenset(
    {f"{_AUTH}device", f"{_AUTH}device/token", f"{_AUTH}tickets", f"{_AUTH}providers"}
)


class PagesMiddleware(CORSMiddleware):
    """Lets pages of ``origins`` call what asks for a key, and nothing else.

    ``null`` is the origin of pages that are files, and of any page that hides its own: what
    answers without a key (health, metrics) stays closed to all, and so does what takes passwords or
    the cookie of the server's own pages. No cookies: the key goes in a header. A private network's
    address may be called, since that is where a farm is.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=_SENT,
            allow_credentials=False,
            allow_private_network=True,
            expose_headers=_READ,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_open(scope["path"]):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_open(path: str) -> bool:
    if path.startswith(_AUTH):
        return path in _OPEN_AUTH
    return path.startswith(f"{API_PREFIX}/")
