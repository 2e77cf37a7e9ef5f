"""Answers that are sent while they are made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial

from ..db.session import Database


async def in_pieces(database: Database, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """``pieces`` made one by one in threads, each with a place at the database while it is made.

    ``pieces`` must hold no session between two of them: however slowly the client reads, or when it
    leaves, nothing of the database is kept.
    """
    while True:
        piece = await database.gate.run(partial(next, pieces, None))
        if piece is None:
            return
        yield piece
