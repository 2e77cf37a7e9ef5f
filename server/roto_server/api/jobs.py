"""Jobs: list, look at, cancel, retry, read the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.orm import defer, selectinload

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import Plate
from ..db.models import Attempt, Job, Shot, Task
from ..db.people import User
from ..errors import NotFoundError
from ..jobs.folders import log_key
from ..storage import Storage
from ..storage.many import in_threads
from . import job_changes, present
from .deps import Reader, RowsDep, SettingsDep, StorageDep, Writer, refusals
from .etags import NOT_MODIFIED, etag_of, headers_of, not_modified
from .job_filters import Filters, SortBy, States, in_states, sorted_by
from .paging import Cursor, Limit
from .schemas.common import Page
from .schemas.job_changes import JobPatch
from .schemas.jobs import JobOut, JobStatus
from .store_threads import in_parts, looking

router = APIRouter(prefix="/jobs", tags=["jobs"])

# Only what is told of them: tasks and attempts hold documents that nobody asks for here.
_TASKS = selectinload(Job.tasks).options(
    defer(Task.params),
    defer(Task.depends_on),
    selectinload(Task.attempts).options(defer(Attempt.progress), defer(Attempt.result)),
)
_PLATE = selectinload(Job.plate).load_only(Plate.view, Plate.version)
_WHOLE = (selectinload(Job.creator).load_only(User.name), _PLATE, _TASKS)
_PROJECT = selectinload(Job.shot).load_only(Shot.project_id)
_STATES = selectinload(Job.tasks).options(defer(Task.params), defer(Task.depends_on))
_VIEW = Permission.VIEW_SHOT
_Chapter = tuple[bytes, str]
"""Of a job's log: its headline, and the key of what an attempt wrote."""


@router.get("")
def list_jobs(
    caller: Reader,
    filters: Filters,
    state: States = None,
    sort: SortBy = "-created",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobOut]:
    """The jobs of all shots you may see, newest first unless ``sort`` says otherwise."""
    query = in_states(filters.apply(caller, select(Job)), state).options(_PROJECT, *_WHOLE)
    rows, after = sorted_by(caller.session, query, sort, limit, cursor)
    return Page(items=[present.job(row) for row in rows], next=after)


@router.get("/{job_id}", responses=refusals(404))
def get_job(job_id: str, caller: Reader) -> JobOut:
    """One job with its tasks and their attempts."""
    return present.job(caller.job(job_id, _VIEW, *_WHOLE))


@router.get(
    "/{job_id}/status", response_model=JobStatus, responses={**NOT_MODIFIED, **refusals(404)}
)
def get_status(
    job_id: str, caller: Reader, request: Request, response: Response
) -> JobStatus | Response:
    """State and progress, for those who poll: 304 while nothing has changed."""
    job = caller.job(job_id, _VIEW, defer(Job.params), defer(Job.provenance), _STATES)
    changes = [part for task in job.tasks for part in (task.id, task.updated_at)]
    headers = headers_of(etag_of("status", job.id, job.updated_at, *changes))
    if (same := not_modified(request, headers)) is not None:
        return same
    response.headers.update(headers)
    return present.job_status(job)


@router.patch("/{job_id}", responses=refusals(404, 409))
def change_job(job_id: str, body: JobPatch, caller: Writer) -> JobOut:
    """Have a job come before or after others: tasks of it that wait change their queue at once.

    409 once it has succeeded.
    """
    return present.job(job_changes.prioritize(caller, job_id, body.priority))


@router.post("/{job_id}/cancel", responses=refusals(404, 409))
def cancel(job_id: str, caller: Writer) -> JobOut:
    """Stop the job, also in the archive: ``cancelling`` until its worker has let go, then
    ``cancelled``."""
    return present.job(job_changes.cancel(caller, job_id))


@router.post("/{job_id}/retry", responses=refusals(404, 409))
def retry(job_id: str, caller: Writer, settings: SettingsDep) -> JobOut:
    """Run a failed or cancelled job again from its first unfinished task."""
    return present.job(job_changes.retry(caller, job_id, settings))


@router.get(
    "/{job_id}/log",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/plain": {}}}, **refusals(404)},
)
async def get_log(
    job_id: str,
    rows: RowsDep,
    storage: StorageDep,
    attempt: Annotated[str | None, Query(max_length=32)] = None,
) -> StreamingResponse:
    """What the workers wrote about the job, attempt by attempt, or about one attempt."""

    def find(caller: Caller) -> list[_Chapter]:
        job = caller.job(job_id, _VIEW, defer(Job.params), *_WHOLE)
        return [
            (_headline(task, one), log_key(job.shot, one.id))
            for task, one in _attempts(job, attempt)
        ]

    chapters = await looking(_written, storage, await rows.read(find))
    parts = in_parts(_read(storage, chapters))
    return StreamingResponse(parts, media_type="text/plain; charset=utf-8")


def _attempts(job: Job, ident: str | None) -> list[tuple[Task, Attempt]]:
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


def _written(storage: Storage, chapters: list[_Chapter]) -> list[_Chapter]:
    """Those of which there is a log."""
    sizes = in_threads(lambda chapter: storage.size(chapter[1]), chapters, storage)
    return [one for one, size in zip(chapters, sizes, strict=True) if size is not None]


def _read(storage: Storage, chapters: list[_Chapter]) -> Iterator[bytes]:
    for headline, key in chapters:
        yield headline
        yield from storage.stream(key)
