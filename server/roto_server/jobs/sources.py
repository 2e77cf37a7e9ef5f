"""Folders of uploaded plates: a shot's own, or one that several shots share.

Where the storage has hard links every shot has a folder of its own. A bucket has none: there shots
made of the same files name one folder of the project (`Plate.source`), and it goes with the last of
them. To name it, one shot that has it is held (`hold`); so once none has, none ever will.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import structlog
from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern

from ..db.media import Plate
from ..db.models import Shot, new_id
from ..db.session import Database
from ..errors import ConflictError
from ..storage import Storage
from .folders import source_key

SHARED = "sources"
"""The folder of a project's shared ones."""

log = structlog.get_logger(__name__)


def new_key(storage: Storage, project_id: str, shot_id: str, name: str) -> str:
    """Key of a new folder for an uploaded plate of a shot. ``name``: as of `source_key`."""
    if storage.is_shared:
        return source_key(project_id, shot_id, name)
    return new_shared_key(project_id)


def new_shared_key(project_id: str) -> str:
    """Key of a new folder that shots of the project may share."""
    return f"projects/{project_id}/{SHARED}/{new_id()}"


def is_shared(source: str) -> bool:
    """Whether the folder is one that several shots may name."""
    return source.split("/")[2] == SHARED


def names(plate: Mapping[str, Any], frames: tuple[int, int]) -> list[str]:
    """Names of the files that a shot of ``frames`` of the plate needs. ``plate``: as `Plate`."""
    file = PurePosixPath(str(plate["path"])).name
    if plate["kind"] != "sequence":
        return [file]
    pattern, (first, last) = SequencePattern.parse(file), frames
    return [pattern.path(frame).name for frame in range(first, last + 1)]


def hold(session: Session, source: str | None) -> None:
    """Keep a shared folder for as long as the transaction lasts; of others, nothing to do.

    Raises `ConflictError` when no shot has it any more: it was purged, or moved away.
    """
    if source is None or not is_shared(source):
        return
    there = Shot.trashed_at.is_(None)
    having = select(Shot.id).join(Plate, Plate.shot_id == Shot.id).where(Plate.source == source)
    for shot_id in session.scalars(having.where(there).distinct().order_by(Shot.id)).all():
        shot = select(Shot.id).where(Shot.id == shot_id, there).with_for_update(key_share=True)
        # What was true before the lock may not be by now: each is a question of its own.
        if session.scalar(shot) and session.scalar(having.where(Shot.id == shot_id).limit(1)):
            return
    raise ConflictError(
        "The files of the plate were removed, or moved to another project, meanwhile.",
        hint="Upload the plate again.",
    )


def is_needed(session: Session, source: str) -> bool:
    """Whether a shot that is not being purged has the folder."""
    having = select(Plate.id).join(Shot, Shot.id == Plate.shot_id).where(Plate.source == source)
    return bool(session.scalar(select(exists(having.where(Shot.purging_at.is_(None))))))


def shared_by(session: Session, shot_id: str) -> list[str]:
    """The shared folders that the shot has."""
    having = select(Plate.source).where(Plate.shot_id == shot_id, Plate.source.is_not(None))
    return sorted({source for source in session.scalars(having) if source and is_shared(source)})


def release(database: Database, storage: Storage, source: str) -> None:
    """Remove a folder, shared or not, unless a shot needs it. What resists is logged and left."""
    try:
        with database.reading() as session:
            needed = is_needed(session, source)
        if not needed:
            storage.remove_folder(source)
    except (RotoError, SQLAlchemyError) as error:
        log.warning("leftover", key=source, error=str(error))
