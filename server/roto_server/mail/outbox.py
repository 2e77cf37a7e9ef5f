"""Mails that wait: rows, written in the transaction they tell of."""

from __future__ import annotations

import json
from typing import Any

import structlog
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..access.secret import open_box
from ..db.people import OutgoingMail
from ..settings import Settings
from .compose import Kind

PURPOSE = "mail"

log = structlog.get_logger(__name__)


def can_send(settings: Settings) -> bool:
    """Whether a mail server is configured."""
    return bool(settings.smtp_url.get_secret_value())


def require_mail(settings: Settings) -> None:
    """Raise `RotoError` ``conflict`` when this server sends no mail."""
    if not can_send(settings):
        raise RotoError(
            "This server sends no mail: ROTO_SMTP_URL is not set.",
            code="conflict",
            hint="Ask an administrator of the server, who can set it up or make you a link "
            "(`roto admin user --help`).",
        )


def post(
    session: Session,
    settings: Settings,
    user_id: str,
    kind: Kind,
    facts: dict[str, Any] | None = None,
) -> None:
    """Have a mail sent to a person once ``session`` has committed; ``facts`` are kept encrypted.

    Raises:
        RotoError: ``conflict`` when this server sends no mail.
    """
    require_mail(settings)
    _add(session, settings, user_id, kind, facts or {})


def post_to_nobody(session: Session, settings: Settings) -> None:
    """Do what `post` does, for an address nobody has here: how long it takes tells nothing.

    Raises:
        RotoError: ``conflict`` when this server sends no mail.
    """
    require_mail(settings)
    _add(session, settings, None, "nobody", {})


def notify(
    session: Session,
    settings: Settings,
    user_id: str,
    kind: Kind,
    facts: dict[str, Any] | None = None,
) -> None:
    """`post` for what is told by the way: without a mail server the audit log must do."""
    if can_send(settings):
        _add(session, settings, user_id, kind, facts or {})
    else:
        log.warning("nobody_told", kind=kind, user_id=user_id, setting="ROTO_SMTP_URL")


def read_facts(settings: Settings, mail: OutgoingMail) -> dict[str, Any]:
    """What `post` was told; raises `RotoError` ``internal`` under another ROTO_SECRET_KEY."""
    facts: dict[str, Any] = json.loads(open_box(settings).open(PURPOSE, mail.content))
    return facts


def _add(
    session: Session, settings: Settings, user_id: str | None, kind: Kind, facts: dict[str, Any]
) -> None:
    content = open_box(settings).seal(PURPOSE, json.dumps(facts))
    session.add(OutgoingMail(user_id=user_id, kind=kind, content=content))
