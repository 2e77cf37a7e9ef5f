"""The matte tracked last, while a job is still running: so that a bad track is stopped early."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from roto_shapes.errors import RotoError

from ..db.models import Job, Task
from ..errors import NotFoundError
from .deps import Responses, RowsDep, StorageDep, refusals
from .etags import NOT_MODIFIED, etag_of, headers_of, not_modified
from .frames import FRAME_HEADER
from .store_threads import looking

router = APIRouter(prefix="/jobs", tags=["jobs"])

_MATTE = re.compile(r"-?\d+\.png")
_PNG: Responses = {
    200: {
        "content": {"image/png": {}},
        "description": "16-bit grey, linear.",
        "headers": {FRAME_HEADER: {"schema": {"type": "integer"}}},
    }
}


@router.get(
    "/{job_id}/newest-mask",
    response_class=Response,
    responses={**_PNG, **NOT_MODIFIED, **refusals(404)},
)
async def newest_mask(
    job_id: str,
    name: Annotated[str, Query(alias="object", min_length=1, max_length=200)],
    rows: RowsDep,
    request: Request,
    storage: StorageDep,
) -> Response:
    """The matte of an object that was tracked last, at plate size.

    ``X-Roto-Frame`` is its plate frame. 404 ``not_found`` until there is one.
    """
    folder = await rows.read(lambda caller: matte_folder(caller.job(job_id), name))
    key = await looking(storage.newest, folder, _MATTE) if folder else None
    data = await looking(storage.read, key) if key else None
    if key is None or data is None:
        raise RotoError(
            f"No matte of {name!r} is there yet.",
            hint="Tracking begins at the frames with prompts; ask again in a few seconds.",
            code="not_found",
        )
    frame = key.rpartition("/")[2].removesuffix(".png")
    # The same file may be written again, so what it holds is its version.
    headers = headers_of(etag_of(key, hashlib.sha256(data).hexdigest()))
    headers[FRAME_HEADER] = frame
    if (same := not_modified(request, headers)) is not None:
        return same
    return Response(data, media_type="image/png", headers=headers)


def matte_folder(job: Job, name: str) -> str | None:
    """Key of the folder with the object's mattes; None before tracking has begun.

    Raises `NotFoundError` for an object that the job is not about.
    """
    # Only a name the job was submitted with is ever a path.
    if name not in {str(one["name"]) for one in job.params.get("objects") or ()}:
        raise NotFoundError("object", name)
    task = next((one for one in job.tasks if one.kind == "track"), None)
    if task is None:
        return None
    if task.state == "succeeded":
        return f"{task.published_dir}/{name}"
    return _of_attempt(task, name)


def _of_attempt(task: Task, name: str) -> str | None:
    newest = max(task.attempts, key=lambda attempt: attempt.number, default=None)
    return f"{newest.output_dir}/{name}" if newest else None
