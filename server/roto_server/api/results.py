"""What jobs made: files to download, mask rows, the shapes document."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from sqlalchemy import select

from roto_shapes.errors import RotoError

from ..db.models import Export, Job, Mask, Shapes, Shot
from ..errors import BadRequestError, NotFoundError
from . import present
from .deps import DatabaseDep, Responses, StorageDep, get_row, refusals
from .paging import Cursor, Limit, read_cursor, write_cursor
from .schemas.common import Page
from .schemas.jobs import MaskOut, OutputOut

router = APIRouter(tags=["results"])

_BYTES: Responses = {
    200: {"content": {"application/octet-stream": {}}},
    206: {"description": "Part."},
}
_DOCUMENT: Responses = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
_ShotFilter = Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")]


@router.get("/jobs/{job_id}/outputs", responses=refusals(404))
def list_outputs(job_id: str, database: DatabaseDep) -> Page[OutputOut]:
    """Every published file of the job, by name."""
    with database.reading() as session:
        get_row(session, Job, job_id, "job")
        rows = session.scalars(select(Export).where(Export.job_id == job_id).order_by(Export.name))
        return Page(items=[present.output(row) for row in rows])


@router.get(
    "/jobs/{job_id}/outputs/{output_id}",
    response_class=FileResponse,
    responses={**_BYTES, **refusals(404)},
)
def download_output(
    job_id: str, output_id: str, database: DatabaseDep, storage: StorageDep
) -> FileResponse:
    """The bytes of a published file; Range requests are served."""
    with database.reading() as session:
        row = get_row(session, Export, output_id, "output")
    if row.job_id != job_id:
        raise NotFoundError("output", output_id)
    name = PurePosixPath(row.name).name
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileResponse(storage.locate(row.path), media_type=kind, filename=name)


@router.get("/shots/{shot_id}/masks", responses=refusals(404))
def list_masks(
    *,
    shot_id: str,
    database: DatabaseDep,
    job_id: _ShotFilter = None,
    object_id: _ShotFilter = None,
    limit: Limit = 1000,
    cursor: Cursor = None,
) -> Page[MaskOut]:
    """Tracked mattes of the shot by object and frame, with the engine's confidence."""
    query = select(Mask).where(Mask.shot_id == shot_id).order_by(Mask.id).limit(limit + 1)
    if job_id is not None:
        query = query.where(Mask.job_id == job_id)
    if object_id is not None:
        query = query.where(Mask.object_id == object_id)
    if cursor is not None:
        query = query.where(Mask.id > _mask_cursor(cursor))
    with database.reading() as session:
        get_row(session, Shot, shot_id, "shot")
        rows = session.scalars(query).all()
        after = write_cursor([rows[limit - 1].id]) if len(rows) > limit else None
        return Page(items=[present.mask(row) for row in rows[:limit]], next=after)


@router.get(
    "/shots/{shot_id}/shapes",
    response_class=FileResponse,
    responses={**_DOCUMENT, **refusals(404)},
)
def get_shapes(
    shot_id: str,
    database: DatabaseDep,
    storage: StorageDep,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> FileResponse:
    """A version of the shot's ``roto/1`` document, the latest by default."""
    query = select(Shapes).where(Shapes.shot_id == shot_id).order_by(Shapes.version.desc())
    if version is not None:
        query = query.where(Shapes.version == version)
    with database.reading() as session:
        shot = get_row(session, Shot, shot_id, "shot")
        row = session.scalars(query.limit(1)).first()
    if row is None:
        wanted = "shapes yet" if version is None else f"shapes of version {version}"
        raise RotoError(f"Shot {shot.name!r} has no {wanted}.", code="not_found")
    headers = {"X-Roto-Shapes-Version": str(row.version)}
    return FileResponse(storage.locate(row.path), media_type="application/json", headers=headers)


def _mask_cursor(cursor: str) -> int:
    values = read_cursor(cursor)
    if len(values) != 1 or not isinstance(values[0], int) or not 0 <= values[0] < 2**63:
        raise BadRequestError("The cursor is not one this server gave.", hint="Use `next` as is.")
    return values[0]
