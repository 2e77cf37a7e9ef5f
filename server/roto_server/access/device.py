"""Signing in with a code (RFC 8628): a program shows one, a person who is signed in approves it.

`begin` and `poll` are the program's half and need no token, `look_up` and `decide` the person's.
The program's secret has 256 bits; the person's code is short enough to type, so it gives nothing by
itself: who finds another's code can only let that program into their *own* account.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..audit import Actor, record
from ..db.people import DeviceGrant, User
from ..db.session import database_now, savepoint
from ..errors import NotFoundError
from ..settings.people import PeopleSettings
from .caller import Caller
from .roles import Permission, Scope
from .tokens import create_key, new_secret, token_digest

CODE_PREFIX = "rotodevice_"
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Without vowels, so that no code is a word, and without what looks like a digit."""
CODE_LENGTH = 8
SCOPES = (Scope.READ, Scope.WRITE)

_TRIES = 5
_EARLY = 0.9
"""Of the interval: a question may arrive this much sooner, for networks are not even."""


@dataclass(frozen=True)
class Begun:
    """A fresh code. ``expires_in`` and ``interval`` are seconds."""

    device_code: str = field(repr=False)
    user_code: str
    expires_in: int
    interval: float


@dataclass(frozen=True)
class Granted:
    """The key a program gets, this once."""

    api_key: str = field(repr=False)
    expires_at: datetime
    scopes: tuple[str, ...]
    user: User


def begin(session: Session, client: str, address: str, settings: PeopleSettings) -> Begun:
    """A code for the program that calls itself ``client``."""
    now = database_now(session)
    secret = new_secret(CODE_PREFIX)
    for _ in range(_TRIES):
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        grant = DeviceGrant(
            device_sha256=token_digest(secret),
            user_code=code,
            client=client,
            address=address,
            created_at=now,
            expires_at=now + timedelta(seconds=settings.device_code_seconds),
        )
        try:
            with savepoint(session):
                session.add(grant)
        except IntegrityError:
            continue
        seconds = int(settings.device_code_seconds)
        return Begun(secret, spelled(code), seconds, settings.device_poll_seconds)
    raise RotoError(
        "No free code was found.", hint="Try again in a moment.", code="server_unavailable"
    )


def poll(
    session: Session, device_code: str, actor: Actor, settings: PeopleSettings
) -> Granted | RotoError:
    """The key once the code is approved, else why not, to be raised after the commit.

    ``actor``'s address is the program's. The refusals: ``authorization_pending``, ``slow_down``,
    ``access_denied``, ``account_disabled``, ``link_expired``.
    """
    asked_for = DeviceGrant.device_sha256 == token_digest(device_code)
    grant = session.scalars(select(DeviceGrant).where(asked_for).with_for_update()).one_or_none()
    now = database_now(session)
    if grant is None or grant.state == "taken":
        return _over("This code is not known, or its key was given out already.")
    if grant.state == "denied":
        return RotoError(
            "The sign-in was refused in the browser.",
            hint="Sign in again and approve the new code.",
            code="access_denied",
        )
    if grant.expires_at <= now:
        return _over("Nobody approved the code in time.")
    if grant.state == "approved":
        return _take(session, grant, actor, now, settings)
    asked, grant.polled_at = grant.polled_at, now
    if asked is not None and (now - asked).total_seconds() < _EARLY * settings.device_poll_seconds:
        return RotoError(
            "The code's state was asked for too soon.",
            hint=f"Ask every {settings.device_poll_seconds:g} seconds.",
            code="slow_down",
        )
    return RotoError(
        f"The code {spelled(grant.user_code)} waits to be approved.",
        hint="Open the address in a browser, sign in and approve it.",
        code="authorization_pending",
    )


def look_up(caller: Caller, typed: str) -> DeviceGrant:
    """The request behind a code, for a person who is signed in.

    Raises ``forbidden`` for an API key, `NotFoundError` for a code that never was, ``link_expired``
    for one that was answered or is too old.
    """
    caller.demand(Permission.OWN_ACCOUNT)
    named = DeviceGrant.user_code == _read(typed)
    grant = caller.session.scalars(select(DeviceGrant).where(named)).one_or_none()
    if grant is None:
        raise NotFoundError("code", typed[:20])
    if grant.state != "pending" or grant.expires_at <= database_now(caller.session):
        raise _over("The code was answered already, or is too old.")
    return grant


def decide(caller: Caller, typed: str, *, approve: bool) -> None:
    """Let the program in as the caller, or send it away; each code is answered once.

    Raises what `look_up` does.
    """
    grant = look_up(caller, typed)
    state = "approved" if approve else "denied"
    pending = (DeviceGrant.id == grant.id, DeviceGrant.state == "pending")
    answered = caller.session.execute(
        update(DeviceGrant).where(*pending).values(state=state, user_id=caller.who.user_id)
    )
    assert isinstance(answered, CursorResult)
    if not answered.rowcount:
        raise _over("The code was answered at this very moment by somebody else.")
    caller.audit(f"device.{state}", "device", grant.id)


def spelled(code: str) -> str:
    """A code as people read it: BCDF-GHJK."""
    return f"{code[:4]}-{code[4:]}"


def _read(typed: str) -> str:
    """A code as it is kept; whatever was typed between the letters does not count."""
    return re.sub(r"[^A-Z0-9]", "", typed[:40].upper())


def _take(
    session: Session, grant: DeviceGrant, actor: Actor, now: datetime, settings: PeopleSettings
) -> Granted | RotoError:
    user = session.get_one(User, grant.user_id)
    grant.state = "taken"
    if user.state != "active":
        return RotoError(
            f"The account that approved the code is {user.state}.",
            hint="An administrator of the server can say why.",
            code="account_disabled",
        )
    expires_at = now + timedelta(days=settings.device_key_days)
    row, secret = create_key(
        session, user, grant.client, SCOPES, expires_at=expires_at, source="device"
    )
    holder = Actor("user", user.id, f"device {grant.id}", actor.address, actor.request_id)
    told = {"scopes": list(row.scopes), "expires_at": expires_at.isoformat(), "source": "device"}
    record(session, holder, "key.created", "api_key", row.id, after=told)
    return Granted(secret, expires_at, tuple(row.scopes), user)


def _over(message: str) -> RotoError:
    return RotoError(message, hint="Ask for a new code in the program.", code="link_expired")
