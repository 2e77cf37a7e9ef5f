"""Work on many frames side by side, handed on in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

MOST_THREADS = 16
WORKING_BYTES = 2 << 30
"""Memory that frames in work may take."""
_BYTES_PER_PIXEL = 64
"""As read, as float on the way through the colour transform, as composed and as encoded."""

Item = TypeVar("Item")
Made = TypeVar("Made")


def hands(width: int, height: int) -> int:
    """How many frames of that size are worked on at once: a core each, as far as memory goes."""
    cores = len(os.sched_getaffinity(0))
    fit = WORKING_BYTES // (_BYTES_PER_PIXEL * width * height)
    return max(1, min(cores, fit, MOST_THREADS))


def in_order(make: Callable[[Item], Made], items: Iterable[Item], threads: int) -> Generator[Made]:
    """What ``make`` answers for each item, in the items' order, made on ``threads`` threads.

    At most two results wait to be taken, so memory does not grow with the number of items. The
    first failure ends it; what was not begun then is not made.
    """
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="frames") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(make, item))
                if len(waiting) >= threads + 2:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
