"""Notes on shots: where they may be pinned, threads, and what is told of them.

Threads are one deep: whoever answers an answer answers the note at its beginning.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from roto_shapes.errors import RotoError

from ..db.media import Note, Plate
from ..db.models import Job, Shot
from ..errors import BadRequestError, ConflictError, NotFoundError
from ..events import emit
from ..jobs.readiness import shot_range

Place = tuple[float, float]


def check_pin(shot: Shot, job: Job | None, frame: int, place: Place | None) -> None:
    """Raise unless the plate (the version's, else the shot's) has the frame and the place.

    Raises:
        RotoError: ``range_outside_plate``, ``bad_request`` (the place), ``plate_not_ready``.
    """
    plate: Plate | Shot = job.plate if job is not None and job.plate is not None else shot
    frames = shot_range(plate)
    if frames is None or plate.width is None or plate.height is None:
        raise RotoError(
            "The plate was not read yet: nothing can be pinned to its frames.",
            code="plate_not_ready",
        )
    if not frames[0] <= frame <= frames[1]:
        raise RotoError(
            f"Frame {frame} is asked for; the plate has {frames[0]}-{frames[1]}.",
            code="range_outside_plate",
            detail={"frame": frame, "plate": frames},
        )
    if place is None:
        return
    x, y = place
    if not (0 <= x <= plate.width and 0 <= y <= plate.height):
        raise BadRequestError(
            f"({x:g}, {y:g}) lies outside the {plate.width}x{plate.height} plate.",
            hint="Places are in pixels of the full-size plate, origin top-left.",
            detail={"x": x, "y": y, "width": plate.width, "height": plate.height},
        )


def head_of(session: Session, shot: Shot, reply_to: str) -> Note:
    """The note at the beginning of the thread of ``reply_to``, held until the transaction ends.

    Raises:
        NotFoundError: the shot has no such note (any more).
    """
    note = session.get(Note, reply_to)
    if note is not None and note.reply_to is not None:
        note = session.get(Note, note.reply_to)
    if note is None or note.shot_id != shot.id:
        raise NotFoundError("note", reply_to)
    return _held(session, note)


def remove(session: Session, note: Note) -> None:
    """Delete a note nobody has answered.

    Raises:
        ConflictError: somebody has.
    """
    note = _held(session, note)
    if session.scalar(select(exists().where(Note.reply_to == note.id))):
        raise ConflictError(
            "The note has been answered: its thread would lose its beginning.",
            hint="Resolve it instead.",
        )
    session.delete(note)
    emit_note(session, "note.deleted", note)
    session.flush()


def of_threads(query: Select[Note], *conditions: ColumnElement[bool]) -> Select[Note]:
    """``query``, which selects notes, with those of threads whose beginning is so.

    ``conditions`` are on `HEAD`.
    """
    if not conditions:
        return query
    return query.where(
        exists().where(HEAD.id == func.coalesce(Note.reply_to, Note.id), *conditions)
    )


HEAD = aliased(Note)
"""The note at the beginning of a thread."""


def emit_note(session: Session, kind: str, note: Note) -> None:
    """An event about a note; its words are asked for."""
    payload = {
        "note_id": note.id,
        "shot_id": note.shot_id,
        "job_id": note.job_id,
        "object_id": note.object_id,
        "reply_to": note.reply_to,
        "frame": note.frame,
        "resolved": note.resolved_at is not None,
        "user_id": note.created_by,
    }
    emit(session, kind, note.shot.project_id, payload)


def _held(session: Session, note: Note) -> Note:
    """The row, locked: nobody deletes a note while it is being answered."""
    query = select(Note).where(Note.id == note.id).with_for_update(key_share=False)
    found = session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFoundError("note", note.id)
    return found
