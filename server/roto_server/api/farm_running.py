"""What workers run now, as far as whoever asks may see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select

from ..access.caller import Caller
from ..db.models import Attempt, Job, JsonObject, Shot, Task
from ..jobs.states import HELD_ATTEMPT
from .schemas.farm import RunningOut
from .schemas.jobs import Progress


def running() -> Select[*tuple[Any, ...]]:
    """Attempts that have their task in hand, with what `present` tells of them."""
    return (
        select(
            Attempt.id,
            Attempt.worker_id,
            Attempt.boot_id,
            Attempt.progress,
            Attempt.progress_at,
            Attempt.started_at,
            Attempt.task_id,
            Task.kind,
            Task.job_id,
            Job.shot_id,
            Shot.name,
            Shot.project_id,
        )
        .join(Task, Task.id == Attempt.task_id)
        .join(Job, Job.id == Task.job_id)
        .join(Shot, Shot.id == Job.shot_id)
        .where(Attempt.state.in_(HELD_ATTEMPT))
        .order_by(Attempt.started_at, Attempt.id)
    )


def seen(caller: Caller, rows: list[Row[Any]], stuck_since: datetime) -> list[RunningOut]:
    """Rows of `running` as they are told; one that has reported nothing new since then is stuck."""
    ids = {row.shot_id for row in rows}
    asked = caller.visible_shots(select(Shot.id).where(Shot.id.in_(ids)))
    visible = set(caller.session.scalars(asked)) if ids else set()
    return [_told(row, row.shot_id in visible, row.progress_at < stuck_since) for row in rows]


def stuck_since(now: datetime, seconds: float) -> datetime:
    """Since when an attempt must have reported nothing new to count as stuck."""
    return now - timedelta(seconds=seconds)


def _told(row: Row[Any], visible: bool, stuck: bool) -> RunningOut:
    whose = {
        "job_id": row.job_id,
        "task_id": row.task_id,
        "attempt_id": row.id,
        "shot_id": row.shot_id,
        "shot_name": row.name,
        "project_id": row.project_id,
    }
    progress = _progress(row.kind, row.progress)
    if not visible:
        # Stages say in it what they are at: names of objects.
        progress.message = ""
    return RunningOut(
        **(whose if visible else dict.fromkeys(whose)),
        kind=row.kind,
        progress=progress,
        started_at=row.started_at,
        progress_at=row.progress_at,
        stuck=stuck,
    )


def _progress(kind: str, told: JsonObject) -> Progress:
    done, total = told.get("done", 0), told.get("total", 0)
    return Progress(
        stage=kind,
        done=done,
        total=total,
        fraction=min(1.0, done / total) if total else 0.0,
        frames_per_second=told.get("frames_per_second"),
        eta_seconds=told.get("eta_seconds"),
        message=told.get("message", ""),
    )
