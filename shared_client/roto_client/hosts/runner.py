"""Work on threads, answers on the host's main thread.

Threads are daemons: a host that closes never waits for the farm. What a piece of work was about
goes on at the farm anyway, and is found again by its job's id.
"""

from __future__ import annotations

import logging
import queue
import threading
from typing import Any, Callable, Optional, Set, TypeVar

from roto_shapes.errors import RotoError

T = TypeVar("T")
Call = Callable[[], None]
Post = Callable[[Call], None]
"""Schedules a call on the host's main thread, in order, from any thread, and returns at once."""

Failed = Callable[[RotoError], None]

_log = logging.getLogger("roto_client.hosts")
_MOST_THREADS = 6


class Task:
    """A piece of work that was asked for. Setting ``stop`` asks it to end; then nothing is told."""

    def __init__(self) -> None:
        self.stop = threading.Event()

    def cancel(self) -> None:
        """Ask the work to end; neither ``done`` nor ``failed`` is called any more."""
        self.stop.set()


class Runner:
    """Runs work beside the host. ``post``: see `Post`."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._waiting: queue.Queue[Call] = queue.Queue()
        self._lock = threading.Lock()
        self._threads = 0
        self._tasks: Set[Task] = set()
        """Taken on and not at their end, whether a thread is on them or none is yet."""
        self._closed = False

    def run(
        self,
        work: Callable[[threading.Event], T],
        done: Callable[[T], None],
        failed: Failed,
    ) -> Task:
        """Call ``work(stop)`` on a thread, then ``done(result)`` or ``failed(error)`` on the main
        thread. Returns at once; of a cancelled task nothing is heard."""
        task = Task()

        def call() -> None:
            try:
                result = work(task.stop)
            except Exception as error:
                # Whatever broke, the artist is to hear of it, and the host is not to.
                self._tell(task, failed, as_roto_error(error))
            else:
                self._tell(task, done, result)
            finally:
                with self._lock:
                    self._tasks.discard(task)

        with self._lock:
            if self._closed:
                task.cancel()
                return task
            self._tasks.add(task)
            self._waiting.put(call)
            if self._threads < min(len(self._tasks), _MOST_THREADS):
                self._threads += 1
                threading.Thread(target=self._serve, name="roto", daemon=True).start()
        return task

    def post(self, call: Call) -> None:
        """Schedule ``call`` on the main thread, unless the runner is closed by then."""
        self._post(lambda: None if self._closed else call())

    def close(self) -> None:
        """Let go of everything; nothing is called any more. Does not wait."""
        with self._lock:
            self._closed = True
            for task in self._tasks:
                task.cancel()

    def _serve(self) -> None:
        while not self._closed:
            try:
                call = self._waiting.get(timeout=30)
            except queue.Empty:
                with self._lock:
                    if self._waiting.empty():
                        self._threads -= 1
                        return
            else:
                call()

    def _tell(self, task: Task, tell: Callable[[Any], None], what: Any) -> None:
        if not task.stop.is_set():
            self.post(lambda: None if task.stop.is_set() else tell(what))


def as_roto_error(error: Exception, doing: Optional[str] = None) -> RotoError:
    """``error`` for an artist; what is not ours is logged with its traceback."""
    if isinstance(error, RotoError):
        return error
    _log.error("%s", doing or "work beside the host failed", exc_info=error)
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return RotoError(
            f"{error.strerror or error}{where}.",
            hint="Check that the folder exists, is writable and has room.",
            code="storage_failed",
        )
    return RotoError(
        f"Something unexpected happened: {type(error).__name__}: {error}",
        hint="The host's console has the details; please report them.",
        code="internal",
    )
