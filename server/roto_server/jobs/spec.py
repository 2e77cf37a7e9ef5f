"""The ``task/1`` document a worker gets when it claims a task."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_client.contract import PRODUCT_VERSION, check_task_spec
from roto_shapes.errors import RotoError

from ..db.models import Attempt, Job, JsonObject, Shot, Task
from .changes import attempts_of
from .corrections import base_of
from .folders import Folders, log_key
from .readiness import shot_range
from .states import TaskState

_OBJECT_KINDS = ("track", "vectorize", "export")
_INPUT_OF = {"track": "masks", "vectorize": "shapes"}
_BASE_INPUT_OF = {"track": "base_masks", "vectorize": "base_shapes"}


def build_spec(session: Session, folders: Folders, task: Task, attempt: Attempt) -> JsonObject:
    """Everything the claiming worker needs, with concrete paths; valid by the contract.

    Raises:
        ContractError: the job's parameters do not make a valid spec (they were checked when the
            job was made, so this is a bug).
    """
    job = task.job
    spec = {
        "schema": "task/1",
        "task_id": task.id,
        "attempt_id": attempt.id,
        "attempt_number": attempt.number,
        "job_id": job.id,
        "kind": task.kind,
        "shot": describe_shot(job.shot),
        "output_dir": str(folders.path(attempt.output_dir)),
        "log_path": str(folders.path(log_key(job.shot, attempt.id))),
        "resume_dirs": _resume_dirs(session, folders, task, attempt),
        "inputs": {**_inputs(session, folders, job), **_base_input(session, folders, task)},
        "params": _params(session, job, task),
        "provenance": _provenance(job),
    }
    check_task_spec(spec)
    return spec


def describe_shot(shot: Shot) -> JsonObject:
    plate: dict[str, Any] = {"kind": shot.plate["kind"], "path": shot.plate["path"]}
    if shot.plate.get("first_frame") is not None:
        plate["first_frame"] = shot.plate["first_frame"]
    fps = [shot.fps_num, shot.fps_den] if shot.fps_num and shot.fps_den else None
    return {
        "id": shot.id,
        "name": shot.name,
        "project": shot.project.name,
        "plate": plate,
        "colorspace": shot.colorspace,
        "width": shot.width,
        "height": shot.height,
        "pixel_aspect": shot.pixel_aspect,
        "fps": fps,
        "frame_range": shot_range(shot),
    }


def _resume_dirs(session: Session, folders: Folders, task: Task, attempt: Attempt) -> list[str]:
    earlier = [other for other in attempts_of(session, task) if other.number < attempt.number]
    paths = [folders.path(other.output_dir) for other in reversed(earlier)]
    return [str(path) for path in paths if path.is_dir()]


def _inputs(session: Session, folders: Folders, job: Job) -> dict[str, str]:
    """Published directories of the stages before; an export job reads those of its source."""
    source = job.params.get("source_job_id", job.id)
    published = session.scalars(
        select(Task).where(Task.job_id == source, Task.state == TaskState.SUCCEEDED)
    )
    return {
        _INPUT_OF[other.kind]: str(folders.path(other.published_dir))
        for other in published
        if other.kind in _INPUT_OF and other.published_dir is not None
    }


def _base_input(session: Session, folders: Folders, task: Task) -> dict[str, str]:
    """Of a correction: what the same stage of the corrected job published."""
    base = base_of(session, task.job)
    name = _BASE_INPUT_OF.get(task.kind)
    if base is None or name is None:
        return {}
    published = session.scalar(
        select(Task.published_dir).where(Task.job_id == base.id, Task.kind == task.kind)
    )
    return {name: str(folders.path(published))} if published else {}


def _params(session: Session, job: Job, task: Task) -> JsonObject:
    if task.kind not in _OBJECT_KINDS:
        return dict(task.params)
    frame_range = job.params.get("frame_range") or shot_range(job.shot)
    if frame_range is None:
        raise RotoError("The shot was never probed.", code="plate_not_ready")
    params = {
        **task.params,
        "objects": job.params["objects"],
        "frame_range": list(frame_range),
    }
    base = base_of(session, job) if task.kind == "track" else None
    return params if base is None else {**params, "base": {"objects": base.params["objects"]}}


def _provenance(job: Job) -> JsonObject:
    """What goes into every output; engine, model and checkpoint once track has told them."""
    return {
        **job.provenance,
        "product_version": PRODUCT_VERSION,
        "job_id": job.id,
        "user": job.created_by,
    }
