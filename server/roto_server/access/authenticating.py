"""From an ``Authorization`` header to a `Principal`. Reads only; nothing is believed unseen."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import Attempt, Job, Shot, Task, Token
from ..db.people import LoginSession, SigningKey, User
from ..db.types import utc_now
from .principal import Principal
from .roles import ALL_SCOPES, Role
from .signing import Claim, good_until, read_claim
from .tokens import FARM_PREFIX, KEY_PREFIX, TASK_PREFIX, token_digest

_MAX_HEADER = 4096
_JWT_PREFIX = "eyJ"


def authenticate(session: Session, authorization: str | None, address: str = "") -> Principal:
    """The holder of the ``Authorization`` header.

    Raises `RotoError` ``unauthorized`` for a header that is absent, malformed, unknown, expired or
    revoked, ``account_disabled`` when its holder may not come in any more.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret or len(secret) > _MAX_HEADER:
        raise unauthorized("This address needs a token.")
    if secret.startswith(TASK_PREFIX):
        return _of_task(session, secret, address)
    if secret.startswith((KEY_PREFIX, FARM_PREFIX)):
        return _of_token(session, Token.sha256 == token_digest(secret), address)
    claim = read_claim(secret) if secret.startswith(_JWT_PREFIX) else None
    if claim is not None:
        return _of_session(session, claim, address)
    raise unauthorized("The token is not known to this server.")


def principal_again(
    session: Session, session_id: str | None, token_id: str | None, address: str = ""
) -> Principal:
    """Who came by a session or a key, if they still may; raises as `authenticate` does."""
    if session_id is None:
        return _of_token(session, Token.id == token_id, address)
    found = session.execute(
        select(LoginSession, User).join(LoginSession.user).where(LoginSession.id == session_id)
    ).one_or_none()
    if found is None:
        raise _ended()
    return _of_login(found[0], found[1], address)


def unauthorized(message: str) -> RotoError:
    """The refusal of a token."""
    return RotoError(
        message,
        code="unauthorized",
        hint="Sign in again, or send 'Authorization: Bearer <API key>' (ROTO_API_KEY, or the "
        "server's api-key file).",
    )


def user_principal(
    user: User,
    scopes: frozenset[str],
    address: str,
    *,
    token_id: str | None = None,
    session_id: str | None = None,
) -> Principal:
    """A person or service that may come in; raises ``account_disabled`` otherwise."""
    if user.state != "active":
        raise RotoError(
            f"This account is {user.state}.",
            code="account_disabled",
            hint="An administrator of the server can say why, and let you in again.",
        )
    return Principal(
        "user", user.id, user.name, Role(user.role), scopes, token_id, session_id, address
    )


def _of_session(session: Session, claim: Claim, address: str) -> Principal:
    now = utc_now()
    found = session.execute(
        select(LoginSession, User, SigningKey.public)
        .join(LoginSession.user)
        .join(SigningKey, SigningKey.id == claim.key_id)
        .where(
            LoginSession.id == claim.session_id,
            or_(SigningKey.expires_at.is_(None), SigningKey.expires_at > now),
        )
    ).one_or_none()
    until = good_until(claim, found.public, found.User.id) if found is not None else None
    if found is None or until is None:
        raise unauthorized("The access token is too old, or not one of this server's.")
    return replace(_of_login(found.LoginSession, found.User, address), until=until)


def _of_login(login: LoginSession, user: User, address: str) -> Principal:
    if login.revoked_at is not None or login.expires_at <= utc_now():
        raise _ended()
    return user_principal(user, ALL_SCOPES, address, session_id=login.id)


def _ended() -> RotoError:
    return unauthorized("The session has ended.")


def _of_token(session: Session, known_by: ColumnElement[bool], address: str) -> Principal:
    found = session.execute(
        select(Token, User).outerjoin(User, User.id == Token.user_id).where(known_by)
    ).first()
    token, user = found if found else (None, None)
    if token is None or token.revoked:
        raise unauthorized("The token is not known to this server, or it was revoked.")
    if token.expires_at is not None and token.expires_at <= utc_now():
        raise unauthorized(f"The key {token.prefix}... expired on {token.expires_at:%Y-%m-%d}.")
    if token.scope == "farm":
        return Principal("farm", token.id, token.name, token_id=token.id, address=address)
    if user is None:
        raise unauthorized("The key belongs to nobody.")
    return user_principal(user, frozenset(token.scopes), address, token_id=token.id)


def _of_task(session: Session, secret: str, address: str) -> Principal:
    found = session.execute(
        select(Attempt.id, Attempt.worker_id, Shot.project_id)
        .join(Task, Task.id == Attempt.task_id)
        .join(Job, Job.id == Task.job_id)
        .join(Shot, Shot.id == Job.shot_id)
        .where(Attempt.token_sha256 == token_digest(secret))
    ).first()
    if found is None:
        raise unauthorized("The task token is not known to this server.")
    attempt_id, worker_id, project_id = found
    return Principal("task", attempt_id, worker_id, address=address, project_id=project_id)
