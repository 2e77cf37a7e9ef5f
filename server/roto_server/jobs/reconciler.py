"""Puts right what crashes, lost messages and silent workers leave behind. Decides from rows alone.

Any number of servers run one, and the one that leads (`leading`) makes the passes. What a pass does
is conditional on the rows all the same: a leader that was stopped in the middle of one and comes to
again does no harm with what it still had in hand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session, aliased

from roto_shapes.errors import RotoError

from .. import bell, events
from ..background import Background
from ..db.models import Attempt, Job, Shot, Task
from ..db.session import database_now
from ..previews.upkeep import tidy
from .changes import lock_job
from .ending import lose_attempt
from .farm import Farm
from .leading import Leadership
from .publishing import finish_publishing
from .readiness import settle_waiting
from .states import ACTIVE_ATTEMPT, AttemptState, TaskState
from .waiting import Outlook

_RINGS_PER_PASS = 500
UPKEEP_EVERY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class Reconciler:
    """A thread that makes a pass over the rows every ``settings.reconcile_seconds``.

    ``clock`` gives the time leases are compared with; the default is the database's own.
    """

    def __init__(
        self,
        farm: Farm,
        clock: Callable[[Session], datetime] = database_now,
        leadership: Leadership | None = None,
    ) -> None:
        self._farm = farm
        self._clock = clock
        self.leadership = leadership or Leadership(farm.database, farm.settings.leader_seconds)
        self._stop = threading.Event()
        self._thread = Background("reconciler", self._run)
        # Workers could not reach us while we were down: give them a lease's time to be heard.
        self._amnesty_until: datetime | None = None
        self._amnesty_due = True
        self._kept_up_at: datetime | None = None
        self._upkeep: dict[str, Callable[[datetime], object]] = {"prune_events": self._prune_events}

    def start(self) -> None:
        """Begin to make passes in a thread."""
        self._stop.clear()
        self._thread.start()

    def tell_to_end(self) -> None:
        """Have the thread end after the step it is in."""
        self._stop.set()

    def stop(self, seconds: float | None = None) -> None:
        """End the thread after the step it is in, and let another server lead.

        A step that hangs (on a disk that is gone) is waited for no longer than ``seconds``; without
        them, than a lease.
        """
        self.tell_to_end()
        self._thread.join(self._farm.settings.leader_seconds if seconds is None else seconds)
        try:
            self.leadership.release()
        except SQLAlchemyError as error:
            log.warning("lead_not_released", error=str(error))

    def add_upkeep(self, name: str, action: Callable[[datetime], object]) -> None:
        """Have the server that leads do ``action`` every minute, given the database's time."""
        self._upkeep[name] = action

    def report(self) -> str:
        """Who leads, for people.

        Raises:
            RotoError: ``internal`` when this server's own thread has ended.
        """
        self._thread.report()
        lead = self.leadership.look()
        if lead is None or not lead.alive:
            return "no server leads at this moment"
        who = "this server" if lead.mine else lead.holder
        return f"{who} leads since {lead.since:%Y-%m-%d %H:%M:%S} UTC"

    def run_once(self) -> bool:
        """Make one pass; False when another server leads.

        Each step stands alone: one that fails is logged and the others still run. After an error of
        the database no lease is taken away for ``lease_seconds``, since heartbeats may have failed
        for the same reason.
        """
        now = self._now()
        for step in (
            self._lose_expired,
            self._finish_publishing,
            self._settle_waiting,
            self._ring,
            self._tidy_previews,
            self._keep_up,
        ):
            if self._stop.is_set() or not self._leads():
                return False
            self._guarded(step.__name__, partial(step, now))
        return True

    def _leads(self) -> bool:
        """Take or renew the lead; asked before each step, since one may outlast a lease."""
        before = self.leadership.leading
        leads = self.leadership.hold()
        if leads != before:
            log.info("lead_taken" if leads else "lead_lost", holder=self.leadership.holder)
        return leads

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.run_once()
            except Exception as error:
                # The database is away, or worse: the next pass may find it back.
                self._amnesty_due = True
                log.error("reconcile_failed", error=repr(error))
            self._stop.wait(self._farm.settings.reconcile_seconds)

    def _guarded(self, name: str, action: Callable[[], object]) -> None:
        try:
            action()
        except RotoError as error:
            log.warning("reconcile_step_refused", step=name, code=error.code, error=error.message)
        except Exception as error:
            self._amnesty_due = self._amnesty_due or isinstance(error, DBAPIError)
            log.error("reconcile_step_failed", step=name, error=repr(error), exc_info=True)

    def _now(self) -> datetime:
        with self._farm.database.reading() as session:
            now = self._clock(session)
        if self._amnesty_due:
            self._amnesty_until = now + self._seconds("lease_seconds")
            self._amnesty_due = False
        return now

    def _lose_expired(self, now: datetime) -> None:
        """Attempts whose worker has been silent for a lease's time."""
        if self._amnesty_until is not None and now < self._amnesty_until:
            return
        lease = self._seconds("lease_seconds")
        deadline = now - lease
        with self._farm.database.reading() as session:
            silent = session.execute(
                select(Attempt.id, Attempt.worker_id).where(
                    Attempt.state.in_(ACTIVE_ATTEMPT), Attempt.heartbeat_at < deadline
                )
            ).all()
        for attempt_id, worker_id in silent:
            what = f"Worker {worker_id} was silent for {lease.total_seconds():g} s"
            if lose_attempt(self._farm, attempt_id, what, silent_since=deadline):
                log.warning("lease_lost", attempt_id=attempt_id, worker_id=worker_id)

    def _finish_publishing(self, now: datetime) -> None:
        """Attempts a crash (or a full disk) caught between their intent and their rows."""
        with self._farm.database.reading() as session:
            stuck = session.scalars(
                select(Attempt.id).where(
                    Attempt.state == AttemptState.PUBLISHING,
                    Attempt.heartbeat_at < now - self._seconds("publish_grace_seconds"),
                )
            ).all()
        for attempt_id in stuck:
            if not self._leads():
                return
            self._guarded(attempt_id, partial(finish_publishing, self._farm, attempt_id))

    def _settle_waiting(self, now: datetime) -> None:
        """Tasks that wait for something that has happened (two commits crossed, or a crash)."""
        other = aliased(Task)
        under_way = exists().where(
            other.job_id == Job.id, other.state.in_((TaskState.READY, TaskState.RUNNING))
        )
        with self._farm.database.reading() as session:
            waiting = session.scalars(
                select(Job.id)
                .join(Task)
                .join(Shot)
                .where(Task.state == TaskState.WAITING, Shot.state != "probing", ~under_way)
                .distinct()
            ).all()
        for job_id in waiting:
            with self._farm.database.session() as session:
                settle_waiting(session, lock_job(session, job_id), now)

    def _ring(self, now: datetime) -> None:
        """Ready tasks nobody has claimed since their last ring, whatever Redis says."""
        if self._farm.waits:
            return
        with self._farm.database.session() as session:
            unheard = session.scalars(
                select(Task)
                .where(
                    Task.state == TaskState.READY,
                    or_(Task.not_before.is_(None), Task.not_before <= now),
                    or_(
                        Task.rung_at.is_(None),
                        Task.rung_at <= now - self._seconds("ring_after_seconds"),
                    ),
                )
                .order_by(Task.created_at)
                .limit(_RINGS_PER_PASS)
                .with_for_update(skip_locked=True)
            ).all()
            if not unheard:
                return
            outlook = Outlook.of(session, now - self._seconds("lease_seconds"))
            for task in unheard:
                outlook.tell(session, task)
                bell.order(session, task, task.job, now)

    def _tidy_previews(self, now: datetime) -> None:
        tidy(self._farm, now)

    def _keep_up(self, now: datetime) -> None:
        """What need not be done often."""
        if self._kept_up_at is not None and now < self._kept_up_at + UPKEEP_EVERY:
            return
        for name, action in self._upkeep.items():
            self._guarded(name, partial(action, now))
        self._kept_up_at = now

    def _prune_events(self, now: datetime) -> None:
        with self._farm.database.session() as session:
            events.prune(session, now - timedelta(hours=self._farm.settings.event_hours))

    def _seconds(self, setting: str) -> timedelta:
        return timedelta(seconds=getattr(self._farm.settings, setting))
