"""Takes away what is purged: its files, then its rows. Each step may be done again.

What is read where it lies, and what was published into a studio's folders, is not in the storage
and never touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from ..audit import SERVER, record
from ..db.media import Blob, Conform, Note, Plate, Publication, Review
from ..db.models import (
    Attempt,
    Base,
    Export,
    Job,
    Mask,
    Preview,
    Project,
    Prompt,
    RotoObject,
    Shapes,
    Shot,
    Task,
    Upload,
)
from ..db.people import Assignment, Membership
from ..db.session import Database
from ..jobs import sources
from ..jobs.corrections import stands_on
from ..jobs.folders import log_key, shot_key
from ..jobs.states import FINISHED_JOB
from ..storage import Storage
from ..uploading.files import UploadFiles
from .putting import cancel_all
from .things import Kind


class StillInUseError(Exception):
    """A worker has still to let go of it; try again later."""


@dataclass
class _Freed:
    """What was found in the storage before it was removed."""

    files: int = 0
    bytes: int = 0


@dataclass
class Remover:
    """Removes things that are being purged (`purging_at`); what is gone already is nothing to do.

    Every method raises `StillInUseError`, or `RotoError` for what the storage refuses.
    """

    database: Database
    storage: Storage
    _freed: _Freed = field(default_factory=_Freed)

    def remove(self, kind: Kind, ident: str) -> None:
        """Remove one thing, told in the audit log with what it took up."""
        self._freed = _Freed()
        {
            "project": self._project,
            "shot": self._shot,
            "object": self._object,
            "version": self._version,
        }[kind](ident)

    def _project(self, ident: str) -> None:
        with self.database.reading() as session:
            if session.get(Project, ident) is None:
                return
            shots = session.scalars(select(Shot.id).where(Shot.project_id == ident)).all()
            uploads = session.scalars(select(Upload).where(Upload.project_id == ident)).all()
        for shot_id in shots:
            self._shot(shot_id, told=False)
        for upload in uploads:
            # What is under way is not all below the project's folder: see `storage.Pieces`.
            UploadFiles(upload, self.storage).remove()
        self._remove_folder(f"projects/{ident}")
        with self.database.session() as session:
            for table in (Conform, Upload, Blob, Membership):
                _delete(session, table, table.project_id == ident)
            _delete(session, Project, Project.id == ident)
            self._tell(session, "project", ident, ident)

    def _shot(self, ident: str, *, told: bool = True) -> None:
        with self.database.session() as session:
            shot = session.get(Shot, ident)
            if shot is None:
                return
            key, project_id = shot_key(shot), shot.project_id
            cancel_all(session, _unfinished(session, ident))
            running = _unfinished(session, ident)
        if running:
            raise StillInUseError
        self._remove_folder(key)
        for source in self._shared_alone(ident):
            self._remove_folder(source)
        with self.database.session() as session:
            if _unfinished(session, ident):
                raise StillInUseError
            _delete_shot(session, ident)
            if told:
                self._tell(session, "shot", ident, project_id)

    def _shared_alone(self, shot_id: str) -> list[str]:
        """Shared folders that go with the shot: no other needs them, nor will (`jobs.sources`).

        With a project's shots they stay, for the project's folder to take them.
        """
        with self.database.reading() as session:
            shared = sources.shared_by(session, shot_id)
            return [source for source in shared if not sources.is_needed(session, source)]

    def _object(self, ident: str) -> None:
        with self.database.session() as session:
            item = session.get(RotoObject, ident)
            if item is None:
                return
            session.execute(
                update(Note).where(Note.object_id == ident).values(object_id=None),
                execution_options={"synchronize_session": False},
            )
            shot = session.get_one(Shot, item.shot_id)
            _delete(session, RotoObject, RotoObject.id == ident)
            self._tell(session, "object", ident, shot.project_id)

    def _version(self, ident: str) -> None:
        with self.database.session() as session:
            job = session.get(Job, ident)
            if job is None:
                return
            if job.state not in FINISHED_JOB:
                cancel_all(session, [ident])
            if job.state not in FINISHED_JOB or _is_needed(session, job):
                raise StillInUseError
            shot, attempts, folders = job.shot, _attempts(session, ident), _folders(session, job)
        for folder in folders:
            self._remove_folder(folder)
        for attempt_id in attempts:
            self.storage.remove(log_key(shot, attempt_id))
        with self.database.session() as session:
            job = session.get_one(Job, ident, with_for_update={"key_share": True})
            _delete_results(session, Job.id == ident)
            # What stays keeps the number from being given again, and what stood on it readable.
            job.params, job.provenance, job.error, job.idempotency_key = {}, {}, None, None
            self._tell(session, "version", ident, shot.project_id)

    def _remove_folder(self, key: str) -> None:
        for file in self.storage.walk(key):
            self._freed.files += 1
            self._freed.bytes += file.size
        self.storage.remove_folder(key)

    def _tell(self, session: Session, kind: Kind, ident: str, project_id: str) -> None:
        record(
            session, SERVER, f"{kind}.removed", kind, ident, project_id=project_id,
            after={"files": self._freed.files, "bytes": self._freed.bytes},
        )  # fmt: skip


def _unfinished(session: Session, shot_id: str) -> list[str]:
    query = select(Job.id).where(Job.shot_id == shot_id, Job.state.not_in(FINISHED_JOB))
    return list(session.scalars(query.order_by(Job.created_at, Job.id)))


def _is_needed(session: Session, job: Job) -> bool:
    """Whether an unfinished job reads what this one made: as a correction's base, to export it."""
    others = session.scalars(
        select(Job).where(Job.shot_id == job.shot_id, Job.state.not_in(FINISHED_JOB))
    )
    return any(job.id in stands_on(other) for other in others)


def _attempts(session: Session, job_id: str) -> list[str]:
    return list(session.scalars(select(Attempt.id).join(Task).where(Task.job_id == job_id)))


def _folders(session: Session, job: Job) -> list[str]:
    """Keys of what the job published and of what its attempts left, all below its shot's folder."""
    tasks = select(Task.published_dir).where(Task.job_id == job.id)
    attempts = select(Attempt.output_dir).join(Task).where(Task.job_id == job.id)
    keys = {*session.scalars(tasks), *session.scalars(attempts)} - {None}
    return sorted(key for key in keys if key and key.startswith(f"{shot_key(job.shot)}/"))


def _delete_results(session: Session, jobs: ColumnElement[bool]) -> None:
    """All rows of what ``jobs`` (SQL) made and how."""
    ids = select(Job.id).where(jobs)
    for table in (Mask, Export, Shapes, Prompt):
        _delete(session, table, table.job_id.in_(ids))
    tasks = select(Task.id).where(Task.job_id.in_(ids))
    _delete(session, Attempt, Attempt.task_id.in_(tasks))
    _delete(session, Task, Task.job_id.in_(ids))


def _delete_shot(session: Session, ident: str) -> None:
    """The shot with all that hangs on it, what refers before what is referred to."""
    _delete_results(session, Job.shot_id == ident)
    session.execute(
        update(Note).where(Note.shot_id == ident).values(reply_to=None),
        execution_options={"synchronize_session": False},
    )
    tables: Iterable[Any] = (
        Note, Review, Publication, Preview, Job, RotoObject, Plate, Assignment,
    )  # fmt: skip
    for table in tables:
        _delete(session, table, table.shot_id == ident)
    _delete(session, Shot, Shot.id == ident)


def _delete(session: Session, table: type[Base], condition: ColumnElement[bool]) -> None:
    session.execute(
        delete(table).where(condition), execution_options={"synchronize_session": False}
    )
