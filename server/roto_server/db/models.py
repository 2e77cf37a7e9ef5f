"""The tables. The database is the truth about jobs; everything else can be lost and rebuilt.

Ids are 32 lower-case hex digits (uuid4), made by the server. Times are UTC. Frames are plate frame
numbers, ranges inclusive. JSON columns hold documents the contract or the public API defines.
``created_by`` is a user's id (see `db.people`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from .base import ID, Base, JsonObject, Timestamps, Trashable, new_id
from .types import utc_now

if TYPE_CHECKING:
    from .media import Plate
    from .people import User

# Whoever writes rows needs these too, and should not have to know where they are.
__all__ = ("ID", "Base", "JsonObject", "Timestamps", "Trashable", "new_id")

URGENCY = {"high": 0, "normal": 1, "low": 2}
NO_CONFIDENCE = 2.0


class Project(Trashable, Timestamps, Base):
    """A show or a client's job: the unit of access rights and of allowed roots.

    ``settings``: what `api.schemas.projects.ProjectSettings` says. Archived it can be read only.
    """

    __tablename__ = "projects"
    # Not unique on the server: that would tell of projects one may not see.
    __table_args__ = (UniqueConstraint("created_by", "name", "trash_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200), index=True)
    allowed_roots: Mapped[list[Any]] = mapped_column(default=list)
    artists_see_all: Mapped[bool] = mapped_column(Boolean, default=True)
    client: Mapped[str] = mapped_column(String(200), default="")
    settings: Mapped[JsonObject] = mapped_column(default=dict)
    archived_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(200))


class Shot(Trashable, Timestamps, Base):
    """One plate over a frame range. ``state``: probing, ready or invalid.

    ``plate`` and what follows repeat the row ``plate_id`` of `db.media.Plate`, the current version
    of the main view. ``handles``: frames at the head and tail of the range that are not in the cut.
    ``cut``: where the shot is in an edit (see `db.media`). ``review``: waiting, in_progress,
    pending_review, approved, retake or final; says nothing of jobs.
    """

    __tablename__ = "shots"
    __table_args__ = (
        UniqueConstraint("project_id", "name", "trash_id"),
        Index("ix_shots_project_created", "project_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), default="probing", index=True)
    plate: Mapped[JsonObject]
    colorspace: Mapped[str | None] = mapped_column(String(200))
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    pixel_aspect: Mapped[float | None] = mapped_column(Float)
    fps_num: Mapped[int | None] = mapped_column(Integer)
    fps_den: Mapped[int | None] = mapped_column(Integer)
    first_frame: Mapped[int | None] = mapped_column(Integer)
    last_frame: Mapped[int | None] = mapped_column(Integer)
    plate_metadata: Mapped[JsonObject] = mapped_column(default=dict)
    plate_id: Mapped[str | None] = mapped_column(ID)
    handle_head: Mapped[int] = mapped_column(Integer, default=0)
    handle_tail: Mapped[int] = mapped_column(Integer, default=0)
    cut: Mapped[JsonObject | None]
    review: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    archived_at: Mapped[datetime | None]
    error: Mapped[JsonObject | None]
    created_by: Mapped[str] = mapped_column(String(200))

    project: Mapped[Project] = relationship()


class RotoObject(Trashable, Timestamps, Base):
    """One thing to be isolated in a shot. Lists are by ``position``, then by age."""

    __tablename__ = "objects"
    __table_args__ = (UniqueConstraint("shot_id", "name", "trash_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    label: Mapped[str] = mapped_column(String(200), default="")
    color: Mapped[list[Any]] = mapped_column(default=lambda: [1.0, 0.35, 0.1])
    position: Mapped[int] = mapped_column(Integer, default=0)
    created_by: Mapped[str] = mapped_column(String(200))


class Prompt(Timestamps, Base):
    """What an artist said about one object on one frame, as submitted with one job.

    ``data`` is a prompt of the contract (``task.schema.json#/$defs/prompt``).
    """

    __tablename__ = "prompts"
    __table_args__ = (UniqueConstraint("job_id", "object_id", "frame"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    object_id: Mapped[str] = mapped_column(ForeignKey("objects.id"), index=True)
    frame: Mapped[int] = mapped_column(Integer)
    data: Mapped[JsonObject]
    created_by: Mapped[str] = mapped_column(String(200))


class Job(Trashable, Timestamps, Base):
    """What a user submitted. ``kind``: ingest, roto, export, scenes or publish.

    ``urgency`` is ``priority`` as a number to sort by. ``worst_confidence``: the lowest of its
    mattes', `NO_CONFIDENCE` while there is none, so that such jobs come last.
    ``params`` holds the request in full, so a job can be run again from its row alone.
    ``plate_id``: the plate it works on; None for jobs of before there were versions of plates.
    A purged version's row stays, without tasks and parameters: its number is never given again.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("created_by", "idempotency_key"),
        Index("ix_jobs_state_created", "state", "created_at"),
        # A part of a long list is read, not sorted out of the whole.
        Index("ix_jobs_created", "created_at", "id"),
        Index("ix_jobs_updated", "updated_at", "id"),
        Index("ix_jobs_urgency", "urgency", "created_at", "id"),
        Index("ix_jobs_confidence", "worst_confidence", "id"),
        Index("ix_jobs_finished", "finished_at", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"), index=True)
    plate_id: Mapped[str | None] = mapped_column(ForeignKey("plates.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="queued")
    priority: Mapped[str] = mapped_column(String(8), default="normal")
    urgency: Mapped[int] = mapped_column(Integer, default=URGENCY["normal"])
    worst_confidence: Mapped[float] = mapped_column(Float, default=NO_CONFIDENCE)
    version: Mapped[int] = mapped_column(Integer, default=1)
    engine: Mapped[str | None] = mapped_column(String(32))
    model: Mapped[str | None] = mapped_column(String(200))
    checkpoint_sha256: Mapped[str | None] = mapped_column(String(64))
    params: Mapped[JsonObject]
    provenance: Mapped[JsonObject] = mapped_column(default=dict)
    error: Mapped[JsonObject | None]
    created_by: Mapped[str] = mapped_column(String(200))
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    request_id: Mapped[str | None] = mapped_column(String(64))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    shot: Mapped[Shot] = relationship()
    plate: Mapped[Plate | None] = relationship()
    creator: Mapped[User | None] = relationship(
        primaryjoin="foreign(Job.created_by) == User.id", viewonly=True
    )
    tasks: Mapped[list[Task]] = relationship(back_populates="job", order_by="Task.position")

    @validates("priority")
    def _rank(self, _key: str, priority: str) -> str:
        self.urgency = URGENCY[priority]
        return priority


class Task(Timestamps, Base):
    """One stage of a job. ``state``: waiting, ready, running, succeeded, failed, cancelled.

    ``ready_at``: when it last began to wait for a worker.
    """

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_state_rung", "state", "rung_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(Integer)
    queue: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    depends_on: Mapped[list[Any]] = mapped_column(default=list)
    params: Mapped[JsonObject]
    max_attempts: Mapped[int] = mapped_column(Integer, default=3)
    not_before: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]
    progress: Mapped[JsonObject] = mapped_column(default=dict)
    published_dir: Mapped[str | None] = mapped_column(Text)
    error: Mapped[JsonObject | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    job: Mapped[Job] = relationship(back_populates="tasks")
    attempts: Mapped[list[Attempt]] = relationship(back_populates="task", order_by="Attempt.number")


class Attempt(Timestamps, Base):
    """One try of a task on one worker; its id is the fencing token.

    ``state``: leased, running, publishing, succeeded, failed, lost, cancelled
    (see roto_server.jobs.states).
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("task_id", "number"),
        Index("ix_attempts_state_heartbeat", "state", "heartbeat_at"),
        Index("ix_attempts_finished", "finished_at", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), index=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    boot_id: Mapped[str] = mapped_column(ID)
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16), default="leased")
    output_dir: Mapped[str] = mapped_column(Text)
    token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    heartbeat_at: Mapped[datetime]
    progress_at: Mapped[datetime]
    progress: Mapped[JsonObject] = mapped_column(default=dict)
    stop_reason: Mapped[str | None] = mapped_column(String(200))
    result: Mapped[JsonObject | None]
    error: Mapped[JsonObject | None]
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship(back_populates="attempts")


class Mask(Base):
    """One object's matte on one frame, as tracked by one job."""

    __tablename__ = "masks"
    __table_args__ = (
        UniqueConstraint("job_id", "object_id", "frame"),
        Index("ix_masks_shot_object_frame", "shot_id", "object_id", "frame"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"))
    object_id: Mapped[str] = mapped_column(ForeignKey("objects.id"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"), index=True)
    frame: Mapped[int] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Shapes(Base):
    """One version of a shot's ``roto/1`` document."""

    __tablename__ = "shapes"
    __table_args__ = (UniqueConstraint("shot_id", "version"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    base_version: Mapped[int | None] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    report: Mapped[JsonObject] = mapped_column(default=dict)
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Export(Base):
    """One published result file a user can download."""

    __tablename__ = "exports"
    __table_args__ = (Index("ix_exports_job_role_frame", "job_id", "role", "frame"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    role: Mapped[str] = mapped_column(String(32))
    format: Mapped[str | None] = mapped_column(String(32))
    object_id: Mapped[str | None] = mapped_column(ForeignKey("objects.id"), index=True)
    frame: Mapped[int | None] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    report: Mapped[JsonObject] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Event(Base):
    """Something that happened, written in the transaction it reports; kept 24 hours."""

    __tablename__ = "events"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    project_id: Mapped[str | None] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[JsonObject]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class Worker(Timestamps, Base):
    """A worker slot of a farm node. ``id`` is ``<node>:<slot>``; ``boot_id`` changes per start.

    ``reach`` is the contract's: what of the studio's storage it mounts, and where; None: all of it,
    where the server has it.
    """

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(220), primary_key=True)
    node: Mapped[str] = mapped_column(String(200))
    slot: Mapped[int] = mapped_column(Integer)
    boot_id: Mapped[str] = mapped_column(ID)
    version: Mapped[str] = mapped_column(String(32))
    queues: Mapped[list[Any]]
    kinds: Mapped[list[Any]]
    engines: Mapped[list[Any]]
    device: Mapped[str] = mapped_column(String(200))
    memory_bytes: Mapped[int | None] = mapped_column(BigInteger)
    memory: Mapped[JsonObject | None]
    reach: Mapped[JsonObject | None]
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)


class Token(Timestamps, Base):
    """An API key or a farm token; only its SHA-256 is kept. ``scope``: user or farm.

    An API key acts as ``user_id`` within ``scopes`` (see `access.roles`). ``prefix`` is its
    beginning, for people to know it by; ``source`` device: given to a program that asked by a code.
    """

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    scope: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    prefix: Mapped[str] = mapped_column(String(16), default="")
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    source: Mapped[str] = mapped_column(String(16), default="made")
    revoked: Mapped[bool] = mapped_column(Boolean, default=False)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Upload(Timestamps, Base):
    """A set of files a client sends piece by piece. ``state``: open, complete, or expired: being
    removed.

    ``files``: ``[{name, size, sha256}]``. What of a file has arrived is its partial file's size,
    or, when it is sent in pieces (``piece_size`` bytes each, the last one less), the rows of
    `db.media.UploadPiece`. ``multipart``: the object store's own name for each file's upload.
    """

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="open")
    files: Mapped[list[Any]]
    piece_size: Mapped[int | None] = mapped_column(Integer)
    multipart: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    created_by: Mapped[str] = mapped_column(String(200))


class Preview(Base):
    """A question about one frame and, for some minutes, its answer.

    ``state``: waiting, running, done, failed, superseded, expired (see roto_server.previews).
    ``request``: objects, engine, model and image_size of ``preview/1``; ``result``: a
    ``preview_result`` of the farm's contract.
    """

    __tablename__ = "previews"
    __table_args__ = (
        Index("ix_previews_state_rung", "state", "rung_at"),
        Index("ix_previews_client", "created_by", "client_key"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    frame: Mapped[int] = mapped_column(Integer)
    request: Mapped[JsonObject]
    result: Mapped[JsonObject | None] = mapped_column(deferred=True)
    error: Mapped[JsonObject | None]
    client_key: Mapped[str | None] = mapped_column(String(200))
    request_id: Mapped[str | None] = mapped_column(String(64))
    worker_id: Mapped[str | None] = mapped_column(String(220))
    boot_id: Mapped[str | None] = mapped_column(ID)
    claims: Mapped[int] = mapped_column(Integer, default=0)
    claimed_at: Mapped[datetime | None]
    rung_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(index=True)

    shot: Mapped[Shot] = relationship()
