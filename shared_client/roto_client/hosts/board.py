"""The one place where a desk's state changes, and from where its watchers hear of it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import Callable, Dict, List, Mapping, Optional, Tuple

from roto_shapes.attention import Stretch

from .state import CodeShown, DeskState, JobRow, ServerState

Watcher = Callable[[DeskState], None]

_log = logging.getLogger("roto_client.hosts")

_BETWEEN = 0.2
"""Seconds between two tellings: an artist reads no faster, and hosts redraw slowly."""


class Board:
    """Holds a `DeskState`; changes come from any thread, watchers are called through ``post``."""

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._lock = threading.Lock()
        self._state = DeskState()
        self._watchers: List[Watcher] = []
        self._busy: Dict[object, Tuple[str, Optional[float]]] = {}
        self._told = 0.0
        self._pending = self._closed = False

    @property
    def state(self) -> DeskState:
        """The newest snapshot."""
        return self._state

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Add a watcher; what is returned takes it away."""
        self._watchers.append(watcher)

        def unsubscribe() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return unsubscribe

    def server(self, server: ServerState) -> None:
        """The way to the farm changed."""
        self._change(lambda state: replace(state, server=server))

    def sign_in(self, shown: CodeShown) -> None:
        """A code waits for the artist's browser."""
        self._change(lambda state: replace(state, sign_in=shown))

    def sign_in_over(self, shown: Optional[CodeShown]) -> None:
        """That code waits no longer. Another one that took its place goes on waiting."""
        self._change(
            lambda state: replace(state, sign_in=None) if state.sign_in == shown else state
        )

    def notice(self, text: str) -> None:
        """Something worth telling."""
        self._change(lambda state: replace(state, notice=text))

    def busy(self, work: object, text: str, fraction: Optional[float] = None) -> None:
        """What ``work`` (any key of its own) is doing right now; empty when it is over. Of several
        the one that spoke last is shown."""

        def changed(state: DeskState) -> DeskState:
            self._busy.pop(work, None)
            if text:
                self._busy[work] = (text, fraction)
            shown, done = list(self._busy.values())[-1] if self._busy else ("", None)
            return replace(state, busy=shown, busy_fraction=done)

        self._change(changed)

    def show(self, row: JobRow) -> None:
        """A new job, on top, or news of one that is listed."""

        def changed(state: DeskState) -> DeskState:
            if state.job(row.id) is None:
                return replace(state, jobs=(row, *state.jobs))
            jobs = tuple(row if one.id == row.id else one for one in state.jobs)
            return replace(state, jobs=jobs)

        self._change(changed)

    def attention(self, job_id: str, found: Mapping[str, Tuple[Stretch, ...]]) -> None:
        """What needs the artist in a job that is listed."""

        def changed(state: DeskState) -> DeskState:
            jobs = (
                replace(one, attention=found) if one.id == job_id else one for one in state.jobs
            )
            return replace(state, jobs=tuple(jobs))

        self._change(changed)

    def remove(self, job_id: str) -> None:
        """A job leaves the list."""
        self._change(
            lambda state: replace(state, jobs=tuple(j for j in state.jobs if j.id != job_id))
        )

    def close(self) -> None:
        """Nobody is told anything any more."""
        self._closed = True
        self._watchers.clear()

    def _change(self, change: Callable[[DeskState], DeskState]) -> None:
        with self._lock:
            changed = change(self._state)
            if changed == self._state:
                return
            self._state = changed
            if self._pending or self._closed:
                return
            self._pending = True
            wait = self._told + _BETWEEN - time.monotonic()
        if wait <= 0:
            self._post(self._tell)
        else:
            timer = threading.Timer(wait, lambda: self._post(self._tell))
            timer.daemon = True
            timer.start()

    def _tell(self) -> None:
        """On the main thread."""
        with self._lock:
            self._pending = False
            self._told = time.monotonic()
            state = self._state
        for watcher in list(self._watchers):
            try:
                watcher(state)
            except Exception:
                # A panel that cannot draw must not keep the others from drawing.
                _log.exception("a watcher of the desk failed")
