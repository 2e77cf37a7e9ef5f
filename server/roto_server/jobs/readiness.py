"""Which waiting tasks may begin: always worked out from the rows, never from a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt, check_prompts, object_range

from ..db.media import Plate
from ..db.models import Job, Shot, Task
from .changes import LOCK_ORDER, ErrorBody, lock_job, move_task, settle_job
from .states import TaskEvent, TaskState


def settle_waiting(session: Session, job: Job, now: datetime) -> None:
    """Move each waiting task of a locked job on: ready, failed with its reason, or cancelled."""
    for task in job.tasks:
        if task.state == TaskState.WAITING:
            settle_task(session, job, task, now)
    settle_job(session, job, now)


def settle_dependents(session: Session, job: Job, now: datetime) -> None:
    """Settle the waiting tasks of the shot's other jobs, after an ingest job has ended."""
    others = session.scalars(
        select(Job.id)
        .where(
            Job.shot_id == job.shot_id,
            Job.id != job.id,
            exists().where(Task.job_id == Job.id, Task.state == TaskState.WAITING),
        )
        .order_by(*LOCK_ORDER)
    ).all()
    for job_id in others:
        settle_waiting(session, lock_job(session, job_id), now)


def check_fits(
    shot: Shot | Plate, objects: Sequence[dict[str, Any]], frame_range: Sequence[int] | None
) -> None:
    """Refuse a range or prompts that lie outside a probed shot (or one of its plates).

    ``objects`` as in the contract (``task.schema.json#/$defs/objects``); ``frame_range`` inclusive
    plate frames, None for the whole shot.

    Raises:
        RotoError: ``range_outside_plate``, or what `check_prompts` raises, naming the object.
    """
    plate = shot_range(shot)
    if plate is None or shot.width is None or shot.height is None:
        raise RotoError("The shot's plate was never probed.", code="plate_not_ready")
    first, last = frame_range or plate
    if first < plate[0] or last > plate[1]:
        raise RotoError(
            f"Frames {first}-{last} are asked for; the plate has {plate[0]}-{plate[1]}.",
            hint="Choose a range inside the plate's.",
            code="range_outside_plate",
            detail={"frame_range": [first, last], "plate": plate},
        )
    for item in objects:
        prompts = [FramePrompt.from_json(prompt) for prompt in item["prompts"]]
        try:
            within = object_range((first, last), item.get("frame_range"))
            check_prompts(prompts, shot.width, shot.height, within)
        except RotoError as error:
            error.detail.setdefault("object", item["name"])
            raise


def shot_range(shot: Shot | Plate) -> list[int] | None:
    """First and last plate frame of a probed shot, or of one of its plates."""
    if shot.first_frame is None or shot.last_frame is None:
        return None
    return [shot.first_frame, shot.last_frame]


def settle_task(session: Session, job: Job, task: Task, now: datetime) -> None:
    """Move one waiting task of a locked job on, if what it waits for has ended."""
    needed = [session.get_one(Task, task_id) for task_id in task.depends_on]
    states = {dependency.state for dependency in needed}
    if states <= {TaskState.SUCCEEDED}:
        error = _misfit(job) if task.kind == "track" else None
        event = TaskEvent.FAIL if error else TaskEvent.READY
        move_task(session, task, event, now, error=error)
    elif states & {TaskState.FAILED, TaskState.CANCELLED}:
        foreign = [dependency for dependency in needed if dependency.job_id != job.id]
        error = _plate_error(foreign) if foreign else None
        event = TaskEvent.FAIL if error else TaskEvent.CANCEL
        move_task(session, task, event, now, error=error)


def _misfit(job: Job) -> ErrorBody | None:
    """What only probing the plate could show: a click or a range outside it."""
    try:
        check_fits(
            job.plate or job.shot, job.params.get("objects", []), job.params.get("frame_range")
        )
    except RotoError as error:
        return error.as_dict()
    return None


def _plate_error(dependencies: Sequence[Task]) -> ErrorBody:
    """Why the shot could not be probed, as the error of the job that waited for it."""
    for dependency in dependencies:
        if dependency.error:
            return dict(dependency.error)
    return RotoError(
        "The shot was not probed: its ingest was cancelled.",
        hint="Retry the ingest job, then this one.",
        code="plate_not_ready",
    ).as_dict()
