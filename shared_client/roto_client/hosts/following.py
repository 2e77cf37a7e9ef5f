"""Watching the jobs an artist cares about, on one thread however many they are.

Everything that holds is asked for again and again; a server that is away costs patience and nothing
else, so a restart of server or network in the middle of a shot is only a pause. While there is no
way to the server the same thread looks for one, jobs or not.
"""

from __future__ import annotations

import threading
import time
from typing import Callable, Dict, Iterable, List, Optional, Set, Tuple

from roto_shapes.errors import RotoError

from ..api.client import RotoClient
from ..api.errors import (
    AccessError,
    NotFoundError,
    ServerUnavailableError,
    SignInError,
    VersionMismatchError,
)
from ..api.models import Job
from .runner import as_roto_error

_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
_REFUSED_PAUSE = 60.0
"""A key that was refused is not good again by itself, or seldom."""
_A_SECOND = 20
"""Most questions a second, however many jobs are followed."""


class Follower:
    """Follows jobs until they have ended.

    ``client`` is asked before each round: the way to the server, None while nobody wants one;
    it may connect, and raise what that raises. ``show`` gets every job looked at with its shot's
    name, ``gone`` the id of a job the server does not know any more, ``trouble`` an error (None:
    all is well); all are called on the follower's thread.
    """

    def __init__(
        self,
        client: Callable[[], Optional[RotoClient]],
        show: Callable[[Job, str], None],
        gone: Callable[[str], None],
        trouble: Callable[[Optional[RotoError]], None],
        pause: float = _PAUSE,
    ) -> None:
        self._client, self._show, self._gone, self._trouble = client, show, gone, trouble
        self._shortest = self._pause = pause
        self._lock = threading.Lock()
        self._ids: Set[str] = set()
        self._later: Dict[str, float] = {}
        self._failures: Dict[str, int] = {}
        self._shots: Dict[str, str] = {}
        # How often the server was lost, and which of these times is over.
        self._lost = self._found = 0
        self._not_before = 0.0
        # Who asked to be left alone, and until when. A new way to a server is another client.
        self._asked: Tuple[Optional[RotoClient], float] = (None, 0.0)
        self._wake, self._closed = threading.Event(), threading.Event()
        self._thread: Optional[threading.Thread] = None

    def follow(self, job_ids: Iterable[str]) -> None:
        """Add jobs to those followed. Returns at once."""
        with self._lock:
            self._ids |= set(job_ids)
            self._start()
        self.look_now()

    def find_server(self, after: float = 0.0) -> None:
        """Nothing answers: look for the server until it does, first ``after`` seconds from now.
        Returns at once."""
        with self._lock:
            self._lost += 1
            self._not_before = time.monotonic() + after
            self._start()

    def look_now(self) -> None:
        """Do not wait for the next round, unless the server asked for that."""
        self._wake.set()

    def close(self) -> None:
        """Stop, without waiting."""
        self._closed.set()
        self._wake.set()

    @property
    def _away(self) -> bool:
        return self._found != self._lost

    def _start(self) -> None:
        if (self._ids or self._away) and self._thread is None and not self._closed.is_set():
            self._thread = threading.Thread(target=self._run, name="roto-jobs", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._closed.is_set():
            with self._lock:
                ids: List[str] = sorted(self._ids)
                if not ids and not self._away:
                    self._thread = None
                    return
            pause = self._turn(ids)
            self._wake.wait(pause)
            self._wake.clear()

    def _turn(self, ids: List[str]) -> float:
        """One round; seconds until the next."""
        lost = self._lost
        early = self._not_before - time.monotonic()
        if early > 0:
            return early
        client: Optional[RotoClient] = None
        try:
            client = self._client()
            if client is None:
                self._found = lost
                return _REFUSED_PAUSE
            by, until = self._asked
            if client is by and until > time.monotonic():
                return until - time.monotonic()
            self._round(client, ids)
        except (AccessError, VersionMismatchError) as error:
            self._found = lost
            self._trouble(error)
            return _REFUSED_PAUSE
        except Exception as error:
            # Whatever is in the way, the jobs are still there: they are asked for again.
            self._pause = min(_LONGEST_PAUSE, self._pause * 1.5)
            self._asked = (client, time.monotonic() + pause_asked(error))
            self._trouble(as_roto_error(error, "following jobs"))
            return max(self._pause, pause_asked(error))
        self._found = lost
        self._pause = self._shortest
        self._trouble(None)
        return max(self._pause, len(ids) / _A_SECOND)

    def _round(self, client: RotoClient, ids: Iterable[str]) -> None:
        asked = False
        for job_id in ids:
            if self._closed.is_set():
                return
            if self._later.get(job_id, 0.0) <= time.monotonic():
                self._look(client, job_id)
                asked = True
        if not asked and self._away:
            client.probe()

    def _look(self, client: RotoClient, job_id: str) -> None:
        """Raises what says something of the server; what is wrong with one job stays with it."""
        try:
            job = client.job(job_id)
            if job.shot_id not in self._shots:
                self._shots[job.shot_id] = client.shot(job.shot_id).name
        except NotFoundError:
            self._forget(job_id)
            self._gone(job_id)
        except (ServerUnavailableError, SignInError, VersionMismatchError):
            raise
        except Exception as error:
            # An answer that cannot be read, or a bug over there: seldom forever.
            failures = self._failures[job_id] = self._failures.get(job_id, 0) + 1
            self._later[job_id] = time.monotonic() + min(60.0, self._shortest * 2.0**failures)
            if failures == 1:
                self._trouble(as_roto_error(error, f"following job {job_id}"))
        else:
            if job.ended:
                self._forget(job_id)
            self._failures.pop(job_id, None)
            self._show(job, self._shots[job.shot_id])

    def _forget(self, job_id: str) -> None:
        with self._lock:
            self._ids.discard(job_id)
        self._later.pop(job_id, None)
        self._failures.pop(job_id, None)


def pause_asked(error: Exception) -> float:
    """Seconds a server asks to be left alone."""
    detail = error.detail if isinstance(error, ServerUnavailableError) else {}
    return float(detail.get("retry_after") or 0.0)
