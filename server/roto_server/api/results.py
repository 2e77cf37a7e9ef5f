"""What jobs made: files to download, mask rows, the shapes document."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import MAIN_VIEW
from ..db.models import Export, Job, Mask, Shapes
from ..errors import NotFoundError
from ..jobs.corrections import kept_shapes
from . import present
from .deps import Reader, Responses, RowsDep, StorageDep, refusals
from .etags import NOT_MODIFIED, etag_of, headers_of, not_modified
from .paging import Cursor, Limit, by_keys
from .schemas.common import Page
from .schemas.jobs import MaskOut, OutputCounts, OutputOut, RoleCount
from .stored import stored_file

router = APIRouter(tags=["results"])

_BYTES: Responses = {
    200: {"content": {"application/octet-stream": {}}},
    206: {"description": "Part."},
}
_DOCUMENT: Responses = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
_Role = Annotated[
    str | None,
    Query(pattern="^[a-z_]{1,32}$", description="What the files are: `matte`, `shapes`."),
]
_ShotFilter = Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")]


@router.get("/jobs/{job_id}/outputs", responses=refusals(404))
def list_outputs(
    job_id: str, caller: Reader, role: _Role = None, limit: Limit = 1000, cursor: Cursor = None
) -> Page[OutputOut]:
    """The published files of the job, by name; of one ``role`` or of all."""
    job = caller.job(job_id, Permission.VIEW_SHOT, defer(Job.params))
    query = select(Export).where(Export.job_id == job.id)
    if role is not None:
        query = query.where(Export.role == role)
    rows, after = by_keys(caller.session, query, (Export.name, Export.id), limit, cursor)
    return Page(items=[present.output(row) for row in rows], next=after)


@router.get("/jobs/{job_id}/outputs/counts", responses=refusals(404))
def count_outputs(job_id: str, caller: Reader) -> OutputCounts:
    """How many files of which role the job has published: mattes alone can be many thousands."""
    job = caller.job(job_id, Permission.VIEW_SHOT, defer(Job.params))
    files, size = func.count(), func.sum(Export.size)
    query = select(Export.role, files, size).where(Export.job_id == job.id)
    rows = caller.session.execute(query.group_by(Export.role).order_by(Export.role))
    # A sum of integers is PostgreSQL's decimal.
    counts = [RoleCount(role=role, files=files, size=int(size)) for role, files, size in rows]
    return OutputCounts(roles=counts)


@router.get(
    "/jobs/{job_id}/outputs/{output_id}",
    response_class=FileResponse,
    responses={**_BYTES, **NOT_MODIFIED, **refusals(404)},
)
async def download_output(
    job_id: str, output_id: str, rows: RowsDep, request: Request, storage: StorageDep
) -> Response:
    """The bytes of a published file; Range requests are served."""

    def find(caller: Caller) -> tuple[str, str]:
        job = caller.job(job_id, Permission.VIEW_SHOT, defer(Job.params))
        row = caller.session.get(Export, output_id)
        if row is None or row.job_id != job.id:
            raise NotFoundError("output", output_id)
        return row.name, row.path

    path, key = await rows.read(find)
    # A published file never changes.
    headers = headers_of(etag_of("output", output_id))
    if (same := not_modified(request, headers)) is not None:
        return same
    name = PurePosixPath(path).name
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return await stored_file(storage, request, key, media_type=kind, filename=name, headers=headers)


@router.get("/shots/{shot_id}/masks", responses=refusals(404))
def list_masks(
    *,
    shot_id: str,
    caller: Reader,
    job_id: _ShotFilter = None,
    object_id: _ShotFilter = None,
    limit: Limit = 1000,
    cursor: Cursor = None,
) -> Page[MaskOut]:
    """Tracked mattes of the shot by object and frame, with the engine's confidence."""
    shot = caller.shot(shot_id)
    kept = select(Job.id).where(Job.shot_id == shot.id, Job.trashed_at.is_(None))
    query = select(Mask).where(Mask.shot_id == shot.id, Mask.job_id.in_(kept))
    if job_id is not None:
        query = query.where(Mask.job_id == job_id)
    if object_id is not None:
        query = query.where(Mask.object_id == object_id)
    rows, after = by_keys(caller.session, query, (Mask.id,), limit, cursor)
    return Page(items=[present.mask(row) for row in rows], next=after)


@router.get(
    "/shots/{shot_id}/shapes",
    response_class=FileResponse,
    responses={**_DOCUMENT, **NOT_MODIFIED, **refusals(404)},
)
async def get_shapes(
    *,
    shot_id: str,
    rows: RowsDep,
    request: Request,
    storage: StorageDep,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    view: Annotated[str, Query(max_length=32, description="Without a version.")] = MAIN_VIEW,
) -> Response:
    """A version of the shot's ``roto/1`` document; without one the latest of the view."""

    def find(caller: Caller) -> tuple[str, int, str]:
        shot = caller.shot(shot_id)
        query = kept_shapes(shot.id, view if version is None else None)
        if version is not None:
            query = query.where(Shapes.version == version)
        row = caller.session.scalars(query.limit(1)).first()
        if row is None:
            wanted = "shapes yet" if version is None else f"shapes of version {version}"
            raise RotoError(f"Shot {shot.name!r} has no {wanted}.", code="not_found")
        return row.id, row.version, row.path

    ident, number, key = await rows.read(find)
    headers = headers_of(etag_of("shapes", ident))
    headers["X-Roto-Shapes-Version"] = str(number)
    if (same := not_modified(request, headers)) is not None:
        return same
    return await stored_file(storage, request, key, media_type="application/json", headers=headers)
