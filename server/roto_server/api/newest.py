"""The matte tracked last, while a job is still running: so that a bad track is stopped early."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import Job, Task
from ..errors import NotFoundError
from ..jobs.folders import published_key
from .deps import DatabaseDep, Responses, StorageDep, get_row, refusals
from .frames import FRAME_HEADER

router = APIRouter(prefix="/jobs", tags=["jobs"])

_MATTE = re.compile(r"-?\d+\.png")
_PNG: Responses = {
    200: {
        "content": {"image/png": {}},
        "description": "16-bit grey, linear.",
        "headers": {FRAME_HEADER: {"schema": {"type": "integer"}}},
    }
}


@router.get("/{job_id}/newest-mask", response_class=Response, responses={**_PNG, **refusals(404)})
def newest_mask(
    job_id: str,
    name: Annotated[str, Query(alias="object", min_length=1, max_length=200)],
    database: DatabaseDep,
    storage: StorageDep,
) -> Response:
    """The matte of an object that was tracked last, at plate size.

    ``X-Roto-Frame`` is its plate frame. 404 ``not_found`` until there is one.
    """
    with database.reading() as session:
        job = get_row(session, Job, job_id, "job")
        folder = _folder(session, job, name)
    key = storage.newest(folder, _MATTE) if folder else None
    data = storage.read(key) if key else None
    if key is None or data is None:
        raise RotoError(
            f"No matte of {name!r} is there yet.",
            hint="Tracking begins at the frames with prompts; ask again in a few seconds.",
            code="not_found",
        )
    frame = key.rpartition("/")[2].removesuffix(".png")
    return Response(data, media_type="image/png", headers={FRAME_HEADER: frame})


def _folder(session: Session, job: Job, name: str) -> str | None:
    """Key of the folder with the object's mattes; None before tracking has begun."""
    # Only a name the job was submitted with is ever a path.
    if name not in {str(one["name"]) for one in job.params.get("objects") or ()}:
        raise NotFoundError("object", name)
    task = next((one for one in job.tasks if one.kind == "track"), None)
    if task is None:
        return None
    if task.state == "succeeded":
        return f"{published_key(job.shot, job, task)}/{name}"
    return _of_attempt(task, name)


def _of_attempt(task: Task, name: str) -> str | None:
    newest = max(task.attempts, key=lambda attempt: attempt.number, default=None)
    return f"{newest.output_dir}/{name}" if newest else None
