"""What somebody may do with many things at once: for pages, that offer nothing one may not do."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from ..db.models import Project, Shot
from ..db.people import Assignment, Membership
from .caller import CLOSED_BY_ARCHIVE, Caller
from .roles import Permission, Role, Standing, allows, in_scope

_OF_PROJECT = (Permission.MANAGE_PROJECT, Permission.ADD_SHOT)
_OF_SHOT = (Permission.EDIT_SHOT, Permission.ADD_NOTE, Permission.REVIEW)

CANCEL = "cancel"
"""To cancel a shot's jobs: for whoever may edit it, also in the archive."""


def in_projects(caller: Caller, projects: Collection[Project]) -> dict[str, list[Permission]]:
    """By project id, what they may do in it; one question to the database for all."""
    roles = _roles(caller, {one.id for one in projects})
    return {
        one.id: _offered(caller, _OF_PROJECT, _standing(caller, one, roles), _closed(one))
        for one in projects
    }


def with_shots(caller: Caller, shots: Collection[Shot]) -> dict[str, list[str]]:
    """By shot id, what they may do with it; two questions for all, their projects loaded."""
    roles = _roles(caller, {one.project_id for one in shots})
    mine = _theirs(caller, shots) if Role.ARTIST in roles.values() else set()
    offers: dict[str, list[str]] = {}
    for one in shots:
        standing = _standing(caller, one.project, roles, one.id in mine)
        closed = _closed(one.project) or one.archived_at is not None
        offers[one.id] = [*_offered(caller, _OF_SHOT, standing, closed)]
        if _offered(caller, [Permission.EDIT_SHOT], standing, closed=False):
            offers[one.id].append(CANCEL)
    return offers


def _roles(caller: Caller, projects: Collection[str]) -> dict[str, Role]:
    if caller.who.role is Role.ADMIN:
        return {}
    query = select(Membership.project_id, Membership.role).where(
        Membership.user_id == caller.who.user_id, Membership.project_id.in_(projects)
    )
    return {project: Role(role) for project, role in caller.session.execute(query)}


def _theirs(caller: Caller, shots: Iterable[Shot]) -> set[str]:
    """Ids of the shots made by or assigned to them, as `Caller` says it of one."""
    ids = [one.id for one in shots]
    query = select(Assignment.shot_id).where(
        Assignment.user_id == caller.who.user_id, Assignment.shot_id.in_(ids)
    )
    made = {one.id for one in shots if one.created_by == caller.who.user_id}
    return made | set(caller.session.scalars(query))


def _standing(
    caller: Caller, project: Project, roles: dict[str, Role], mine: bool = False
) -> Standing:
    if caller.who.role is Role.ADMIN:
        return Standing(Role.ADMIN)
    return Standing(caller.who.role, roles.get(project.id), mine, project.artists_see_all)


def _closed(project: Project) -> bool:
    return project.archived_at is not None


def _offered(
    caller: Caller, asked: Iterable[Permission], standing: Standing, closed: bool
) -> list[Permission]:
    return [
        one
        for one in asked
        if allows(standing, one)
        and in_scope(caller.who.scopes, one)
        and not (closed and one in CLOSED_BY_ARCHIVE)
    ]
