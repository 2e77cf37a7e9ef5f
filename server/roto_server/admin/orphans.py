"""What lies in the storage and is in no row: found, and removed when it is old enough.

A folder is an orphan by its name alone: it is called as we call ours, and no row knows it. What is
called otherwise is not ours to judge. The question is asked again right before the removal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ..audit import Actor, record
from ..db.media import Plate
from ..db.models import Attempt, Job, Project, Shot, Task, Upload, new_id
from ..db.session import Database
from ..jobs.folders import PUBLISHED, published_key
from ..jobs.sources import SHARED, is_shared
from ..jobs.states import FINISHED_TASK, HELD_ATTEMPT
from ..storage import Storage, StoredFile

_ID = re.compile(r"[0-9a-f]{32}")
_DRAFT = re.compile(r"[0-9a-f]{32}\.[0-9a-f]{32}")
"""Where `moving` prepares a shot's new place; no row ever knows it."""
_UPLOAD = re.compile(r"([0-9a-f]{32})(\.incoming(\.pieces)?)?")
_VERSION = re.compile(r"v\d{3,}|[0-9a-f]{32}")
_LOG = re.compile(r"([0-9a-f]{32})\.log")


@dataclass(frozen=True)
class Orphan:
    """A folder (or the file of a log) that no row knows. ``newest``: when its last file came."""

    key: str
    what: str
    files: int
    bytes: int
    newest: datetime


def find(
    database: Database, storage: Storage, before: datetime, project_id: str | None = None
) -> Iterator[Orphan]:
    """Orphans of which no file came after ``before``; of all projects, or of one.

    No transaction is open while files are counted.
    """
    for place in _places(database, storage, project_id):
        what = _asked(database, place.key)
        files = [place.file] if place.file else storage.walk(place.key)
        orphan = _counted(place.key, what, files) if what else None
        if orphan is not None and orphan.newest < before:
            yield orphan


def remove(database: Database, storage: Storage, orphan: Orphan, actor: Actor) -> bool:
    """Remove an orphan and record it; False when a row knows it by now,
    or a move that was at it has made it the shot's folder.

    The record comes first: what a crash leaves is still an orphan, and found again.
    """
    place: str | None = orphan.key
    with database.session() as session:
        if why(session, orphan.key) is None:
            return False
        if orphan.what == "move":
            place = _taken_aside(session, storage, orphan.key)
        if place is None:
            return False
        told = {"what": orphan.what, "files": orphan.files, "bytes": orphan.bytes}
        project_id = orphan.key.split("/")[1]
        record(
            session, actor, "storage.orphan_removed", "storage", orphan.key,
            project_id=project_id, before=told,
        )  # fmt: skip
    if orphan.what == "log":
        storage.remove(place)
    else:
        storage.remove_folder(place)
    return True


def _taken_aside(session: Session, storage: Storage, draft: str) -> str | None:
    """Rename a draft, to another that no move knows; returns its key, or None: it is gone.

    A move that is still at it finds the whole draft or none: it holds the shot's row from when it
    compares the draft with the shot's files until that is the shot's folder.
    """
    home, _, name = draft.rpartition("/")
    shot_id, _, _ = name.partition(".")
    session.get(Shot, shot_id, with_for_update={"key_share": True, "of": Shot})
    if not storage.has_folder(draft):
        return None
    aside = f"{home}/{shot_id}.{new_id()}"
    storage.move_folder(draft, aside)
    return aside


def why(session: Session, key: str) -> str | None:
    """What of (a word for people) the folder or log ``key`` is an orphan; None when it is none."""
    _, project_id, *rest = key.split("/")
    if len(rest) == 3:
        what, is_known = _OF_SHOTS.get(rest[1], ("result", _is_result))
        return None if is_known(session, key) else what
    if len(rest) == 2 and is_shared(key):
        return None if _is_source(session, key) else "source"
    if len(rest) == 2:
        upload = _UPLOAD.fullmatch(rest[1])
        return "upload" if upload and session.get(Upload, upload[1]) is None else None
    if len(rest) == 1 and _DRAFT.fullmatch(rest[0]):
        return "move"
    if len(rest) == 1:
        shot = session.get(Shot, rest[0])
        # It may have been moved to another project, and left this behind.
        return "shot" if shot is None or shot.project_id != project_id else None
    return None if session.get(Project, project_id) else "project"


def _is_needed(session: Session, key: str) -> bool:
    """Whether the attempt runs, may be gone on with, or is a task's result where it lies."""
    attempt = session.get(Attempt, PurePosixPath(key).name)
    if attempt is None:
        return False
    at_work = attempt.state in HELD_ATTEMPT or attempt.task.state not in FINISHED_TASK
    return at_work or attempt.task.published_dir == key


def _is_log(session: Session, key: str) -> bool:
    return session.get(Attempt, PurePosixPath(key).stem) is not None


def _is_source(session: Session, key: str) -> bool:
    return bool(session.scalar(select(exists().where(Plate.source == key))))


def _is_result(session: Session, key: str) -> bool:
    """Whether the folder is a task's result, or an attempt is about to publish there."""
    if session.scalar(select(exists().where(Task.published_dir == key))):
        return True
    at_work = session.scalars(
        select(Task)
        .join(Job)
        .join(Attempt, Attempt.task_id == Task.id)
        .where(Job.shot_id == key.split("/")[2], Attempt.state.in_(HELD_ATTEMPT))
    )
    return any(published_key(task.job.shot, task.job, task) == key for task in at_work)


_OF_SHOTS: Mapping[str, tuple[str, Callable[[Session, str], bool]]] = {
    "attempts": ("attempt", _is_needed),
    "logs": ("log", _is_log),
    "source": ("source", _is_source),
}
"""Folder of a shot -> what an orphan in it is called, and whether a row knows it."""


class _Place(NamedTuple):
    """A folder that may be an orphan, or the file of a log."""

    key: str
    file: StoredFile | None = None


def _places(database: Database, storage: Storage, project_id: str | None) -> Iterator[_Place]:
    """What may be an orphan, by its name; nothing below what is one."""
    for project in filter(_ID.fullmatch, storage.folders("projects")):
        if project_id not in (None, project):
            continue
        home = f"projects/{project}"
        yield _Place(home)
        if not _asked(database, home):
            yield from _below_project(database, storage, home)


def _below_project(database: Database, storage: Storage, home: str) -> Iterator[_Place]:
    for name in filter(_UPLOAD.fullmatch, storage.folders(f"{home}/uploads")):
        yield _Place(f"{home}/uploads/{name}")
    for name in filter(_ID.fullmatch, storage.folders(f"{home}/{SHARED}")):
        yield _Place(f"{home}/{SHARED}/{name}")
    folders = storage.folders(home)
    for draft in filter(_DRAFT.fullmatch, folders):
        yield _Place(f"{home}/{draft}")
    for shot in filter(_ID.fullmatch, folders):
        place = f"{home}/{shot}"
        yield _Place(place)
        if not _asked(database, place):
            yield from _below_shot(storage, place)


def _below_shot(storage: Storage, place: str) -> Iterator[_Place]:
    for folder in sorted({"attempts", "source", *PUBLISHED.values()}):
        for name in filter(_VERSION.fullmatch, storage.folders(f"{place}/{folder}")):
            yield _Place(f"{place}/{folder}/{name}")
    for file in storage.walk(f"{place}/logs"):
        if _LOG.fullmatch(file.name):
            yield _Place(f"{place}/logs/{file.name}", file)


def _asked(database: Database, key: str) -> str | None:
    with database.reading() as session:
        return why(session, key)


def _counted(key: str, what: str, found: Iterable[StoredFile]) -> Orphan | None:
    """The orphan with its size; None when there is nothing in it (any more)."""
    files, size, newest = 0, 0, 0.0
    for file in found:
        files += 1
        size += file.size
        newest = max(newest, file.modified)
    if not files:
        return None
    return Orphan(key, what, files, size, datetime.fromtimestamp(newest, UTC))
