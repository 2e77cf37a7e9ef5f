"""Reading the audit log: filtered, in parts, and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..access import accounts
from ..db.people import AuditEntry
from ..db.session import Database
from ..db.types import plain
from ..spreadsheets import csv_lines

Format = Literal["jsonl", "csv"]
BATCH = 1000
COLUMNS = (
    "seq", "at", "actor_kind", "actor_id", "actor_name", "via", "address", "request_id", "action",
    "target_kind", "target_id", "project_id", "before", "after", "previous_hash", "hash",
)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """Which entries; None for all. ``action``: its beginning. ``since`` is within, ``until``
    not."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    target_kind: str | None = None
    project: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def query(self) -> Select[AuditEntry]:
        """The entries, in no order."""
        query = select(AuditEntry)
        for column, wanted in (
            (AuditEntry.actor_id, self.actor),
            (AuditEntry.target_id, self.target),
            (AuditEntry.target_kind, self.target_kind),
            (AuditEntry.project_id, self.project),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        if self.action is not None:
            query = query.where(AuditEntry.action.startswith(self.action, autoescape=True))
        if self.since is not None:
            query = query.where(AuditEntry.at >= self.since)
        if self.until is not None:
            query = query.where(AuditEntry.at < self.until)
        return query


def names_of(session: Session, entries: Iterable[AuditEntry]) -> dict[str, str]:
    """What the users who acted, or whom it was done to, are called now."""
    idents = {entry.actor_id for entry in entries if entry.actor_kind == "user"}
    idents |= {entry.target_id for entry in entries if entry.target_kind == "user"}
    return accounts.names_of(session, idents)


def newest(session: Session, wanted: Filter, limit: int) -> Sequence[AuditEntry]:
    """The last ``limit`` entries, newest first."""
    return session.scalars(wanted.query().order_by(AuditEntry.seq.desc()).limit(limit)).all()


def exported(database: Database, wanted: Filter, form: Format) -> Iterator[bytes]:
    """The entries as a file, oldest first, in pieces of at most `BATCH` lines.

    Ends with the newest entry there is when it begins. No session is open between two pieces.
    """
    with database.reading() as session:
        last = session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1))
    if form == "csv":
        yield csv_lines([COLUMNS])
    after = 0
    while last is not None and after < last:
        within = (AuditEntry.seq > after, AuditEntry.seq <= last)
        query = wanted.query().where(*within).order_by(AuditEntry.seq).limit(BATCH)
        with database.reading() as session:
            entries = session.scalars(query).all()
            names = names_of(session, entries)
            rows = [as_row(entry, names) for entry in entries]
        if not entries:
            return
        after = entries[-1].seq
        yield _csv_lines(rows) if form == "csv" else _json_lines(rows)


def as_row(entry: AuditEntry, names: dict[str, str]) -> dict[str, Any]:
    """The entry by the names of `COLUMNS`."""
    row = {name: getattr(entry, name) for name in COLUMNS if name != "actor_name"}
    return {**row, "actor_name": names.get(entry.actor_id)}


def _json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    lines = (
        json.dumps({name: plain(row[name]) for name in COLUMNS}, ensure_ascii=False) for row in rows
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _csv_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return csv_lines([row[name] for name in COLUMNS] for row in rows)
