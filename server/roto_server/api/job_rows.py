"""Jobs as a table shows them: one line each, and how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload, load_only, selectinload

from ..access import offered
from ..access.caller import Caller
from ..db.models import NO_CONFIDENCE, Job, Project, Prompt, RotoObject, Shot, Task
from ..db.people import User
from ..db.types import utc_now
from ..errors import BadRequestError
from ..jobs.progress import current_task, job_progress
from ..reviewing import ReviewState
from . import present
from .deps import Reader
from .job_filters import Filters, SortBy, States, in_states, passed_over, sorted_by
from .packing import PackedRoute
from .paging import Cursor, Limit, Skip
from .schemas.common import Page
from .schemas.job_rows import JobCounts, JobRow, RowObject, RowStage
from .schemas.jobs import JobKind, JobState

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=PackedRoute)

_SHOT = (
    Shot.name, Shot.state, Shot.review, Shot.project_id, Shot.created_by, Shot.archived_at
)  # fmt: skip
# Megabytes of drawn masks lie in a job's params: a line reads none of it.
_LINE = (
    defer(Job.params),
    defer(Job.provenance),
    joinedload(Job.creator).load_only(User.name),
    joinedload(Job.shot)
    .options(load_only(*_SHOT))
    .joinedload(Shot.project)
    .load_only(Project.name, Project.artists_see_all, Project.archived_at),
    selectinload(Job.tasks).load_only(
        Task.job_id, Task.kind, Task.state, Task.position, Task.queue, Task.progress
    ),
)


@router.get("/rows")
def list_job_rows(
    *,
    caller: Reader,
    filters: Filters,
    state: States = None,
    sort: SortBy = "-created",
    limit: Limit = 100,
    cursor: Cursor = None,
    skip: Skip = 0,
) -> Page[JobRow]:
    """Jobs for a table, in one of several orders. A cursor goes with the order it came of, and
    without ``skip``."""
    if skip and cursor is not None:
        raise BadRequestError("A part is named by `cursor` or by `skip`.", hint="Leave one out.")
    query = in_states(filters.apply(caller, select(Job)), state)
    if skip:
        cursor = passed_over(caller.session, query, sort, skip)
        if cursor is None:
            return Page(items=[], next=None)
    rows, after = sorted_by(caller.session, query.options(*_LINE), sort, limit, cursor)
    objects = _objects(caller, rows)
    may = offered.with_shots(caller, [row.shot for row in rows])
    lines = [_line(row, objects[row.id], may[row.shot_id]) for row in rows]
    return Page(items=lines, next=after)


@router.get("/counts")
def count_jobs(*, caller: Reader, filters: Filters) -> JobCounts:
    """How many of the jobs a table would show are in which state."""
    now = utc_now()
    jobs = filters.apply(caller, select(Job.state)).subquery()
    query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
    states = {cast("JobState", state): count for state, count in caller.session.execute(query)}
    return JobCounts(states=states, total=sum(states.values()), at=now)


def _objects(caller: Caller, rows: Sequence[Job]) -> dict[str, list[RowObject]]:
    """By job, the objects that were prompted for it."""
    found: dict[str, list[RowObject]] = defaultdict(list)
    prompted = (
        select(Prompt.job_id, Prompt.object_id)
        .where(Prompt.job_id.in_([row.id for row in rows]))
        .distinct()
        .subquery()
    )
    query = (
        select(prompted.c.job_id, RotoObject.name, RotoObject.color)
        .join(prompted, prompted.c.object_id == RotoObject.id)
        .order_by(RotoObject.position, RotoObject.created_at)
    )
    for job_id, name, color in caller.session.execute(query):
        found[job_id].append(RowObject(name=name, colour=color))
    return found


def _line(row: Job, objects: list[RowObject], may: list[str]) -> JobRow:
    progress = job_progress(row.tasks)
    current = current_task(row.tasks)
    shot = row.shot
    return JobRow(
        id=row.id,
        shot_id=row.shot_id,
        shot_name=shot.name,
        project_id=shot.project_id,
        project_name=shot.project.name,
        thumbnail_url=present.thumbnail_url(shot),
        objects=objects,
        owner_id=row.created_by,
        owner_name=row.creator.name if row.creator else row.created_by,
        kind=cast("JobKind", row.kind),
        state=cast("JobState", row.state),
        priority=row.priority,
        queue=current.queue if current else None,
        version=row.version,
        stages=[_stage(task) for task in row.tasks],
        fraction=progress["fraction"],
        frames_per_second=progress["frames_per_second"],
        eta_seconds=progress["eta_seconds"],
        message=progress["message"],
        created_at=row.created_at,
        updated_at=row.updated_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        worst_confidence=None if row.worst_confidence == NO_CONFIDENCE else row.worst_confidence,
        error_code=row.error["code"] if row.error else None,
        review=ReviewState(shot.review),
        may=may,
    )


def _stage(task: Task) -> RowStage:
    told = task.progress
    return RowStage(
        kind=task.kind, state=task.state, done=told.get("done", 0), total=told.get("total", 0)
    )
