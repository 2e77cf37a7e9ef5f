"""Tickets: what a browser's WebSocket, which can send no header, puts into its address.

A ticket is good once, for seconds, and carries the rights of the token it was asked for with: an
address may end up in a log, but by then it opens nothing.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.people import OneTimeToken
from ..db.types import utc_now
from .authenticating import principal_again, unauthorized
from .principal import Principal
from .tokens import new_secret, token_digest

TICKET_SECONDS = 30
TICKET_PREFIX = "rototicket_"
_PURPOSE = "socket"


def issue_ticket(session: Session, who: Principal) -> str:
    """A ticket of ``who``, a user.

    Raises:
        RotoError: ``forbidden`` for what is no person or service.
    """
    if who.kind != "user":
        raise RotoError("Tickets are for people.", code="forbidden")
    secret = new_secret(TICKET_PREFIX)
    session.add(
        OneTimeToken(
            user_id=who.user_id,
            purpose=_PURPOSE,
            sha256=token_digest(secret),
            session_id=who.session_id,
            token_id=who.token_id,
            expires_at=utc_now() + timedelta(seconds=TICKET_SECONDS),
        )
    )
    return secret


def redeem_ticket(session: Session, ticket: str, address: str = "") -> Principal:
    """Who asked for the ticket, which is used up.

    Raises:
        RotoError: ``unauthorized`` for one that is unknown, old or was used, or whose session or
            key has ended since; ``account_disabled``.
    """
    now = utc_now()
    row = session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.sha256 == token_digest(ticket),
            OneTimeToken.purpose == _PURPOSE,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeToken.session_id, OneTimeToken.token_id)
    ).one_or_none()
    if row is None:
        raise unauthorized("The ticket is not good (any more): it works once, for seconds.")
    return principal_again(session, row.session_id, row.token_id, address)
