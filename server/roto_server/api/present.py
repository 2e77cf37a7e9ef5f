"""Rows as the API tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from roto_client.contract import API_PREFIX

from ..access import offered
from ..access.accounts import names_of
from ..access.caller import Caller
from ..db.media import MAIN_VIEW
from ..db.models import Attempt, Export, Job, JsonObject, Mask, Project, RotoObject, Shot, Task
from ..jobs import handles, plates
from ..jobs.corrections import base_version, changed
from ..jobs.progress import job_progress
from ..places import told
from ..reviewing import ReviewState, sent
from .schemas.common import Told
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
from .schemas.projects import ObjectOut, PlateOut, SentOut, ShotOut, ShotState


def shot(row: Shot) -> ShotOut:
    """A shot."""
    fps = None if row.fps_num is None or row.fps_den is None else (row.fps_num, row.fps_den)
    return ShotOut(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        state=cast("ShotState", row.state),
        plate=plate(row.plate, row.project),
        colorspace=row.colorspace,
        width=row.width,
        height=row.height,
        pixel_aspect=row.pixel_aspect,
        fps=fps,
        frame_range=plates.frames_of(row),
        metadata=row.plate_metadata,
        handles=(row.handle_head, row.handle_tail),
        cut=row.cut,
        archived_at=row.archived_at,
        error=row.error,
        review=ReviewState(row.review),
        warnings=[Told.model_validate(one) for one in handles.warnings(row)],
        thumbnail_url=thumbnail_url(row),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def thumbnail_url(row: Shot) -> str | None:
    """Where the shot's thumbnail is, below the server's address; None until it has been read."""
    return f"{API_PREFIX}/shots/{row.id}/thumbnail" if row.state == "ready" else None


def frame_url(shot_id: str, frame: int) -> str:
    """Where the picture of one plate frame is, below the server's address."""
    return f"{API_PREFIX}/shots/{shot_id}/frames/{frame}"


def shots_for(caller: Caller, rows: Sequence[Shot]) -> list[ShotOut]:
    """The shots, each with what they may do with it, and when it was sent to review."""
    may = offered.with_shots(caller, rows)
    last = sent.sent_of(caller.session, [row.id for row in rows])
    names = names_of(caller.session, (one.by for one in last.values()))
    return [
        shot(row).model_copy(update={"may": may[row.id], "sent": _sent(last.get(row.id), names)})
        for row in rows
    ]


def _sent(last: sent.Sent | None, names: Mapping[str, str]) -> SentOut | None:
    if last is None:
        return None
    by = names.get(last.by, "")
    return SentOut(job_id=last.job_id, version=last.version, by=by, at=last.at)


def shot_for(caller: Caller, row: Shot) -> ShotOut:
    """One shot, as `shots_for`."""
    return shots_for(caller, [row])[0]


def plate(told_of: JsonObject, project: Project) -> PlateOut:
    """A plate of the project, its path as whoever asks names it."""
    return PlateOut.model_validate({**told_of, "path": told(told_of["path"], project)})


def roto_object(row: RotoObject) -> ObjectOut:
    """An object of a shot."""
    return ObjectOut(
        id=row.id,
        shot_id=row.shot_id,
        name=row.name,
        label=row.label,
        color=row.color,
        position=row.position,
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


def job(row: Job, by: str | None = None) -> JobOut:
    """A job with its tasks and their attempts. ``by``: its maker's name, where it is known."""
    return JobOut(
        **dict(job_status(row)),
        shot_id=row.shot_id,
        project_id=row.shot.project_id,
        kind=row.kind,
        priority=row.priority,
        version=row.version,
        view=row.plate.view if row.plate else MAIN_VIEW,
        plate_version=row.plate.version if row.plate else 1,
        base_version=base_version(row),
        changed=changed(row),
        engine=row.engine,
        model=row.model,
        checkpoint_sha256=row.checkpoint_sha256,
        provenance=row.provenance,
        params=row.params,
        tasks=[_task(task) for task in row.tasks],
        created_by=by or (row.creator.name if row.creator else row.created_by),
        created_by_id=row.created_by,
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
