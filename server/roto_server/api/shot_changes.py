"""Changes of a shot itself: its name, what is known of its plate, where it belongs."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.exc import IntegrityError
from starlette.requests import HTTPConnection

from roto_shapes.naming import check_name

from .. import moving
from ..access.caller import Caller
from ..access.roles import Permission
from ..db.models import JsonObject, Project, Shot
from ..db.session import database_now, savepoint
from ..jobs import handles, plate_said, plates
from ..jobs.changes import emit_shot, lock_shot
from ..jobs.create import create_ingest_job
from ..jobs.new_shots import name_taken
from ..moving import Move
from ..settings import Settings
from ..storage import Storage
from . import present
from .deps import DatabaseDep, SettingsDep, StorageDep, Writer, refusals, transact
from .schemas.changes import ShotChange, ShotMove
from .schemas.projects import ShotOut
from .store_threads import linking

router = APIRouter(prefix="/shots/{shot_id}", tags=["shots"])

_OF_PLATE = ("colorspace", "fps_num", "fps_den", "plate_metadata")


@router.patch("", responses=refusals(404, 409))
def change_shot(shot_id: str, body: ShotChange, caller: Writer, settings: SettingsDep) -> ShotOut:
    """Name, handles, and what its current plate is to be read as; ``archived`` by supervisors.

    Another colour space, or frame rate, holds for jobs from now on; the one that was assumed, said
    here, is assumed no longer. With another colour space (null: by file rules) the plate is read
    again; until then its old pictures are shown.
    """
    archiving = body.archived is not None
    permission = Permission.MANAGE_PROJECT if archiving else Permission.EDIT_SHOT
    shot = caller.shot(shot_id, permission)
    lock_shot(caller.session, shot)
    wanted = _wanted(caller, shot, body)
    changed = {name: value for name, value in wanted.items() if getattr(shot, name) != value}
    if not changed:
        return present.shot_for(caller, shot)
    before = {name: getattr(shot, name) for name in changed}
    try:
        with savepoint(caller.session):
            for name, value in changed.items():
                setattr(shot, name, value)
    except IntegrityError as error:
        raise name_taken(str(body.name)) from error
    if set(changed) & set(_OF_PLATE):
        _change_plate(caller, shot, changed, settings)
    caller.audit(
        "shot.updated", "shot", shot.id,
        project_id=shot.project_id, before=_plain(before), after=_plain(changed),
    )  # fmt: skip
    emit_shot(caller.session, shot)
    return present.shot_for(caller, shot)


async def _own_shot(shot_id: str, connection: HTTPConnection) -> Shot:
    """The shot, if it is theirs to move; known before the body is looked at."""
    return await transact(
        connection, lambda caller: caller.shot(shot_id, Permission.MANAGE_PROJECT), writing=False
    )


@router.post("/move", responses=refusals(404, 409, 507))
async def move_shot(
    *,
    shot: Annotated[Shot, Depends(_own_shot)],
    body: ShotMove,
    request: Request,
    settings: SettingsDep,
    database: DatabaseDep,
    storage: StorageDep,
) -> ShotOut:
    """Give the shot with all that was made of it to another project; you supervise both.

    Those who do not work in that project are taken off the shot. 409 while jobs run, when the
    project has a shot of that name, or when it may not read the folder the plate is in.
    """
    check = partial(_prepare, shot.id, body.project_id, settings, storage)
    move = await transact(request, check, writing=False)
    work = partial(_carry_out, move, body.project_id, storage)
    try:
        await linking(moving.copy, storage, move)
        moved = await transact(request, work, writing=True)
    except BaseException:
        await linking(moving.give_up, database, storage, move)
        raise
    await linking(moving.finish, database, storage, move)
    return moved


def _wanted(caller: Caller, shot: Shot, body: ShotChange) -> dict[str, Any]:
    """Columns of the shot as the body would have them."""
    wanted: dict[str, Any] = {"plate_metadata": _metadata(shot, body)}
    if body.name is not None:
        check_name(body.name)
        wanted["name"] = body.name
    if body.handles is not None:
        handles.check(body.handles, plates.frames_of(shot))
        wanted["handle_head"], wanted["handle_tail"] = body.handles
    if "colorspace" in body.model_fields_set:
        wanted["colorspace"] = body.colorspace
    if body.fps is not None:
        wanted["fps_num"], wanted["fps_den"] = body.fps
    if body.archived is not None and body.archived != (shot.archived_at is not None):
        wanted["archived_at"] = database_now(caller.session) if body.archived else None
    return wanted


def _metadata(shot: Shot, body: ShotChange) -> JsonObject:
    metadata = shot.plate_metadata
    if body.fps is not None:
        metadata = plate_said.with_rate(metadata, body.fps)
    if body.colorspace is not None and body.colorspace == shot.colorspace:
        metadata = plate_said.with_colorspace(metadata)
    return metadata


def _change_plate(
    caller: Caller, shot: Shot, changed: dict[str, Any], settings: Settings
) -> None:  # fmt: skip
    """The plate of jobs says so too; its pictures are made again where they look otherwise."""
    plate = plates.current(caller.session, shot)
    if plate is None:
        return
    for name in set(changed) & set(_OF_PLATE):
        setattr(plate, name, changed[name])
    if "colorspace" not in changed:
        return
    create_ingest_job(
        caller.session,
        shot,
        caller.who.user_id,
        plate=plate,
        request_id=caller.request_id,
        max_attempts=settings.max_attempts,
    )


def _plain(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns as the audit log keeps them; of the metadata who says what may be assumed."""
    kept = {name: value for name, value in columns.items() if name != "plate_metadata"}
    if kept.get("archived_at"):
        kept["archived_at"] = kept["archived_at"].isoformat()
    metadata = columns.get("plate_metadata") or {}
    sources = ("fps_source", "colorspace_source")
    return kept | {name: metadata[name] for name in sources if name in metadata}


def _prepare(
    shot_id: str, project_id: str, settings: Settings, storage: Storage, caller: Caller
) -> Move:
    shot, target = _both(caller, shot_id, project_id)
    return moving.prepare(caller.session, shot, target, settings, storage)


def _carry_out(move: Move, project_id: str, storage: Storage, caller: Caller) -> ShotOut:
    shot, target = _both(caller, move.shot_id, project_id)
    moving.carry_out(caller.session, caller.actor, shot, target, move, storage)
    return present.shot_for(caller, shot)


def _both(caller: Caller, shot_id: str, project_id: str) -> tuple[Shot, Project]:
    shot = caller.shot(shot_id, Permission.MANAGE_PROJECT)
    caller.project(project_id, Permission.ADD_SHOT)  # refused where it is archived
    return shot, caller.project(project_id, Permission.MANAGE_PROJECT)
