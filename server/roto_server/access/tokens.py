"""Tokens that are secrets and nothing else: API keys, farm tokens, task tokens.

32 random bytes behind a prefix that tells the kind; the database keeps the SHA-256. (Passwords are
what people choose, so they get argon2; nothing is gained by it for 256 random bits.)
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db.models import Token
from ..db.people import User
from .roles import KEY_SCOPES, Role

TokenScope = Literal["user", "farm"]
KEY_PREFIX, FARM_PREFIX, TASK_PREFIX = "roto_", "rotofarm_", "rototask_"
SHOWN = 12
"""Characters of a key that lists show: its prefix and 7 of the 43 that follow."""


def new_secret(prefix: str = "") -> str:
    """A fresh secret of 256 bits behind ``prefix``."""
    return prefix + secrets.token_urlsafe(32)


def token_digest(secret: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_key(
    session: Session,
    user: User,
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: datetime | None = None,
    source: str = "made",
) -> tuple[Token, str]:
    """A new API key of ``user`` and its secret, which is shown this once."""
    secret = new_secret(KEY_PREFIX)
    row = Token(
        name=name,
        scope="user",
        sha256=token_digest(secret),
        user_id=user.id,
        prefix=secret[:SHOWN],
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        source=source,
    )
    session.add(row)
    session.flush()
    return row, secret


def create_token(session: Session, name: str, scope: TokenScope, role: Role = Role.ADMIN) -> str:
    """A farm token, or an API key with every scope of the service ``name``; returns the secret.

    The service is made with ``role`` when there is none of that name.
    """
    if scope == "farm":
        secret = new_secret(FARM_PREFIX)
        session.add(
            Token(name=name, scope="farm", sha256=token_digest(secret), prefix=secret[:SHOWN])
        )
        return secret
    return create_key(session, service(session, name, role), name, KEY_SCOPES)[1]


def service(session: Session, name: str, role: Role) -> User:
    """The service of this name, made with ``role`` when there is none."""
    known = select(User).where(User.kind == "service", User.name == name, User.state == "active")
    user = session.scalars(known).first()
    if user is None:
        user = User(kind="service", name=name, role=role)
        session.add(user)
        session.flush()
    return user
