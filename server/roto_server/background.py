"""Threads that work beside the requests, and whether they still do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from roto_shapes.errors import RotoError


class Patience:
    """``seconds`` for all that is waited for, counted from the first time somebody asks."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None

    def left(self) -> float:
        """Seconds that are left, or 0."""
        if self._until is None:
            self._until = time.monotonic() + self._seconds
        return max(0.0, self._until - time.monotonic())


class Background:
    """A daemon thread that does ``work``, which returns when its owner tells it to."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._name = name
        self._work = work
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work."""
        self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for its end, but no longer than that."""
        if self._thread is not None:
            self._thread.join(seconds)
            self._thread = None

    def report(self) -> str:
        """For /readyz. Raises `RotoError` (``internal``) when the thread has ended by itself."""
        if self._thread is None or not self._thread.is_alive():
            raise RotoError(
                f"the thread {self._name!r} has ended; its log says why, a restart brings it back",
                code="internal",
            )
        return ""
