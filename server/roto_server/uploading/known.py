"""Bytes the project has already need not be sent again.

A `Blob` row only says where bytes of a SHA-256 were seen whole; it owns nothing. Whether they are
still there is asked when they are wanted, and what is taken is verified like everything else. Never
across projects, nor from what one may not see: a SHA-256 would be enough to get another's plate.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import Blob, Plate
from ..db.models import Project, Shot, Upload
from ..db.session import savepoint
from ..jobs.sources import is_shared
from ..storage import Storage
from ..storage.many import in_threads
from .files import UploadFiles

MOST_COPIED = 2 << 30
"""Bytes of the largest file that a store copies while a client waits for the answer."""

_AT_ONCE = 500
"""Databases bind only so many values per statement."""


def find(caller: Caller, upload: Upload) -> dict[int, str]:
    """By index of a file: the key of bytes that are most likely the same, which they may see."""
    rows = _visible(caller, upload, seen(caller.session, upload))
    kept = {(row.sha256, row.size): row.key for row in rows}
    places = {
        index: kept.get((file["sha256"], int(file["size"])))
        for index, file in enumerate(upload.files)
    }
    return {index: key for index, key in places.items() if key is not None}


def take(files: UploadFiles, found: dict[int, str]) -> None:
    """Link what is still there into the upload; what is not has to be sent."""

    def link(one: tuple[int, str]) -> None:
        index, key = one
        if not files.storage.is_shared and files.size(index) > MOST_COPIED:
            return
        try:
            if files.storage.size(key) == files.size(index):
                files.storage.link(key, files.key(index))
        except RotoError:
            return  # it vanished a moment ago

    in_threads(link, found.items(), files.storage)


def stale(rows: list[Blob], storage: Storage) -> set[str]:
    """SHA-256 of those whose bytes are gone."""
    sizes = in_threads(lambda row: storage.size(row.key), rows, storage)
    return {row.sha256 for row, size in zip(rows, sizes, strict=True) if size != row.size}


def seen(session: Session, upload: Upload) -> list[Blob]:
    """What is known of the upload's files."""
    return _rows(session, upload.project_id, [str(file["sha256"]) for file in upload.files])


def record(session: Session, upload: Upload, folder: str, gone: set[str]) -> None:
    """Note where the verified files of a complete upload lie, unless the same lie elsewhere.

    ``gone``: SHA-256 whose noted place is empty.
    """
    noted = {row.sha256: row for row in seen(session, upload)}
    for file in upload.files:
        sha256, key = str(file["sha256"]), f"{folder}/{file['name']}"
        row = noted.get(sha256)
        if row is None:
            noted[sha256] = Blob(
                project_id=upload.project_id, sha256=sha256, size=int(file["size"]), key=key
            )
        elif sha256 in gone:
            row.key, row.size = key, int(file["size"])
    try:
        with savepoint(session):
            session.add_all(noted.values())
    except IntegrityError:
        # Another upload of the same files was first: theirs are as good.
        return


def forget(session: Session, upload: Upload, index: int) -> None:
    """The bytes noted for a file are not what they should be."""
    session.execute(
        delete(Blob).where(
            Blob.project_id == upload.project_id, Blob.sha256 == upload.files[index]["sha256"]
        )
    )


def moved(session: Session, folder: str, target: str) -> None:
    """A plate has files of ``folder`` under its own key ``target``, where they stay for longer."""
    session.execute(
        update(Blob)
        .where(Blob.key.startswith(f"{folder}/", autoescape=True))
        .values(key=func.replace(Blob.key, f"{folder}/", f"{target}/"))
        .execution_options(synchronize_session=False)
    )


def _visible(caller: Caller, upload: Upload, rows: list[Blob]) -> list[Blob]:
    """Those in shots they may see or in uploads of their own; all, to who sees the project's all.

    The others are sent as if nobody had them: that they are here would tell what others work on.
    """
    project = caller.session.get_one(Project, upload.project_id)
    if caller.may_in(project, Permission.VIEW_SHOT):
        return rows
    homes = {row.id: _home(row.key) for row in rows}
    wanted = sorted(set(homes.values()))
    visible: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        shots = caller.visible_shots(select(Shot.id).where(Shot.id.in_(part)))
        own = select(Upload.id).where(Upload.id.in_(part), Upload.created_by == caller.who.user_id)
        shared = caller.visible_shots(
            select(Plate.source).join(Shot, Shot.id == Plate.shot_id).where(Plate.source.in_(part))
        )
        for query in (shots, own, shared):
            visible.update(filter(None, caller.session.scalars(query)))
    return [row for row in rows if homes[row.id] in visible]


def _home(key: str) -> str:
    """The id of the upload or the shot in whose folder ``key`` lies; of a shared one, its key."""
    if is_shared(key):
        return key.rpartition("/")[0]
    _, _, shot, upload, *_ = key.split("/")
    return upload if shot == "uploads" else shot


def _rows(session: Session, project_id: str, hashes: list[str]) -> list[Blob]:
    rows: list[Blob] = []
    for start in range(0, len(hashes), _AT_ONCE):
        part = hashes[start : start + _AT_ONCE]
        query = select(Blob).where(Blob.project_id == project_id, Blob.sha256.in_(part))
        rows += session.scalars(query)
    return rows
