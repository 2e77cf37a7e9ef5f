"""The only writers of task and job states: every change obeys `states` and leaves an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session, defer

from .. import bell
from ..db.models import Attempt, Job, Shot, Task
from ..errors import NotFoundError
from ..events import emit
from ..holding import hold
from .progress import job_progress
from .states import (
    FINISHED_JOB,
    FINISHED_TASK,
    JOB,
    IllegalTransitionError,
    JobState,
    TaskEvent,
    TaskState,
    job_state,
    next_task,
)

ErrorBody = dict[str, Any]
"""``{code, message, hint, detail}`` as `RotoError.as_dict` makes it."""


LOCK_ORDER = (case((Job.kind == "ingest", 0), else_=1), Job.created_at, Job.id)
"""The order in which one transaction locks several jobs, so that no two wait for each other: an
ingest comes before what waits for it, since its own end settles those."""


def lock_job(session: Session, job_id: str) -> Job:
    """The job, its row locked until the transaction ends, with tasks as they are now.

    Every change of a job, its tasks and attempts begins here, so such changes come one after the
    other (on SQLite the transaction itself is exclusive). ``params`` is read when it is asked for:
    with drawn masks it is megabytes, and heartbeats come often.

    Raises `NotFoundError` when it was purged meanwhile.
    """
    job = session.scalars(
        select(Job)
        .where(Job.id == job_id)
        .options(defer(Job.params))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if job is None:
        raise NotFoundError("job", job_id)
    # What was read before the lock may be old by now.
    session.scalars(
        select(Task).where(Task.job_id == job_id).execution_options(populate_existing=True)
    ).all()
    session.refresh(job, ["tasks"])
    return job


def lock_shot(session: Session, shot: Shot) -> None:
    """Hold the shot's row until the transaction ends, so that versions are given out one by one.

    Raises `NotFoundError` when it was put into the trash, or purged, meanwhile.
    """
    hold(session, shot, "shot")
    if shot.trashed_at is not None:
        raise NotFoundError("shot", shot.id)


def move_task(
    session: Session,
    task: Task,
    event: TaskEvent,
    now: datetime,
    *,
    error: ErrorBody | None = None,
) -> None:
    """Take ``task`` through ``event``; a task that becomes ready without delay is rung for.

    Raises:
        IllegalTransitionError: the event is impossible in the task's state.
    """
    task.state = next_task(task.state, event)
    task.error = error
    if event is TaskEvent.CLAIM:
        task.started_at = task.started_at or now
    task.finished_at = now if task.state in FINISHED_TASK else None
    if task.state == TaskState.READY:
        task.ready_at = now
        ring_or_rest(session, task, now)
    emit_task(session, task)


def ring_or_rest(session: Session, task: Task, now: datetime) -> None:
    """Ring for a ready task, or leave it to the reconciler while it rests (``not_before``)."""
    if task.not_before is None or task.not_before <= now:
        bell.order(session, task, task.job, now)
    else:
        task.rung_at = None


def settle_job(session: Session, job: Job, now: datetime) -> None:
    """Let the job's state follow its tasks'."""
    state = job_state(job.state, (task.state for task in job.tasks))
    set_job_state(session, job, state, now)


def set_job_state(session: Session, job: Job, state: JobState, now: datetime) -> None:
    """Put the job in ``state`` (a no-op when it is there) and say so."""
    if state == job.state:
        return
    if state not in JOB[JobState(job.state)]:
        raise IllegalTransitionError(f"a {job.state} job cannot become {state}")
    job.state = state
    job.finished_at = now if state in FINISHED_JOB else None
    if state is JobState.RUNNING:
        job.started_at = job.started_at or now
    job.error = _job_error(job) if state is JobState.FAILED else None
    emit_job(session, "job.updated", job)


def _job_error(job: Job) -> ErrorBody | None:
    failed = [task.error for task in job.tasks if task.state == TaskState.FAILED]
    return failed[0] if failed else None


def emit_job(session: Session, kind: str, job: Job) -> None:
    """An event about the job as it is now, progress included."""
    emit(
        session,
        kind,
        job.shot.project_id,
        {
            "job_id": job.id,
            "shot_id": job.shot_id,
            "state": str(job.state),
            "progress": job_progress(job.tasks),
            "error": job.error,
        },
    )


def emit_task(session: Session, task: Task) -> None:
    """A ``task.updated`` event."""
    emit(
        session,
        "task.updated",
        task.job.shot.project_id,
        {
            "task_id": task.id,
            "job_id": task.job_id,
            "shot_id": task.job.shot_id,
            "kind": task.kind,
            "state": str(task.state),
            "error": task.error,
        },
    )


def emit_shot(session: Session, shot: Shot) -> None:
    """A ``shot.updated`` event."""
    emit(
        session,
        "shot.updated",
        shot.project_id,
        {"shot_id": shot.id, "state": shot.state, "error": shot.error},
    )


def attempts_of(session: Session, task: Task) -> list[Attempt]:
    """Every attempt at ``task`` so far, oldest first, as the database has them now."""
    return list(
        session.scalars(
            select(Attempt)
            .where(Attempt.task_id == task.id)
            .order_by(Attempt.number)
            .execution_options(populate_existing=True)
        )
    )
