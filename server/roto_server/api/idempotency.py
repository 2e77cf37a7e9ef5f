"""``Idempotency-Key``: a request that arrives twice makes one job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..access.caller import Caller
from ..db.models import Job
from ..db.session import savepoint
from ..errors import ConflictError
from . import present
from .schemas.common import Request
from .schemas.jobs import JobOut

_FINGERPRINT = "request_sha256"

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]*$",
        description="The same key with the same body gives the same job, never a second one.",
    ),
]


def fingerprint(path: str, body: Request) -> str:
    """SHA-256 of what was asked, and of whom."""
    told: dict[str, Any] = body.model_dump(mode="json", exclude_unset=True)
    return hashlib.sha256(json.dumps([path, told], sort_keys=True).encode()).hexdigest()


def earlier_job(session: Session, user: str, key: str | None, asked: str) -> Job | None:
    """The job that ``key`` made before; raises `ConflictError` if it was asked something else, or
    what it made was deleted."""
    if key is None:
        return None
    job = session.scalar(select(Job).where(Job.created_by == user, Job.idempotency_key == key))
    if job is not None and job.params.get(_FINGERPRINT) != asked:
        raise ConflictError(
            "This Idempotency-Key was used for another request.",
            hint="Use a fresh key for each new request.",
            detail={"job_id": job.id},
        )
    if job is not None and job.trashed_at is not None:
        raise ConflictError(
            "What this request made was deleted.",
            hint="Restore it from the trash, or use a fresh key to make another.",
            detail={"job_id": job.id},
        )
    return job


def remember(job: Job, key: str | None, asked: str) -> None:
    """Note with ``job`` which request made it."""
    if key is not None:
        job.idempotency_key = key
        job.params = {**job.params, _FINGERPRINT: asked}


def create_once(caller: Caller, key: str | None, asked: str, create: Callable[[], Job]) -> JobOut:
    """The job ``create`` makes, or the one an equal request of theirs under ``key`` made before."""
    for last_try in (False, True):
        try:
            with savepoint(caller.session):
                job = earlier_job(caller.session, caller.who.user_id, key, asked)
                if job is None:
                    job = create()
                    remember(job, key, asked)
                    _audit(caller, job)
            return present.job(job, caller.who.name)
        except IntegrityError as error:
            # Another request with the key, or one adding the same object, committed in between.
            if last_try:
                raise ConflictError("Another request is changing this shot; try again.") from error
    raise AssertionError("unreachable")


def _audit(caller: Caller, job: Job) -> None:
    told = {"kind": job.kind, "shot_id": job.shot_id, "version": job.version}
    project_id = job.shot.project_id
    caller.audit("job.created", "job", job.id, project_id=project_id, after=told)
