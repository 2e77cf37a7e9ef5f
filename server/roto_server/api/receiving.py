"""Bodies that go to the storage while they come in."""

from __future__ import annotations

import asyncio

from fastapi import Request

from ..errors import BadRequestError
from ..storage import PartWriter
from .store_threads import writing

WRITE_BYTES = 1 << 20
"""Bodies are written in steps of about this size, each in a thread."""

SILENT_SECONDS = 60.0
"""A sender that says nothing for so long is gone, though its connection may not know it yet."""


async def receive(request: Request, part: PartWriter) -> None:
    """Write the body to ``part``; what came before the connection broke is written too."""
    waiting = bytearray()
    chunks = request.stream()
    try:
        while True:
            async with asyncio.timeout(SILENT_SECONDS):
                chunk = await anext(chunks, b"")
            if not chunk and not waiting:
                return
            waiting += chunk
            if not chunk or len(waiting) >= WRITE_BYTES:
                piece, waiting = bytes(waiting), bytearray()
                await writing(part.write, piece)
    except TimeoutError:
        raise BadRequestError(f"Nothing came for {SILENT_SECONDS:g} s.") from None
    finally:
        if waiting:
            await writing(part.write, bytes(waiting))
