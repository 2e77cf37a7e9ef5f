"""A host's main thread, played by the test."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from roto_shapes.errors import RotoError


class MainThread:
    """What is posted runs where the test pumps, as in a host's event loop."""

    def __init__(self) -> None:
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.threads: set[str] = set()
        self.longest = 0.0
        """Seconds of the processor's time the longest call took."""

    def post(self, call: Callable[[], None]) -> None:
        self._calls.put(call)

    def pump(self) -> None:
        """Run what was posted so far."""
        while True:
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                return
            self.threads.add(threading.current_thread().name)
            began = time.thread_time()
            call()
            self.longest = max(self.longest, time.thread_time() - began)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = 120.0) -> Any:
        """Pump until ``condition`` gives something true; that."""
        deadline = time.monotonic() + seconds
        while True:
            self.pump()
            found = condition()
            if found:
                return found
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(0.01)


class Answer:
    """The two callbacks of an action, and what they were given."""

    def __init__(self, main: MainThread) -> None:
        self.main = main
        self.results: list[Any] = []
        self.errors: list[RotoError] = []

    def done(self, result: Any) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.results.append(result)

    def failed(self, error: RotoError) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.errors.append(error)

    @property
    def callbacks(self) -> tuple[Callable[[Any], None], Callable[[RotoError], None]]:
        return self.done, self.failed

    def result(self, what: str = "a result") -> Any:
        """Wait for it; an error fails the test."""
        self.main.until(lambda: self.results or self.errors, what)
        assert not self.errors, (self.errors[0].message, self.errors[0].hint)
        return self.results[0]

    def error(self, what: str = "an error") -> RotoError:
        self.main.until(lambda: self.results or self.errors, what)
        assert self.errors, f"instead of an error: {self.results}"
        return self.errors[0]
