"""What an administrator does with people: find them, change what they may, let them go.

Somebody must always be left who can administrate: the last active administrator is neither demoted
nor disabled nor deleted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..access.roles import Role
from ..audit import Actor, record
from ..db.models import Token
from ..db.people import (
    Assignment,
    DeviceGrant,
    Identity,
    LoginSession,
    Membership,
    OneTimeToken,
    OutgoingMail,
    RefreshToken,
    SavedViews,
    User,
)
from ..db.types import utc_now
from ..errors import ConflictError, NotFoundError
from ..events import emit

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Change:
    """What to make of a person; None leaves it."""

    name: str | None = None
    role: Role | None = None
    active: bool | None = None


def person(session: Session, ident: str) -> User:
    """The user by id; raises `NotFoundError`."""
    user = session.get(User, ident) if _ID.fullmatch(ident) else None
    if user is None:
        raise NotFoundError("user", ident)
    return user


def find(session: Session, who: str) -> User:
    """The user by id, mail address or, for a service, name.

    Raises:
        NotFoundError: nobody is called so.
    """
    if _ID.fullmatch(who):
        return person(session, who)
    by_name = (User.kind == "service") & (User.name == who) & (User.state != "deleted")
    query = select(User).where(or_(User.email == who.strip().lower(), by_name))
    user = session.scalars(query.order_by(User.created_at.desc())).first()
    if user is None:
        raise NotFoundError("user", who)
    return user


def searched(text: str | None, role: Role | None, state: str | None) -> Select[User]:
    """Users whose name or address holds ``text``; deleted ones only when asked for by state."""
    query = select(User)
    if text:
        pattern = "%" + re.sub(r"([%_\\])", r"\\\1", text) + "%"
        query = query.where(
            or_(User.name.ilike(pattern, escape="\\"), User.email.ilike(pattern, escape="\\"))
        )
    if role is not None:
        query = query.where(User.role == role)
    return query.where(User.state == state if state else User.state != "deleted")


def apply(session: Session, actor: Actor, user: User, change: Change) -> None:
    """Change a person's name, role or whether they may come in, each audited.

    Disabling ends their sign-ins and keys at once and for good; enabling gives none of them back.

    Raises:
        RotoError: ``conflict`` for the last administrator and for a deleted person.
    """
    _refuse_deleted(user)
    if change.name is not None and change.name != user.name:
        user.name = change.name
        # Names are not in the audit log, so that people can be forgotten.
        record(session, actor, "user.changed", "user", user.id, after={"changed": ["name"]})
    if change.role is not None and change.role != user.role:
        _set_role(session, actor, user, change.role)
    if change.active is not None:
        wanted = "active" if change.active else "disabled"
        if wanted != user.state:
            _set_state(session, actor, user, wanted)


def anonymise(session: Session, actor: Actor, user: User) -> None:
    """Forget a person: who they were and every way in. What they made, and that somebody did what
    the audit log says, stays under an id that means nothing any more.

    Raises:
        RotoError: ``conflict`` for the last administrator and for who is deleted already.
    """
    _refuse_deleted(user)
    before = {"role": user.role, "state": user.state}
    if user.role == Role.ADMIN and user.state == "active":
        _keep_an_admin(session, user)
    _clear_accounts(session, user.id)
    user.name = f"deleted {user.id[:8]}"
    user.email = user.password_hash = None
    user.email_confirmed_at = user.last_seen_at = None
    user.role, user.state = Role.VIEWER, "deleted"
    record(
        session, actor, "user.deleted", "user", user.id,
        before=before, after={"state": "deleted"},
    )  # fmt: skip
    _tell(session, user)


def end_access(session: Session, user_id: str, reason: str, at: datetime | None = None) -> None:
    """End every sign-in of a person, and what waits to become one; revoke every key."""
    now = at or utc_now()
    session.execute(
        update(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=reason)
    )
    session.execute(update(Token).where(Token.user_id == user_id).values(revoked=True))
    session.execute(delete(OneTimeToken).where(OneTimeToken.user_id == user_id))
    session.execute(delete(OutgoingMail).where(OutgoingMail.user_id == user_id))
    session.execute(delete(DeviceGrant).where(DeviceGrant.user_id == user_id))


def _set_role(session: Session, actor: Actor, user: User, role: Role) -> None:
    if user.role == Role.ADMIN and user.state == "active":
        _keep_an_admin(session, user)
    before, user.role = user.role, role
    record(
        session, actor, "user.role", "user", user.id, before={"role": before}, after={"role": role}
    )
    _tell(session, user)


def _set_state(session: Session, actor: Actor, user: User, state: str) -> None:
    before = user.state
    if state == "disabled":
        if user.role == Role.ADMIN and before == "active":
            _keep_an_admin(session, user)
        end_access(session, user.id, "disabled")
    elif user.kind == "person" and user.email_confirmed_at is None:
        # Who enables an account does not vouch for its address.
        state = "unconfirmed"
    if state == before:
        return
    user.state = state
    action = "user.disabled" if state == "disabled" else "user.enabled"
    record(
        session, actor, action, "user", user.id, before={"state": before}, after={"state": state}
    )
    _tell(session, user)


def _keep_an_admin(session: Session, user: User) -> None:
    """Raise ``conflict`` when nobody (no person, where ``user`` is one) would administrate.

    The rows are locked: two administrators who take each other's role at once do not both succeed.
    """
    admins = select(User.id, User.kind).where(User.role == Role.ADMIN, User.state == "active")
    left = session.execute(admins.order_by(User.id).with_for_update()).all()
    if any(ident != user.id and kind in ("person", user.kind) for ident, kind in left):
        return
    raise ConflictError(
        "This is the last active administrator.", hint="Make somebody else administrator before."
    )


def _clear_accounts(session: Session, user_id: str) -> None:
    sessions = select(LoginSession.id).where(LoginSession.user_id == user_id)
    session.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(sessions)))
    for table in (
        LoginSession, Identity, Token, OneTimeToken, OutgoingMail, DeviceGrant, Membership,
        Assignment, SavedViews,
    ):  # fmt: skip
        session.execute(delete(table).where(table.user_id == user_id))


def _refuse_deleted(user: User) -> None:
    if user.state == "deleted":
        raise RotoError(
            "This person was deleted; nothing of them is left to change.", code="conflict"
        )


def _tell(session: Session, user: User) -> None:
    emit(session, "user.updated", None, {"user_id": user.id})
