"""Review of shots: where a shot stands, who moved it there, and why."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy import select

from ..access.accounts import names_of
from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import Review
from ..db.models import Job, Shot
from ..errors import NotFoundError
from ..reviewing import move, permission_for
from ..reviewing.states import check_reason
from .deps import Reader, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.common import Page
from .schemas.reviews import ReviewIn, ReviewOut

router = APIRouter(prefix="/shots/{shot_id}/reviews", tags=["review"])

VERSION_KINDS = ("roto", "export")
"""Kinds of jobs that are versions of a shot's results."""


@router.get("", responses=refusals(404))
def list_reviews(
    shot_id: str, caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[ReviewOut]:
    """How the shot came to its review state, the last move first."""
    shot = caller.shot(shot_id)
    query = select(Review).where(Review.shot_id == shot.id)
    keys = (Review.created_at, Review.id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    return Page(items=present_reviews(caller, rows), next=after)


@router.post("", status_code=201, responses=refusals(404, 409))
def review_shot(shot_id: str, body: ReviewIn, caller: Writer) -> ReviewOut:
    """Move the shot from the review state it was seen in to another.

    Who works on it takes it to ``in_progress`` and ``pending_review``; supervisors of the project
    approve it, send it back (``retake``, with a reason), make it ``final``, and take it back from
    there. 409 when there is no such move, or when the shot is not in ``before`` (any more):
    ``detail.review`` says what it is. A submitted job takes ``waiting`` and ``retake`` to
    ``in_progress`` by itself.
    """
    # First, so that who does not see the shot learns of no state.
    caller.shot(shot_id)
    shot = caller.shot(shot_id, permission_for(body.before, body.after))
    check_reason(body.after, body.reason)
    job = version_of(caller, shot, body.job_id) if body.job_id else None
    row = move(
        caller.session,
        shot,
        body.before,
        body.after,
        caller.who.user_id,
        reason=body.reason,
        job=job,
    )
    caller.audit(
        "shot.reviewed",
        "shot",
        shot.id,
        project_id=shot.project_id,
        before={"review": row.before},
        after={"review": row.after, "job_id": row.job_id},
    )
    return present_reviews(caller, [row])[0]


def version_of(caller: Caller, shot: Shot, job_id: str) -> Job:
    """The job, which must be a version of ``shot``; raises `NotFoundError`."""
    job = caller.job(job_id, Permission.VIEW_SHOT)
    if job.shot_id != shot.id or job.kind not in VERSION_KINDS:
        raise NotFoundError("version", job_id)
    return job


def present_reviews(caller: Caller, rows: Sequence[Review]) -> list[ReviewOut]:
    """Moves as the API tells them."""
    names = names_of(caller.session, (row.created_by for row in rows))
    return [
        ReviewOut(
            id=row.id,
            shot_id=row.shot_id,
            job_id=row.job_id,
            before=row.before,
            after=row.after,
            reason=row.reason,
            created_by=names.get(row.created_by, ""),
            created_by_id=row.created_by,
            created_at=row.created_at,
        )
        for row in rows
    ]
