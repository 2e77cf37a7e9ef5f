"""API keys and farm tokens as an operator sees them: everybody's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..access.roles import Role
from ..access.tokens import create_key, create_token, service, token_digest
from ..audit import Actor, record
from ..db.models import Token
from ..db.people import User
from ..db.types import utc_now
from ..errors import BadRequestError, NotFoundError
from .people import find


def create_farm_token(session: Session, actor: Actor, name: str) -> str:
    """A token for workers; returns the secret."""
    secret = create_token(session, name, "farm")
    session.flush()
    row = session.scalars(select(Token).where(Token.sha256 == token_digest(secret))).one()
    record(session, actor, "farm_token.created", "farm_token", row.id)
    return secret


def create_user_key(
    session: Session,
    actor: Actor,
    name: str,
    *,
    user: str | None,
    role: Role | None,
    scopes: Iterable[str],
    lasting: timedelta | None,
) -> str:
    """A key of ``user`` (mail address or id), or of the service ``name``, made with ``role``.

    Raises:
        NotFoundError: no such user.
        BadRequestError: a service that is new, and nobody says what it may do.
    """
    if user is None and role is None and not _is_service(session, name):
        raise BadRequestError(
            f"There is no service {name!r} yet: say what it may do.",
            hint="--role admin, supervisor, artist or viewer; or --user, for a person's key.",
        )
    holder = find(session, user) if user else service(session, name, role or Role.VIEWER)
    expires_at = utc_now() + lasting if lasting else None
    row, secret = create_key(session, holder, name, scopes, expires_at=expires_at)
    record(
        session, actor, "key.created", "api_key", row.id,
        after={"user_id": holder.id, "scopes": row.scopes},
    )  # fmt: skip
    return secret


def listed(session: Session, user: str | None, *, everything: bool) -> list[dict[str, Any]]:
    """Tokens with their holders, by name; only those that are good unless ``everything``."""
    query = select(Token, User.name).outerjoin(User, User.id == Token.user_id)
    if user:
        query = query.where(Token.user_id == find(session, user).id)
    now = utc_now()
    if not everything:
        lasting = or_(Token.expires_at.is_(None), Token.expires_at > now)
        query = query.where(Token.revoked.is_(False), lasting)
    return [
        {
            "id": token.id,
            "prefix": token.prefix,
            "scope": token.scope,
            "name": token.name,
            "holder": holder,
            "scopes": token.scopes,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "last_used_at": token.last_used_at,
            "state": "revoked" if token.revoked else "good" if _lasts(token) else "expired",
        }
        for token, holder in session.execute(query.order_by(Token.name, Token.id))
    ]


def revoke(session: Session, actor: Actor, ident: str) -> Token:
    """Make a token worthless; nothing happens when it is already.

    Raises:
        NotFoundError: no such token.
    """
    row = session.get(Token, ident)
    if row is None:
        raise NotFoundError("token", ident)
    if not row.revoked:
        row.revoked = True
        action, kind = (
            ("farm_token.revoked", "farm_token")
            if row.scope == "farm"
            else ("key.revoked", "api_key")
        )
        record(session, actor, action, kind, row.id, before={"user_id": row.user_id})
    return row


def _is_service(session: Session, name: str) -> bool:
    known = select(User.id).where(User.kind == "service", User.name == name, User.state == "active")
    return session.scalars(known).first() is not None


def _lasts(token: Token) -> bool:
    return token.expires_at is None or token.expires_at > utc_now()
