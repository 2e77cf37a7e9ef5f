"""Attempts that end without a result: failed, lost, or given back; and what follows for the job."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from roto_client.contract import is_permanent
from roto_shapes.errors import RotoError

from ..db.models import Attempt, Job
from ..db.session import database_now
from . import plates
from .attempts import StaleAttemptError, take_report
from .changes import ErrorBody, attempts_of, move_task
from .control import ingest_cancelled
from .farm import Farm
from .measured import note_end
from .readiness import settle_dependents, settle_waiting
from .states import (
    FINISHED_TASK,
    SPENT_ATTEMPT,
    AttemptEvent,
    JobState,
    TaskEvent,
    TaskState,
    after_failed_attempt,
    backoff_seconds,
)


def fail_attempt(
    farm: Farm,
    attempt_id: str,
    error: ErrorBody,
    event: AttemptEvent = AttemptEvent.FAIL,
) -> None:
    """The attempt failed: the task fails when that is permanent or no attempts are left.

    Raises:
        StaleAttemptError: a late report.
    """
    _end(farm, attempt_id, event, error)


def lose_attempt(
    farm: Farm, attempt_id: str, what: str, *, silent_since: datetime | None = None
) -> bool:
    """The attempt's worker is gone; False when the attempt has ended meanwhile.

    ``what`` says how that showed; the attempt's progress is added. With ``silent_since`` an attempt
    that has been heard of since then is kept.
    """
    error = RotoError(what, code="worker_lost", hint="See the log of the attempt.").as_dict()
    try:
        _end(farm, attempt_id, AttemptEvent.LOSE, error, silent_since)
    except StaleAttemptError:
        return False
    return True


def release_attempt(farm: Farm, attempt_id: str, reason: str) -> None:
    """The worker gives the task back without blame; it does not count as an attempt.

    Raises:
        StaleAttemptError: a late report.
    """
    with farm.database.session() as session:
        now = database_now(session)
        attempt, job = take_report(
            session, attempt_id, AttemptEvent.RELEASE, stop_reason=reason[:200], finished_at=now
        )
        note_end(session, attempt, job, now)
        attempt.task.not_before = None
        cancelling = job.state == JobState.CANCELLING
        event = TaskEvent.CANCEL if cancelling else TaskEvent.RETRY
        move_task(session, attempt.task, event, now)
        leftovers = _settle(session, attempt, job, now)
    remove_all(farm, leftovers)


def remove_all(farm: Farm, keys: list[str]) -> None:
    """Remove directories of attempts nobody will resume."""
    for key in keys:
        farm.folders.remove(key)


def _end(
    farm: Farm,
    attempt_id: str,
    event: AttemptEvent,
    error: ErrorBody,
    silent_since: datetime | None = None,
) -> None:
    settings = farm.settings
    with farm.database.session() as session:
        now = database_now(session)
        attempt, job = take_report(session, attempt_id, event, finished_at=now)
        if silent_since is not None and attempt.heartbeat_at > silent_since:
            raise StaleAttemptError("A heartbeat came in between.")
        task = attempt.task
        if event is AttemptEvent.LOSE:
            error = {**error, "message": _lost_message(attempt, error["message"])}
        attempt.error = error
        note_end(session, attempt, job, now)
        session.flush()
        spent = sum(other.state in SPENT_ATTEMPT for other in attempts_of(session, task))
        outcome = after_failed_attempt(
            permanent=is_permanent(error["code"]),
            cancelling=job.state == JobState.CANCELLING,
            spent=spent,
            max_attempts=task.max_attempts,
        )
        if outcome is TaskEvent.RETRY:
            rest = backoff_seconds(
                spent, settings.retry_backoff_seconds, settings.retry_backoff_max_seconds
            )
            task.not_before = now + timedelta(seconds=rest)
        final = _final_error(attempt, error, spent) if outcome is TaskEvent.FAIL else None
        move_task(session, task, outcome, now, error=final)
        leftovers = _settle(session, attempt, job, now)
    remove_all(farm, leftovers)


def _settle(session: Session, attempt: Attempt, job: Job, now: datetime) -> list[str]:
    """What follows for job and shot; the keys of directories no attempt needs any more."""
    task = attempt.task
    settle_waiting(session, job, now)
    if job.kind == "ingest" and task.state == TaskState.FAILED:
        plates.invalid(session, job, task.error)
        settle_dependents(session, job, now)
    elif job.kind == "ingest" and job.state == JobState.CANCELLED:
        ingest_cancelled(session, job)
    if task.state not in FINISHED_TASK:
        return []
    return [other.output_dir for other in attempts_of(session, task)]


def _lost_message(attempt: Attempt, what: str) -> str:
    done, total = attempt.progress.get("done"), attempt.progress.get("total")
    place = f" after {done} of {total} frames" if total else ""
    return f"{what} during {attempt.task.kind}{place} (attempt {attempt.number})."


def _final_error(attempt: Attempt, error: ErrorBody, spent: int) -> ErrorBody:
    """The error people see on the job: which stage, and that trying again did not help."""
    task = attempt.task
    message = error["message"]
    if not is_permanent(error["code"]):
        message = f"{task.kind} failed after {spent} attempts: {message}"
    return {
        "code": error["code"],
        "message": message,
        "hint": error.get("hint", ""),
        "detail": {**error.get("detail", {}), "stage": task.kind, "attempts": attempt.number},
    }
