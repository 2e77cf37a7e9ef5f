"""Notes on shots, pinned to frames, places, objects and versions; answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from roto_shapes.errors import RotoError

from ..access.accounts import names_of
from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import Note
from ..db.models import RotoObject, Shot
from ..db.session import database_now
from ..errors import BadRequestError, NotFoundError
from ..reviewing import notes
from ..reviewing.notes import HEAD
from .deps import Reader, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .reviews import version_of
from .schemas.common import FrameNumber, Page
from .schemas.reviews import NoteIn, NoteOut, NotePatch

router = APIRouter(tags=["review"])

_IdFilter = Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")]


@router.get("/shots/{shot_id}/notes", responses=refusals(404))
def list_notes(
    *,
    shot_id: str,
    caller: Reader,
    frame: FrameNumber | None = None,
    object_id: _IdFilter = None,
    job_id: _IdFilter = None,
    resolved: bool | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[NoteOut]:
    """The notes of a shot, newest first, answers among them.

    The filters are for the notes at the beginning of threads; their answers come along.
    """
    shot = caller.shot(shot_id)
    wanted = {HEAD.frame: frame, HEAD.object_id: object_id, HEAD.job_id: job_id}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    if resolved is not None:
        conditions.append(HEAD.resolved_at.is_not(None) if resolved else HEAD.resolved_at.is_(None))
    query = notes.of_threads(select(Note).where(Note.shot_id == shot.id), *conditions)
    keys = (Note.created_at, Note.id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    return Page(items=_present(caller, rows), next=after)


@router.post("/shots/{shot_id}/notes", status_code=201, responses=refusals(404, 409))
def add_note(shot_id: str, body: NoteIn, caller: Writer) -> NoteOut:
    """Say something about the shot. 422 for a frame or a place that the plate does not have."""
    shot = caller.shot(shot_id, Permission.ADD_NOTE)
    note = _answer(caller, shot, body) if body.reply_to else _pinned(caller, shot, body)
    caller.session.add(note)
    caller.session.flush()
    notes.emit_note(caller.session, "note.created", note)
    _trace(caller, "note.created", note)
    return _present(caller, [note])[0]


@router.get("/notes/{note_id}", responses=refusals(404))
def get_note(note_id: str, caller: Reader) -> NoteOut:
    """One note."""
    return _present(caller, [caller.note(note_id)])[0]


@router.patch("/notes/{note_id}", responses=refusals(404, 409))
def change_note(note_id: str, body: NotePatch, caller: Writer) -> NoteOut:
    """Change one's own words, or say that a thread is dealt with (or is not).

    Who may add notes may resolve them; ``resolved`` is of the note at the beginning of a thread.
    """
    note = caller.note(note_id, Permission.ADD_NOTE)
    if body.text is not None and body.text != note.text:
        if note.created_by != caller.who.user_id:
            raise RotoError(
                "These are not your words.", code="forbidden", hint="Answer the note instead."
            )
        note.text = body.text
        _trace(caller, "note.changed", note)
    if body.resolved is not None:
        _resolve(caller, note, resolved=body.resolved)
    caller.session.flush()
    notes.emit_note(caller.session, "note.updated", note)
    return _present(caller, [note])[0]


@router.delete("/notes/{note_id}", status_code=204, responses=refusals(404, 409))
def delete_note(note_id: str, caller: Writer) -> Response:
    """Take a note back: who wrote it may, and supervisors. 409 when it has been answered."""
    note = caller.note(note_id, Permission.ADD_NOTE)
    if note.created_by != caller.who.user_id and not caller.may(note.shot, Permission.REVIEW):
        raise RotoError(
            "You are not allowed to do that.",
            code="forbidden",
            hint="Who wrote it may, and supervisors of the project.",
        )
    notes.remove(caller.session, note)
    _trace(caller, "note.deleted", note)
    return Response(status_code=204)


def _answer(caller: Caller, shot: Shot, body: NoteIn) -> Note:
    head = notes.head_of(caller.session, shot, str(body.reply_to))
    return Note(shot=shot, reply_to=head.id, text=body.text, created_by=caller.who.user_id)


def _pinned(caller: Caller, shot: Shot, body: NoteIn) -> Note:
    job = version_of(caller, shot, body.job_id) if body.job_id else None
    if body.object_id is not None:
        _check_object(caller, shot, body.object_id)
    if body.frame is not None:
        place = None if body.x is None or body.y is None else (body.x, body.y)
        notes.check_pin(shot, job, body.frame, place)
    return Note(
        shot=shot,
        text=body.text,
        frame=body.frame,
        x=body.x,
        y=body.y,
        object_id=body.object_id,
        job_id=body.job_id,
        created_by=caller.who.user_id,
    )


def _check_object(caller: Caller, shot: Shot, object_id: str) -> None:
    row = caller.session.get(RotoObject, object_id)
    if row is None or row.shot_id != shot.id or row.trashed_at is not None:
        raise NotFoundError("object", object_id)


def _resolve(caller: Caller, note: Note, *, resolved: bool) -> None:
    if note.reply_to is not None:
        raise BadRequestError(
            "An answer is not resolved: the note it answers is.",
            detail={"reply_to": note.reply_to},
        )
    if resolved == (note.resolved_at is not None):
        return
    note.resolved_at = database_now(caller.session) if resolved else None
    note.resolved_by = caller.who.user_id if resolved else None
    _trace(caller, "note.resolved" if resolved else "note.reopened", note)


def _trace(caller: Caller, action: str, note: Note) -> None:
    """In the audit log; never the words."""
    told = {"shot_id": note.shot_id, "job_id": note.job_id}
    caller.audit(action, "note", note.id, project_id=note.shot.project_id, after=told)


def _present(caller: Caller, rows: Sequence[Note]) -> list[NoteOut]:
    people = [ident for row in rows for ident in (row.created_by, row.resolved_by)]
    names = names_of(caller.session, people)
    return [
        NoteOut(
            id=row.id,
            shot_id=row.shot_id,
            text=row.text,
            frame=row.frame,
            x=row.x,
            y=row.y,
            object_id=row.object_id,
            job_id=row.job_id,
            reply_to=row.reply_to,
            resolved_at=row.resolved_at,
            resolved_by=names.get(row.resolved_by) if row.resolved_by else None,
            created_by=names.get(row.created_by, ""),
            created_by_id=row.created_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
