"""Reports about an attempt: taken only while it is the task's current one, else dropped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import Attempt, Job, JsonObject, Worker
from ..db.session import database_now
from ..errors import NotFoundError
from ..events import emit
from . import nodes
from .changes import lock_job
from .farm import Farm
from .progress import job_progress
from .states import AttemptEvent, attempt_states_before, next_attempt

PROGRESS_EVENT_EVERY = timedelta(seconds=0.5)


class StaleAttemptError(RotoError):
    """The attempt is no longer the task's current one; its worker drops what it made."""

    code = "stale_attempt"

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message or "This attempt is no longer the task's current one.",
            hint="The task was cancelled, finished, or given to another worker.",
        )


def take_report(
    session: Session, attempt_id: str, event: AttemptEvent, **values: Any
) -> tuple[Attempt, Job]:
    """Take the attempt through ``event`` if it is still in a state that allows it.

    Returns the attempt and its job, locked. ``values`` are further columns of the attempt.

    Raises:
        StaleAttemptError: a late report.
    """
    attempt = session.get(Attempt, attempt_id)
    if attempt is None:
        raise StaleAttemptError()
    try:
        job = lock_job(session, attempt.task.job_id)
    except NotFoundError as error:
        raise StaleAttemptError() from error
    allowed = attempt_states_before(event)
    session.refresh(attempt)
    if attempt.state not in allowed:
        raise StaleAttemptError()
    taken = session.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.state == attempt.state)
        .values(state=next_attempt(attempt.state, event), **values)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not taken:
        raise StaleAttemptError()
    session.refresh(attempt)
    return attempt, job


def heartbeat(farm: Farm, attempt_id: str, progress: JsonObject) -> JsonObject:
    """Keep the lease alive and note how far the attempt is; answers whether to go on.

    Raises:
        StaleAttemptError: the lease is gone.
    """
    with farm.database.session() as session:
        now = database_now(session)
        attempt, job = take_report(session, attempt_id, AttemptEvent.HEARTBEAT)
        quiet_for = now - attempt.heartbeat_at
        first = not attempt.progress
        attempt.heartbeat_at = now
        _note_progress(attempt, progress, now)
        worker = session.get_one(Worker, attempt.worker_id)
        if worker.boot_id == attempt.boot_id:
            worker.last_seen_at = now
        if first or quiet_for >= PROGRESS_EVENT_EVERY:
            _emit_progress(session, attempt, job)
        if stop := attempt.stop_reason or nodes.why_stop(session, worker.node):
            return {"action": "stop", "reason": stop}
    return {"action": "continue", "reason": None}


def _note_progress(attempt: Attempt, progress: JsonObject, now: datetime) -> None:
    """Progress never falls: a heartbeat that was overtaken by a later one changes nothing."""
    done = attempt.progress.get("done", -1)
    if progress["done"] < done:
        return
    if progress["done"] > done:
        attempt.progress_at = now
    attempt.progress = dict(progress)
    attempt.task.progress = dict(progress)


def _emit_progress(session: Session, attempt: Attempt, job: Job) -> None:
    emit(
        session,
        "task.progress",
        job.shot.project_id,
        {
            "job_id": job.id,
            "task_id": attempt.task_id,
            "shot_id": job.shot_id,
            "kind": attempt.task.kind,
            "state": str(job.state),
            "progress": job_progress(job.tasks),
        },
    )
