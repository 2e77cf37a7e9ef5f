"""The state behind the fake: main thread, its queue, undo, and how long every call took.

What the reference says and this enforces: ``nuke.*`` on the main thread only; from a worker thread
``executeInMainThread`` and nothing else, which on the main thread itself would hang Nuke; no
``execute`` inside ``knobChanged``.
"""

from __future__ import annotations

import functools
import gc
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any


class HostRuleError(AssertionError):
    """The plugin did what would hang, crash or quietly damage a real Nuke."""


def _no_renderer(node: Any, frame: int) -> None:
    raise RuntimeError("this test renders nothing")


class Entry:
    """One entry of the undo list, with the script's text before it."""

    def __init__(self, name: str, before: str) -> None:
        self.name = name
        self.before = before


class Host:
    """One running Nuke.

    ``main_calls``: (what, seconds) of everything of the plugin's that held the main thread, without
    the time the fake itself took: a real Nuke's is another, and not the plugin's to choose. Seconds
    are the thread's own, so that a busy machine does not count.
    """

    def __init__(self) -> None:
        self.main = threading.get_ident()
        self.queue: deque[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = deque()
        self.arrived = threading.Event()
        self.main_calls: list[tuple[str, float]] = []
        self.api_calls = 0
        self.api_seconds = 0.0
        self.api_depth = 0
        self.undo: list[Entry] = []
        self.keeps_undo = True
        self.undo_off = 0
        self.group: list[tuple[str, str, bool]] = []
        self.in_knob_changed = 0
        self.executing = 0
        self.pumping = False
        self.messages: list[str] = []
        self.answers: list[Any] = []
        self.executed: list[tuple[str, int]] = []
        self.closed = False
        self.snapshot: Callable[[], str] = lambda: ""
        self.render: Callable[[Any, int], None] = _no_renderer
        self.frame = 1

    # -- threads

    def check_main(self, what: str) -> None:
        if threading.get_ident() != self.main:
            raise HostRuleError(f"{what} was called off the main thread")
        if self.closed:
            raise HostRuleError(f"{what} was called after Nuke ended")
        self.api_calls += not self.api_depth

    def post(self, call: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if threading.get_ident() == self.main:
            raise HostRuleError("executeInMainThread on the main thread hangs Nuke")
        if not callable(call):
            raise TypeError(f"{call!r} cannot be called")
        args = args if isinstance(args, tuple) else (args,)
        self.queue.append((call, args, dict(kwargs or {})))
        self.arrived.set()

    def pump(self) -> int:
        """Run what is waiting for the main thread; how many calls that were."""
        self.check_main("the event loop")
        self.arrived.clear()
        done = 0
        while self.queue:
            call, args, kwargs = self.queue.popleft()
            self.pumping = True
            try:
                with self.timed(getattr(call, "__qualname__", repr(call))):
                    call(*args, **kwargs)
            finally:
                self.pumping = False
            done += 1
        return done

    def pump_until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Nuke's event loop until ``condition`` holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"still waiting after {seconds} s: {condition}")
            self.arrived.wait(0.02)
            self.pump()

    @contextmanager
    def timed(self, what: str) -> Any:
        """A stretch on the main thread, measured."""
        # A collection is paid by whoever comes then, for the garbage of all: tests, the fake.
        collects = gc.isenabled()
        gc.disable()
        start, inside = time.thread_time(), self.api_seconds
        try:
            yield
        finally:
            taken = time.thread_time() - start - (self.api_seconds - inside)
            self.main_calls.append((what, taken))
            if collects:
                gc.enable()

    def longest(self) -> tuple[str, float]:
        return max(self.main_calls, key=lambda one: one[1], default=("", 0.0))

    # -- undo

    def changed(self, what: str) -> None:
        """The script is about to change: an undo entry of its own unless a group is open."""
        if self.undo_off:
            return
        if self.group:
            name, before, _ = self.group[-1]
            self.group[-1] = (name, before, True)
            return
        self.undo.append(Entry(what, self._before()))

    def begin(self, name: str) -> None:
        self.group.append((name, "" if self.group else self._before(), False))

    def _before(self) -> str:
        return self.snapshot() if self.keeps_undo else ""

    def end(self) -> None:
        if not self.group:
            raise HostRuleError("Undo.end without a begin")
        name, before, touched = self.group.pop()
        if touched and self.group:
            outer, text, _ = self.group[-1]
            self.group[-1] = (outer, text, True)
        elif touched and not self.undo_off:
            self.undo.append(Entry(name, before))


HOST = Host()


def current() -> Host:
    return HOST


def current_frame() -> int:
    return HOST.frame


def restart() -> Host:
    """A new Nuke, its main thread the calling one."""
    global HOST  # noqa: PLW0603
    HOST = Host()
    return HOST


def guarded(cls: Any) -> Any:
    """Every public method of a class checks the thread first."""
    for name, member in list(vars(cls).items()):
        if name.startswith("_") and name not in ("__getitem__", "__init__"):
            continue
        if isinstance(member, classmethod):
            setattr(cls, name, classmethod(_checked(f"{cls.__name__}.{name}", member.__func__)))
        elif callable(member) and not isinstance(member, type):
            setattr(cls, name, _checked(f"{cls.__name__}.{name}", member))
    return cls


def main_only(function: Any) -> Any:
    return _checked(f"nuke.{function.__name__}", function)


def _checked(what: str, function: Any) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        host = HOST
        host.check_main(what)
        start = time.thread_time()
        host.api_depth += 1
        try:
            return function(*args, **kwargs)
        finally:
            host.api_depth -= 1
            if host.api_depth == 0:
                host.api_seconds += time.thread_time() - start

    return call


def need(condition: bool, what: str) -> None:
    """A wrong type is an error here, as it is one in Nuke's C++."""
    if not condition:
        raise TypeError(what)
