"""Into the trash and out of it: one mark, after which its jobs are cancelled."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..audit import Actor, record
from ..db.models import Job, Project, Prompt, RotoObject, Shot
from ..db.session import database_now
from ..errors import ConflictError, NotFoundError
from ..events import emit
from ..jobs.changes import LOCK_ORDER, lock_job
from ..jobs.control import cancel_job
from ..jobs.states import FINISHED_JOB, JobState
from .things import VERSION_KINDS, Thing, hold, kind_of, name_of, project_id_of


def put(session: Session, actor: Actor, thing: Thing) -> list[str]:
    """Put it into the trash; returns the ids of the jobs that were cancelled for it.

    A version is what one job made; while the job runs, that is the one. Raises `NotFoundError` for
    what was put there meanwhile, `ConflictError` for a job that makes no version.
    """
    if isinstance(thing, Job) and thing.kind not in VERSION_KINDS:
        raise ConflictError(
            f"This is a job of kind {thing.kind}, not a version of the results.",
            hint="It goes when its shot goes. `cancel` stops it.",
        )
    # Jobs before their shot, as whoever reports on them takes them; then those that came between.
    cancelled = cancel_all(session, _unfinished(session, thing))
    hold(session, thing)
    if thing.trashed_at is not None:
        raise NotFoundError(kind_of(thing), thing.id)
    cancelled += cancel_all(session, _unfinished(session, thing))
    thing.trashed_at = database_now(session)
    thing.trashed_by, thing.trash_id = actor.id, thing.id
    _tell(session, actor, thing, "trashed", {"cancelled_jobs": cancelled} if cancelled else {})
    return cancelled


def take_out(session: Session, actor: Actor, thing: Thing) -> None:
    """Have it where it was again. Its jobs stay cancelled.

    Raises `ConflictError` for what is not in the trash, or is being purged. `IntegrityError` comes
    from the flush when its name has been given to another.
    """
    hold(session, thing)
    refuse_unless_trashed(thing)
    thing.trashed_at, thing.trashed_by, thing.trash_id = None, None, ""
    session.flush()
    _tell(session, actor, thing, "restored", {})


def refuse_unless_trashed(thing: Thing) -> None:
    """Raise `ConflictError` for what is not in the trash, or has begun to be purged."""
    if thing.trashed_at is None:
        raise ConflictError(f"The {kind_of(thing)} is not in the trash.")
    if thing.purging_at is not None:
        raise ConflictError(f"The {kind_of(thing)} is being purged: there is no way back.")


def cancel_all(session: Session, job_ids: Sequence[str]) -> list[str]:
    """Cancel those that have not ended; returns which."""
    cancelled = []
    for job_id in job_ids:
        job = lock_job(session, job_id)
        # It may have ended while we waited for it, and one that is being cancelled is told once.
        if job.state not in (*FINISHED_JOB, JobState.CANCELLING):
            cancel_job(session, job)
            cancelled.append(job_id)
    return cancelled


def _unfinished(session: Session, thing: Thing) -> Sequence[str]:
    """Jobs that run on it, in the order they are locked in."""
    query = select(Job.id).where(Job.state.not_in(FINISHED_JOB), _works_on(thing))
    return session.scalars(query.order_by(*LOCK_ORDER)).all()


def _works_on(thing: Thing) -> ColumnElement[bool]:
    if isinstance(thing, Project):
        return Job.shot_id.in_(select(Shot.id).where(Shot.project_id == thing.id))
    if isinstance(thing, Shot):
        return Job.shot_id == thing.id
    if isinstance(thing, RotoObject):
        return Job.id.in_(select(Prompt.job_id).where(Prompt.object_id == thing.id))
    return Job.id == thing.id


def _tell(session: Session, actor: Actor, thing: Thing, what: str, more: dict[str, object]) -> None:
    """An audit entry and an event: of an object one about its shot, which says who may see it."""
    kind, project_id = kind_of(thing), project_id_of(session, thing)
    facts = {"name": name_of(thing), **more}
    record(
        session, actor, f"{kind}.{what}", kind, thing.id, project_id=project_id, after=facts
    )  # fmt: skip
    if isinstance(thing, RotoObject):
        payload = {"shot_id": thing.shot_id, "object_id": thing.id, "change": what}
        emit(session, "shot.objects", project_id, payload)
    elif isinstance(thing, Job):
        emit(
            session, f"job.{what}", project_id, {"job_id": thing.id, "shot_id": thing.shot_id}
        )  # fmt: skip
    else:
        emit(session, f"{kind}.{what}", project_id, {f"{kind}_id": thing.id})
