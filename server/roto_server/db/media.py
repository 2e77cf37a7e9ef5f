"""Tables of plates and their versions, of review, and of what is stored once.

Times, frames and JSON as in `db.models`. A shot's ``cut`` is ``{"list", "event", "reel",
"source_in", "source_out", "record_in", "record_out", "rate"}``: name of the edit list, its event,
timecodes as the list writes them, frames per second as a fraction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .models import ID, Base, JsonObject, Shot, Timestamps, new_id
from .types import utc_now

MAIN_VIEW = "main"


class Plate(Timestamps, Base):
    """One version of one view of a shot's picture. ``state``: probing, ready or invalid.

    ``view``: main, or left and right of a stereo shot. ``source``: the storage's folder of an
    uploaded plate, which others may name, too (`jobs.sources`); None for one that is read where it
    lies, which nobody here ever removes.
    ``warnings``: ``[{code, message, detail}]``, what differs from the version before.
    """

    __tablename__ = "plates"
    __table_args__ = (UniqueConstraint("shot_id", "view", "version"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"), index=True)
    view: Mapped[str] = mapped_column(String(32), default=MAIN_VIEW)
    version: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(16), default="probing")
    plate: Mapped[JsonObject]
    source: Mapped[str | None] = mapped_column(Text, index=True)
    colorspace: Mapped[str | None] = mapped_column(String(200))
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    pixel_aspect: Mapped[float | None] = mapped_column(Float)
    fps_num: Mapped[int | None] = mapped_column(Integer)
    fps_den: Mapped[int | None] = mapped_column(Integer)
    first_frame: Mapped[int | None] = mapped_column(Integer)
    last_frame: Mapped[int | None] = mapped_column(Integer)
    plate_metadata: Mapped[JsonObject] = mapped_column(default=dict)
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[JsonObject | None]
    created_by: Mapped[str] = mapped_column(String(200))

    shot: Mapped[Shot] = relationship()


class Note(Timestamps, Base):
    """What somebody said about a shot: pinned to a version, an object, a frame, a place, or none.

    ``x``, ``y``: pixels of the full-size plate, y down. ``reply_to``: the note it answers.
    """

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_shot_created", "shot_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    object_id: Mapped[str | None] = mapped_column(ForeignKey("objects.id"), index=True)
    reply_to: Mapped[str | None] = mapped_column(ForeignKey("notes.id"), index=True)
    frame: Mapped[int | None] = mapped_column(Integer)
    x: Mapped[float | None] = mapped_column(Float)
    y: Mapped[float | None] = mapped_column(Float)
    text: Mapped[str] = mapped_column(Text)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(ID)
    created_by: Mapped[str] = mapped_column(ID)

    shot: Mapped[Shot] = relationship()


class Review(Base):
    """A change of a shot's review state, by whom and why. Never changed."""

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_shot_created", "shot_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    before: Mapped[str] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[str] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Blob(Base):
    """An uploaded file's bytes, kept once per project under ``key`` whoever sent them."""

    __tablename__ = "blobs"
    __table_args__ = (UniqueConstraint("project_id", "sha256"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class UploadPiece(Base):
    """A piece of an upload's file that has arrived and is on the disk (or in the object store)."""

    __tablename__ = "upload_pieces"

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True
    )
    file: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    size: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Conform(Timestamps, Base):
    """An edit list as it was read, matched with media, and what became of its events.

    ``state``: open (may be matched again and changed), applied. ``events``: see `conform`.
    """

    __tablename__ = "conforms"
    __table_args__ = (Index("ix_conforms_project_created", "project_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="open")
    fps_num: Mapped[int] = mapped_column(Integer)
    fps_den: Mapped[int] = mapped_column(Integer)
    options: Mapped[JsonObject] = mapped_column(default=dict)
    events: Mapped[list[Any]]
    report: Mapped[JsonObject] = mapped_column(default=dict)
    created_by: Mapped[str] = mapped_column(ID)


class Publication(Timestamps, Base):
    """A file in a studio's folder, published by the project's template.

    ``job_id``: whose version it is, whichever job has put it there. ``path``: by the server's name
    for the place, whatever the worker's node calls it.
    """

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("path"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    export_id: Mapped[str | None] = mapped_column(ID)
    path: Mapped[str] = mapped_column(String(1000))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    created_by: Mapped[str] = mapped_column(ID)
