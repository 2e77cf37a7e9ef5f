"""The ``task/1`` document a worker gets when it claims a task."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_client.contract import PRODUCT_VERSION, check_task_spec
from roto_shapes.errors import RotoError

from ..db.media import Plate
from ..db.models import Attempt, Job, JsonObject, Shot, Task
from ..storage import Storage
from . import publications
from .changes import attempts_of
from .corrections import base_of
from .folders import log_key
from .plate_changes import overscan
from .reach import Reach
from .readiness import shot_range
from .states import TaskState

_OBJECT_KINDS = ("track", "vectorize", "export")
_INPUT_OF = {"ingest": "proxies", "track": "masks", "vectorize": "shapes"}
_BASE_INPUT_OF = {"track": "base_masks", "vectorize": "base_shapes"}


def build_spec(
    session: Session, storage: Storage, reach: Reach, task: Task, attempt: Attempt
) -> JsonObject:
    """Everything the claiming worker needs, by the names its node has; valid by the contract.

    Raises:
        UnreachableError: the node does not mount the plate.
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
        "shot": describe_shot(job.shot, reach, job.plate) | _to_find(task, job.plate or job.shot),
        "output_dir": reach.stored(attempt.output_dir),
        "log_path": reach.stored(log_key(job.shot, attempt.id)),
        "resume_dirs": _resume_dirs(session, storage, reach, task, attempt),
        "inputs": {**_inputs(session, reach, task), **_base_input(session, reach, task)},
        "params": _params(session, reach, job, task),
        "provenance": _provenance(job),
    }
    check_task_spec(spec)
    return spec


def describe_shot(shot: Shot, reach: Reach, of: Plate | Shot | None = None) -> JsonObject:
    """The ``shot`` of the contract with the plate ``of`` (None: the shot's current one)."""
    row: Shot | Plate = of or shot
    fps = [row.fps_num, row.fps_den] if row.fps_num and row.fps_den else None
    return {
        "id": shot.id,
        "name": shot.name,
        "project": shot.project.name,
        "plate": reach.plate(row),
        "colorspace": row.colorspace,
        "width": row.width,
        "height": row.height,
        "pixel_aspect": row.pixel_aspect,
        "fps": fps,
        "frame_range": shot_range(row),
    }


def _to_find(task: Task, row: Plate | Shot) -> JsonObject:
    """Of a plate that is read again: a rate that was found or assumed is found anew, not told."""
    source = (row.plate_metadata or {}).get("fps_source", "told")
    return {"fps": None} if task.kind == "ingest" and source != "told" else {}


def _resume_dirs(
    session: Session, storage: Storage, reach: Reach, task: Task, attempt: Attempt
) -> list[str]:
    earlier = [other for other in attempts_of(session, task) if other.number < attempt.number]
    keys = [other.output_dir for other in reversed(earlier)]
    if storage.is_shared:
        keys = [key for key in keys if storage.has_folder(key)]
    # A bucket is not asked while the job is held: of what is not there nothing is resumed.
    return [reach.stored(key) for key in keys]


def _inputs(session: Session, reach: Reach, task: Task) -> dict[str, str]:
    """Published directories of the stages before; an export job reads those of its source.

    What is published into the studio is what was exported, and nothing else.
    """
    job = task.job
    wanted, source = _INPUT_OF, job.params.get("source_job_id", job.id)
    if task.kind == "publish":
        wanted, source = {"export": "exports"}, publications.exporter(session, job).id
    published = session.scalars(
        select(Task).where(Task.job_id == source, Task.state == TaskState.SUCCEEDED)
    )
    return {
        wanted[other.kind]: reach.stored(other.published_dir)
        for other in published
        if other.kind in wanted and other.published_dir is not None
    }


def _base_input(session: Session, reach: Reach, task: Task) -> dict[str, str]:
    """Of a correction: what the same stage of the corrected job published."""
    base = base_of(session, task.job)
    name = _BASE_INPUT_OF.get(task.kind)
    if base is None or name is None:
        return {}
    published = session.scalar(
        select(Task.published_dir).where(Task.job_id == base.id, Task.kind == task.kind)
    )
    return {name: reach.stored(published)} if published else {}


def _params(session: Session, reach: Reach, job: Job, task: Task) -> JsonObject:
    if task.kind == "publish":
        files = publications.files_of(session, publications.exporter(session, job), task.params)
        return {"folder": reach.studio(task.params["folder"]), "files": files}
    if task.kind not in _OBJECT_KINDS:
        return dict(task.params)
    frame_range = job.params.get("frame_range") or shot_range(job.plate or job.shot)
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
    """What goes into every output; engine, model and checkpoint once track has told them.

    Of the plate what its frames and pixels alone do not say: which view and version it is, the
    timecode of its first frame, the handles at its ends, and the data window where that is not the
    picture (overscan, a crop).
    """
    return {
        **job.provenance,
        **_plate_facts(job),
        "product_version": PRODUCT_VERSION,
        "job_id": job.id,
        "user": job.creator.name if job.creator else job.created_by,
    }


def _plate_facts(job: Job) -> JsonObject:
    facts: JsonObject = {}
    if job.plate is not None:
        facts["plate"] = {"view": job.plate.view, "version": job.plate.version}
    handles = [job.shot.handle_head, job.shot.handle_tail]
    if any(handles):
        facts["handles"] = handles
    if timecode := (job.plate or job.shot).plate_metadata.get("timecode"):
        facts["timecode"] = timecode
    if window := overscan(job.plate or job.shot):
        facts["data_window"] = window
    return facts
