"""Two beats: one for the worker (always), one for the attempt it runs.

Both run in threads, so that a stage busy in native code for a while does not look dead.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .farm_client import (
    FarmClient,
    FarmError,
    ServerUnavailableError,
    StaleAttemptError,
    TokenRefusedError,
)

logger = logging.getLogger(__name__)

DRAIN = "drain"
"""Why an attempt is given back when its worker is told to end."""

SPEED_WINDOW_SECONDS = 20.0

LAST_BEAT_SECONDS = 1.0
"""How long a beat under way is waited for when nothing depends on its answer any more."""


class Pulse:
    """Calls ``beat`` every ``seconds`` in a daemon thread, until `stop` or it answers false.

    ``steady``: counted from one beat's start to the next's, so that after a beat that was long
    without an answer comes another one at once; else from a beat's end.
    """

    def __init__(
        self, name: str, seconds: float, beat: Callable[[], bool], *, steady: bool = False
    ) -> None:
        self._seconds = seconds
        self._steady = steady
        self._beat = beat
        self._stopped = threading.Event()
        # With the ids of whoever starts it in its log lines.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, limit: float | None = None) -> None:
        """End the thread; returns when no beat is under way any more, or after ``limit`` seconds.

        No beat begins after that.
        """
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(limit)

    def _run(self) -> None:
        took = 0.0
        while not self._stopped.wait(max(0.0, self._seconds - took)):
            began = time.monotonic()
            try:
                if not self._beat():
                    return
            except Exception:
                # A heart that stops for a bug loses the attempt; one that skips a beat does not.
                logger.exception("a heartbeat failed")
            took = time.monotonic() - began if self._steady else 0.0


class ProgressMeter:
    """The latest progress of an attempt, with speed and time left.

    ``done`` never falls. Speed is frames per second over the last 20 s, from this process's own
    first report on, so frames taken over from an earlier attempt do not count.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._done = 0
        self._total = 0
        self._message = ""
        self._marks: deque[tuple[float, int]] = deque()

    def update(self, done: int, total: int, message: str = "") -> None:
        """Take a stage's report; an empty message keeps the last one."""
        now = self._clock()
        with self._guard:
            self._done = max(self._done, done)
            self._total = max(total, 0)
            self._message = message or self._message
            self._marks.append((now, self._done))
            while len(self._marks) > 2 and self._marks[0][0] < now - SPEED_WINDOW_SECONDS:
                self._marks.popleft()

    def say(self, message: str) -> None:
        """What the attempt is doing, while no stage says it."""
        with self._guard:
            self._message = message

    def as_progress(self) -> dict[str, Any]:
        """The farm API's ``progress``."""
        with self._guard:
            speed = self._speed()
            left = max(self._total - self._done, 0)
            return {
                "done": self._done,
                "total": self._total,
                "frames_per_second": None if speed is None else round(speed, 3),
                "eta_seconds": round(left / speed, 1) if speed else None,
                "message": self._message,
            }

    def _speed(self) -> float | None:
        if len(self._marks) < 2:
            return None
        (then, before), (_, now_done) = self._marks[0], self._marks[-1]
        # Until now, not until the last report: a stage that hangs is seen to slow down.
        seconds = self._clock() - then
        return (now_done - before) / seconds if seconds > 0 else None


class StopFlag:
    """Why the current attempt should end, if it should. Safe to set from a signal handler.

    ``stale`` means the server has moved on, and nothing more is to be said to it.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.stale = False
        self._drain_at: float | None = None

    def stop(self, reason: str, *, stale: bool = False) -> None:
        """End the attempt at its next report of progress. A stale one stays stale."""
        self.stale = self.stale or stale
        self.reason = self.reason or reason or "stopped by the server"

    def drain(self, grace_seconds: float) -> None:
        """Let the attempt finish within ``grace_seconds``, else give it back."""
        self._drain_at = time.monotonic() + grace_seconds

    @property
    def raised(self) -> bool:
        """Whether the attempt should end now."""
        if not self.reason and self._drain_at is not None and time.monotonic() >= self._drain_at:
            self.reason = DRAIN
        return bool(self.reason)


class AttemptHeartbeat:
    """Keeps an attempt's lease while a stage runs, and brings the server's orders to it."""

    def __init__(
        self,
        client: FarmClient,
        attempt_id: str,
        token: str,
        meter: ProgressMeter,
        stop: StopFlag,
        seconds: float,
    ) -> None:
        self._client = client
        self._attempt_id = attempt_id
        self._token = token
        self._meter = meter
        self._stop = stop
        self._pulse = Pulse(f"heartbeat-{attempt_id[:8]}", seconds, self.beat, steady=True)

    def __enter__(self) -> AttemptHeartbeat:
        # The first beat, before the stage starts: it moves the attempt from leased to running.
        if self.beat():
            self._pulse.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._pulse.stop(LAST_BEAT_SECONDS)

    def beat(self) -> bool:
        """One beat; false when there is nothing more to beat for."""
        try:
            progress = self._meter.as_progress()
            order = self._client.heartbeat(self._attempt_id, progress, self._token)
        except StaleAttemptError as error:
            self._stop.stop(error.message, stale=True)
            return False
        except TokenRefusedError as error:
            logger.error("attempt %s is unknown to the server: %s", self._attempt_id, error)
            self._stop.stop(error.message, stale=True)
            return False
        except FarmError as error:
            # The lease may run out meanwhile; the attempt id fences whatever we finish.
            level = logging.WARNING if isinstance(error, ServerUnavailableError) else logging.ERROR
            logger.log(level, "heartbeat of attempt %s: %s", self._attempt_id, error)
            return True
        if order.stop:
            self._stop.stop(order.reason)
        return True
