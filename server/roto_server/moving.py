"""A shot goes to another project with its files and all that was made of it.

The files are given second names in the new place first (hard links, where the storage has them),
then the rows are changed in one transaction, then the old names go. Whoever reads meanwhile finds
everything; whatever breaks off leaves names that no row knows (`roto admin orphans`), and may be
made again.

A bucket has no drafts, so that moves meet in one folder. There objects are removed, and a move is
found to be whole, only by who holds the shot's row. Of folders that it shares (`jobs.sources`) the
shot gets its own, with the files it needs; no other move knows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from .audit import Actor, record
from .db.media import Blob, Plate
from .db.models import Attempt, Export, Job, JsonObject, Mask, Project, Shapes, Shot, Task, new_id
from .db.people import Assignment, Membership
from .db.session import Database, savepoint
from .errors import ConflictError
from .events import emit
from .jobs import sources
from .jobs.changes import emit_shot, lock_shot
from .jobs.folders import shot_key
from .jobs.new_shots import name_taken
from .jobs.states import FINISHED_JOB
from .paths import plate_roots
from .settings import Settings
from .storage import Storage, StoredFile

log = structlog.get_logger("roto.moving")

_KEYS = (
    (Mask, Mask.path), (Shapes, Shapes.path), (Export, Export.path), (Plate, Plate.source),
)  # fmt: skip
"""Columns that hold keys, of tables with a ``shot_id``."""


@dataclass(frozen=True)
class Part:
    """Files of the folder ``old`` that go to the folder ``new``: ``names``; None for all."""

    old: str
    new: str
    names: frozenset[str] | None = None

    def files(self, storage: Storage) -> Iterator[StoredFile]:
        """What is to go."""
        for file in storage.walk(self.old):
            if self.names is None or file.name in self.names:
                yield file


@dataclass(frozen=True)
class Move:
    """A move that was allowed: keys of the shot's folder, and what the shot had then (`_state`).

    ``draft``: a folder that no other move uses, where folders can be renamed; else ``new``.
    ``shared``: of folders it shares, those it will have.
    """

    shot_id: str
    old: str
    new: str
    draft: str
    state: tuple[int, datetime | None, int]
    shared: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that goes."""
        return (Part(self.old, self.draft), *self.shared)


def prepare(
    session: Session, shot: Shot, target: Project, settings: Settings, storage: Storage
) -> Move:  # fmt: skip
    """The move of ``shot`` to ``target``; whoever calls has asked for the right to both.

    Raises `ConflictError`: it is there already, the name is taken there, jobs run, or a plate that
    is read in place lies outside the folders of the target.
    """
    if shot.project_id == target.id:
        raise ConflictError("The shot is in that project already.")
    taken = select(Shot.id).where(
        Shot.project_id == target.id, Shot.name == shot.name, Shot.trashed_at.is_(None)
    )
    if session.scalar(taken) is not None:
        raise name_taken(shot.name)
    _refuse_running(session, shot)
    _refuse_foreign_plates(session, shot, target, settings)
    new = f"projects/{target.id}/{shot.id}"
    draft = f"{new}.{new_id()}" if storage.is_shared else new
    shared = tuple(
        _own(session, shot, source, target) for source in sources.shared_by(session, shot.id)
    )
    return Move(shot.id, shot_key(shot), new, draft, _state(session, shot), shared)


def copy(storage: Storage, move: Move) -> None:
    """Give the shot's files names in the draft of the new place."""
    for part in move.parts:
        for file in part.files(storage):
            _link(storage, f"{part.old}/{file.name}", f"{part.new}/{file.name}", file.size)


def _link(storage: Storage, source: str, target: str, size: int) -> None:
    try:
        storage.link(source, target)
    except RotoError:
        if storage.size(source) is None:
            # Removed since it was listed. If another move did it, `carry_out` will refuse.
            return
        # A move that broke off has left it in the bucket, or another is at it now.
        if storage.is_shared:
            raise
        if storage.size(target) != size:
            storage.remove(target)
            storage.link(source, target)


def carry_out(
    session: Session, actor: Actor, shot: Shot, target: Project, move: Move, storage: Storage
) -> None:
    """Change the rows, and have the folder where they say it is.

    Raises `ConflictError` when the shot has changed since `prepare`, or its name is taken.
    """
    lock_shot(session, shot)
    is_same = shot_key(shot) == move.old and _state(session, shot) == move.state
    if not is_same or not is_copied(storage, move):
        raise ConflictError("Something was done to the shot meanwhile.", hint="Try again.")
    source = session.get_one(Project, shot.project_id)
    try:
        with savepoint(session):
            shot.project_id = target.id
    except IntegrityError as error:
        raise name_taken(shot.name) from error
    session.refresh(shot, ["project"])
    _rewrite_keys(session, shot, move)
    dropped = _drop_assignments(session, shot, target)
    for project in (source, target):
        record(
            session, actor, "shot.moved", "shot", shot.id, project_id=project.id,
            before={"project_id": source.id}, after={"project_id": target.id, "dropped": dropped},
        )  # fmt: skip
    emit(session, "shot.moved", source.id, {"shot_id": shot.id})
    emit_shot(session, shot)
    session.flush()
    if move.draft != move.new:
        # What is there was left by a move that broke off: the shot has been elsewhere till now.
        storage.remove_folder(move.new)
        storage.move_folder(move.draft, move.new)


def give_up(database: Database, storage: Storage, move: Move) -> None:
    """Remove what a move that was not made has left in the new place."""
    _clean(database, storage, move, move.draft)
    for part in move.shared:
        sources.release(database, storage, part.new)


def finish(database: Database, storage: Storage, move: Move) -> None:
    """Remove the old names, once the rows say the new ones."""
    _clean(database, storage, move, move.old)
    for part in move.shared:
        sources.release(database, storage, part.old)


def _clean(database: Database, storage: Storage, move: Move, folder: str) -> None:
    """Remove names that no row knows (any more). What resists is logged and left."""
    try:
        if storage.is_shared:
            storage.remove_folder(folder)
        else:
            _remove_objects(database, storage, move.shot_id, folder)
    except (RotoError, SQLAlchemyError) as error:
        log.warning("leftover", folder=folder, error=str(error))


def _remove_objects(database: Database, storage: Storage, shot_id: str, folder: str) -> None:
    """Empty ``folder`` of the bucket, unless another move has brought the shot there."""
    locked = {"key_share": True, "of": Shot}
    with database.session() as session:
        shot = session.get(Shot, shot_id, with_for_update=locked)
        if shot is None or shot_key(shot) != folder:
            storage.remove_folder(folder)


def is_copied(storage: Storage, move: Move) -> bool:
    """Whether all is in the draft still: another move, or `admin.orphans`, may have removed it."""
    for part in move.parts:
        there = storage.listing(part.new)
        if any(there.get(file.name) != file.size for file in part.files(storage)):
            return False
    return True


def _state(session: Session, shot: Shot) -> tuple[int, datetime | None, int]:
    """How many tasks and plates it has, and when a task changed last: files come with them."""
    tasks = select(func.count(Task.id), func.max(Task.updated_at)).join(Job)
    count, changed = session.execute(tasks.where(Job.shot_id == shot.id)).one()
    plates = session.scalar(select(func.count(Plate.id)).where(Plate.shot_id == shot.id))
    return count, changed, plates or 0


def _refuse_running(session: Session, shot: Shot) -> None:
    running = select(Job.id).where(Job.shot_id == shot.id, Job.state.not_in(FINISHED_JOB))
    ids = session.scalars(running).all()
    if ids:
        raise ConflictError(
            f"Jobs of the shot have not ended: {len(ids)}.",
            hint="Wait for them, or cancel them.",
            detail={"job_ids": list(ids)},
        )


def _refuse_foreign_plates(
    session: Session, shot: Shot, target: Project, settings: Settings
) -> None:
    """By moving a shot nobody reads folders that the project may not."""
    roots = plate_roots(target, settings)
    for plate in _plates(session, shot):
        path = Path(plate.plate["path"])
        if plate.source is None and not roots.holds(path.parent):
            raise ConflictError(
                f"The shot's plate {path} lies outside the folders that the project may read.",
                hint="Add the folder to the project's allowed_roots first.",
                detail={"path": str(path)},
            )


def _rewrite_keys(session: Session, shot: Shot, move: Move) -> None:
    old, new = f"{move.old}/", f"{move.new}/"
    taken = {part.old: part.new for part in move.shared}
    jobs = select(Job.id).where(Job.shot_id == shot.id)
    tasks = select(Task.id).where(Task.job_id.in_(jobs))
    places: list[tuple[Any, Any, Any]] = [
        *((table, column, table.shot_id == shot.id) for table, column in _KEYS),
        (Task, Task.published_dir, Task.job_id.in_(jobs)),
        (Attempt, Attempt.output_dir, Attempt.task_id.in_(tasks)),
    ]
    plates = _plates(session, shot)
    for table, column, condition in places:
        session.execute(
            update(table).where(condition).values({column: func.replace(column, old, new)}),
            execution_options={"synchronize_session": False},
        )
    for plate in plates:
        if plate.source in taken:
            plate.plate = _elsewhere(plate.plate, plate.source, taken[plate.source])
            plate.source = taken[plate.source]
        elif plate.source is not None:
            plate.plate = _elsewhere(plate.plate, old, new)
    for was, now in (*taken.items(), (old, new)):
        shot.plate = _elsewhere(shot.plate, was, now)
    session.execute(
        delete(Blob).where(Blob.key.startswith(old, autoescape=True)),
        execution_options={"synchronize_session": False},
    )


def _own(session: Session, shot: Shot, source: str, target: Project) -> Part:
    """A folder of the shot's own for one it shares. Where other shots keep that, with the frames it
    needs alone, as far as they are known."""
    whole = Part(source, sources.new_shared_key(target.id))
    having = session.scalars(select(Plate).where(Plate.source == source)).all()
    own = [plate for plate in having if plate.shot_id == shot.id]
    if len(own) == len(having):
        return whole
    names: set[str] = set()
    for plate in own:
        if plate.first_frame is None or plate.last_frame is None:
            return whole
        names.update(sources.names(plate.plate, (plate.first_frame, plate.last_frame)))
    return replace(whole, names=frozenset(names))


def _plates(session: Session, shot: Shot) -> Sequence[Plate]:
    return session.scalars(select(Plate).where(Plate.shot_id == shot.id)).all()


def _elsewhere(plate: JsonObject, old: str, new: str) -> JsonObject:
    """The plate of files that lie in the storage; ids in ``old`` make it like no other path."""
    return {**plate, "path": str(plate["path"]).replace(old, new)}


def _drop_assignments(session: Session, shot: Shot, target: Project) -> list[str]:
    """Take off the shot whoever does not work in the project; returns their ids."""
    at_work = select(Membership.user_id).where(
        Membership.project_id == target.id, Membership.role != "viewer"
    )
    gone = Assignment.user_id.not_in(at_work)
    query = select(Assignment.user_id).where(Assignment.shot_id == shot.id, gone)
    dropped = sorted(session.scalars(query))
    session.execute(
        delete(Assignment).where(Assignment.shot_id == shot.id, gone),
        execution_options={"synchronize_session": False},
    )
    return dropped
