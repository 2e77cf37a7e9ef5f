"""Operations on their way out say so in every answer, and until when they work.

``Deprecation`` is RFC 9745, ``Sunset`` RFC 8594, the successor's ``Link`` RFC 8288. To retire an
operation: ``@router.get(..., **retiring(since, until, successor))``. One minor version passes at
least between the two dates, since plugins one minor version older are served.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from fastapi import Depends, Request, Response

SHORTEST_NOTICE_DAYS = 180


def retiring(
    since: date, until: date, successor: str, *, openapi_extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Arguments for a route that works until ``until``; ``successor`` is what to use instead, with
    the ``{parameters}`` of the route's own address.

    Raises ValueError when the notice is shorter than `SHORTEST_NOTICE_DAYS`.
    """
    if (until - since).days < SHORTEST_NOTICE_DAYS:
        raise ValueError(f"{since} to {until} is shorter than {SHORTEST_NOTICE_DAYS} days' notice")
    return {
        "deprecated": True,
        "dependencies": [Depends(_telling(since, until, successor))],
        "openapi_extra": {
            "x-sunset": until.isoformat(),
            "x-successor": successor,
            **(openapi_extra or {}),
        },
    }


def _telling(
    since: date, until: date, successor: str
) -> Callable[[Request, Response], Awaitable[None]]:
    headers = {
        "Deprecation": f"@{int(_midnight(since).timestamp())}",
        "Sunset": format_datetime(_midnight(until), usegmt=True),
    }

    async def tell(request: Request, response: Response) -> None:
        # Of the address only what it is made of: a parameter may be any text.
        told = {name: quote(str(value), safe="") for name, value in request.path_params.items()}
        address = successor.format(**told)
        response.headers.update({**headers, "Link": f'<{address}>; rel="successor-version"'})

    return tell


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
