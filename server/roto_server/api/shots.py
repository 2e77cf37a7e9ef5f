"""Shots and their objects."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from roto_shapes.naming import check_name

from ..auth import User
from ..db.models import Project, RotoObject, Shot, Upload, new_id
from ..db.session import Database
from ..errors import ConflictError, NotFoundError
from ..jobs.create import create_ingest_job
from ..jobs.folders import shot_key
from ..settings import Settings
from . import present
from .deps import DatabaseDep, SettingsDep, StorageDep, get_row, refusals
from .paging import Cursor, Limit, newest_first
from .plates import ShotPlate, plate_from_upload, plate_in_place
from .schemas.common import Page
from .schemas.projects import ObjectIn, ObjectOut, ShotIn, ShotOut
from .uploads import upload_key

router = APIRouter(tags=["shots"])


@router.post(
    "/projects/{project_id}/shots", status_code=201, responses=refusals(403, 404, 409, 507)
)
def create_shot(
    *,
    project_id: str,
    body: ShotIn,
    user: User,
    database: DatabaseDep,
    settings: SettingsDep,
    storage: StorageDep,
) -> ShotOut:
    """A new shot and the ingest job that reads its plate; the shot is ``probing`` meanwhile.

    Listing a sequence's gaps and checking the path happens at once, decoding on the farm.
    """
    check_name(body.name)
    with database.reading() as session:
        project = get_row(session, Project, project_id, "project")
        _check_name_free(session, project, body.name)
        upload = _upload_of(session, project, body)
    shot = Shot(id=new_id(), project_id=project.id, name=body.name, created_by=user.name)
    source = f"{shot_key(shot)}/source/v001"
    if upload is None:
        found = plate_in_place(body, project, settings)
    else:
        found = plate_from_upload(body, upload, upload_key(upload), source, storage)
    _describe(shot, body, found)
    try:
        _add(database, shot, settings)
    except IntegrityError as error:
        if upload is not None:
            storage.remove_folder(source)
        raise _name_taken(body.name) from error
    return present.shot(shot)


@router.get("/projects/{project_id}/shots", responses=refusals(404))
def list_shots(
    project_id: str,
    database: DatabaseDep,
    name: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShotOut]:
    """The shots of a project, newest first; with ``name`` only the one called so."""
    with database.reading() as session:
        get_row(session, Project, project_id, "project")
        query = select(Shot).where(Shot.project_id == project_id)
        if name is not None:
            query = query.where(Shot.name == name)
        rows, after = newest_first(session, query, (Shot.created_at, Shot.id), limit, cursor)
        return Page(items=[present.shot(row) for row in rows], next=after)


@router.get("/shots/{shot_id}", responses=refusals(404))
def get_shot(shot_id: str, database: DatabaseDep) -> ShotOut:
    """One shot as it stands."""
    with database.reading() as session:
        return present.shot(get_row(session, Shot, shot_id, "shot"))


@router.get("/shots/{shot_id}/objects", responses=refusals(404))
def list_objects(
    shot_id: str, database: DatabaseDep, limit: Limit = 100, cursor: Cursor = None
) -> Page[ObjectOut]:
    """The objects of a shot, newest first."""
    with database.reading() as session:
        get_row(session, Shot, shot_id, "shot")
        query = select(RotoObject).where(RotoObject.shot_id == shot_id)
        rows, after = newest_first(
            session, query, (RotoObject.created_at, RotoObject.id), limit, cursor
        )
        return Page(items=[present.roto_object(row) for row in rows], next=after)


@router.post("/shots/{shot_id}/objects", status_code=201, responses=refusals(404, 409))
def create_object(shot_id: str, body: ObjectIn, user: User, database: DatabaseDep) -> ObjectOut:
    """A new object of a shot. 409 when the shot has one of that name."""
    check_name(body.name)
    try:
        with database.session() as session:
            get_row(session, Shot, shot_id, "shot")
            row = RotoObject(
                shot_id=shot_id, name=body.name, label=body.label, created_by=user.name
            )
            if body.color is not None:
                row.color = list(body.color)
            session.add(row)
    except IntegrityError as error:
        raise ConflictError(f"The shot has an object called {body.name!r} already.") from error
    return present.roto_object(row)


def _upload_of(session: Session, project: Project, body: ShotIn) -> Upload | None:
    if body.plate.upload_id is None:
        return None
    upload = get_row(session, Upload, body.plate.upload_id, "upload")
    if upload.project_id != project.id:
        raise NotFoundError("upload", upload.id)
    return upload


def _check_name_free(session: Session, project: Project, name: str) -> None:
    query = select(Shot.id).where(Shot.project_id == project.id, Shot.name == name)
    if session.scalar(query) is not None:
        raise _name_taken(name)


def _name_taken(name: str) -> ConflictError:
    return ConflictError(f"The project has a shot called {name!r} already.")


def _describe(shot: Shot, body: ShotIn, found: ShotPlate) -> None:
    shot.plate = found.plate
    shot.colorspace = body.colorspace
    shot.fps_num, shot.fps_den = body.fps or (None, None)
    shot.first_frame, shot.last_frame = found.frames or (None, None)


def _add(database: Database, shot: Shot, settings: Settings) -> None:
    with database.session() as session:
        session.add(shot)
        session.flush()
        create_ingest_job(session, shot, shot.created_by, max_attempts=settings.max_attempts)
