"""Work that is done beside the engine: mattes are finished and written while it goes on."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

MOST_THREADS = 4
MOST_BYTES = 256 << 20
"""Threads are fewer where their pieces of work take more than this together."""


class Backlog:
    """Pieces of work of ``piece_bytes`` each on a few threads, in no order.

    Never more than two wait for each thread. What a piece raises is raised by a later call, and by
    the end of the ``with`` block.
    """

    def __init__(self, piece_bytes: int) -> None:
        count = min(MOST_THREADS, os.cpu_count() or 1, max(1, MOST_BYTES // piece_bytes))
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="finish")
        self._most = 2 * count
        self._waiting: deque[Future[None]] = deque()

    def add(self, work: Callable[[], None]) -> None:
        """Have ``work`` done; waits while too much is."""
        while len(self._waiting) >= self._most:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(work))

    def drain(self) -> None:
        """Wait until everything is done."""
        while self._waiting:
            self._waiting.popleft().result()

    def __enter__(self) -> Backlog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is written any more afterwards. An error of the block goes first."""
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            self.drain()
