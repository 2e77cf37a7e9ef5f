"""What is counted: everything that ended in a time, perhaps of one project, as far as whoever asks
may be told of it.

Each of `Scope`'s tables has ``moment`` (when it ended), ``project_id`` and ``maker`` (whose work it
is, a user's id).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from ..access.caller import Caller
from ..access.roles import Role
from ..db.functions import seconds_between, utc_day
from ..db.media import Plate, Review
from ..db.models import Attempt, Job, Project, Shot, Task, Worker
from ..jobs.states import SPENT_ATTEMPT, JobState
from ..reviewing import ReviewState
from ..reviewing.reasons import LONGEST_HEAD

Rows = Select[*tuple[Any, ...]]
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Grouping = Literal["day", "project", "user"]

CPU = "cpu"
"""What a worker calls its device when it has no GPU."""
GPU_QUEUE = "gpu"
"""The queue of the stages that use one; such workers take the others', too."""
FLOW = "flow"
"""The engine that uses no GPU wherever it runs."""
NO_CODE = "unknown"
"""The error code of what failed and did not say why."""


@dataclass(frozen=True)
class Scope:
    """What ended from ``since`` on and before ``until``; ``project_id`` None: in any project."""

    caller: Caller
    since: datetime
    until: datetime
    project_id: str | None = None

    def is_empty(self) -> bool:
        """Whether they see no project, so that there is nothing to count."""
        mine = self.caller.visible_projects(select(Project.id))
        return self.caller.session.scalars(mine.limit(1)).first() is None

    def jobs(self) -> Subquery:
        """Jobs that succeeded or failed; cancelled ones are nobody's success or failure.

        ``code``: why it failed, else NULL. Of roto jobs that succeeded ``done`` is the shot, else
        NULL, and ``frames`` the plate's number of them, else 0.
        """
        told = (Job.shot_id, Job.plate_id, Job.kind, Job.state, Job.created_by, Job.trash_id)
        code = _code(Job.state == JobState.FAILED, Job.error)
        query = select(*told, code, Job.finished_at)
        if (theirs := self._shots()) is not None:
            query = query.where(Job.shot_id.in_(theirs))
        ended = self._within(query, Job.finished_at).c
        done = and_(ended.kind == "roto", ended.state == JobState.SUCCEEDED)
        first = func.coalesce(Plate.first_frame, Shot.first_frame)
        last = func.coalesce(Plate.last_frame, Shot.last_frame)
        told_of = (
            select(
                ended.finished_at.label("moment"),
                Shot.project_id,
                ended.created_by.label("maker"),
                case((done, ended.shot_id)).label("done"),
                case((done, func.coalesce(last - first + 1, 0)), else_=0).label("frames"),
                ended.code,
            )
            .join(Shot, Shot.id == ended.shot_id)
            .outerjoin(Plate, Plate.id == ended.plate_id)
            .where(ended.state.in_((JobState.SUCCEEDED, JobState.FAILED)), ended.trash_id == "")
        )
        return self._seen(told_of, ended.created_by)

    def attempts(self) -> Subquery:
        """Attempts, whatever became of them: their ``stage``, ``state``, ``seconds``.

        ``gpu_hours``: 0 of what used no GPU; ``code``: why it failed or was lost, else NULL.
        """
        told = (Attempt.task_id, Attempt.worker_id, Attempt.state, Attempt.started_at)
        code = _code(Attempt.state.in_(SPENT_ATTEMPT), Attempt.error)
        query = select(*told, code, Attempt.finished_at)
        if (theirs := self._shots()) is not None:
            tasks = select(Task.id).join(Job, Job.id == Task.job_id).where(Job.shot_id.in_(theirs))
            query = query.where(Attempt.task_id.in_(tasks))
        ended = self._within(query, Attempt.finished_at).c
        seconds = seconds_between(ended.started_at, ended.finished_at)
        told_of = (
            select(
                ended.finished_at.label("moment"),
                Shot.project_id,
                Job.created_by.label("maker"),
                Task.kind.label("stage"),
                ended.state,
                seconds.label("seconds"),
                case((_uses_gpu(), seconds / 3600.0), else_=0.0).label("gpu_hours"),
                ended.code,
            )
            .join(Task, Task.id == ended.task_id)
            .join(Job, Job.id == Task.job_id)
            .join(Shot, Shot.id == Job.shot_id)
            .join(Worker, Worker.id == ended.worker_id)
            # By that, not by trashed_at: of what has an index SQLite would begin with it.
            .where(Job.trash_id == "")
        )
        return self._seen(told_of, Job.created_by)

    def retakes(self) -> Subquery:
        """Moves of shots to the review state retake, and how their reason begins (``head``).

        They are of whoever submitted the version, or made the shot when none is named.
        """
        maker = func.coalesce(Job.created_by, Shot.created_by)
        query = (
            select(
                Review.created_at.label("moment"),
                Shot.project_id,
                maker.label("maker"),
                func.substr(Review.reason, 1, LONGEST_HEAD).label("head"),
            )
            .join(Shot, Shot.id == Review.shot_id)
            .outerjoin(Job, Job.id == Review.job_id)
            .where(
                Review.after == ReviewState.RETAKE,
                Review.created_at >= self.since,
                Review.created_at < self.until,
            )
        )
        if (theirs := self._shots()) is not None:
            query = query.where(Review.shot_id.in_(theirs))
        return self._seen(query, maker)

    def _shots(self) -> Select[str] | None:
        """Shots beyond which there is nothing to tell; None: there are none such.

        By projects: of shots SQLite, without statistics of its tables, would walk all others too.
        """
        if self.project_id is None and self.caller.who.role is Role.ADMIN:
            return None
        projects = self.caller.visible_projects(select(Project.id))
        if self.project_id is not None:
            projects = projects.where(Project.id == self.project_id)
        return select(Shot.id).where(Shot.project_id.in_(projects))

    def _within(self, query: Rows, moment: Column) -> Subquery:
        # OFFSET 0: the planner begins with what ended then. SQLite, which has no statistics of
        # its tables, would walk all shots.
        return query.where(moment >= self.since, moment < self.until).offset(0).subquery()

    def _seen(self, query: Rows, maker: Column) -> Subquery:
        query = self.caller.visible_shots(query).where(self.caller.is_told_of(maker))
        if self.project_id is not None:
            query = query.where(Shot.project_id == self.project_id)
        return query.subquery()


def key_of(by: Grouping, table: FromClause) -> ColumnElement[str]:
    """What the rows of one of `Scope`'s tables are grouped by."""
    columns = table.c
    keys = {"day": utc_day(columns.moment), "project": columns.project_id, "user": columns.maker}
    return keys[by].label("key")


def _uses_gpu() -> ColumnElement[bool]:
    """Whether an attempt did. ``auto`` is what made the job's mattes, or without them what the
    worker prefers."""
    asked = func.nullif(Task.params["engine"].as_string(), "auto")
    engine = func.coalesce(asked, Job.engine, Worker.engines[(0, "engine")].as_string(), "")
    return and_(Task.queue == GPU_QUEUE, Worker.device != CPU, engine != FLOW)


def _code(failed: ColumnElement[bool], error: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return case((failed, func.coalesce(error["code"].as_string(), NO_CODE))).label("code")
