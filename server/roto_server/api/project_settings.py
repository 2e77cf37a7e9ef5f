"""What supervisors change of a project itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy.exc import IntegrityError

from roto_shapes.naming import check_name

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.models import Project
from ..db.session import database_now, savepoint
from ..db.types import plain
from ..events import emit
from ..settings import Settings
from . import projects
from .deps import SettingsDep, Writer, refusals
from .project_rules import admitted, planned, settled
from .schemas.members import ProjectChange
from .schemas.projects import ProjectOut

router = APIRouter(prefix="/projects/{project_id}", tags=["projects"])


@router.patch("", responses=refusals(404, 409))
def change_project(
    project_id: str, body: ProjectChange, caller: Writer, settings: SettingsDep
) -> ProjectOut:
    """Name, client, settings, folders plates may be read from, whether artists see each other's
    shots, and whether it is archived.

    What runs in a project when it is archived ends as it would have.
    """
    project = caller.project(project_id, Permission.MANAGE_PROJECT)
    wanted = _wanted(caller, project, body, settings)
    changed = [name for name, value in wanted.items() if getattr(project, name) != value]
    if not changed:
        return projects.present(caller, project)
    before = {name: plain(getattr(project, name)) for name in changed}
    try:
        with savepoint(caller.session):
            for name in changed:
                setattr(project, name, wanted[name])
    except IntegrityError as error:
        raise projects.name_taken(str(body.name)) from error
    after = {name: plain(wanted[name]) for name in changed}
    caller.audit(
        "project.updated", "project", project.id,
        project_id=project.id, before=before, after=after,
    )  # fmt: skip
    emit(caller.session, "project.updated", project.id, {"changed": changed})
    return projects.present(caller, project)


def _wanted(
    caller: Caller, project: Project, body: ProjectChange, settings: Settings
) -> dict[str, Any]:
    """Columns of the project as the body would have them."""
    wanted = body.model_dump(exclude_none=True, exclude={"settings", "archived"})
    if body.name is not None:
        check_name(body.name)
        projects.check_name_free(caller, body.name, but=project.id)
    after = planned(project, body.settings)
    if body.allowed_roots is not None:
        wanted["allowed_roots"] = admitted(caller, body.allowed_roots, after, settings)
    if body.settings is not None:
        roots = wanted.get("allowed_roots", project.allowed_roots)
        kept = settled(caller, project, body.settings, roots, settings)
        wanted["settings"] = kept.model_dump(mode="json")
    if body.archived is not None and body.archived != (project.archived_at is not None):
        wanted["archived_at"] = database_now(caller.session) if body.archived else None
    return wanted
