"""Versions and views of a shot's plate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from roto_shapes.errors import RotoError

from ..access.accounts import names_of
from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import MAIN_VIEW, Plate
from ..db.models import Shot, new_id
from ..errors import ConflictError
from ..jobs import plates
from ..jobs.changes import lock_shot
from ..jobs.create import create_ingest_job
from ..jobs.plate_changes import frame_offset
from ..places import told
from .deps import DatabaseDep, Reader, SettingsDep, StorageDep, refusals, transact
from .new_shots import fps_of
from .paging import Cursor, Limit, newest_first
from .plates import PlateTaker, TakenPlate
from .schemas.common import Page
from .schemas.plates import PlateVersionIn, PlateVersionOut, PlateWarning
from .schemas.project_settings import ProjectSettings
from .schemas.projects import PlateOut, ShotState

router = APIRouter(prefix="/shots/{shot_id}/plates", tags=["shots"])

ViewName = Annotated[
    str | None, Query(max_length=32, description="main, left, right, ...; only that view.")
]


async def _shot(shot_id: str, connection: HTTPConnection) -> Shot:
    """The shot, if they may edit it; known before the body is looked at."""
    return await transact(
        connection, lambda caller: caller.shot(shot_id, Permission.EDIT_SHOT), writing=False
    )


@router.post("", status_code=201, responses=refusals(404, 409, 507))
async def add_plate(
    *,
    shot: Annotated[Shot, Depends(_shot)],
    body: PlateVersionIn,
    request: Request,
    settings: SettingsDep,
    storage: StorageDep,
    database: DatabaseDep,
) -> PlateVersionOut:
    """A new version of the plate, or the first of another view, and the job that reads it.

    Until it is read, and if it cannot be, jobs go on with the version before; prompts and shapes
    stay. What differs from that version is told in ``warnings`` when it has been read.
    """
    taker = PlateTaker(request, shot.project, settings, storage, database)
    ident = new_id()
    taken = await taker.take(body.plate, body.frame_range, shot.id, ident)

    def write(caller: Caller) -> PlateVersionOut:
        now = caller.shot(shot.id, Permission.EDIT_SHOT)
        lock_shot(caller.session, now)
        if now.project_id != shot.project_id:
            raise ConflictError("The shot was moved to another project meanwhile; send it again.")
        facts = _facts(caller.session, now, body, taken)
        user = caller.who.user_id
        row = plates.add_version(
            caller.session, now, body.view, facts, user, source=taken.source, ident=ident
        )
        create_ingest_job(
            caller.session,
            now,
            user,
            plate=row,
            request_id=caller.request_id,
            max_attempts=settings.max_attempts,
        )
        what = {"shot_id": now.id, "view": row.view, "version": row.version}
        caller.audit("plate.added", "plate", row.id, project_id=now.project_id, after=what)
        return _present(caller.session, now, [row])[0]

    try:
        return await transact(request, write, writing=True)
    except RotoError:
        # Refused, so nothing was committed. After anything else the plate may well be there.
        await taker.give_back(taken)
        raise


@router.get("", responses=refusals(404))
def list_plates(
    shot_id: str, caller: Reader, view: ViewName = None, limit: Limit = 100, cursor: Cursor = None
) -> Page[PlateVersionOut]:
    """The versions of the shot's plate in all its views, newest first."""
    shot = caller.shot(shot_id)
    query = select(Plate).where(Plate.shot_id == shot.id)
    if view is not None:
        query = query.where(Plate.view == view)
    rows, after = newest_first(caller.session, query, (Plate.created_at, Plate.id), limit, cursor)
    return Page(items=_present(caller.session, shot, rows), next=after)


def _present(session: Session, shot: Shot, rows: Sequence[Plate]) -> list[PlateVersionOut]:
    """Plates of the shot, with what takes one question for all of them."""
    current = _current(session, shot)
    names = names_of(session, (row.created_by for row in rows))
    return [_presented(row, shot, current, names.get(row.created_by, "")) for row in rows]


def _presented(row: Plate, shot: Shot, current: dict[str, int], by: str) -> PlateVersionOut:
    """A plate. ``current``: by view the version that jobs work on; ``by``: whose it is."""
    plate = PlateOut.model_validate(row.plate)
    plate.path = told(plate.path, shot.project)
    frames = None
    if row.first_frame is not None and row.last_frame is not None:
        frames = (row.first_frame, row.last_frame)
    return PlateVersionOut(
        id=row.id,
        shot_id=row.shot_id,
        view=row.view,
        version=row.version,
        current=current.get(row.view) == row.version,
        state=cast("ShotState", row.state),
        plate=plate,
        colorspace=row.colorspace,
        width=row.width,
        height=row.height,
        pixel_aspect=row.pixel_aspect,
        fps=None if row.fps_num is None or row.fps_den is None else (row.fps_num, row.fps_den),
        frame_range=frames,
        frame_offset=frame_offset(row),
        metadata=row.plate_metadata or {},
        warnings=[PlateWarning.model_validate(one) for one in row.warnings or ()],
        error=row.error,
        created_by=by,
        created_by_id=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _current(session: Session, shot: Shot) -> dict[str, int]:
    """By view the version that jobs work on; a view that was never read has none."""
    good = select(Plate.view, func.max(Plate.version)).where(
        Plate.shot_id == shot.id, Plate.state == "ready"
    )
    return {row[0]: row[1] for row in session.execute(good.group_by(Plate.view))}


def _facts(session: Session, shot: Shot, body: PlateVersionIn, taken: TakenPlate) -> dict[str, Any]:
    """The columns of the row that are known before the plate is read."""
    project = ProjectSettings.model_validate(shot.project.settings)
    before = plates.current(session, shot, body.view) or plates.current(session, shot, MAIN_VIEW)
    plate = dict(taken.plate)
    if plate["kind"] == "movie" and plate["first_frame"] is None:
        plate["first_frame"] = _first_frame(before)
    if body.frame_offset:
        plate["frame_offset"] = body.frame_offset
    first, last = taken.frames or (None, None)
    fps = body.fps or _fps_told(before)
    fps_num, fps_den = fps_of(fps, taken, project) or (None, None)
    return {
        "plate": plate,
        "colorspace": body.colorspace or _colorspace_told(before) or project.colorspace,
        "first_frame": first,
        "last_frame": last,
        "fps_num": fps_num,
        "fps_den": fps_den,
    }


def _first_frame(before: Plate | None) -> int | None:
    """A movie that says no first frame begins where that of the version before did."""
    if before is None or before.plate["kind"] != "movie":
        return None
    first: int | None = before.plate.get("first_frame")
    return first


def _colorspace_told(before: Plate | None) -> str | None:
    """What people said of the version before holds for the next; what its files said does not."""
    if before is None or before.plate_metadata.get("colorspace_source") != "told":
        return None
    return before.colorspace


def _fps_told(before: Plate | None) -> tuple[int, int] | None:
    if before is None or before.plate_metadata.get("fps_source") != "told":
        return None
    return (before.fps_num, before.fps_den) if before.fps_num and before.fps_den else None
