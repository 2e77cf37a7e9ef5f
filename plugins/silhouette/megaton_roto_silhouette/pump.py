"""The way back to Silhouette's main thread, and long work there cut into short pieces.

The host may be touched on its main thread only. Whatever other threads want done there is queued
and taken up by a timer; work that is many small steps runs until its time is up and goes on at the
next tick, so that the host stays usable.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Callable, Deque, Iterator, Optional

TICK_SECONDS = 0.02
BUDGET_SECONDS = 0.012
"""How long one tick may keep the host."""


class Pump:
    """Calls queued for the main thread. `post` may be used from any thread, `tick` only there."""

    def __init__(self, budget: float = BUDGET_SECONDS) -> None:
        self._budget = budget
        self._calls: Deque[Callable[[], None]] = deque()
        self.longest = 0.0
        """Seconds the longest tick took."""

    def post(self, call: Callable[[], None]) -> None:
        self._calls.append(call)

    def tick(self) -> None:
        """Run what is queued until the time is up. An error of one call stops none of the others
        but is raised at the end."""
        started = time.perf_counter()
        failure: Optional[Exception] = None
        while self._calls:
            call = self._calls.popleft()
            try:
                call()
            except Exception as error:  # reported below; the next call is somebody else's
                failure = error
            if time.perf_counter() - started >= self._budget:
                break
        self.longest = max(self.longest, time.perf_counter() - started)
        if failure is not None:
            raise failure

    @property
    def idle(self) -> bool:
        return not self._calls

    def steps(
        self,
        work: Iterator[Any],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run ``work`` to its end over as many ticks as it takes, then ``done``.

        ``failed`` gets what a step raises; nothing of ``work`` runs after that.
        """

        def some() -> None:
            deadline = time.perf_counter() + self._budget / 2
            try:
                for _ in work:
                    if time.perf_counter() >= deadline:
                        self.post(some)
                        return
            except Exception as error:
                failed(error)
                return
            done()

        self.post(some)
