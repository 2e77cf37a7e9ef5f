"""What an attempt reports as its result: checked against the disk, then turned into rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import NO_CONFIDENCE, Attempt, Export, Job, JsonObject, Mask, Shapes
from . import plates, publications
from .corrections import base_version

_REQUIRED_ROLE = {"track": "mask", "vectorize": "shapes", "scenes": "scenes"}


def check_result(kind: str, job: Job, result: JsonObject, there: Mapping[str, int]) -> None:
    """Refuse a result that is not what lies in the attempt's folder, or does not fit the task.

    ``kind`` is the task's, ``there`` the folder's plain files by name with their bytes.

    Raises:
        RotoError: ``storage_failed`` for files, ``internal`` for a worker that breaks the contract.
    """
    files = result["files"]
    objects = {item["id"] for item in job.params.get("objects", [])}
    for file in files:
        _check_file(there, file)
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
        plates.record(session, job, result["plate"])
    elif kind == "track":
        _record_track(session, attempt, job, published, result)
    elif kind == "vectorize":
        _record_shapes(session, job, published, result)
    elif kind == "export":
        _record_exports(session, job, published, result)
    elif kind == "publish":
        publications.record(session, job, attempt.task)


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
    told = [row["confidence"] for row in rows if row["confidence"] is not None]
    job.worst_confidence = min(told, default=NO_CONFIDENCE)


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


def _check_file(there: Mapping[str, int], file: JsonObject) -> None:
    path = str(file["path"])
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts or "\\" in path:
        raise _broken(f"a file named {path!r}")
    size = there.get("/".join(parts))
    if size is None:
        raise RotoError(
            f"The worker reported {path}, which is not a plain file that the server can see.",
            hint="Server and workers must mount the same storage root at the same place.",
            code="storage_failed",
        )
    if size != file["size"]:
        raise RotoError(
            f"{path} has {size} bytes, the worker reported {file['size']}.",
            code="storage_failed",
            hint="The storage may be full, or slow to show other nodes' writes.",
        )


def _broken(what: str) -> RotoError:
    return RotoError(
        f"The worker reported {what}.", code="internal", hint="Worker and server must fit."
    )
