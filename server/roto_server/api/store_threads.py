"""Threads for what waits for the storage. What changes it is over when the task that asked is.

A bucket that does not answer, or a terabyte that is hashed, takes these and no others: requests
that need only the database, heartbeats among them, go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from functools import partial
from typing import TypeVar, TypeVarTuple, Unpack
from weakref import WeakValueDictionary

import anyio
from anyio.to_thread import run_sync

from ..db.gate import finished, in_thread
from ..errors import ConflictError

T = TypeVar("T")
Args = TypeVarTuple("Args")

_LOOKS = anyio.CapacityLimiter(32)
_LINKS = anyio.CapacityLimiter(8)
_HASHES = anyio.CapacityLimiter(4)
_WRITES = anyio.CapacityLimiter(16)
_NODES = anyio.CapacityLimiter(16)
_PATIENCE_SECONDS = 20.0
_completing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


async def looking(work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """``work(*args)``, which asks the storage something or reads a little. No transaction may be
    open meanwhile; the same holds for all here."""
    return await run_sync(work, *args, limiter=_LOOKS)


async def linking(work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """``work(*args)``, which links, copies or removes the files of a plate or a shot."""
    return await finished(partial(work, *args), _LINKS)


async def hashing(work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """``work(*args)``, which reads every byte of an upload."""
    return await run_sync(work, *args, limiter=_HASHES)


async def writing(work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """``work(*args)``, which writes some of a body."""
    return await finished(partial(work, *args), _WRITES)


def opened(part: AbstractContextManager[T]) -> AbstractAsyncContextManager[T]:
    """``part`` of the storage, open to be written in the block."""
    return in_thread(part, _WRITES)


async def for_nodes(work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """``work(*args)``, which takes a node's report or finds its files. Its transactions are its
    own, and it asks the storage between them."""
    return await finished(partial(work, *args), _NODES)


@asynccontextmanager
async def completing(upload_id: str) -> AsyncIterator[None]:
    """The only one in this process who completes the upload; who waits for that takes no thread.

    Raises `ConflictError` when another is still at it after a while.
    """
    lock = _completing.setdefault(upload_id, asyncio.Lock())
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await lock.acquire()
    except TimeoutError:
        raise ConflictError(
            "The upload is being completed.", hint="Ask again in a few seconds."
        ) from None
    try:
        yield
    finally:
        lock.release()


async def in_parts(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """A stored file's ``parts``, for an answer; a thread is taken for each part alone."""
    while (part := await looking(next, parts, None)) is not None:
        yield part
