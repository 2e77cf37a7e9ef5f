"""Bearer tokens: API keys of users and farm tokens of workers.

A token is 32 random bytes with a prefix telling its kind; the database keeps its SHA-256 only. A
farm token is good for ``/api/v1/farm`` and nothing else, an API key for everything but that.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Depends
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from roto_shapes.errors import RotoError

from .db.models import Token
from .db.session import Database
from .db.types import utc_now

Scope = Literal["user", "farm"]
_PREFIX: dict[Scope, str] = {"user": "roto_", "farm": "rotofarm_"}
_TOUCH_EVERY = timedelta(minutes=1)
_MAX_HEADER = 512


@dataclass(frozen=True)
class Principal:
    """Who sends the request."""

    token_id: str
    name: str
    scope: str


def create_token(session: Session, name: str, scope: Scope) -> str:
    """Add a token row and return the secret, which is shown this once.

    ``name`` is what the log and the ``created_by`` columns call its holder.
    """
    secret = _PREFIX[scope] + secrets.token_urlsafe(32)
    session.add(Token(name=name, scope=scope, sha256=token_digest(secret)))
    return secret


def authenticate(database: Database, authorization: str | None) -> Principal:
    """The holder of the ``Authorization`` header.

    Raises `RotoError` ``unauthorized`` for a header that is absent, malformed, unknown or revoked.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret or len(secret) > _MAX_HEADER:
        raise _unauthorized("This address needs a token.")
    with database.reading() as session:
        token = session.scalar(select(Token).where(Token.sha256 == token_digest(secret.strip())))
    if token is None or token.revoked:
        raise _unauthorized("The token is not known to this server, or it was revoked.")
    if token.last_used_at is None or utc_now() - token.last_used_at > _TOUCH_EVERY:
        _touch(database, token.id)
    return Principal(token.id, token.name, token.scope)


def authenticate_scope(connection: HTTPConnection, scope: Scope) -> Principal:
    """Authenticate a request or socket for ``scope`` and tell the access log who it is.

    Raises `RotoError` ``unauthorized``, or ``forbidden`` for a token of the other scope.
    """
    database: Database = connection.app.state.database
    principal = authenticate(database, connection.headers.get("authorization"))
    connection.state.token_name = principal.name
    if principal.scope != scope:
        raise RotoError(
            f"This address takes a {scope} token; yours is a {principal.scope} token.",
            code="forbidden",
            hint="Workers use the farm token, everything else an API key.",
        )
    return principal


def require_user(connection: HTTPConnection) -> Principal:
    """FastAPI dependency: the caller holds an API key."""
    return authenticate_scope(connection, "user")


def require_farm(connection: HTTPConnection) -> Principal:
    """FastAPI dependency: the caller holds a farm token."""
    return authenticate_scope(connection, "farm")


User = Annotated[Principal, Depends(require_user)]
Farm = Annotated[Principal, Depends(require_farm)]


def _touch(database: Database, token_id: str) -> None:
    """Note the use, once a minute at most: reading requests should not queue up to write."""
    with database.session() as session:
        session.execute(update(Token).where(Token.id == token_id).values(last_used_at=utc_now()))


def token_digest(secret: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _unauthorized(message: str) -> RotoError:
    return RotoError(
        message,
        code="unauthorized",
        hint="Send 'Authorization: Bearer <API key>' (ROTO_API_KEY, or the server's api-key file).",
    )
