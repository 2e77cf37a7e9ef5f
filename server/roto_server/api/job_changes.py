"""What people do to a job, each with its right and its trace in the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import defer

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.models import Job
from ..jobs import control
from ..settings import Settings
from ..trash.putting import put


def cancel(caller: Caller, job_id: str) -> Job:
    """Stop it, also in the archive."""
    job = caller.job(job_id, Permission.EDIT_SHOT, defer(Job.params), archived=True)
    with _audited(caller, "job.cancelled", job):
        control.cancel_job(caller.session, job)
    return job


def retry(caller: Caller, job_id: str, settings: Settings) -> Job:
    """Run it again from its first unfinished task."""
    job = caller.job(job_id, Permission.EDIT_SHOT, defer(Job.params))
    with _audited(caller, "job.retried", job):
        control.retry_job(caller.session, job, max_attempts=settings.max_attempts)
    return job


def prioritize(caller: Caller, job_id: str, priority: str) -> Job:
    """Have it come before or after others."""
    job = caller.job(job_id, Permission.EDIT_SHOT, defer(Job.params))
    with _audited(caller, "job.prioritized", job, "priority"):
        control.set_priority(caller.session, job, priority)
    return job


def delete(caller: Caller, job_id: str) -> tuple[Job, list[str]]:
    """Put its version into the trash; the ids of jobs that were cancelled for that."""
    job = caller.job(job_id, Permission.EDIT_SHOT)
    return job, put(caller.session, caller.actor, job)


@contextmanager
def _audited(caller: Caller, action: str, job: Job, what: str = "state") -> Iterator[None]:
    """Record what the block does to that of the job, if it does anything."""
    before = getattr(job, what)
    yield
    caller.session.flush()
    after = getattr(job, what)
    if after != before:
        caller.audit(
            action,
            "job",
            job.id,
            project_id=job.shot.project_id,
            before={what: before},
            after={what: after},
        )
