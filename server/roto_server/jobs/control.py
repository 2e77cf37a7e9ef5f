"""What a person may do to a job: cancel it, run it again, put it before others."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from .. import bell
from ..db.models import Attempt, Job, Task
from ..db.session import database_now
from . import plates
from .changes import (
    attempts_of,
    emit_job,
    lock_job,
    move_task,
    ring_or_rest,
    set_job_state,
    settle_job,
)
from .corrections import stands_on
from .readiness import settle_dependents, settle_waiting
from .states import ACTIVE_ATTEMPT, SPENT_ATTEMPT, JobState, TaskEvent, TaskState


def cancel_job(session: Session, job: Job) -> Job:
    """Cancel what has not begun and ask running attempts to stop.

    The job is ``cancelling`` until its worker has let go, then ``cancelled``. Cancelling twice is
    harmless.

    Raises:
        RotoError: ``conflict`` when the job has succeeded or failed.
    """
    job = lock_job(session, job.id)
    if job.state in (JobState.CANCELLING, JobState.CANCELLED):
        return job
    if job.state in (JobState.SUCCEEDED, JobState.FAILED):
        raise RotoError(f"The job has {job.state}; nothing is left to cancel.", code="conflict")
    now = database_now(session)
    for task in job.tasks:
        if task.state in (TaskState.WAITING, TaskState.READY):
            move_task(session, task, TaskEvent.CANCEL, now)
        elif task.state == TaskState.RUNNING:
            _ask_to_stop(session, task)
    if any(task.state == TaskState.RUNNING for task in job.tasks):
        set_job_state(session, job, JobState.CANCELLING, now)
    settle_job(session, job, now)
    if job.kind == "ingest" and job.state == JobState.CANCELLED:
        ingest_cancelled(session, job)
    return job


def retry_job(session: Session, job: Job, *, max_attempts: int = 3) -> Job:
    """Run the failed and cancelled tasks of a finished job again; what succeeded is kept.

    Raises:
        RotoError: ``conflict`` when the job has not failed and was not cancelled, or when the
            version it stands on was purged,
            ``plate_not_ready`` when the plate it works on is invalid.
    """
    job = lock_job(session, job.id)
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise RotoError(
            f"The job is {job.state}.",
            hint="Only failed and cancelled jobs can be retried.",
            code="conflict",
        )
    if job.kind == "ingest":
        plates.probing(session, job)
    elif (plate := job.plate or job.shot).state == "invalid":
        raise RotoError(
            f"Shot {job.shot.name!r} is invalid: its plate was not read.",
            hint="Retry the shot's ingest job first.",
            code="plate_not_ready",
            detail={"shot_error": plate.error},
        )
    _refuse_without_base(session, job)
    now = database_now(session)
    for task in job.tasks:
        if task.state in (TaskState.FAILED, TaskState.CANCELLED):
            _revive(session, task, max_attempts)
            move_task(session, task, TaskEvent.REVIVE, now)
    # It is alive again before anything of it can fail at once.
    settle_job(session, job, now)
    settle_waiting(session, job, now)
    return job


def set_priority(session: Session, job: Job, priority: str) -> Job:
    """Have the job come before or after others; its tasks that wait change their queue.

    Raises:
        RotoError: ``conflict`` when the job has succeeded.
    """
    job = lock_job(session, job.id)
    if job.state == JobState.SUCCEEDED:
        raise RotoError("The job has succeeded; nothing of it waits any more.", code="conflict")
    if job.priority == priority:
        return job
    now = database_now(session)
    waiting = [task for task in job.tasks if task.state == TaskState.READY]
    for task in waiting:
        bell.withdraw(session, task, job)
    job.priority = priority
    for task in waiting:
        ring_or_rest(session, task, now)
    emit_job(session, "job.updated", job)
    return job


def _refuse_without_base(session: Session, job: Job) -> None:
    for ident in stands_on(job):
        base = session.get(Job, ident)
        if base is None or base.purging_at is not None:
            raise RotoError(
                "The version this job stands on was purged.",
                hint="Submit it anew, on a version that is there.",
                code="conflict",
                detail={"job_id": ident},
            )


def ingest_cancelled(session: Session, job: Job) -> None:
    """A cancelled ingest leaves the shot unprobed, and the jobs that waited for it failed."""
    error = RotoError(
        "The shot was not probed: its ingest was cancelled.",
        hint="Retry the ingest job.",
        code="plate_not_ready",
    )
    plates.invalid(session, job, error.as_dict())
    settle_dependents(session, job, database_now(session))


def _revive(session: Session, task: Task, max_attempts: int) -> None:
    """Give the task a full set of attempts on top of those it has spent."""
    spent = sum(attempt.state in SPENT_ATTEMPT for attempt in attempts_of(session, task))
    task.max_attempts = spent + max_attempts
    task.not_before = None
    task.progress = {}


def _ask_to_stop(session: Session, task: Task) -> None:
    for attempt in session.scalars(
        select(Attempt).where(Attempt.task_id == task.id, Attempt.state.in_(ACTIVE_ATTEMPT))
    ):
        attempt.stop_reason = "cancelled"
