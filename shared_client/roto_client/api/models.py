"""What the server tells, as frozen dataclasses.

Every ``from_json`` takes what it knows and ignores the rest, so a newer server can say more.
Frames are plate frame numbers, ranges inclusive pairs; sizes are pixels or bytes; times are UTC.
``raw`` keeps the answer itself for whoever needs a field this build has no name for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Mapping

Json = Mapping[str, Any]

ENDED_STATES = ("succeeded", "failed", "cancelled")


def time_of(value: Any) -> datetime | None:
    """A time of the server's; None for none. Raises ValueError."""
    # Python 3.9's fromisoformat does not read the "Z" of UTC.
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")) if value else None


def _pair(value: Any) -> tuple[int, int] | None:
    return (int(value[0]), int(value[1])) if value else None


def _spans(value: Any) -> dict[str, tuple[tuple[int, int], ...]] | None:
    if value is None:
        return None
    return {
        str(name): tuple((int(first), int(last)) for first, last in found)
        for name, found in value.items()
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


@dataclass(frozen=True)
class Project:
    """A show or a client's job."""

    id: str
    name: str
    allowed_roots: tuple[str, ...] = ()
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, body: Json) -> Project:
        return cls(
            id=body["id"],
            name=body["name"],
            allowed_roots=tuple(body.get("allowed_roots") or ()),
            raw=body,
        )


@dataclass(frozen=True)
class Shot:
    """One plate over a frame range. ``state``: probing, ready or invalid (then ``error``)."""

    id: str
    project_id: str
    name: str
    state: str
    plate: Json
    colorspace: str | None = None
    width: int | None = None
    height: int | None = None
    pixel_aspect: float | None = None
    fps: tuple[int, int] | None = None
    frame_range: tuple[int, int] | None = None
    metadata: Json = field(default_factory=dict, compare=False)
    error: Json | None = None
    created_at: datetime | None = None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @property
    def warnings(self) -> list[str]:
        """What to know of it before one relies on it, in words (docs/plates.md)."""
        report = self.metadata.get("report") or []
        told = [one for one in report if one.get("level") == "warning"]
        return [str(one["message"]) for one in (*told, *(self.raw.get("warnings") or ()))]

    @classmethod
    def from_json(cls, body: Json) -> Shot:
        return cls(
            id=body["id"],
            project_id=body["project_id"],
            name=body["name"],
            state=body["state"],
            plate=body.get("plate") or {},
            colorspace=body.get("colorspace"),
            width=body.get("width"),
            height=body.get("height"),
            pixel_aspect=_number(body.get("pixel_aspect")),
            fps=_pair(body.get("fps")),
            frame_range=_pair(body.get("frame_range")),
            metadata=body.get("metadata") or {},
            error=body.get("error"),
            created_at=time_of(body.get("created_at")),
            raw=body,
        )


@dataclass(frozen=True)
class Progress:
    """How far something is: ``done`` of ``total`` frames (or steps, or bytes) of ``stage``."""

    stage: str = ""
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    frames_per_second: float | None = None
    eta_seconds: float | None = None
    message: str = ""

    @classmethod
    def from_json(cls, body: Json | None, stage: str = "") -> Progress:
        body = body or {}
        done, total = int(body.get("done") or 0), int(body.get("total") or 0)
        fraction = body.get("fraction")
        if fraction is None:
            fraction = done / total if total else 0.0
        return cls(
            stage=str(body.get("stage") or stage),
            done=done,
            total=total,
            fraction=float(fraction),
            frames_per_second=_number(body.get("frames_per_second")),
            eta_seconds=_number(body.get("eta_seconds")),
            message=str(body.get("message") or ""),
        )


@dataclass(frozen=True)
class Attempt:
    """One try of a task on one worker."""

    id: str
    number: int
    state: str
    worker_id: str = ""
    error: Json | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @classmethod
    def from_json(cls, body: Json) -> Attempt:
        return cls(
            id=body["id"],
            number=int(body.get("number") or 1),
            state=body["state"],
            worker_id=str(body.get("worker_id") or ""),
            error=body.get("error"),
            started_at=time_of(body.get("started_at")),
            finished_at=time_of(body.get("finished_at")),
        )


@dataclass(frozen=True)
class Task:
    """One stage of a job: ``kind`` is ingest, track, vectorize or export."""

    id: str
    kind: str
    state: str
    position: int = 0
    queue: str = ""
    progress: Progress = field(default_factory=Progress)
    error: Json | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()

    @classmethod
    def from_json(cls, body: Json) -> Task:
        return cls(
            id=body["id"],
            kind=body["kind"],
            state=body["state"],
            position=int(body.get("position") or 0),
            queue=str(body.get("queue") or ""),
            progress=Progress.from_json(body.get("progress"), stage=body["kind"]),
            error=body.get("error"),
            started_at=time_of(body.get("started_at")),
            finished_at=time_of(body.get("finished_at")),
            attempts=tuple(Attempt.from_json(item) for item in body.get("attempts") or ()),
        )


@dataclass(frozen=True)
class Job:
    """What a user submitted, and how it stands.

    ``state``: queued, running, succeeded, failed, cancelling or cancelled. ``base_version``: of a
    correction, the version of the shapes it corrects; ``changed``: of one whose mattes are done,
    by object name, the ranges of frames that were tracked again.
    """

    id: str
    shot_id: str
    project_id: str
    kind: str
    state: str
    priority: str = "normal"
    version: int = 1
    base_version: int | None = None
    changed: Mapping[str, tuple[tuple[int, int], ...]] | None = field(default=None, compare=False)
    engine: str | None = None
    model: str | None = None
    checkpoint_sha256: str | None = None
    provenance: Json = field(default_factory=dict, compare=False)
    params: Json = field(default_factory=dict, compare=False)
    progress: Progress = field(default_factory=Progress)
    tasks: tuple[Task, ...] = ()
    error: Json | None = None
    created_by: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED_STATES

    @classmethod
    def from_json(cls, body: Json) -> Job:
        return cls(
            id=body["id"],
            shot_id=body["shot_id"],
            project_id=str(body.get("project_id") or ""),
            kind=body["kind"],
            state=body["state"],
            priority=str(body.get("priority") or "normal"),
            version=int(body.get("version") or 1),
            base_version=body.get("base_version"),
            changed=_spans(body.get("changed")),
            engine=body.get("engine"),
            model=body.get("model"),
            checkpoint_sha256=body.get("checkpoint_sha256"),
            provenance=body.get("provenance") or {},
            params=body.get("params") or {},
            progress=Progress.from_json(body.get("progress")),
            tasks=tuple(Task.from_json(item) for item in body.get("tasks") or ()),
            error=body.get("error"),
            created_by=str(body.get("created_by") or ""),
            created_at=time_of(body.get("created_at")),
            started_at=time_of(body.get("started_at")),
            finished_at=time_of(body.get("finished_at")),
            raw=body,
        )


@dataclass(frozen=True)
class Output:
    """One result file. ``name`` is its path relative to the result folder, with ``/``."""

    id: str
    role: str
    name: str
    size: int
    format: str | None = None
    object_id: str | None = None
    frame: int | None = None
    sha256: str | None = None
    report: Json = field(default_factory=dict, compare=False)

    @classmethod
    def from_json(cls, body: Json) -> Output:
        return cls(
            id=body["id"],
            role=body["role"],
            name=body["name"],
            size=int(body["size"]),
            format=body.get("format"),
            object_id=body.get("object_id"),
            frame=body.get("frame"),
            sha256=body.get("sha256"),
            report=body.get("report") or {},
        )


@dataclass(frozen=True)
class UploadFile:
    """One file of an upload; ``offset`` bytes of its beginning have arrived.

    ``pieces``: the pieces that have, as ranges of numbers, both ends included.
    """

    name: str
    size: int
    sha256: str
    offset: int = 0
    pieces: tuple[tuple[int, int], ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing more needs to be sent of it."""
        return self.offset == self.size

    def missing(self, piece_size: int) -> list[int]:
        """The pieces that have not arrived, ascending."""
        count = 0 if self.is_whole else -(-self.size // piece_size)
        there = {n for first, last in self.pieces for n in range(first, last + 1)}
        return [number for number in range(count) if number not in there]

    @classmethod
    def from_json(cls, body: Json) -> UploadFile:
        return cls(
            name=body["name"],
            size=int(body["size"]),
            sha256=body["sha256"],
            offset=int(body.get("offset") or 0),
            pieces=tuple((int(a), int(b)) for a, b in body.get("pieces") or ()),
        )


@dataclass(frozen=True)
class Upload:
    """A set of files sent piece by piece. ``state``: open or complete.

    ``piece_size``: bytes of a piece; 0 of a server that takes them only one after the other.
    ``direct``: pieces may go straight into the object store.
    """

    id: str
    state: str
    files: tuple[UploadFile, ...]
    piece_size: int = 0
    direct: bool = False

    @classmethod
    def from_json(cls, body: Json) -> Upload:
        return cls(
            id=body["id"],
            state=body["state"],
            files=tuple(UploadFile.from_json(item) for item in body.get("files") or ()),
            piece_size=int(body.get("piece_size") or 0),
            direct=bool(body.get("direct")),
        )
