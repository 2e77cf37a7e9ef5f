"""Who works on which shot, and "my shots"."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..access.caller import Caller
from ..access.roles import Permission, Role
from ..db.models import Project, Shot
from ..db.people import Assignment, Membership
from ..errors import BadRequestError, NotFoundError
from ..reviewing import ReviewState
from . import assigning
from .deps import Reader, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.common import Page
from .schemas.members import AssigneeOut, AssignmentsIn, AssignmentsOut
from .schemas.projects import ShotOut, ShotState
from .shots import by_archive, shot_page

router = APIRouter(tags=["members"])

_CAN_WORK = (Role.SUPERVISOR, Role.ARTIST)


@router.post("/projects/{project_id}/assignments", responses=refusals(404))
def assign_shots(project_id: str, body: AssignmentsIn, caller: Writer) -> AssignmentsOut:
    """Assign shots to members, all of them or none: supervisors and artists of the project."""
    project = caller.project(project_id, Permission.MANAGE_PROJECT)
    assigning.hold(caller, project)
    _check_shots(caller, project, body.shot_ids)
    if body.mode != "remove":
        _check_members(caller, project, body.user_ids)
    people = frozenset(body.user_ids)
    changes = assigning.assign(caller, project, body.shot_ids, people, body.mode)
    return AssignmentsOut(
        added=sum(len(one.added) for one in changes),
        removed=sum(len(one.removed) for one in changes),
        shots_changed=len(changes),
    )


@router.get("/shots/{shot_id}/assignees", responses=refusals(404))
def list_assignees(
    shot_id: str, caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[AssigneeOut]:
    """Who is assigned to the shot, the last one first."""
    shot = caller.shot(shot_id)
    query = (
        select(Assignment).where(Assignment.shot_id == shot.id).options(joinedload(Assignment.user))
    )
    keys = (Assignment.created_at, Assignment.user_id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    items = [
        AssigneeOut(user_id=row.user_id, name=row.user.name, assigned_at=row.created_at)
        for row in rows
    ]
    return Page(items=items, next=after)


@router.get("/users/me/shots")
def list_my_shots(
    *,
    caller: Reader,
    project_id: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    state: ShotState | None = None,
    review: ReviewState | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShotOut]:
    """The shots you made or are assigned to, of the projects you are in, newest first.

    What is archived, or in an archived project, is not among them.
    """
    query = by_archive(select(Shot).where(caller.is_mine()), "no")
    if project_id is not None:
        query = query.where(Shot.project_id == project_id)
    if state is not None:
        query = query.where(Shot.state == state)
    if review is not None:
        query = query.where(Shot.review == review)
    return shot_page(caller, query, limit, cursor)


def _check_shots(caller: Caller, project: Project, shot_ids: list[str]) -> None:
    known = set(
        caller.session.scalars(
            select(Shot.id).where(Shot.project_id == project.id, Shot.id.in_(shot_ids))
        )
    )
    for shot_id in shot_ids:
        if shot_id not in known:
            raise NotFoundError("shot", shot_id)


def _check_members(caller: Caller, project: Project, user_ids: list[str]) -> None:
    able = set(
        caller.session.scalars(
            select(Membership.user_id).where(
                Membership.project_id == project.id,
                Membership.user_id.in_(user_ids),
                Membership.role.in_(_CAN_WORK),
            )
        )
    )
    wrong = [user_id for user_id in user_ids if user_id not in able]
    if wrong:
        raise BadRequestError(
            f"{len(wrong)} of {len(user_ids)} are no artists or supervisors of the project.",
            hint="Shots are assigned to members who can work on them.",
            detail={"user_ids": wrong},
        )
