"""Events are rows, written in the transaction they report; Redis only nudges those who tail them.

Kinds: ``project.trashed``, ``project.restored``, ``shot.trashed``, ``shot.restored``,
``shot.moved``, ``shot.objects``, ``job.trashed``, ``job.restored``, ``job.created``,
``job.updated``, ``task.updated``, ``task.progress``, ``shot.updated``, ``shot.assigned``,
``shot.plate``, ``shot.reviewed``, ``note.created``, ``note.updated``, ``note.deleted``,
``conform.updated``, ``conform.deleted``, ``project.updated``, ``project.members``,
``worker.updated``, ``node.updated``, ``user.updated``, ``server.maintenance``. Who is told of
which: `access.watching`; payloads of jobs, tasks, shots and notes carry the ``shot_id`` for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from . import audit
from .db.models import Event

CHANNEL = "roto-events"
"""Redis pub/sub channel nudged after a commit that wrote events; the message carries nothing."""

_PENDING = "roto_events"
_LOCK = 0x726F746F0001


def emit(session: Session, kind: str, project_id: str | None, payload: dict[str, Any]) -> None:
    """Record that something happened; the row is written when ``session`` commits."""
    pending = session.info.setdefault(_PENDING, [])
    pending.append(Event(kind=kind, project_id=project_id, payload=payload))


def write_pending(session: Session) -> None:
    """Add emitted events and audit entries, last before a commit (a ``before_commit`` hook).

    PostgreSQL hands out ``seq`` at the insert but shows rows at the commit; without the lock a
    tailer could see seq 8 before 7 and never look back. Taken last, it is held for a moment only
    and cannot deadlock with row locks.
    """
    if session.in_nested_transaction():
        # The end of a savepoint: nothing is committed yet.
        return
    pending = session.info.pop(_PENDING, None)
    if not pending and not audit.has_pending(session):
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    audit.write_pending(session)
    if pending:
        session.add_all(pending)
        session.info["roto_nudge"] = True


def prune(session: Session, before: datetime) -> None:
    """Delete events created before ``before``, but the newest.

    SQLite gives an emptied table its first numbers again, which nobody who tails it would see.
    """
    newest = select(func.max(Event.seq)).scalar_subquery()
    session.execute(delete(Event).where(Event.created_at < before, Event.seq < newest))
