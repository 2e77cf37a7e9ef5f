"""Signing in with a password."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..audit import record
from ..db.people import User
from ..settings import Settings
from .accounts import UNKNOWN, find_person
from .passwords import Verified
from .sessions import Issued, Sender, open_session


@dataclass(frozen=True)
class Attempt:
    """A sign-in whose password was compared with ``stored``, the hash that was kept then."""

    email: str
    stored: str | None
    verified: Verified


def stored_hash(session: Session, email: str) -> str | None:
    """What a password for the address is to be compared with."""
    user = find_person(session, email)
    return user.password_hash if user else None


def sign_in(
    session: Session, settings: Settings, attempt: Attempt, sender: Sender
) -> Issued | RotoError:
    """A session, when the password was right and its holder may come in.

    A refusal is returned and not raised: what it writes must be committed. Only who knows the
    password learns that an account is unconfirmed or disabled.
    """
    user = find_person(session, attempt.email)
    # A password that was changed while it was compared is not right any more.
    if user is None or not attempt.verified.right or user.password_hash != attempt.stored:
        return _refuse(session, user, sender, bad_credentials())
    if user.state == "unconfirmed":
        return _refuse(session, user, sender, _unconfirmed())
    if user.state != "active":
        return _refuse(session, user, sender, _disabled(user))
    user.password_hash = attempt.verified.renewed or user.password_hash
    return open_session(session, settings, user, "password", sender)


def bad_credentials() -> RotoError:
    """The same for an unknown address and a wrong password."""
    return RotoError(
        "The e-mail address or the password is wrong.",
        code="bad_credentials",
        hint="'Forgot the password?' sends a link to choose a new one.",
    )


def _refuse(session: Session, user: User | None, sender: Sender, error: RotoError) -> RotoError:
    target = user.id if user else UNKNOWN
    after = {"code": error.code}
    record(session, sender.as_actor(), "session.refused", "user", target, after=after)
    return error


def _unconfirmed() -> RotoError:
    return RotoError(
        "The e-mail address was never confirmed.",
        code="email_unconfirmed",
        hint="Follow the link in the mail, or have it sent once more.",
    )


def _disabled(user: User) -> RotoError:
    return RotoError(
        f"This account is {user.state}.",
        code="account_disabled",
        hint="An administrator of the server can say why, and let you in again.",
    )
