"""Corrections: which version of a shot's shapes a job stands on, and what it changed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.media import MAIN_VIEW, Plate
from ..db.models import Job, JsonObject, Shapes, Shot, Task
from .states import FINISHED_TASK, AttemptState, TaskState

_BASE = "base"


@dataclass(frozen=True)
class Correction:
    """What makes a roto job a correction of version ``version``, which ``job_id`` made.

    ``edits``: where the artist corrected, in the contract's form (``vectorize_params.edits``).
    """

    version: int
    job_id: str
    edits: Sequence[JsonObject]

    def told(self) -> JsonObject:
        """What the job's parameters keep of it."""
        return {"version": self.version, "job_id": self.job_id}


def base_version(job: Job) -> int | None:
    """The version of the shapes that ``job`` corrects; None for every other job."""
    base = job.params.get(_BASE)
    return int(base["version"]) if base else None


def base_of(session: Session, job: Job) -> Job | None:
    """The job whose shapes ``job`` corrects; None for every other job."""
    base = job.params.get(_BASE)
    return session.get_one(Job, base["job_id"]) if base else None


def stands_on(job: Job) -> list[str]:
    """The ids of the jobs whose results ``job`` reads: a correction's base, an export's source."""
    base = (job.params.get(_BASE) or {}).get("job_id")
    return [ident for ident in (base, job.params.get("source_job_id")) if ident]


def changed(job: Job) -> dict[str, list[tuple[int, int]]] | None:
    """Object name -> the frames a correction tracked again, once its track task has told them."""
    if base_version(job) is None:
        return None
    spans = _told_by_track(job).get("changed")
    if spans is None:
        return None
    names = {item["id"]: item["name"] for item in job.params["objects"]}
    return {
        names[object_id]: [(first, last) for first, last in found]
        for object_id, found in spans.items()
        if object_id in names
    }


def kept_shapes(shot_id: str, view: str | None = None) -> Select[Shapes]:
    """The versions of a shot's shapes that are not in the trash, newest first.

    ``view``: only of that view's plates. Versions are numbered through all views.
    """
    kept = (
        select(Shapes)
        .join(Job, Job.id == Shapes.job_id)
        .where(Shapes.shot_id == shot_id, Job.trashed_at.is_(None))
        .order_by(Shapes.version.desc())
    )
    return kept if view is None else kept.where(is_of_view(view))


def is_of_view(view: str) -> ColumnElement[bool]:
    """SQL: the job works on a plate of the view; jobs without a plate are of the main one."""
    of_view = Job.plate_id.in_(select(Plate.id).where(Plate.view == view))
    return or_(of_view, Job.plate_id.is_(None)) if view == MAIN_VIEW else of_view


def check_base(session: Session, shot: Shot, version: int) -> Shapes:
    """The row of the version to be corrected; the shot must be locked.

    Raises:
        RotoError: ``not_found``: the shot has no shapes of that version; ``conflict``: there are
            newer ones of its view, or a job is making some.
    """
    view = _view_of(session, shot, version)
    rows = session.scalars(kept_shapes(shot.id, view)).all()
    row = next((row for row in rows if row.version == version), None)
    if row is None:
        raise RotoError(
            f"Shot {shot.name!r} has no shapes of version {version}.",
            code="not_found",
            hint=f"The latest is {rows[0].version}." if rows else "Submit it first.",
        )
    if row is not rows[0]:
        raise RotoError(
            f"Version {version} of the shapes is not the latest: that is {rows[0].version}.",
            code="conflict",
            hint="Fetch the latest version and correct that.",
            detail={"base_version": version, "latest": rows[0].version, "job_id": rows[0].job_id},
        )
    _refuse_unfinished(session, shot, view)
    return row


def _view_of(session: Session, shot: Shot, version: int) -> str:
    found = (
        select(Plate.view)
        .join(Job, Job.plate_id == Plate.id)
        .join(Shapes, Shapes.job_id == Job.id)
        .where(Shapes.shot_id == shot.id, Shapes.version == version)
    )
    return session.scalar(found) or MAIN_VIEW


def _refuse_unfinished(session: Session, shot: Shot, view: str) -> None:
    job = session.scalars(
        select(Job)
        .join(Task)
        .where(
            Job.shot_id == shot.id,
            Job.kind == "roto",
            Task.kind == "vectorize",
            Task.state.not_in(FINISHED_TASK),
            is_of_view(view),
        )
        .order_by(Job.version.desc())
        .limit(1)
    ).first()
    if job is not None:
        raise RotoError(
            f"Version {job.version} of shot {shot.name!r} is being made.",
            code="conflict",
            hint="Wait for it and correct that, or cancel it.",
            detail={"job_id": job.id, "version": job.version, "state": str(job.state)},
        )


def _told_by_track(job: Job) -> dict[str, Any]:
    """The report of the track task's result; empty before there is one."""
    for task in job.tasks:
        if task.kind == "track" and task.state == TaskState.SUCCEEDED:
            for attempt in task.attempts:
                if attempt.state == AttemptState.SUCCEEDED and attempt.result:
                    report: dict[str, Any] = attempt.result.get("report") or {}
                    return report
    return {}
