"""The audit log: who did what, on what, from where, with what before and after.

A row is written in the transaction it tells of, and each row's hash covers the one before it, so
that a row taken out or changed by somebody with the database's password shows (`broken`). Rows hold
ids, roles and settings; never a name, an address of a person, or a secret.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from .db.people import AuditEntry
from .db.types import plain, utc_now

_PENDING = "roto_audit"
FIRST = "0" * 64
"""The hash before the first entry."""

_BATCH = 1000
_HASHED = tuple(
    column.key for column in AuditEntry.__table__.columns if column.key not in ("seq", "hash")
)


@dataclass(frozen=True)
class Actor:
    """Who acts. ``kind``: user, farm, task, command (a person at the server) or server."""

    kind: str
    id: str
    via: str = ""
    address: str = ""
    request_id: str = ""


SERVER = Actor("server", "server")
"""The server acting by itself."""

COMMAND = Actor("command", "roto admin")
"""Somebody with a shell on the server's machine."""


def record(
    session: Session,
    actor: Actor,
    action: str,
    target_kind: str,
    target_id: str,
    *,
    project_id: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note that ``actor`` did ``action``; the row is written when ``session`` commits.

    ``action`` reads ``<thing>.<what happened>``: ``user.disabled``, ``session.opened``.
    """
    session.info.setdefault(_PENDING, []).append(
        AuditEntry(
            at=utc_now(),
            actor_kind=actor.kind,
            actor_id=actor.id,
            via=actor.via,
            address=actor.address,
            request_id=actor.request_id,
            action=action,
            target_kind=target_kind,
            target_id=target_id,
            project_id=project_id,
            before=before,
            after=after,
        )
    )


def has_pending(session: Session) -> bool:
    """Whether the commit will write entries."""
    return bool(session.info.get(_PENDING))


def write_pending(session: Session) -> None:
    """Chain and add the recorded entries; the caller holds the lock that orders commits."""
    pending: list[AuditEntry] = session.info.pop(_PENDING, [])
    if not pending:
        return
    newest = select(AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    previous = session.scalar(newest) or FIRST
    for entry in pending:
        entry.previous_hash = previous
        entry.hash = previous = entry_hash(entry)
        session.add(entry)
        # One by one: their numbers must follow the chain.
        session.flush()


def entry_hash(entry: AuditEntry | Row[Any]) -> str:
    """SHA-256 of the entry (without its number and hash) as sorted JSON."""
    told = {name: plain(getattr(entry, name)) for name in _HASHED}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Checked:
    """A stretch of the log that was looked at.

    ``broken``: numbers of entries that were changed, or before which one was taken out. ``seq`` and
    ``hash`` are the last entry's, after which the next stretch begins. ``more``: there is one.
    """

    entries: int
    broken: list[int]
    seq: int
    hash: str
    more: bool


START = Checked(0, [], 0, FIRST, True)
"""Before the first entry."""


def check_part(session: Session, after: Checked, limit: int = _BATCH) -> Checked:
    """Compare up to ``limit`` entries that follow ``after`` with their hashes."""
    query = select(*AuditEntry.__table__.columns).where(AuditEntry.seq > after.seq)
    rows = session.execute(query.order_by(AuditEntry.seq).limit(limit)).all()
    previous, broken = after.hash, []
    for row in rows:
        if row.previous_hash != previous or row.hash != entry_hash(row):
            broken.append(row.seq)
        previous = row.hash
    seq = rows[-1].seq if rows else after.seq
    return Checked(len(rows), broken, seq, previous, len(rows) == limit)


def broken(session: Session) -> Iterator[int]:
    """Numbers of entries that were changed, or before which one was taken out."""
    part = START
    while part.more:
        part = check_part(session, part)
        yield from part.broken
