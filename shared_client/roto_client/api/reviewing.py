"""Review of shots as typed calls: states and their history, notes, versions.

Functions over a `Transport`; each raises what its `json` does. Times are UTC, places pixels of the
full-size plate (origin top left, y down).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Iterator, Mapping

from .answers import given, items, read
from .models import Json, time_of
from .transport import Transport

STATES = ("waiting", "in_progress", "pending_review", "approved", "retake", "final")


@dataclass(frozen=True)
class Move:
    """A shot's move from one review state to another. ``job_id``: the version that was seen."""

    id: str
    before: str
    after: str
    reason: str
    created_by: str
    created_at: datetime | None
    job_id: str | None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, body: Json) -> Move:
        return cls(
            id=body["id"],
            before=body["before"],
            after=body["after"],
            reason=body.get("reason") or "",
            created_by=body.get("created_by") or "",
            created_at=time_of(body.get("created_at")),
            job_id=body.get("job_id"),
            raw=body,
        )


@dataclass(frozen=True)
class Note:
    """What somebody said about a shot; ``reply_to`` is the note it answers."""

    id: str
    shot_id: str
    text: str
    frame: int | None
    place: tuple[float, float] | None
    object_id: str | None
    job_id: str | None
    reply_to: str | None
    resolved: bool
    created_by: str
    created_at: datetime | None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, body: Json) -> Note:
        placed = body.get("x") is not None and body.get("y") is not None
        return cls(
            id=body["id"],
            shot_id=body["shot_id"],
            text=body["text"],
            frame=body.get("frame"),
            place=(float(body["x"]), float(body["y"])) if placed else None,
            object_id=body.get("object_id"),
            job_id=body.get("job_id"),
            reply_to=body.get("reply_to"),
            resolved=body.get("resolved_at") is not None,
            created_by=body.get("created_by") or "",
            created_at=time_of(body.get("created_at")),
            raw=body,
        )


@dataclass(frozen=True)
class Version:
    """A roto or export job as a version of a shot's results; ``raw`` has all that is known."""

    id: str
    kind: str
    version: int
    state: str
    view: str
    plate_version: int | None
    objects: tuple[str, ...]
    files: int
    confidence: float | None
    needs_you: int
    open_notes: int
    review: Move | None
    created_by: str
    created_at: datetime | None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, body: Json) -> Version:
        plate, confidence = body.get("plate") or {}, body.get("confidence") or {}
        return cls(
            id=body["id"],
            kind=body["kind"],
            version=int(body["version"]),
            state=body["state"],
            view=plate.get("view") or "main",
            plate_version=plate.get("version"),
            objects=tuple(one["name"] for one in body.get("objects") or ()),
            files=sum(one["files"] for one in body.get("files") or ()),
            confidence=confidence.get("mean"),
            needs_you=int(confidence.get("needs_you") or 0),
            open_notes=int(body.get("open_notes") or 0),
            review=Move.from_json(body["review"]) if body.get("review") else None,
            created_by=body.get("created_by") or "",
            created_at=time_of(body.get("created_at")),
            raw=body,
        )


def move(
    transport: Transport,
    shot_id: str,
    before: str,
    after: str,
    *,
    reason: str = "",
    job_id: str | None = None,
) -> Move:
    """Take a shot from the review state it was seen in to another.

    ConflictError when it is in another by now, or there is no such move.
    """
    body = given({"before": before, "after": after, "reason": reason or None, "job_id": job_id})
    return read(Move, transport.json("POST", f"/shots/{shot_id}/reviews", body=body))


def moves(transport: Transport, shot_id: str) -> Iterator[Move]:
    """How a shot came to its review state, the last move first."""
    return items(Move, transport, f"/shots/{shot_id}/reviews", {})


def notes(transport: Transport, shot_id: str, **filters: Any) -> Iterator[Note]:
    """The notes of a shot, newest first. ``filters``: frame, object_id, job_id, resolved."""
    return items(Note, transport, f"/shots/{shot_id}/notes", filters)


def note(transport: Transport, note_id: str) -> Note:
    """One note by its id."""
    return read(Note, transport.json("GET", f"/notes/{note_id}"))


def add_note(transport: Transport, shot_id: str, text: str, **pins: Any) -> Note:
    """Say something about a shot. ``pins``: frame, x, y, object_id, job_id; or reply_to."""
    body: Mapping[str, Any] = given({"text": text, **pins})
    return read(Note, transport.json("POST", f"/shots/{shot_id}/notes", body=body))


def change_note(
    transport: Transport, note_id: str, *, text: str | None = None, resolved: bool | None = None
) -> Note:
    """Other words (one's own notes), or that a thread is dealt with."""
    body = given({"text": text, "resolved": resolved})
    return read(Note, transport.json("PATCH", f"/notes/{note_id}", body=body, idempotent=True))


def delete_note(transport: Transport, note_id: str) -> None:
    """Take a note back. ConflictError when it has been answered."""
    transport.send("DELETE", f"/notes/{note_id}").close()


def versions(transport: Transport, shot_id: str, **filters: Any) -> Iterator[Version]:
    """A shot's versions, newest first. ``filters``: kind, state, view."""
    return items(Version, transport, f"/shots/{shot_id}/versions", filters)
