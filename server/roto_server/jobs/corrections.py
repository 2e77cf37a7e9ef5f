"""Corrections: which version of a shot's shapes a job stands on, and what it changed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

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


def check_base(session: Session, shot: Shot, version: int) -> Shapes:
    """The row of the version to be corrected; the shot must be locked.

    Raises:
        RotoError: ``not_found``: the shot has no shapes of that version; ``conflict``: there are
            newer ones, or a job is making some.
    """
    query = select(Shapes).where(Shapes.shot_id == shot.id).order_by(Shapes.version.desc())
    rows = session.scalars(query).all()
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
    _refuse_unfinished(session, shot)
    return row


def _refuse_unfinished(session: Session, shot: Shot) -> None:
    job = session.scalars(
        select(Job)
        .join(Task)
        .where(
            Job.shot_id == shot.id,
            Job.kind == "roto",
            Task.kind == "vectorize",
            Task.state.not_in(FINISHED_TASK),
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
