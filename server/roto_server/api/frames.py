"""A shot's plate as the farm sees it, small: under an artist's clicks, and in lists of shots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..db.media import MAIN_VIEW, Plate
from ..db.models import Job, Shot, Task
from ..errors import NotFoundError
from ..jobs import plates
from ..paths import range_outside_plate
from ..storage import Storage
from .deps import Responses, RowsDep, StorageDep, refusals
from .etags import NOT_MODIFIED, etag_of, headers_of, not_modified
from .store_threads import looking
from .stored import stored_file

router = APIRouter(prefix="/shots", tags=["shots"])

FRAME_HEADER = "X-Roto-Frame"
_FRESH_SECONDS = 3600
_JPEG: Responses = {
    200: {
        "content": {"image/jpeg": {}},
        "description": "8-bit sRGB. It covers the whole plate and keeps its pixel aspect.",
        "headers": {FRAME_HEADER: {"schema": {"type": "integer"}}},
    }
}
_ANSWERS: Responses = {**_JPEG, **NOT_MODIFIED, **refusals(404, 409)}
_Frame = Annotated[int, Path(ge=-(2**31), le=2**31 - 1)]
PlateView = Annotated[str, Query(max_length=32, description="main, left, right, ...")]
PlateVersion = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="Of the plate; null = the current one.")
]


@dataclass(frozen=True)
class _Pictures:
    """What an ingest published in ``folder`` (a key), of the frames ``first`` to ``last``."""

    folder: str
    first: int
    last: int


@router.get("/{shot_id}/frames/{frame}", response_class=FileResponse, responses=_ANSWERS)
async def get_frame(
    *,
    shot_id: str,
    frame: _Frame,
    rows: RowsDep,
    request: Request,
    storage: StorageDep,
    view: PlateView = MAIN_VIEW,
    version: PlateVersion = None,
    size: Annotated[
        Literal["proxy", "thumbnail"],
        Query(description="thumbnail: 120 lines at most, of the nearest frame that has one."),
    ] = "proxy",
) -> Response:
    """One plate frame as a JPEG, at most 540 lines high. 409 until the plate has been read.

    `X-Roto-Frame` tells which frame it shows.
    """

    def find(caller: Caller) -> _Pictures:
        pictures = _pictures(caller, shot_id, view, version)
        there = (pictures.first, pictures.last)
        if not there[0] <= frame <= there[1]:
            raise range_outside_plate((frame, frame), there)
        return pictures

    folder = (await rows.read(find)).folder
    if size == "thumbnail":
        return await _thumbnail(storage, request, folder, frame)
    # A published picture never changes.
    headers = headers_of(etag_of("frame", folder, frame), fresh_seconds=_FRESH_SECONDS)
    headers[FRAME_HEADER] = str(frame)
    if (same := not_modified(request, headers)) is not None:
        return same
    key = f"{folder}/proxies/{frame}.jpg"
    return await stored_file(storage, request, key, media_type="image/jpeg", headers=headers)


@router.get("/{shot_id}/thumbnail", response_class=FileResponse, responses=_ANSWERS)
async def get_thumbnail(
    *,
    shot_id: str,
    rows: RowsDep,
    request: Request,
    storage: StorageDep,
    view: PlateView = MAIN_VIEW,
    version: PlateVersion = None,
) -> Response:
    """The middle of the plate as a JPEG, at most 120 lines high. 409 until it has been read."""
    pictures = await rows.read(lambda caller: _pictures(caller, shot_id, view, version))
    middle = (pictures.first + pictures.last) // 2
    return await _thumbnail(storage, request, pictures.folder, middle)


async def _thumbnail(storage: Storage, request: Request, folder: str, frame: int) -> Response:
    """The thumbnail in ``folder`` nearest to ``frame``; of two as near the earlier."""
    # Asked again each time: the address stays when another version of the plate is read.
    headers = headers_of(etag_of("thumbnail", folder, frame))
    if (same := not_modified(request, headers)) is not None:
        return same
    names = await looking(storage.listing, f"{folder}/thumbnails")
    frames = [int(PurePosixPath(name).stem) for name in names]
    if not frames:
        raise NotFoundError("thumbnail of frame", str(frame))
    nearest = min(frames, key=lambda one: (abs(one - frame), one))
    headers[FRAME_HEADER] = str(nearest)
    key = f"{folder}/thumbnails/{nearest}.jpg"
    return await stored_file(storage, request, key, media_type="image/jpeg", headers=headers)


def _pictures(caller: Caller, shot_id: str, view: str, version: int | None) -> _Pictures:
    """Raises as `Caller.shot`, `plates.named` and `_proxies`."""
    shot = caller.shot(shot_id)
    plate = plates.named(caller.session, shot, view, version)
    folder = _proxies(caller.session, shot, plate)
    row = plate or shot
    return _Pictures(folder, row.first_frame or 0, row.last_frame or 0)


def _proxies(session: Session, shot: Shot, plate: Plate | None) -> str:
    """Key of what the newest finished ingest published. Raises ``plate_not_ready``."""
    query = (
        select(Task.published_dir)
        .join(Job, Task.job_id == Job.id)
        .where(Job.shot_id == shot.id, Task.kind == "ingest", Task.published_dir.is_not(None))
        .order_by(Job.version.desc())
    )
    if plate is not None:
        query = query.where(Job.plate_id == plate.id)
    folder = session.scalars(query.limit(1)).first()
    row = plate or shot
    if row.state != "ready" or folder is None:
        raise RotoError(
            f"Shot {shot.name!r} is {row.state}: there is no picture of its plate.",
            hint=str((row.error or {}).get("message", "Ask again when the shot is ready.")),
            code="plate_not_ready",
        )
    return folder
