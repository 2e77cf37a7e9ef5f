"""People, for administrators: find, invite, change, export, forget."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import func, or_, select

from ..access import accounts
from ..access.caller import Caller
from ..access.roles import Permission, Role
from ..admin import export, people
from ..db.models import Project, Token
from ..db.people import Identity, LoginSession, Membership, User
from ..db.types import utc_now
from .deps import DatabaseDep, Reader, SettingsDep, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.admin import (
    AdminUserDetail,
    AdminUserOut,
    AdminUserPatch,
    InvitationIn,
    MembershipOut,
    State,
)
from .schemas.common import Page
from .streaming import in_pieces

router = APIRouter(tags=["admin"])

DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}}
}


@router.get("/admin/users")
def list_users(
    caller: Reader,
    query: Annotated[
        str | None, Query(max_length=200, description="Part of a name or mail address.")
    ] = None,
    role: Role | None = None,
    state: Annotated[State | None, Query(description="Default: all but deleted.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AdminUserOut]:
    """People and services, newest first."""
    caller.demand(Permission.MANAGE_USERS)
    found = people.searched(_text(query), role, state)
    rows, after = newest_first(caller.session, found, (User.created_at, User.id), limit, cursor)
    return Page(items=[present(row) for row in rows], next=after)


@router.post("/admin/users", status_code=201, responses=refusals(409))
def invite_user(body: InvitationIn, caller: Writer, settings: SettingsDep) -> AdminUserOut:
    """Make an account and send its holder a link to choose a password. 409: the address has one
    already, or this server sends no mail."""
    caller.demand(Permission.MANAGE_USERS)
    user = accounts.invite(
        caller.session, settings, email=body.email, name=body.name, role=body.role
    )
    caller.audit("user.invited", "user", user.id, after={"role": body.role})
    return present(user)


@router.get("/admin/users/{user_id}", responses=refusals(404))
def get_user(user_id: str, caller: Reader) -> AdminUserDetail:
    """One person, with their ways in and their projects."""
    caller.demand(Permission.MANAGE_USERS)
    return _detail(caller, people.person(caller.session, user_id))


@router.patch("/admin/users/{user_id}", responses=refusals(404, 409))
def change_user(user_id: str, body: AdminUserPatch, caller: Writer) -> AdminUserOut:
    """Change a name, a role, or whether somebody may come in. Disabling ends their sessions and
    keys at once. 409 for the last active administrator."""
    caller.demand(Permission.MANAGE_USERS)
    user = people.person(caller.session, user_id)
    active = None if body.state is None else body.state == "active"
    people.apply(caller.session, caller.actor, user, people.Change(body.name, body.role, active))
    return present(user)


@router.post("/admin/users/{user_id}/delete", responses=refusals(404, 409))
def delete_user(user_id: str, caller: Writer) -> AdminUserOut:
    """Forget a person: name, address, password, sign-ins, keys, memberships. What they made and
    the audit log stay, under an id that tells nothing. Cannot be undone."""
    caller.demand(Permission.MANAGE_USERS)
    user = people.person(caller.session, user_id)
    people.anonymise(caller.session, caller.actor, user)
    return present(user)


@router.get(
    "/admin/users/{user_id}/export",
    response_class=StreamingResponse,
    responses={**refusals(404), **DOCUMENT},
)
def export_user(user_id: str, caller: Writer, database: DatabaseDep) -> StreamingResponse:
    """Everything kept about a person, as one JSON document."""
    caller.demand(Permission.MANAGE_USERS)
    user = people.person(caller.session, user_id)
    return exported(caller, database, user.id)


@router.get("/users/me/export", response_class=StreamingResponse, responses=DOCUMENT)
def export_me(caller: Writer, database: DatabaseDep) -> StreamingResponse:
    """Everything kept about oneself, as one JSON document. Needs a sign-in, not a key."""
    caller.demand(Permission.OWN_ACCOUNT)
    return exported(caller, database, caller.who.user_id)


def exported(caller: Caller, database: DatabaseDep, user_id: str) -> StreamingResponse:
    """The document, sent while it is made."""
    caller.audit("user.exported", "user", user_id)
    return StreamingResponse(
        in_pieces(database, export.exported(database, user_id)),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="person-{user_id}.json"'},
    )


def present(user: User) -> AdminUserOut:
    """The person as administrators see them."""
    return AdminUserOut.model_validate(user, from_attributes=True)


def _detail(caller: Caller, user: User) -> AdminUserDetail:
    session, now = caller.session, utc_now()
    good_session = (LoginSession.revoked_at.is_(None), LoginSession.expires_at > now)
    good_key = (~Token.revoked, or_(Token.expires_at.is_(None), Token.expires_at > now))
    memberships = session.execute(
        select(Membership.project_id, Project.name, Membership.role)
        .join(Project, Project.id == Membership.project_id)
        .where(Membership.user_id == user.id)
        .order_by(Project.name, Project.id)
    )

    def count(table: Any, *good: Any) -> int:
        query = select(func.count()).select_from(table).where(table.user_id == user.id, *good)
        return session.scalar(query) or 0

    return AdminUserDetail(
        **present(user).model_dump(),
        has_password=user.password_hash is not None,
        issuers=sorted(session.scalars(select(Identity.issuer).where(Identity.user_id == user.id))),
        sessions=count(LoginSession, *good_session),
        keys=count(Token, *good_key),
        memberships=[
            MembershipOut(project_id=ident, project_name=name, role=Role(role))
            for ident, name, role in memberships
        ],
    )


def _text(query: str | None) -> str | None:
    """PostgreSQL takes no NUL, and nobody's name holds one."""
    return query.replace("\x00", "") if query else query
