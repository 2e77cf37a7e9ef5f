"""A shot's plate as the farm sees it, small: what a page shows under an artist's clicks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import Job, Shot, Task
from ..paths import range_outside_plate
from .deps import DatabaseDep, Responses, StorageDep, get_row, refusals

router = APIRouter(prefix="/shots", tags=["shots"])

FRAME_HEADER = "X-Roto-Frame"
_JPEG: Responses = {
    200: {
        "content": {"image/jpeg": {}},
        "description": "8-bit sRGB. It covers the whole plate and keeps its pixel aspect.",
        "headers": {FRAME_HEADER: {"schema": {"type": "integer"}}},
    }
}
_Frame = Annotated[int, Path(ge=-(2**31), le=2**31 - 1)]


@router.get(
    "/{shot_id}/frames/{frame}",
    response_class=FileResponse,
    responses={**_JPEG, **refusals(404, 409)},
)
def get_frame(
    shot_id: str, frame: _Frame, database: DatabaseDep, storage: StorageDep
) -> FileResponse:
    """One plate frame as a JPEG, at most 540 lines high. 409 until the plate has been read."""
    with database.reading() as session:
        shot = get_row(session, Shot, shot_id, "shot")
        folder = _proxies(session, shot)
    plate = (shot.first_frame or 0, shot.last_frame or 0)
    if not plate[0] <= frame <= plate[1]:
        raise range_outside_plate((frame, frame), plate)
    path = storage.locate(f"{folder}/proxies/{frame}.jpg")
    # A published picture never changes; it is not for caches that others share.
    headers = {"Cache-Control": "private, max-age=3600", FRAME_HEADER: str(frame)}
    return FileResponse(path, media_type="image/jpeg", headers=headers)


def _proxies(session: Session, shot: Shot) -> str:
    """Key of what the newest finished ingest published. Raises ``plate_not_ready``."""
    query = (
        select(Task.published_dir)
        .join(Job, Task.job_id == Job.id)
        .where(Job.shot_id == shot.id, Task.kind == "ingest", Task.published_dir.is_not(None))
        .order_by(Job.version.desc())
    )
    folder = session.scalars(query.limit(1)).first()
    if shot.state != "ready" or folder is None:
        raise RotoError(
            f"Shot {shot.name!r} is {shot.state}: there is no picture of its plate.",
            hint=str((shot.error or {}).get("message", "Ask again when the shot is ready.")),
            code="plate_not_ready",
        )
    return folder
