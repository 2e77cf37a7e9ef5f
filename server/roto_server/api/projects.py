"""Projects: the unit of access rights and of allowed roots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from roto_shapes.naming import check_name

from ..access import offered
from ..access.caller import Caller
from ..access.roles import Permission, Role
from ..db.models import Project, new_id
from ..db.people import Membership
from ..db.session import savepoint
from ..errors import ConflictError
from ..places import told
from .deps import Reader, SettingsDep, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .project_rules import admitted, planned, settled
from .schemas.common import Page
from .schemas.project_settings import ProjectSettings
from .schemas.projects import Archived, ProjectIn, ProjectOut, which

router = APIRouter(prefix="/projects", tags=["projects"])


@router.post("", status_code=201, responses=refusals(409))
def create_project(body: ProjectIn, caller: Writer, settings: SettingsDep) -> ProjectOut:
    """A new project, which its maker supervises. 409 when you see one of that name already."""
    caller.demand(Permission.CREATE_PROJECT)
    check_name(body.name)
    nothing = planned(Project(allowed_roots=[]), body.settings)
    roots = admitted(caller, body.allowed_roots, nothing, settings)
    check_name_free(caller, body.name)
    project = Project(
        id=new_id(),
        name=body.name,
        allowed_roots=roots,
        artists_see_all=settings.artists_see_all,
        client=body.client,
        created_by=caller.who.user_id,
    )
    kept = settled(caller, project, body.settings, roots, settings)
    project.settings = kept.model_dump(mode="json")
    try:
        with savepoint(caller.session):
            caller.session.add(project)
    except IntegrityError as error:
        raise name_taken(body.name) from error
    if caller.who.role is not Role.ADMIN:
        membership = Membership(
            project_id=project.id, user_id=caller.who.user_id, role=Role.SUPERVISOR
        )
        caller.session.add(membership)
    caller.audit(
        "project.created",
        "project",
        project.id,
        project_id=project.id,
        after={"name": project.name, "allowed_roots": project.allowed_roots},
    )
    return present(caller, project)


@router.get("")
def list_projects(
    caller: Reader,
    name: Annotated[str | None, Query(max_length=200)] = None,
    archived: Archived = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ProjectOut]:
    """The projects you are in, newest first; with ``name`` only the one called so."""
    query = caller.visible_projects(select(Project))
    if name is not None:
        query = query.where(Project.name == name)
    wanted = which(archived, name)
    if wanted != "all":
        query = query.where(Project.archived_at.is_not(None) == (wanted == "only"))
    keys = (Project.created_at, Project.id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    return Page(items=_present(caller, rows), next=after)


@router.get("/{project_id}", responses=refusals(404))
def get_project(project_id: str, caller: Reader) -> ProjectOut:
    """One project."""
    return present(caller, caller.project(project_id))


def present(caller: Caller, project: Project) -> ProjectOut:
    """The project as the API tells it, with what they may do in it."""
    return _present(caller, [project])[0]


def _present(caller: Caller, projects: Sequence[Project]) -> list[ProjectOut]:
    may = offered.in_projects(caller, projects)
    return [_one(row).model_copy(update={"may": may[row.id]}) for row in projects]


def _one(project: Project) -> ProjectOut:
    """The project, folders by the names that who asks has for them."""
    settings = ProjectSettings.model_validate(project.settings)
    if settings.publish is not None:
        settings = settings.publishing(told(settings.publish.folder, project))
    return ProjectOut(
        id=project.id,
        name=project.name,
        allowed_roots=[told(root, project) for root in project.allowed_roots],
        artists_see_all=project.artists_see_all,
        client=project.client,
        settings=settings,
        archived_at=project.archived_at,
        created_at=project.created_at,
        updated_at=project.updated_at,
    )


def check_name_free(caller: Caller, name: str, *, but: str | None = None) -> None:
    """Raise `ConflictError` when a project they may see, other than ``but``, has the name.

    Those they may not see do not count: a refusal would tell of them.
    """
    same = select(Project.id).where(Project.name == name, Project.id != (but or ""))
    if caller.session.scalars(caller.visible_projects(same).limit(1)).first() is not None:
        raise name_taken(name)


def name_taken(name: str) -> ConflictError:
    """The refusal of a second project of one name."""
    return ConflictError(
        f"There is a project called {name!r} already.", hint="It may be in the archive."
    )
