"""Sessions: one sign-in, and the refresh tokens that keep it going.

A refresh token is good for one new pair of tokens. When one comes a second time, either its holder
or a thief is late, and nobody can tell which: the whole session ends, and its holder is told by
mail. There is no grace: a client keeps its token in one place and sends one refresh at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..audit import Actor, record
from ..db.models import Token, new_id
from ..db.people import DeviceGrant, LoginSession, RefreshToken, User
from ..db.types import utc_now
from ..events import emit
from ..mail.outbox import notify
from ..settings import Settings
from .signing import access_token
from .tokens import new_secret, token_digest

REFRESH_PREFIX = "rotorefresh_"
Kind = Literal["password", "oidc"]


@dataclass(frozen=True)
class Issued:
    """A fresh pair of tokens of a session."""

    login: LoginSession
    user: User
    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True)
class Sender:
    """Where a request without a holder comes from."""

    client: str
    address: str
    request_id: str

    def as_actor(self, user_id: str = "", via: str = "") -> Actor:
        """For the audit log: the person they turned out to be, or nobody."""
        kind = "user" if user_id else "visitor"
        return Actor(kind, user_id, via, self.address, self.request_id)


def open_session(
    session: Session, settings: Settings, user: User, kind: Kind, sender: Sender
) -> Issued:
    """A new session of ``user``, who has proved who they are."""
    now = utc_now()
    login = LoginSession(
        id=new_id(),
        user_id=user.id,
        kind=kind,
        client=sender.client[:200],
        address=sender.address[:64],
        expires_at=now + timedelta(days=settings.session_days),
    )
    session.add(login)
    session.flush()
    actor = sender.as_actor(user.id, f"session {login.id}")
    record(session, actor, "session.opened", "session", login.id, after={"kind": kind})
    return _issue(session, settings, login, user)


def refresh(
    session: Session, settings: Settings, secret: str, sender: Sender
) -> Issued | RotoError:
    """A new pair for a refresh token, which is used up.

    A refusal is returned and not raised: what it writes must be committed.
    """
    now = utc_now()
    digest = token_digest(secret)
    taken = session.execute(
        update(RefreshToken)
        .where(
            RefreshToken.sha256 == digest,
            RefreshToken.used_at.is_(None),
            RefreshToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(RefreshToken.session_id)
    ).scalar_one_or_none()
    if taken is None:
        _burn(session, settings, digest, sender)
        return signed_out()
    login = session.get_one(LoginSession, taken)
    user = session.get_one(User, login.user_id)
    if login.revoked_at is not None or login.expires_at <= now or user.state != "active":
        return signed_out()
    login.last_used_at = now
    login.address = sender.address[:64]
    return _issue(session, settings, login, user)


def end(session: Session, login: LoginSession, reason: str, actor: Actor) -> None:
    """End one session; its tokens are worthless at once."""
    if login.revoked_at is not None:
        return
    login.revoked_at, login.revoked_reason = utc_now(), reason
    record(session, actor, "session.ended", "session", login.id, after={"reason": reason})
    _tell(session, login.user_id)


def end_replaced(session: Session, secret: str, actor: Actor) -> None:
    """End the session whose refresh token a browser held until another took its place; none, if
    ``secret`` is not one that is still good."""
    unused = RefreshToken.used_at.is_(None)
    held = select(LoginSession).join(RefreshToken, RefreshToken.session_id == LoginSession.id)
    login = session.scalar(held.where(RefreshToken.sha256 == token_digest(secret), unused))
    if login is not None:
        end(session, login, "replaced", actor)


def end_all(
    session: Session,
    user_id: str,
    reason: str,
    *,
    spare: str | None = None,
    keys: Literal["kept", "programs", "all"] = "kept",
) -> int:
    """End all sessions of a person but ``spare``, and their ``keys``: those that programs got by a
    code, or all; how many ended. The caller records what it was for."""
    live = [LoginSession.user_id == user_id, LoginSession.revoked_at.is_(None)]
    if spare is not None:
        live.append(LoginSession.id != spare)
    query = update(LoginSession).where(*live)
    ended = _count(session, query.values(revoked_at=utc_now(), revoked_reason=reason))
    if keys != "kept":
        good = [Token.user_id == user_id, ~Token.revoked]
        if keys == "programs":
            good.append(Token.source == "device")
        ended += _count(session, update(Token).where(*good).values(revoked=True))
        # A program that was let in and has not fetched its key gets none any more.
        let_in = (DeviceGrant.user_id == user_id, DeviceGrant.state == "approved")
        ended += _count(session, update(DeviceGrant).where(*let_in).values(state="denied"))
    if ended:
        _tell(session, user_id)
    return ended


def signed_out() -> RotoError:
    """The refusal of a refresh token."""
    return RotoError(
        "You are signed out: the session has ended.", code="unauthorized", hint="Sign in again."
    )


def _issue(session: Session, settings: Settings, login: LoginSession, user: User) -> Issued:
    secret = new_secret(REFRESH_PREFIX)
    session.add(
        RefreshToken(session_id=login.id, sha256=token_digest(secret), expires_at=login.expires_at)
    )
    return Issued(login, user, access_token(session, settings, login), secret)


def _burn(session: Session, settings: Settings, digest: str, sender: Sender) -> None:
    """End the session of a refresh token that was used before."""
    used = session.scalar(
        select(RefreshToken).where(RefreshToken.sha256 == digest, RefreshToken.used_at.is_not(None))
    )
    if used is None:
        return
    login = session.get_one(LoginSession, used.session_id, with_for_update=True)
    if login.revoked_at is not None:
        return
    actor = sender.as_actor()
    end(session, login, "reused", actor)
    record(
        session,
        actor,
        "session.token_reused",
        "session",
        login.id,
        after={"token_used_at": used.used_at.isoformat() if used.used_at else None},
    )
    notify(session, settings, login.user_id, "session_burnt", {"address": sender.address})


def _tell(session: Session, user_id: str) -> None:
    """Sockets that are open are looked at again (`api.events`)."""
    emit(session, "user.updated", None, {"user_id": user_id})


def _count(session: Session, statement: Any) -> int:
    done = session.execute(statement, execution_options={"synchronize_session": "fetch"})
    assert isinstance(done, CursorResult)
    return done.rowcount
