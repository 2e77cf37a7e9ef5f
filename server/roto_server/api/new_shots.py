"""New shots: checks, file work and rows, the file work outside of any transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.requests import HTTPConnection

from roto_shapes.errors import RotoError
from roto_shapes.naming import check_name

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import MAIN_VIEW
from ..db.models import Project, Shot, new_id
from ..jobs import handles
from ..jobs.new_shots import NewShot, NewView, add_shot, name_taken
from ..settings import Settings
from . import present
from .deps import DatabaseDep, SettingsDep, StorageDep, refusals, transact
from .plates import PlateTaker, TakenPlate
from .schemas.project_settings import ProjectSettings
from .schemas.projects import ShotIn, ShotOut

router = APIRouter(tags=["shots"])


async def _project(project_id: str, connection: HTTPConnection) -> Project:
    """The project, if they may add shots to it; known before the body is looked at."""
    return await transact(
        connection, lambda caller: caller.project(project_id, Permission.ADD_SHOT), writing=False
    )


OpenProject = Annotated[Project, Depends(_project)]


@router.post("/projects/{project_id}/shots", status_code=201, responses=refusals(404, 409, 507))
async def create_shot(
    *,
    project: OpenProject,
    body: ShotIn,
    request: Request,
    settings: SettingsDep,
    storage: StorageDep,
    database: DatabaseDep,
) -> ShotOut:
    """A new shot and the ingest job that reads its plate; the shot is ``probing`` meanwhile.

    Listing a sequence's gaps and checking the path happens at once, decoding on the farm. What is
    not said of colour space, frame rate and handles is as the project's settings say.
    """
    check_name(body.name)
    if body.plate.upload_id is not None:
        await transact(request, partial(_check_free, project, body.name), writing=False)
    taker = PlateTaker(request, project, settings, storage, database)
    ident = new_id()
    taken = await take_plates(taker, body, ident)
    new = new_shot(ident, body, taken, project)

    def write(caller: Caller) -> ShotOut:
        where = caller.project(project.id, Permission.ADD_SHOT)
        return present.shot_for(caller, add(caller, where, new, settings))

    try:
        return await transact(request, write, writing=True)
    except RotoError:
        # Refused, so nothing was committed. After anything else the shot may well be there.
        await give_back(taker, taken)
        raise


async def take_plates(taker: PlateTaker, body: ShotIn, shot_id: str) -> dict[str, TakenPlate]:
    """The shot's plates by view, all of them or none."""
    taken: dict[str, TakenPlate] = {}
    try:
        for view, told in {MAIN_VIEW: body.plate, **body.views}.items():
            name = "v001" if view == MAIN_VIEW else f"{view}-v001"
            taken[view] = await taker.take(told, body.frame_range, shot_id, name)
        handles.check(body.handles, taken[MAIN_VIEW].frames)
    except RotoError:
        await give_back(taker, taken)
        raise
    return taken


async def give_back(taker: PlateTaker, taken: Mapping[str, TakenPlate]) -> None:
    """Nothing was made of them."""
    for plate in taken.values():
        await taker.give_back(plate)


def taken_names(caller: Caller, project: Project, names: Sequence[str]) -> set[str]:
    """Those of ``names`` that a shot of the project has."""
    query = select(Shot.name).where(
        Shot.project_id == project.id, Shot.name.in_(names), Shot.trashed_at.is_(None)
    )
    return set(caller.session.scalars(query))


def _check_free(project: Project, name: str, caller: Caller) -> None:
    """A name that is taken is refused before any file is moved."""
    if taken_names(caller, project, [name]):
        raise name_taken(name)


def new_shot(
    ident: str, body: ShotIn, taken: Mapping[str, TakenPlate], project: Project
) -> NewShot:
    """The shot to be made of what the client and the project say."""
    told = ProjectSettings.model_validate(project.settings)
    main = taken[MAIN_VIEW]
    return NewShot(
        name=body.name,
        plate=main.plate,
        frames=main.frames,
        colorspace=body.colorspace or told.colorspace,
        fps=fps_of(body.fps, main, told),
        handles=body.handles or (told.handles, told.handles),
        source=main.source,
        views={
            view: NewView(one.plate, one.frames, one.source)
            for view, one in taken.items()
            if view != MAIN_VIEW
        },
        id=ident,
    )


def fps_of(
    said: tuple[int, int] | None, taken: TakenPlate, project: ProjectSettings
) -> tuple[int, int] | None:
    """Frames per second as far as they are told. A movie says its own; the project's rate is for
    files that cannot."""
    return said or (project.fps if taken.plate["kind"] == "sequence" else None)


def add(caller: Caller, project: Project, new: NewShot, settings: Settings) -> Shot:
    """Write the shot, its plate and its ingest job; whoever calls has asked whether they may.

    Raises `ConflictError` when the name is taken; the transaction goes on.
    """
    shot = add_shot(
        caller.session,
        project,
        new,
        caller.who.user_id,
        request_id=caller.request_id,
        max_attempts=settings.max_attempts,
    )
    caller.audit("shot.created", "shot", shot.id, project_id=project.id, after={"name": shot.name})
    return shot
