"""Takes away what signing in leaves behind, once nobody needs it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, delete, exists, select, update

from ..db.models import Base
from ..db.people import (
    DeviceGrant,
    LoginSession,
    Membership,
    OidcFlow,
    OneTimeToken,
    OutgoingMail,
    RefreshToken,
    SigningKey,
    User,
)
from ..db.session import Database

_DAY = timedelta(days=1)
SESSION_KEPT = 30 * _DAY
"""For how long a session that has ended is still there to be looked at."""

UNCONFIRMED_KEPT = 30 * _DAY
"""For how long an address waits that nobody confirms."""

MAIL_KEPT = 7 * _DAY
"""For how long a mail waits while no mail server is configured."""


def sweep(database: Database, now: datetime) -> None:
    """Delete what is over; each table by itself, so that no lock is held for long."""
    old = now - SESSION_KEPT
    over = (LoginSession.expires_at < old) | (LoginSession.revoked_at < old)
    ended = select(LoginSession.id).where(over)
    steps: list[Delete] = [
        _of(OneTimeToken, OneTimeToken.expires_at < now - _DAY),
        _of(OidcFlow, OidcFlow.expires_at < now),
        _of(DeviceGrant, DeviceGrant.expires_at < now - _DAY),
        # Used ones are kept as long as their session: a second use must still be seen.
        _of(RefreshToken, RefreshToken.session_id.in_(ended)),
        _of(LoginSession, over),
        _of(SigningKey, SigningKey.expires_at < now),
        _of(OutgoingMail, OutgoingMail.created_at < now - MAIL_KEPT),
    ]
    for step in steps:
        with database.session() as session:
            session.execute(step)
    _forget_unconfirmed(database, now)


def _of(table: type[Base], condition: Any) -> Delete:
    return delete(table).where(condition).execution_options(synchronize_session=False)


def _forget_unconfirmed(database: Database, now: datetime) -> None:
    """An address somebody typed and nobody confirmed is not ours to keep."""
    waits = exists().where(OneTimeToken.user_id == User.id, OneTimeToken.expires_at > now)
    belongs = exists().where(Membership.user_id == User.id)
    with database.session() as session:
        session.execute(
            update(User)
            .where(
                User.state == "unconfirmed",
                User.updated_at < now - UNCONFIRMED_KEPT,
                ~waits,
                ~belongs,
            )
            .values(state="deleted", email=None, name="never confirmed", password_hash=None)
            .execution_options(synchronize_session=False)
        )
