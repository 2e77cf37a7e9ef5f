"""Moves of a shot from one review state to another: the row, its history, its event."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ..db.media import Review
from ..db.models import Job, Shot, new_id
from ..db.session import database_now
from ..errors import ConflictError
from ..events import emit
from ..jobs.changes import lock_shot
from .states import BEGUN_BY_A_JOB, NEEDS_RESULT, ReviewState


def move(
    session: Session,
    shot: Shot,
    before: ReviewState,
    after: ReviewState,
    by: str,
    *,
    reason: str = "",
    job: Job | None = None,
) -> Review:
    """Take ``shot`` from ``before`` to ``after``; whether they may was asked (`permission_for`).

    ``by``: a user's id; ``job``: the version that was looked at.

    Raises:
        ConflictError: somebody else has moved it meanwhile; ``detail.review`` is what it is now.
            Or there is nothing in the version (`check_version`).
    """
    check_version(after, job)
    lock_shot(session, shot)
    if shot.review != before:
        raise ConflictError(
            f"Somebody has moved {shot.name!r} meanwhile: it is {_words(shot.review)} now.",
            hint=f"You saw it {_words(before)}. Look at it again, then decide.",
            detail={"review": shot.review},
        )
    return _record(session, shot, after, by, reason, job)


def check_version(after: ReviewState, job: Job | None) -> None:
    """Raise unless there is something to send or to approve in the version that was looked at.

    Raises:
        ConflictError: its job has not succeeded; ``detail.state`` is how it stands.
    """
    if after not in NEEDS_RESULT or job is None or job.state == "succeeded":
        return
    raise ConflictError(
        f"Version {job.version} is {_words(job.state)}: there is nothing to look at in it.",
        hint="Choose a version that is done.",
        detail={"job_id": job.id, "state": job.state},
    )


def work_began(session: Session, shot: Shot, job: Job) -> None:
    """A job was submitted: a shot that waited for work, or was sent back, is in progress.

    Whoever calls holds the shot (`lock_shot`).
    """
    if shot.review in BEGUN_BY_A_JOB:
        _record(session, shot, ReviewState.IN_PROGRESS, job.created_by, "", job)


def _record(
    session: Session, shot: Shot, after: ReviewState, by: str, reason: str, job: Job | None
) -> Review:
    row = Review(
        id=new_id(),
        shot_id=shot.id,
        job_id=job.id if job else None,
        before=shot.review,
        after=str(after),
        reason=reason,
        created_by=by,
        # Under the lock, by one clock: the history is in the order in which it happened.
        created_at=database_now(session),
    )
    session.add(row)
    shot.review = str(after)
    session.flush()
    payload = {
        "shot_id": shot.id,
        "review_id": row.id,
        "job_id": row.job_id,
        "before": row.before,
        "after": row.after,
        "user_id": by,
    }
    emit(session, "shot.reviewed", shot.project_id, payload)
    return row


def _words(state: str) -> str:
    return state.replace("_", " ")
