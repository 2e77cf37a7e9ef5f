"""Jobs: list, look at, cancel, retry, read the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..db.models import Attempt, Job, Shot, Task
from ..errors import NotFoundError
from ..jobs.control import cancel_job, retry_job
from ..jobs.folders import log_key
from ..storage import Storage
from . import present
from .deps import DatabaseDep, SettingsDep, StorageDep, get_row, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.common import Page
from .schemas.jobs import JobOut, JobState, JobStatus

router = APIRouter(prefix="/jobs", tags=["jobs"])

_WHOLE = (selectinload(Job.shot), selectinload(Job.tasks).selectinload(Task.attempts))


@router.get("")
def list_jobs(
    database: DatabaseDep,
    state: JobState | None = None,
    shot_id: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobOut]:
    """Jobs, newest first."""
    query = select(Job).options(*_WHOLE)
    if state is not None:
        query = query.where(Job.state == state)
    if shot_id is not None:
        query = query.where(Job.shot_id == shot_id)
    with database.reading() as session:
        rows, after = newest_first(session, query, (Job.created_at, Job.id), limit, cursor)
        return Page(items=[present.job(row) for row in rows], next=after)


@router.get("/{job_id}", responses=refusals(404))
def get_job(job_id: str, database: DatabaseDep) -> JobOut:
    """One job with its tasks and their attempts."""
    with database.reading() as session:
        return present.job(get_row(session, Job, job_id, "job"))


@router.get("/{job_id}/status", responses=refusals(404))
def get_status(job_id: str, database: DatabaseDep) -> JobStatus:
    """State and progress, for those who poll."""
    with database.reading() as session:
        return present.job_status(get_row(session, Job, job_id, "job"))


@router.post("/{job_id}/cancel", responses=refusals(404, 409))
def cancel(job_id: str, database: DatabaseDep) -> JobOut:
    """Stop the job: ``cancelling`` until its worker has let go, then ``cancelled``."""
    with database.session() as session:
        job = cancel_job(session, get_row(session, Job, job_id, "job"))
        session.flush()
        return present.job(job)


@router.post("/{job_id}/retry", responses=refusals(404, 409))
def retry(job_id: str, database: DatabaseDep, settings: SettingsDep) -> JobOut:
    """Run a failed or cancelled job again from its first unfinished task."""
    with database.session() as session:
        job = get_row(session, Job, job_id, "job")
        job = retry_job(session, job, max_attempts=settings.max_attempts)
        session.flush()
        return present.job(job)


@router.get(
    "/{job_id}/log",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/plain": {}}}, **refusals(404)},
)
def get_log(
    job_id: str,
    database: DatabaseDep,
    storage: StorageDep,
    attempt: Annotated[str | None, Query(max_length=32)] = None,
) -> StreamingResponse:
    """What the workers wrote about the job, attempt by attempt, or about one attempt."""
    with database.reading() as session:
        job = get_row(session, Job, job_id, "job")
        attempts = _attempts(session, job, attempt)
        shot = job.shot
    chapters = [
        (_headline(task, one), file)
        for task, one in attempts
        if (file := _log_file(storage, shot, one)) is not None
    ]
    return StreamingResponse(_read(chapters), media_type="text/plain; charset=utf-8")


def _attempts(session: Session, job: Job, ident: str | None) -> list[tuple[Task, Attempt]]:
    pairs = [(task, attempt) for task in job.tasks for attempt in task.attempts]
    if ident is None:
        return pairs
    chosen = [pair for pair in pairs if pair[1].id == ident]
    if not chosen:
        raise NotFoundError("attempt", ident)
    return chosen


def _headline(task: Task, attempt: Attempt) -> bytes:
    told = f"=== {task.kind}, attempt {attempt.number} on {attempt.worker_id}: {attempt.state} ==="
    return f"{told}\n".encode()


def _log_file(storage: Storage, shot: Shot, attempt: Attempt) -> Path | None:
    try:
        return storage.locate(log_key(shot, attempt.id))
    except NotFoundError:
        return None


def _read(chapters: list[tuple[bytes, Path]]) -> Iterator[bytes]:
    for headline, path in chapters:
        yield headline
        with path.open("rb") as file:
            while chunk := file.read(1 << 16):
                yield chunk
