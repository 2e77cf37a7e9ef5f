"""What the reconciler does for previews: lost workers, lost rings, too late, forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from .. import bell
from ..db.models import Preview, Worker
from ..jobs.farm import Farm
from . import EXPIRED, OPEN, RUNNING, WAITING
from .answer import worker_gone
from .ask import outlook

Query = Select[Preview]
RING_AFTER = timedelta(seconds=2)
KEEP = timedelta(minutes=10)
"""How long an answer can be asked for again."""


def tidy(farm: Farm, now: datetime) -> None:
    """One pass over the previews, in a transaction of its own."""
    # Mostly there is nothing to do: look before taking SQLite's one write lock.
    with farm.database.reading() as session:
        due = [query for query in _queries(farm, now) if session.scalar(query.limit(1))]
        stale = session.scalar(select(Preview.id).where(Preview.created_at < now - KEEP).limit(1))
    if not due and stale is None:
        return
    with farm.database.session() as session:
        late, lost, unheard = (
            list(session.scalars(query.with_for_update(skip_locked=True)))
            for query in _queries(farm, now)
        )
        for preview in late:
            _expire(session, preview, farm)
        for preview in set(lost) - set(late):
            worker_gone(session, preview)
        for preview in sorted(set(unheard) - set(late), key=lambda one: one.created_at):
            bell.order_preview(session, preview, now)
        session.execute(delete(Preview).where(Preview.created_at < now - KEEP))


def release_former(farm: Farm, worker_id: str, boot_id: str) -> None:
    """Put back what a worker slot's former process had in hand; ``boot_id`` is the new one's."""
    held = select(Preview).where(
        Preview.state == RUNNING, Preview.worker_id == worker_id, Preview.boot_id != boot_id
    )
    with farm.database.session() as session:
        for preview in session.scalars(held.with_for_update()).all():
            worker_gone(session, preview)


def _queries(farm: Farm, now: datetime) -> tuple[Query, Query, Query]:
    """Too late; lost with (or by) their worker; waiting unheard."""
    settings = farm.settings
    silent = select(Worker.id).where(
        Worker.last_seen_at < now - timedelta(seconds=settings.lease_seconds)
    )
    answer_by = now - timedelta(seconds=settings.preview_answer_seconds)
    return (
        select(Preview).where(Preview.state.in_(OPEN), Preview.expires_at <= now),
        select(Preview).where(
            Preview.state == RUNNING,
            or_(Preview.claimed_at <= answer_by, Preview.worker_id.in_(silent)),
        ),
        select(Preview).where(Preview.state == WAITING, Preview.rung_at <= now - RING_AFTER),
    )


def _expire(session: Session, preview: Preview, farm: Farm) -> None:
    preview.error = RotoError(
        f"No answer within {farm.settings.preview_seconds:g} s. "
        + outlook(session, preview, farm.settings.lease_seconds),
        code="preview_expired",
        hint="`roto doctor` on a worker's node says what it lacks; a job needs the same worker.",
    ).as_dict()
    preview.state = EXPIRED
