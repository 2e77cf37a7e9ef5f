"""What an attempt reports as its result: checked against the disk, then turned into rows."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import Attempt, Export, Job, JsonObject, Mask, Shapes
from .changes import emit_shot
from .corrections import base_version

_REQUIRED_ROLE = {"track": "mask", "vectorize": "shapes"}


def check_result(kind: str, job: Job, result: JsonObject, output_dir: Path) -> None:
    """Refuse a result that is not what lies in ``output_dir``, or does not fit the task.

    ``kind`` is the task's. Every file must be a plain file inside (no link out), of the size told.

    Raises:
        RotoError: ``storage_failed`` for files, ``internal`` for a worker that breaks the contract.
    """
    files = result["files"]
    objects = {item["id"] for item in job.params.get("objects", [])}
    for file in files:
        _check_file(output_dir, file)
        if file.get("object_id") is not None and file["object_id"] not in objects:
            raise _broken(f"{file['path']} names an object that is not of this job")
    if kind == "ingest" and "plate" not in result:
        raise _broken("an ingest without a plate")
    role = _REQUIRED_ROLE.get(kind)
    if role and not any(file["role"] == role for file in files):
        raise _broken(f"a {kind} without a file of role {role}")
    _check_masks([file for file in files if kind == "track" and file["role"] == "mask"])


def record_result(session: Session, attempt: Attempt, job: Job, published: str) -> None:
    """Write the rows a published result makes: shot facts, masks, shapes or exports.

    ``published`` is the key of the directory the files lie in now.
    """
    result = attempt.result or {}
    kind = attempt.task.kind
    if kind == "ingest":
        _record_plate(session, job, result["plate"])
    elif kind == "track":
        _record_track(session, attempt, job, published, result)
    elif kind == "vectorize":
        _record_shapes(session, job, published, result)
    elif kind == "export":
        _record_exports(session, job, published, result)


def _record_plate(session: Session, job: Job, plate: JsonObject) -> None:
    shot = job.shot
    shot.width, shot.height = plate["width"], plate["height"]
    shot.pixel_aspect = plate["pixel_aspect"]
    shot.fps_num, shot.fps_den = plate["fps"]
    shot.first_frame, shot.last_frame = plate["frame_range"]
    shot.colorspace = shot.colorspace or plate.get("colorspace")
    shot.plate_metadata = plate.get("metadata", {})
    shot.state, shot.error = "ready", None
    emit_shot(session, shot)


def _record_track(
    session: Session, attempt: Attempt, job: Job, published: str, result: JsonObject
) -> None:
    provenance = result["provenance"]
    job.provenance = provenance
    job.engine = provenance.get("engine")
    job.model = provenance.get("model")
    job.checkpoint_sha256 = provenance.get("checkpoint_sha256")
    rows = [
        {
            "shot_id": job.shot_id,
            "job_id": job.id,
            "attempt_id": attempt.id,
            "object_id": file["object_id"],
            "frame": file["frame"],
            "path": f"{published}/{file['path']}",
            "confidence": file.get("confidence"),
        }
        for file in result["files"]
        if file["role"] == "mask"
    ]
    session.execute(insert(Mask), rows)


def _record_shapes(session: Session, job: Job, published: str, result: JsonObject) -> None:
    file = next(file for file in result["files"] if file["role"] == "shapes")
    session.add(
        Shapes(
            shot_id=job.shot_id,
            job_id=job.id,
            version=job.version,
            base_version=base_version(job),
            path=f"{published}/{file['path']}",
            size=file["size"],
            sha256=file.get("sha256"),
            report=result.get("report", {}),
            created_by=job.created_by,
        )
    )


def _record_exports(session: Session, job: Job, published: str, result: JsonObject) -> None:
    reports = result.get("report", {})
    rows = [
        Export(
            shot_id=job.shot_id,
            job_id=job.id,
            role=file["role"],
            format=file.get("format"),
            object_id=file.get("object_id"),
            frame=file.get("frame"),
            name=file["path"],
            path=f"{published}/{file['path']}",
            size=file["size"],
            sha256=file.get("sha256"),
            report=_as_object(reports.get(file.get("format"))),
        )
        for file in result["files"]
    ]
    session.add_all(rows)


def _as_object(report: Any) -> JsonObject:
    """A lossy report may be a bare list of notes."""
    if isinstance(report, dict):
        return report
    return {"notes": report} if report else {}


def _check_masks(masks: Sequence[JsonObject]) -> None:
    seen = set()
    for mask in masks:
        place = (mask.get("object_id"), mask.get("frame"))
        if None in place:
            raise _broken(f"mask {mask['path']} without object or frame")
        if place in seen:
            raise _broken(f"two masks for one object on frame {mask['frame']}")
        seen.add(place)


def _check_file(output_dir: Path, file: JsonObject) -> None:
    parts = PurePosixPath(file["path"]).parts
    if not parts or parts[0] == "/" or ".." in parts or "\\" in file["path"]:
        raise _broken(f"a file named {file['path']!r}")
    path = output_dir.joinpath(*parts)
    try:
        found = path.lstat()
    except OSError as error:
        raise RotoError(
            f"The worker reported {file['path']}, which the server cannot see: {error.strerror}.",
            hint="Server and workers must mount the same storage root at the same place.",
            code="storage_failed",
        ) from error
    inside = path.parent.resolve().is_relative_to(output_dir.resolve())
    if not stat.S_ISREG(found.st_mode) or not inside:
        raise _broken(f"{file['path']}, which is not a plain file")
    if found.st_size != file["size"]:
        raise RotoError(
            f"{file['path']} has {found.st_size} bytes, the worker reported {file['size']}.",
            code="storage_failed",
            hint="The storage may be full, or slow to show other nodes' writes.",
        )


def _broken(what: str) -> RotoError:
    return RotoError(
        f"The worker reported {what}.", code="internal", hint="Worker and server must fit."
    )
