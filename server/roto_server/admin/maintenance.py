"""Maintenance: people's writes wait, what they read and what the farm runs goes on.

Kept as a change named ``maintenance`` beside the configuration's, so that every server process sees
it within the same moment.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..audit import Actor, record
from ..db.people import ConfigChange
from ..db.types import utc_now
from ..events import emit
from .configuration import MAINTENANCE, add_change, newest_changes

LEAST_WAIT_SECONDS, MOST_WAIT_SECONDS = 30, 600
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Maintenance(BaseModel):
    """``until``: when it is expected to end (an administrator ends it). ``farm_waits``: workers
    finish what they run and are given nothing new."""

    on: bool = False
    message: str = ""
    until: datetime | None = None
    farm_waits: bool = False
    since: datetime | None = None


OFF = Maintenance()


def of_change(row: ConfigChange | None) -> Maintenance:
    """What a row of the history says; `OFF` for none."""
    if row is None or row.value is None:
        return OFF
    return Maintenance.model_validate({**row.value, "on": True, "since": row.at})


def read(session: Session) -> Maintenance:
    """What holds."""
    return of_change(newest_changes(session).get(MAINTENANCE))


def begin(
    session: Session,
    actor: Actor,
    message: str,
    *,
    until: datetime | None = None,
    farm_waits: bool = False,
) -> Maintenance:
    """Turn maintenance on, or change what it says; audited, and told to every client."""
    value = {
        "message": message,
        "until": until.isoformat() if until else None,
        "farm_waits": farm_waits,
    }
    return _put(session, actor, "maintenance.on", value)


def end(session: Session, actor: Actor) -> Maintenance:
    """Turn maintenance off; nothing happens when it is off."""
    if not read(session).on:
        return OFF
    return _put(session, actor, "maintenance.off", None)


def refuse(maintenance: Maintenance, method: str) -> None:
    """Raise ``maintenance`` for a request of somebody else than an administrator that writes."""
    if not maintenance.on or method not in _WRITING:
        return
    wait = LEAST_WAIT_SECONDS
    if maintenance.until is not None:
        left = (maintenance.until - utc_now()).total_seconds()
        wait = round(min(max(left, LEAST_WAIT_SECONDS), MOST_WAIT_SECONDS))
    until = f" until about {maintenance.until:%Y-%m-%d %H:%M} UTC" if maintenance.until else ""
    said = f": {maintenance.message}" if maintenance.message else "."
    raise RotoError(
        f"The server is being looked after{until}{said}",
        code="maintenance",
        hint="What you have is safe and can be looked at; try again later.",
        detail={"retry_after": wait, **told(maintenance)},
    )


def told(maintenance: Maintenance) -> dict[str, Any]:
    """What clients are told, as an event's payload."""
    told: dict[str, Any] = maintenance.model_dump(mode="json")
    return told


def _put(session: Session, actor: Actor, action: str, value: dict[str, Any] | None) -> Maintenance:
    before = newest_changes(session).get(MAINTENANCE)
    row = add_change(session, actor, MAINTENANCE, value)
    record(
        session, actor, action, "server", MAINTENANCE,
        before=before.value if before else None, after=value,
    )  # fmt: skip
    now = of_change(row)
    emit(session, "server.maintenance", None, told(now))
    return now
