"""Binds what ``X-Roto-Platform`` says around every request (see `places.asking`).

A system that nobody knows is refused: paths would be told as the server names them, and their
reader would believe them to be their own.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from roto_client.contract.places import PLATFORM_HEADER, SYSTEMS

from ..errors import BadRequestError, error_response
from ..places.asking import asked_from
from ..settings import Settings


class PlatformMiddleware:
    """``settings`` gives those that hold now."""

    def __init__(self, app: ASGIApp, settings: Callable[[], Settings]) -> None:
        self.app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        platform = Headers(scope=scope).get(PLATFORM_HEADER)
        if platform is not None and platform not in SYSTEMS:
            error = BadRequestError(
                f"{PLATFORM_HEADER} is none of {', '.join(SYSTEMS)}.",
                hint="Say whose names paths have, or leave it out: they are the server's then.",
                detail={"known": list(SYSTEMS)},
            )
            await error_response(error, scope)(scope, receive, send)
            return
        with asked_from(platform, self._settings().places):
            await self.app(scope, receive, send)
