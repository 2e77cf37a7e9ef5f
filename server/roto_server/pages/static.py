"""Files that browsers load from the server itself: kept in memory, small, known by their bytes."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
_PACKED = frozenset({"png", "woff2"})
"""Endings of what gains nothing by being packed again."""
_OWN = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True)
class StaticFile:
    """``packed``: its bytes as gzip, None where that is not worth it."""

    content: bytes
    media_type: str
    packed: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, content: bytes, headers: Mapping[str, str]) -> StaticFile:
        """The file ``name``, answered with ``headers``; raises `KeyError` for a strange ending."""
        ending = name.rpartition(".")[2]
        # Without the time of day in it, every process gives the same bytes under the same tag.
        packed = None if ending in _PACKED else gzip.compress(content, mtime=0)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        return cls(content, _TYPES[ending], packed, {**_OWN, **headers, "ETag": tag})

    async def endpoint(self, request: Request) -> Response:
        """The answer to GET and HEAD: 304 to who has it, packed for who unpacks."""
        if request.headers.get("if-none-match") == self.headers["ETag"]:
            return Response(status_code=304, headers=dict(self.headers))
        headers, content = dict(self.headers), self.content
        if self.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["Content-Encoding"] = self.packed, "gzip"
        return Response(content, headers=headers, media_type=self.media_type)
