"""Who is in a project, and as what. Administrators need not be."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..access.roles import Permission, Role
from ..db.models import Project
from ..db.people import Membership, User
from ..errors import ConflictError, NotFoundError
from ..events import emit
from . import assigning
from .deps import Reader, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.common import Page
from .schemas.members import MemberChange, MemberIn, MemberOut

router = APIRouter(prefix="/projects/{project_id}/members", tags=["members"])


@router.get("", responses=refusals(404))
def list_members(
    project_id: str, caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[MemberOut]:
    """The project's members, who joined last first."""
    project = caller.project(project_id)
    managing = caller.may_in(project, Permission.MANAGE_PROJECT)
    query = (
        select(Membership)
        .where(Membership.project_id == project.id)
        .options(joinedload(Membership.user))
    )
    keys = (Membership.created_at, Membership.user_id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    return Page(items=[_present(row, managing=managing) for row in rows], next=after)


@router.post("", status_code=201, responses=refusals(404, 409))
def add_member(project_id: str, body: MemberIn, caller: Writer) -> MemberOut:
    """Let somebody with an account in. 404 when nobody active has the address."""
    project = _managed(caller, project_id)
    user = caller.session.scalars(
        select(User).where(User.email == body.email, User.kind == "person", User.state == "active")
    ).first()
    if user is None:
        raise RotoError(
            "Nobody with that e-mail address has an account that is in use.",
            code="not_found",
            hint="They register first, or an administrator invites them.",
            detail={"what": "person"},
        )
    if caller.session.get(Membership, (project.id, user.id)) is not None:
        raise ConflictError("They are a member of the project already: change their role.")
    row = Membership(project_id=project.id, user_id=user.id, role=body.role, user=user)
    caller.session.add(row)
    caller.session.flush()
    _tell(caller, "member.added", row, None, body.role)
    return _present(row, managing=True)


@router.put("/{user_id}", responses=refusals(404))
def change_member(project_id: str, user_id: str, body: MemberChange, caller: Writer) -> MemberOut:
    """Give a member another role. Who becomes a viewer is taken off their shots."""
    project = _managed(caller, project_id)
    row = _member(caller, project, user_id)
    if row.role == body.role:
        return _present(row, managing=True)
    before, row.role = row.role, body.role
    if Role(body.role) is Role.VIEWER:
        assigning.unassign_everywhere(caller, project, user_id)
    _tell(caller, "member.changed", row, before, row.role)
    return _present(row, managing=True)


@router.delete("/{user_id}", status_code=204, responses=refusals(404))
def remove_member(project_id: str, user_id: str, caller: Writer) -> None:
    """Take a member out, and off their shots; what they made stays. The last supervisor may go."""
    project = _managed(caller, project_id)
    row = _member(caller, project, user_id)
    assigning.unassign_everywhere(caller, project, user_id)
    caller.session.delete(row)
    _tell(caller, "member.removed", row, row.role, None)


def _managed(caller: Caller, project_id: str) -> Project:
    """The project, held so that its members change one by one, and not while shots are assigned."""
    project = caller.project(project_id, Permission.MANAGE_PROJECT)
    assigning.hold(caller, project)
    return project


def _member(caller: Caller, project: Project, user_id: str) -> Membership:
    row = caller.session.get(Membership, (project.id, user_id))
    if row is None:
        raise NotFoundError("member", user_id)
    return row


def _tell(
    caller: Caller, action: str, row: Membership, before: str | None, after: str | None
) -> None:
    caller.audit(
        action,
        "user",
        row.user_id,
        project_id=row.project_id,
        before=None if before is None else {"role": str(before)},
        after=None if after is None else {"role": str(after)},
    )
    payload = {"user_id": row.user_id, "role": None if after is None else str(after)}
    emit(caller.session, "project.members", row.project_id, payload)


def _present(row: Membership, *, managing: bool) -> MemberOut:
    return MemberOut(
        user_id=row.user_id,
        name=row.user.name,
        email=row.user.email if managing else None,
        role=row.role,
        created_at=row.created_at,
    )
