"""Jobs over what another job has made: exported once more, or published into the studio."""

from __future__ import annotations

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.media import MAIN_VIEW
from ..db.models import Job, JsonObject, Shapes, Shot, Task
from ..errors import ConflictError
from . import publications
from .changes import lock_shot
from .colors import coloured_as_today
from .corrections import is_of_view
from .create import enter, new_job
from .outputs import export_params, publish_stages
from .states import TaskState

EXPORTING = ("roto", "export")
"""Kinds of jobs that have files to publish."""


def create_export_job(
    session: Session,
    source: Job,
    request: JsonObject,
    created_by: str,
    *,
    request_id: str | None = None,
    max_attempts: int = 3,
) -> Job:
    """A job that writes what the roto job ``source`` has made (see `export_source`) once more.

    ``request``: ``outputs``, ``formats``, ``mattes``, ``template``, ``videos`` and ``publish``; it
    works on the source's plate and objects, in the colours these have by now.
    """
    params = {
        **request,
        "shapes_version": source.version,
        "source_job_id": source.id,
        "objects": coloured_as_today(session, source.params["objects"]),
        "frame_range": source.params.get("frame_range"),
    }
    job = new_job(session, source.shot, "export", params, created_by, source.plate)
    job.engine, job.model, job.checkpoint_sha256 = (
        source.engine,
        source.model,
        source.checkpoint_sha256,
    )
    job.provenance = source.provenance
    job.request_id = request_id
    wanted = {**request, "exports": request["formats"]}
    stages = [("export", export_params(job, wanted)), *publish_stages(job, job.version, request)]
    return enter(session, job, stages, max_attempts)


def create_publish_job(
    session: Session,
    source: Job,
    rule: JsonObject,
    created_by: str,
    *,
    request_id: str | None = None,
    max_attempts: int = 3,
) -> Job:
    """A job that publishes what ``source`` has exported, by the project's ``rule``.

    Raises:
        RotoError: ``conflict`` when it has exported nothing (yet); ``bad_template`` when the rule
            cannot name its files.
    """
    lock_shot(session, source.shot)
    _check_exported(session, source)
    params = {"source_job_id": source.id, "source_version": source.version, "publish": rule}
    job = new_job(session, source.shot, "publish", params, created_by, source.plate)
    job.request_id = request_id
    stages = publish_stages(job, source.version, params)
    publications.files_of(session, source, stages[0][1])
    return enter(session, job, stages, max_attempts)


def _check_exported(session: Session, job: Job) -> None:
    """Raise `ConflictError` unless the job's results are written and can be published."""
    if job.kind in EXPORTING and _has_done(session, job, "export"):
        return
    raise ConflictError(
        f"The {job.kind} job has no results to publish.",
        hint="Publish a roto or export job whose export has succeeded.",
        detail={"kind": job.kind, "state": str(job.state)},
    )


def export_source(
    session: Session, shot: Shot, of_shapes: bool, version: int | None, view: str = MAIN_VIEW
) -> Job:
    """The roto job whose results an export reads: that version, or the newest of the view that has
    them.

    ``of_shapes``: it must have made shapes; else mattes do. Holds the shot (`lock_shot`). Raises
    RotoError ``not_found``.
    """
    lock_shot(session, shot)
    jobs = _with_shapes(shot) if of_shapes else _tracked(shot)
    wanted = is_of_view(view) if version is None else Job.version == version
    job = session.scalars(jobs.where(wanted).order_by(Job.version.desc()).limit(1)).first()
    if job is None:
        what = "shapes" if of_shapes else "mattes"
        named = what if version is None else f"version {version} of its {what}"
        raise RotoError(f"Shot {shot.name!r} has no {named}.", code="not_found")
    return job


def _with_shapes(shot: Shot) -> Select[Job]:
    made = select(Shapes.job_id).where(Shapes.shot_id == shot.id)
    return select(Job).where(Job.id.in_(made), Job.trashed_at.is_(None))


def _tracked(shot: Shot) -> Select[Job]:
    done = exists().where(
        Task.job_id == Job.id, Task.kind == "track", Task.state == TaskState.SUCCEEDED
    )
    return select(Job).where(
        Job.shot_id == shot.id, Job.kind == "roto", Job.trashed_at.is_(None), done
    )


def _has_done(session: Session, job: Job, kind: str) -> bool:
    query = select(Task.id).where(
        Task.job_id == job.id, Task.kind == kind, Task.state == TaskState.SUCCEEDED
    )
    return session.scalar(query) is not None
