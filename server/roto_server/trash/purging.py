"""The decision to purge, after which there is no way back; carried out by `removing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from ..audit import SERVER, Actor, record
from ..db.models import Export, Job, Mask, Prompt, RotoObject
from ..db.session import Database, database_now
from ..errors import ConflictError
from .putting import refuse_unless_trashed
from .things import MODELS, Kind, Thing, hold, kind_of, locked, name_of, project_id_of

PURGED = "roto_purged"
"""Where a session keeps that its commit leaves something to remove."""

_AT_ONCE = 200
"""Things that are purged by age in one pass."""


def is_held() -> ColumnElement[bool]:
    """SQL: a version shows the object, in the trash or not. It goes after the last of them."""
    of_it = (
        exists().where(table.object_id == RotoObject.id) for table in (Prompt, Mask, Export)
    )  # fmt: skip
    return or_(*of_it)


def purge(session: Session, actor: Actor, thing: Thing) -> None:
    """Decide that it is purged.

    Raises `ConflictError` for what is not in the trash, is being purged already, or is an object
    that versions show.
    """
    hold(session, thing)
    refuse_unless_trashed(thing)
    if isinstance(thing, RotoObject):
        _refuse_held(session, thing)
    thing.purging_at = database_now(session)
    session.info[PURGED] = True
    kind = kind_of(thing)
    record(
        session, actor, f"{kind}.purged", kind, thing.id,
        project_id=project_id_of(session, thing), before={"name": name_of(thing)},
    )  # fmt: skip


def purge_old(database: Database, days: float, now: datetime) -> int:
    """Purge what has been in the trash for ``days``; how many things that were."""
    count = 0
    for kind in MODELS:
        for ident in _old(database, kind, now - timedelta(days=days)):
            with database.session() as session:
                thing = locked(session, kind, ident)
                # Restored or purged by somebody meanwhile.
                if thing is None or thing.trashed_at is None or thing.purging_at is not None:
                    continue
                purge(session, SERVER, thing)
                count += 1
    return count


def _old(database: Database, kind: Kind, before: datetime) -> Sequence[str]:
    model = MODELS[kind]
    free = ~is_held() if model is RotoObject else true()
    old = and_(model.trashed_at < before, model.purging_at.is_(None), free)
    query = select(model.id).where(old).order_by(model.trashed_at).limit(_AT_ONCE)
    with database.reading() as session:
        return session.scalars(query).all()


def _refuse_held(session: Session, thing: RotoObject) -> None:
    versions = session.scalars(
        select(Job.version)
        .where(
            or_(
                *(
                    Job.id.in_(select(table.job_id).where(table.object_id == thing.id))
                    for table in (Prompt, Mask, Export)
                )
            )
        )
        .order_by(Job.version)
    ).all()
    if versions:
        told = ", ".join(f"v{version:03d}" for version in versions)
        raise ConflictError(
            f"Object {thing.name!r} is in versions of its shot: {told}.",
            hint="It goes by itself when the last of them is purged.",
            detail={"versions": list(versions)},
        )
