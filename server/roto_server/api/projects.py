"""Projects: the unit of access rights and of allowed roots."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from roto_shapes.naming import check_name

from ..auth import User
from ..db.models import Project
from ..errors import ConflictError
from ..paths import AllowedRoots, refused
from ..settings import Settings
from .deps import DatabaseDep, SettingsDep, get_row, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.common import Page
from .schemas.projects import ProjectIn, ProjectOut

router = APIRouter(prefix="/projects", tags=["projects"])


@router.post("", status_code=201, responses=refusals(403, 409))
def create_project(
    body: ProjectIn, user: User, database: DatabaseDep, settings: SettingsDep
) -> ProjectOut:
    """A new project. 409 when the name is taken."""
    check_name(body.name)
    for root in body.allowed_roots:
        _check_root(Path(root), settings)
    project = Project(name=body.name, allowed_roots=list(body.allowed_roots), created_by=user.name)
    try:
        with database.session() as session:
            session.add(project)
    except IntegrityError as error:
        raise ConflictError(f"There is a project called {body.name!r} already.") from error
    return present(project)


@router.get("")
def list_projects(
    database: DatabaseDep,
    name: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ProjectOut]:
    """Projects, newest first; with ``name`` only the one called so."""
    query = select(Project)
    if name is not None:
        query = query.where(Project.name == name)
    with database.reading() as session:
        rows, after = newest_first(session, query, (Project.created_at, Project.id), limit, cursor)
        return Page(items=[present(row) for row in rows], next=after)


@router.get("/{project_id}", responses=refusals(404))
def get_project(project_id: str, database: DatabaseDep) -> ProjectOut:
    """One project."""
    with database.reading() as session:
        return present(get_row(session, Project, project_id, "project"))


def present(project: Project) -> ProjectOut:
    """The project as the API tells it."""
    return ProjectOut(
        id=project.id,
        name=project.name,
        allowed_roots=project.allowed_roots,
        created_at=project.created_at,
        updated_at=project.updated_at,
    )


def _check_root(root: Path, settings: Settings) -> None:
    """An API key must not open the server's disk to itself.

    In development whoever holds the key runs the server, so any folder will do.
    """
    if not root.is_absolute() or ".." in root.parts:
        raise refused(root)
    if settings.environment == "production" and not AllowedRoots(settings.allowed_roots).holds(
        root
    ):
        raise refused(root)
