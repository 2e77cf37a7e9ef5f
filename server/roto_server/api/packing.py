"""Long lists as gzip: a table's rows are mostly the same words again and again."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

_LEAST = 2000
"""Bytes that fit in a packet or two are not worth it."""
_LEVEL = 4
"""Half the time of the usual level, for some percent more bytes."""


class PackedRoute(APIRoute):
    """Answers that are in memory go out packed to who unpacks. Not for what holds a secret beside
    what the asker may choose: its length would tell of it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, and packing after it."""
        handle = super().get_route_handler()

        async def packed(request: Request) -> Response:
            response = await handle(request)
            response.headers.add_vary_header("Accept-Encoding")
            if len(response.body) < _LEAST or "gzip" not in request.headers.get(
                "accept-encoding", ""
            ):
                return response
            response.body = await run_in_threadpool(gzip.compress, bytes(response.body), _LEVEL)
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.body))
            return response

        return packed
