"""What works once: links in mails. (Tickets of sockets: `access.tickets`.)

A link holds 256 random bits after its ``#``, where no server's log sees them; the database keeps
their SHA-256.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import JsonObject
from ..db.people import OneTimeToken, User
from ..db.types import utc_now
from ..settings import Settings
from .tokens import new_secret, token_digest

Purpose = Literal["confirm", "reset", "invite"]
_PAGES: dict[Purpose, str] = {"confirm": "confirm", "reset": "reset", "invite": "reset"}


def issue(
    session: Session,
    user: User,
    purpose: Purpose,
    settings: Settings,
    *,
    offer: JsonObject | None = None,
) -> str:
    """A new secret of ``user``; ``offer`` is given back by `take`."""
    secret = new_secret(f"roto{purpose}_")
    session.add(
        OneTimeToken(
            user_id=user.id,
            purpose=purpose,
            sha256=token_digest(secret),
            offer=offer,
            expires_at=utc_now() + _lifetime(purpose, settings),
        )
    )
    return secret


def link(settings: Settings, purpose: Purpose, secret: str) -> str:
    """The page where the secret is used."""
    invited = "&invited=1" if purpose == "invite" else ""
    return f"{settings.public_url}/{_PAGES[purpose]}#token={secret}{invited}"


def take(session: Session, secret: str, *purposes: Purpose) -> tuple[User, OneTimeToken]:
    """Use a secret up; only one of two that come at once gets it.

    Raises:
        RotoError: ``link_expired``, the same for one that is unknown, old or was used.
    """
    now = utc_now()
    taken = session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.sha256 == token_digest(secret),
            OneTimeToken.purpose.in_(purposes),
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeToken.id)
    ).scalar_one_or_none()
    if taken is None:
        raise expired()
    row = session.get_one(OneTimeToken, taken, populate_existing=True)
    user = session.get_one(User, row.user_id)
    if user.state not in ("active", "unconfirmed"):
        raise expired()
    return user, row


def void(session: Session, user_id: str, *purposes: Purpose) -> None:
    """Make what ``user_id`` was sent for ``purposes``, and did not use, worthless."""
    session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.user_id == user_id,
            OneTimeToken.purpose.in_(purposes),
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=utc_now())
    )


def expired() -> RotoError:
    """The refusal of a link."""
    return RotoError(
        "The link is not good any more: it was used, or is too old.",
        code="link_expired",
        hint="Ask for a new one; only the newest mail counts.",
    )


def _lifetime(purpose: Purpose, settings: Settings) -> timedelta:
    if purpose == "invite":
        return timedelta(days=settings.invite_days)
    return timedelta(hours=settings.one_time_hours)
