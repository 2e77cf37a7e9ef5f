"""A stored file as an answer, wherever the storage keeps it; Range requests are served."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from ..errors import NotFoundError
from ..storage import Storage
from .store_threads import in_parts, looking

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


async def stored_file(
    storage: Storage,
    request: Request,
    key: str,
    *,
    media_type: str,
    filename: str | None = None,
    headers: Mapping[str, str] | None = None,
    within: str | None = None,
) -> Response:
    """The file ``key``, downloaded as ``filename`` when one is given.

    Raises `RotoError` ``not_found`` when it is gone, ``path_refused`` when it is a link that leads
    out of the storage, or out of the folder ``within`` of it.
    """
    if storage.is_shared:
        path, facts = await looking(_located, storage, key, within)
        return FileResponse(
            path, media_type=media_type, filename=filename, headers=headers, stat_result=facts
        )
    size = await looking(storage.size, key)
    if size is None:
        raise NotFoundError("file", PurePosixPath(key).name)
    told = {**(headers or {}), "Accept-Ranges": "bytes"}
    if filename is not None:
        told["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(filename)}"
    part = _wanted(request, size)
    if part is None:
        told["Content-Range"] = f"bytes */{size}"
        return Response(status_code=416, headers=told)
    start, length = part
    told["Content-Length"] = str(length)
    is_part = length < size
    if is_part:
        told["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    status = 206 if is_part else 200
    if request.method == "HEAD" or not length:
        return Response(status_code=status, headers=told, media_type=media_type)
    parts = in_parts(storage.stream(key, start, length))
    return StreamingResponse(parts, status, headers=told, media_type=media_type)


def _located(storage: Storage, key: str, within: str | None) -> tuple[Path, os.stat_result]:
    path = storage.locate(key, within)
    try:
        return path, path.stat()
    except FileNotFoundError as error:  # removed since
        raise NotFoundError("file", path.name) from error


def _wanted(request: Request, size: int) -> tuple[int, int] | None:
    """First byte and number of bytes asked for; None when the file has none of them.

    Several ranges at once, or what is no range of bytes, is answered with the whole file. So is a
    part of what another version may be (If-Range with a tag that is not ours to compare here).
    """
    asked = _ONE_RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if asked is None or not any(asked.groups()) or "if-range" in request.headers:
        return 0, size
    first, last = asked.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, length) if length else None
    start, end = int(first), min(int(last or size), size - 1)
    return (start, end - start + 1) if start <= end else None
