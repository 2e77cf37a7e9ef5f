"""Watching the jobs an artist cares about, on one thread however many they are.

Everything that holds is asked for again and again; a server that is away costs patience and nothing
else, so a restart of server or network in the middle of a shot is only a pause.
"""

from __future__ import annotations

import logging
import threading
from typing import Callable, Dict, Iterable, List, Optional, Set

from roto_shapes.errors import RotoError

from ..api.client import RotoClient
from ..api.errors import AccessError, NotFoundError, ServerUnavailableError, VersionMismatchError
from .rows import row_of, with_attention
from .runner import as_roto_error
from .state import JobRow

_log = logging.getLogger("roto_client.hosts")
_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
_A_SECOND = 20
"""Most questions a second, however many jobs are followed."""


class Follower:
    """Follows jobs until they have ended.

    ``show`` gets every row that changed, ``gone`` the id of a job the server does not know any
    more, ``trouble`` an error (None: all is well again); all are called on the follower's thread.
    """

    def __init__(
        self,
        client: Callable[[], Optional[RotoClient]],
        show: Callable[[JobRow], None],
        gone: Callable[[str], None],
        trouble: Callable[[Optional[RotoError]], None],
        pause: float = _PAUSE,
    ) -> None:
        self._client, self._show, self._gone, self._trouble = client, show, gone, trouble
        self._shortest = self._pause = pause
        self._lock = threading.Lock()
        self._ids: Set[str] = set()
        self._shots: Dict[str, str] = {}
        self._wake, self._closed = threading.Event(), threading.Event()
        self._thread: Optional[threading.Thread] = None

    def follow(self, job_ids: Iterable[str]) -> None:
        """Add jobs to those followed. Returns at once."""
        with self._lock:
            self._ids |= set(job_ids)
            if self._ids and self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._run, name="roto-jobs", daemon=True)
                self._thread.start()
        self.look_now()

    def look_now(self) -> None:
        """Do not wait for the next round."""
        self._wake.set()

    def close(self) -> None:
        """Stop, without waiting."""
        self._closed.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            with self._lock:
                ids: List[str] = sorted(self._ids)
                if not ids:
                    self._thread = None
                    return
            client = self._client()
            if client is not None:
                self._round(client, ids)
            self._wake.wait(max(self._pause, len(ids) / _A_SECOND))
            self._wake.clear()

    def _round(self, client: RotoClient, ids: Iterable[str]) -> None:
        for job_id in ids:
            if self._closed.is_set():
                return
            try:
                self._look(client, job_id)
            except NotFoundError:
                self._forget(job_id)
                self._gone(job_id)
            except (ServerUnavailableError, AccessError, VersionMismatchError) as error:
                self._pause = min(_LONGEST_PAUSE, self._pause * 1.5)
                self._trouble(error)
                return
            except Exception as error:
                # One job's answer that cannot be read must not end the watch over the others.
                self._forget(job_id)
                self._trouble(as_roto_error(error, f"following job {job_id}"))
        self._pause = self._shortest
        self._trouble(None)

    def _look(self, client: RotoClient, job_id: str) -> None:
        job = client.job(job_id)
        if job.shot_id not in self._shots:
            self._shots[job.shot_id] = client.shot(job.shot_id).name
        row = with_attention(client, job, row_of(job, self._shots[job.shot_id]))
        if row.ended:
            self._forget(job_id)
        self._show(row)

    def _forget(self, job_id: str) -> None:
        with self._lock:
            self._ids.discard(job_id)
