"""When a shot was last sent to review, and with which version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from ..db.media import Review
from ..db.models import Job, Shot
from .states import ReviewState

IS_SENDING: ColumnElement[bool] = (Review.after == ReviewState.PENDING_REVIEW) & (
    Review.before != ReviewState.APPROVED
)
"""A decision that is taken back puts the shot where it was: nobody has sent it anew."""


@dataclass(frozen=True)
class Sent:
    """``job_id``: the version that was named, else the newest that was done by then."""

    job_id: str | None
    version: int | None
    by: str
    at: datetime


def sent_since(moment: datetime) -> ColumnElement[bool]:
    """Whether a shot was sent to review since, whatever has become of it."""
    return exists().where(Review.shot_id == Shot.id, IS_SENDING, Review.created_at >= moment)


def sent_of(session: Session, shots: Sequence[str]) -> Mapping[str, Sent]:
    """Of each of ``shots`` that ever was; in two questions for many."""
    order = func.row_number().over(
        partition_by=Review.shot_id, order_by=(Review.created_at.desc(), Review.id.desc())
    )
    numbered = (
        select(Review.id, order.label("place"))
        .where(Review.shot_id.in_(shots), IS_SENDING)
        .subquery()
    )
    rows = session.execute(
        select(Review, Job.version)
        .join(numbered, numbered.c.id == Review.id)
        .outerjoin(Job, Job.id == Review.job_id)
        .where(numbered.c.place == 1)
    ).all()
    unnamed = {review.shot_id: review.created_at for review, _ in rows if review.job_id is None}
    done = _done_by(session, unnamed)
    told: dict[str, Sent] = {}
    for review, version in rows:
        named = (review.job_id, version) if review.job_id else done.get(review.shot_id)
        job, number = named or (None, None)
        told[review.shot_id] = Sent(job, number, review.created_by, review.created_at)
    return told


def _done_by(
    session: Session, moments: Mapping[str, datetime]
) -> Mapping[str, tuple[str | None, int | None]]:
    """The newest version of each shot that had succeeded at its moment."""
    if not moments:
        return {}
    versions: dict[str, list[tuple[int, str]]] = defaultdict(list)
    jobs = select(Job.shot_id, Job.version, Job.id, Job.finished_at).where(
        Job.shot_id.in_(moments),
        Job.kind == "roto",
        Job.state == "succeeded",
        Job.trashed_at.is_(None),
    )
    for shot, version, ident, finished in session.execute(jobs):
        if finished is not None and finished <= moments[shot]:
            versions[shot].append((version, ident))
    return {shot: (max(all_)[1], max(all_)[0]) for shot, all_ in versions.items()}
