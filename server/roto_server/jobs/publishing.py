"""A finished attempt's output becomes the task's: one committed intent, one rename, one commit.

An object store renames nothing: there the commit alone publishes.

``publishing`` is committed first; whatever dies after that, `finish_publishing` can be called again
by anyone until the attempt has succeeded.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import Attempt, JsonObject
from ..db.session import database_now
from ..errors import ConflictError, NotFoundError
from .attempts import StaleAttemptError, take_report
from .changes import attempts_of, move_task
from .ending import fail_attempt, remove_all
from .farm import Farm
from .folders import published_key
from .measured import note_end
from .readiness import settle_dependents, settle_waiting
from .results import check_result, record_result
from .states import ACTIVE_ATTEMPT, AttemptEvent, AttemptState, TaskEvent


def complete(farm: Farm, attempt_id: str, result: JsonObject) -> None:
    """Take a finished attempt's result and publish it; harmless when repeated.

    Raises:
        StaleAttemptError: a late report, or a result that is not what lies on the disk (then the
            attempt has failed).
        RotoError: ``storage_failed``, ``disk_full``: report again, or leave it to the reconciler.
    """
    if _has_succeeded(farm, attempt_id, result):
        return
    with farm.database.session() as session:
        now = database_now(session)
        take_report(session, attempt_id, AttemptEvent.COMPLETE, result=result, heartbeat_at=now)
    finish_publishing(farm, attempt_id)


def finish_publishing(farm: Farm, attempt_id: str) -> None:
    """Rename the output to its published place and write the rows; repeatable at any point.

    Both happen while the job is locked, so that two who finish the same attempt take turns.

    Raises:
        StaleAttemptError: the attempt has ended otherwise, or it ends so here because its output
            can never be published.
        RotoError: ``storage_failed``, ``disk_full``: try again later.
    """
    try:
        with farm.database.session() as session:
            leftovers = _publish(farm, session, attempt_id)
    except _HopelessError as hopeless:
        fail_attempt(farm, attempt_id, hopeless.as_dict(), AttemptEvent.SPOIL)
        raise StaleAttemptError(hopeless.message) from None
    except StaleAttemptError:
        if not _is_succeeded(farm, attempt_id):
            raise
        return
    remove_all(farm, leftovers)


class _HopelessError(RotoError):
    """Publishing is not merely impossible now."""


def _publish(farm: Farm, session: Session, attempt_id: str) -> list[str]:
    """Returns the keys of the earlier attempts' directories, which nobody needs any more."""
    now: datetime = database_now(session)
    attempt, job = take_report(session, attempt_id, AttemptEvent.PUBLISHED, finished_at=now)
    task = attempt.task
    published = _move(farm, attempt.output_dir, published_key(job.shot, job, task))
    task.published_dir = published
    record_result(session, attempt, job, published)
    if "total" in task.progress:  # the last heartbeat came before the last frame
        task.progress = {**task.progress, "done": task.progress["total"], "eta_seconds": 0.0}
    move_task(session, task, TaskEvent.SUCCEED, now)
    note_end(session, attempt, job, now)
    settle_waiting(session, job, now)
    if job.kind == "ingest":
        settle_dependents(session, job, now)
    return [other.output_dir for other in attempts_of(session, task) if other.id != attempt_id]


def _move(farm: Farm, source: str, target: str) -> str:
    """Publish the folder; returns its key from now on."""
    try:
        return farm.folders.publish(source, target)
    except ConflictError as error:
        raise _HopelessError(error.message, hint=error.hint, code="conflict") from None
    except NotFoundError:
        raise _HopelessError("The attempt's output is gone.", code="storage_failed") from None


def _is_succeeded(farm: Farm, attempt_id: str) -> bool:
    with farm.database.reading() as session:
        attempt = session.get(Attempt, attempt_id)
        return attempt is not None and attempt.state == AttemptState.SUCCEEDED


def _has_succeeded(farm: Farm, attempt_id: str, result: JsonObject) -> bool:
    """Whether there is nothing to do; a result that does not hold fails the attempt here."""
    with farm.database.reading() as session:
        attempt = session.get(Attempt, attempt_id)
        if attempt is None:
            raise StaleAttemptError()
        if attempt.state not in ACTIVE_ATTEMPT:
            return attempt.state == AttemptState.SUCCEEDED
        kind, job = attempt.task.kind, attempt.task.job
        output_dir = attempt.output_dir
    # Outside of the transaction: to look at all files of a long shot takes its time on a share.
    try:
        check_result(kind, job, result, farm.storage.listing(output_dir))
    except RotoError as error:
        problem = error
    else:
        return False
    fail_attempt(farm, attempt_id, problem.as_dict())
    raise StaleAttemptError(f"The result was refused: {problem.message}")
