"""``ETag`` and ``If-None-Match``: what a client has already is not made and sent again.

Tags are made of row ids, versions and times, so they are known before any file is touched. The
right to the thing is checked before: 304 tells nobody more than 200 would.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from fastapi import Response
from starlette.requests import HTTPConnection

from .deps import Responses

NOT_MODIFIED: Responses = {304: {"description": "It is what `If-None-Match` names."}}
_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def etag_of(*parts: str | int | datetime | None) -> str:
    """A strong tag of what tells one version of a thing from every other."""
    told = "\n".join(
        part.isoformat() if isinstance(part, datetime) else str(part) for part in parts
    )
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


def headers_of(etag: str, *, fresh_seconds: int = 0) -> dict[str, str]:
    """The headers of an answer with this tag, which a browser may show again for so long unasked.

    Never for caches that several people share.
    """
    kept = f"private, max-age={fresh_seconds}" if fresh_seconds else "private, no-cache"
    return {"ETag": etag, "Cache-Control": kept, "Vary": "Authorization, Cookie"}


def not_modified(connection: HTTPConnection, headers: dict[str, str]) -> Response | None:
    """The 304 for a request that names the tag in ``headers``; None when it must be answered."""
    asked = connection.headers.get("if-none-match", "").strip()
    if asked != "*" and headers["ETag"] not in _TAG.findall(asked):
        return None
    return Response(status_code=304, headers=headers)
