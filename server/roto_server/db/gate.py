"""How a request gets at the database without starving the others, and always gives it back.

A request holds its connection while it waits for a thread to go on in. Were connections waited for
in threads too, enough requests at once would hold all of both and none could go on; so they queue
here, on the event loop, before they take either.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, TypeVar

import anyio.to_thread
import structlog

from roto_shapes.errors import RotoError

T = TypeVar("T")
RETRY_AFTER_SECONDS = 1

log = structlog.get_logger(__name__)

# The event loop keeps weak references only: work that outlives its request is held here.
_finishing: set[asyncio.Task[Any]] = set()


class Gate:
    """Lets ``places`` requests of this process use the database at once; the others queue.

    ``refusal``: what those are told that waited in vain, of places and seconds.
    """

    def __init__(
        self,
        places: int,
        wait_seconds: float,
        refusal: Callable[[int, float], RotoError] | None = None,
    ) -> None:
        self.places = places
        self._refusal = refusal or exhausted
        self._wait_seconds = wait_seconds
        self._semaphore = asyncio.Semaphore(places)
        self.inside = 0

    @asynccontextmanager
    async def admit(self) -> AsyncIterator[None]:
        """A place until the block ends.

        Raises:
            RotoError: ``server_unavailable`` when none came free within ``wait_seconds``.
        """
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._semaphore.acquire()
        except TimeoutError:
            raise self._refusal(self.places, self._wait_seconds) from None
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
            self._semaphore.release()

    async def run(self, work: Callable[[], T]) -> T:
        """``work``, which opens and closes a transaction, in one worker thread.

        A request that is cancelled meanwhile waits for it.
        """
        async with self.admit():
            return await finished(work)


async def finished(work: Callable[[], T], limiter: anyio.CapacityLimiter | None = None) -> T:
    """``work`` in a worker thread (of ``limiter``), over when this is.

    A task that is cancelled meanwhile waits for it: the thread goes on in any case, and whoever
    cleans up after the task would clean under its hands.
    """
    running = _start(anyio.to_thread.run_sync(work, limiter=limiter))
    # anyio's own cancellation comes again and again until it is obeyed.
    with anyio.CancelScope(shield=True):
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError:
            await asyncio.wait({running})
            if not running.cancelled() and running.exception() is not None:
                log.warning("failed_after_cancel", error=repr(running.exception()))
            raise
    return running.result()


def exhausted(connections: int, waited_seconds: float) -> RotoError:
    """The refusal when every database connection stayed in use for ``waited_seconds``."""
    return RotoError(
        f"All {connections} database connections of this server process were in use "
        f"for {waited_seconds:g} s.",
        hint="Try again in a moment. If it stays so, raise ROTO_DATABASE_POOL_SIZE or "
        "ROTO_DATABASE_MAX_OVERFLOW (PostgreSQL's max_connections must allow it), or start "
        "another server process.",
        code="server_unavailable",
        detail={"retry_after": RETRY_AFTER_SECONDS},
    )


@asynccontextmanager
async def in_thread(
    manager: AbstractContextManager[T], limiter: anyio.CapacityLimiter | None = None
) -> AsyncIterator[T]:
    """``manager`` entered (in the threads of ``limiter``) and left in worker threads.

    It is left exactly once if it was entered, however the task is cancelled meanwhile: a thread
    cannot be, so what it opened is closed as soon as it is back.
    """
    entering = _start(anyio.to_thread.run_sync(manager.__enter__, limiter=limiter))
    try:
        value = await asyncio.shield(entering)
    except asyncio.CancelledError:
        _start(_leave_once_entered(entering, manager))
        raise
    try:
        yield value
    except BaseException as error:
        if not await asyncio.shield(_start(_leave(manager, error))):
            raise
    else:
        await asyncio.shield(_start(_leave(manager, None)))


async def settle() -> None:
    """Wait until nothing is left of requests that were cancelled (for an orderly end)."""
    while _finishing:
        await asyncio.wait(set(_finishing))


def _start(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    task = asyncio.create_task(work)
    _finishing.add(task)
    task.add_done_callback(_finishing.discard)
    return task


async def _leave(manager: AbstractContextManager[Any], error: BaseException | None) -> bool:
    facts = (None, None, None) if error is None else (type(error), error, error.__traceback__)
    # A limiter of its own: leaving must not wait for threads that wait for what is held here.
    limiter = anyio.CapacityLimiter(1)
    return bool(await anyio.to_thread.run_sync(manager.__exit__, *facts, limiter=limiter))


async def _leave_once_entered(
    entering: asyncio.Task[Any], manager: AbstractContextManager[Any]
) -> None:
    await asyncio.wait({entering})
    if not entering.cancelled() and entering.exception() is None:
        await _leave(manager, asyncio.CancelledError())
