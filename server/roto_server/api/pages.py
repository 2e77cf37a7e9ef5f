"""Pages that may call the API from their browser: After Effects' panel, a studio's own tools."""

from __future__ import annotations

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from roto_client.contract import API_PREFIX, VERSION_HEADER

from .frames import FRAME_HEADER
from .middleware import REQUEST_ID_HEADER

_SENT = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Range",
    "Upload-Offset",
    REQUEST_ID_HEADER,
    VERSION_HEADER,
)
_READ = (
    "Content-Range",
    "Retry-After",
    "X-Roto-Shapes-Version",
    FRAME_HEADER,
    REQUEST_ID_HEADER,
    VERSION_HEADER,
)


class PagesMiddleware(CORSMiddleware):
    """Lets pages of ``origins`` call what asks for a key, and nothing else.

    ``null`` is the origin of pages that are files, and of any page that hides its own: what
    answers without a key (health, metrics) stays closed to all. No cookies: the key goes in a
    header. A private network's address may be called, since that is where a farm is.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PATCH"),
            allow_headers=_SENT,
            allow_credentials=False,
            allow_private_network=True,
            expose_headers=_READ,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{API_PREFIX}/"):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
