"""Rows as the API tells them."""

from __future__ import annotations

from typing import cast

from roto_client.contract import API_PREFIX

from ..db.models import Attempt, Export, Job, Mask, RotoObject, Shot, Task
from ..jobs.corrections import base_version, changed
from ..jobs.progress import job_progress
from .schemas.jobs import (
    AttemptOut,
    JobOut,
    JobState,
    JobStatus,
    MaskOut,
    OutputOut,
    Progress,
    TaskOut,
)
from .schemas.projects import ObjectOut, PlateOut, ShotOut, ShotState


def shot(row: Shot) -> ShotOut:
    """A shot."""
    fps = None if row.fps_num is None or row.fps_den is None else (row.fps_num, row.fps_den)
    frames = None
    if row.first_frame is not None and row.last_frame is not None:
        frames = (row.first_frame, row.last_frame)
    return ShotOut(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        state=cast("ShotState", row.state),
        plate=PlateOut.model_validate(row.plate),
        colorspace=row.colorspace,
        width=row.width,
        height=row.height,
        pixel_aspect=row.pixel_aspect,
        fps=fps,
        frame_range=frames,
        metadata=row.plate_metadata,
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def roto_object(row: RotoObject) -> ObjectOut:
    """An object of a shot."""
    return ObjectOut(
        id=row.id,
        shot_id=row.shot_id,
        name=row.name,
        label=row.label,
        color=row.color,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def job_status(row: Job) -> JobStatus:
    """The short form of a job; reads its tasks."""
    return JobStatus(
        id=row.id,
        state=cast("JobState", row.state),
        progress=Progress.model_validate(job_progress(row.tasks)),
        error=row.error,
    )


def job(row: Job) -> JobOut:
    """A job with its tasks and their attempts."""
    return JobOut(
        **dict(job_status(row)),
        shot_id=row.shot_id,
        project_id=row.shot.project_id,
        kind=row.kind,
        priority=row.priority,
        version=row.version,
        base_version=base_version(row),
        changed=changed(row),
        engine=row.engine,
        model=row.model,
        checkpoint_sha256=row.checkpoint_sha256,
        provenance=row.provenance,
        params=row.params,
        tasks=[_task(task) for task in row.tasks],
        created_by=row.created_by,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _task(row: Task) -> TaskOut:
    return TaskOut(
        id=row.id,
        kind=row.kind,
        state=row.state,
        position=row.position,
        queue=row.queue,
        progress=row.progress,
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempts=[_attempt(attempt) for attempt in row.attempts],
    )


def _attempt(row: Attempt) -> AttemptOut:
    return AttemptOut(
        id=row.id,
        number=row.number,
        state=row.state,
        worker_id=row.worker_id,
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def output(row: Export) -> OutputOut:
    """A published file."""
    return OutputOut(
        id=row.id,
        role=row.role,
        format=row.format,
        object_id=row.object_id,
        frame=row.frame,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        report=row.report,
        url=f"{API_PREFIX}/jobs/{row.job_id}/outputs/{row.id}",
    )


def mask(row: Mask) -> MaskOut:
    """One tracked matte."""
    return MaskOut(
        object_id=row.object_id,
        job_id=row.job_id,
        frame=row.frame,
        confidence=row.confidence,
        created_at=row.created_at,
    )
