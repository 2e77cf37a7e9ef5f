"""The global configuration: settings an administrator changes while the servers run, with history.

A change is a row of ``config_changes``, never altered; the newest of a name holds, None puts back
what the server was started with. `admin.live` carries changes to every server process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog
from pydantic import ValidationError
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..audit import Actor, record
from ..db.people import ConfigChange
from ..errors import NotFoundError
from ..limiting.rates import OFF
from ..settings import Settings
from ..settings.places import place_as_json

CHANGEABLE: Mapping[str, str] = {
    "registration": "Who may register: closed, open, or domains (see registration_domains).",
    "registration_domains": "Domains of mail addresses that may register, as a list.",
    "access_token_seconds": "For how long an access token is good, in seconds.",
    "session_days": "After how long one has to sign in again, in days.",
    "device_key_days": "For how long the key is good that a program gets by a code, in days.",
    "device_code_seconds": "For how long such a code can be approved, in seconds.",
    "one_time_hours": "For how long links in mails are good, in hours.",
    "invite_days": "For how long invitations are good, in days.",
    "event_hours": "For how long events are kept for clients that were away, in hours.",
    "max_attempts": "How often a task is tried before its job fails.",
    "places": "Folders by their names: a list of {name, linux, windows: [...], macos: [...]}.",
    "artists_see_all": "Whether artists of a new project see shots that are not theirs.",
    "trash_days": "For how long what is deleted can be restored, in days.",
    "message_of_the_day": "What clients show to everyone who is signed in; empty for nothing.",
    "limit_address": "Requests of one network address, e.g. 60/minute;1000/hour, or off.",
    "limit_user": "Requests of one person, through all their keys and sign-ins.",
    "limit_key": "Requests with one key.",
    "limit_bulk": "Pieces of uploads, frames and result files of one person.",
    "limit_statistics": "Statistics that one person has counted.",
    "limit_farm": "Requests with one farm token.",
    "limit_sign_in": "Sign-ins from one network address.",
    "limit_account": "Sign-ins with one mail address from one network address.",
    "limit_account_total": "Sign-ins with one mail address from everywhere.",
    "limit_mail": "Requests that send a mail, from one network address.",
    "limit_mail_account": "Requests that send a mail to one address.",
    "limit_device": "Codes to sign in with, from one network address.",
    "limit_refresh": "Renewals of sign-ins from one network address.",
}
"""Names that may be changed (each a field of `Settings`), and what they are for."""

MAINTENANCE = "maintenance"
"""The one name of ``config_changes`` that is no setting (see `admin.maintenance`)."""

CHANGED = "roto_config"
"""Where a session keeps the changes its commit makes."""

log = structlog.get_logger("roto.config")

_MOST = 100_000
"""Of days, hours, seconds: far beyond use, and within what dates can be computed with."""
_MOST_TEXT = 20_000


@dataclass(frozen=True)
class Entry:
    """One name as it stands. ``default`` is what holds without changes of administrators.

    ``source``: where the value comes from. ``changed_by`` is a user's id, or the name of an
    operator of the server's machine.
    """

    name: str
    about: str
    value: Any
    default: Any
    source: Literal["changed", "environment", "default"]
    changed_by: str | None
    changed_at: datetime | None


def known(name: str) -> str:
    """``name``, if it is one that may be changed; raises `NotFoundError` otherwise."""
    if name not in CHANGEABLE:
        raise NotFoundError("configuration", name)
    return name


def with_value(settings: Settings, name: str, value: Any) -> Settings:
    """A copy of ``settings`` with ``name`` set to ``value``, by the setting's own rules.

    Raises:
        RotoError: ``bad_request`` for a value the setting does not take.
    """
    copy = settings.model_copy()
    if isinstance(value, bool) and not isinstance(getattr(settings, known(name)), bool):
        raise _refusal(name, value, "Input is true or false, and must not be")
    try:
        Settings.__pydantic_validator__.validate_assignment(copy, known(name), value)
    except ValidationError as error:
        message = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise _refusal(name, value, message) from None
    accepted = getattr(copy, name)
    if isinstance(accepted, float | int) and not accepted <= _MOST:
        raise _refusal(name, value, f"Input should be at most {_MOST}")
    if len(str(accepted)) > _MOST_TEXT:
        raise _refusal(name, value, f"Input should be shorter than {_MOST_TEXT} characters")
    return copy


def effective(started: Settings, changes: Mapping[str, ConfigChange]) -> Settings:
    """``started`` with what ``changes`` (by name) say; a value it does not take is left out.

    Some values are only good together, so what is refused is tried again after the others.
    """
    settings = started
    left = [row for row in changes.values() if row.name in CHANGEABLE and row.value is not None]
    while left:
        refused: list[tuple[ConfigChange, RotoError]] = []
        for row in left:
            try:
                settings = with_value(settings, row.name, row.value)
            except RotoError as error:
                refused.append((row, error))
        if len(refused) == len(left):
            # Written by a newer version, before a step back, or under another environment.
            for row, refusal in refused:
                log.warning("config_ignored", name=row.name, error=refusal.message)
            break
        left = [row for row, _ in refused]
    return settings


def plain(settings: Settings, name: str) -> Any:
    """The value of ``name`` as JSON has it, and as `with_value` takes it."""
    value = getattr(settings, name)
    if name == "places":
        return [place_as_json(place) for place in value]
    if isinstance(value, tuple):
        return ";".join(map(str, value)) or OFF
    return value


def entries(session: Session, started: Settings) -> list[Entry]:
    """Every name as it stands, for servers that were started with ``started``."""
    changes = newest_changes(session)
    return [_entry(started, name, changes.get(name)) for name in CHANGEABLE]


def entry(session: Session, started: Settings, name: str) -> Entry:
    """One name as it stands; raises `NotFoundError`."""
    return _entry(started, known(name), _newest(session, name))


def change(session: Session, actor: Actor, started: Settings, name: str, value: Any) -> Entry:
    """Set ``name`` to ``value`` for all servers, None for the default again; audited.

    Raises:
        NotFoundError: no such name.
        RotoError: ``bad_request`` for a value the setting does not take, or not beside the others.
    """
    before = entry(session, started, name).value
    now = effective(started, newest_changes(session))
    wanted = getattr(started, name) if value is None else value
    accepted = with_value(now, name, wanted)
    kept = None if value is None else plain(accepted, name)
    row = add_change(session, actor, name, kept)
    after = _entry(started, name, row)
    record(
        session, actor, "config.changed", "config", name,
        before={"value": before},
        after={"value": after.value, "default": kept is None},
    )  # fmt: skip
    return after


def roll_back(session: Session, actor: Actor, started: Settings, seq: int) -> Entry:
    """Give the name of the change ``seq`` the value it had from then on, as a new change.

    Raises:
        NotFoundError: no such change.
        RotoError: ``bad_request`` when this version does not take the value any more.
    """
    row = session.get(ConfigChange, seq)
    if row is None or row.name not in CHANGEABLE:
        raise NotFoundError("change", str(seq))
    return change(session, actor, started, row.name, row.value)


def add_change(session: Session, actor: Actor, name: str, value: Any) -> ConfigChange:
    """Add a row to the history; the process that commits it knows it at once."""
    who = actor.via if actor.kind == "command" else actor.id
    row = ConfigChange(name=name, value=value, changed_by=who[:64])
    session.add(row)
    session.flush()
    session.info.setdefault(CHANGED, []).append(row)
    return row


def newest_changes(session: Session) -> dict[str, ConfigChange]:
    """The change that holds, by name."""
    newest = select(func.max(ConfigChange.seq)).group_by(ConfigChange.name)
    rows = session.scalars(select(ConfigChange).where(ConfigChange.seq.in_(newest)))
    return {row.name: row for row in rows}


def history(name: str | None) -> Select[ConfigChange]:
    """The changes of one name or of all, in no order; raises `NotFoundError` for no such name."""
    query = select(ConfigChange).where(ConfigChange.name != MAINTENANCE)
    return query if name is None else query.where(ConfigChange.name == known(name))


def _newest(session: Session, name: str) -> ConfigChange | None:
    query = select(ConfigChange).where(ConfigChange.name == name)
    return session.scalars(query.order_by(ConfigChange.seq.desc()).limit(1)).first()


def _entry(started: Settings, name: str, row: ConfigChange | None) -> Entry:
    default = plain(started, name)
    holds = row is not None and row.value is not None
    set_outside = name in started.model_fields_set
    return Entry(
        name=name,
        about=CHANGEABLE[name],
        value=row.value if row is not None and holds else default,
        default=default,
        source="changed" if holds else "environment" if set_outside else "default",
        changed_by=row.changed_by if row else None,
        changed_at=row.at if row else None,
    )


def _refusal(name: str, value: Any, message: str) -> RotoError:
    return RotoError(
        f"{name} cannot be {_short(value)}: {message}.",
        code="bad_request",
        hint=CHANGEABLE[name],
        detail={"name": name},
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
