"""Jobs, their tasks and attempts, and what they made."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from .common import Answer
from .projects import Id

JobState = Literal["queued", "running", "succeeded", "failed", "cancelling", "cancelled"]
JobKind = Literal["ingest", "roto", "export", "scenes", "publish"]

_PROGRESS: JsonDict = {
    "stage": "track",
    "done": 34,
    "total": 96,
    "fraction": 0.31,
    "frames_per_second": 6.2,
    "eta_seconds": 41.5,
    "message": "sam2 sam2.1_hiera_small on cuda:0",
}


class Progress(Answer):
    """How far a job is: ``done`` of ``total`` frames in ``stage``, ``fraction`` of all of it."""

    stage: str | None = None
    done: int = 0
    total: int = 0
    fraction: float = Field(default=0.0, ge=0, le=1)
    frames_per_second: float | None = None
    eta_seconds: float | None = None
    message: str = ""

    model_config = ConfigDict(json_schema_extra={"example": _PROGRESS})


class AttemptOut(Answer):
    """One try of a task on one worker."""

    id: Id
    number: int
    state: str
    worker_id: str
    error: dict[str, Any] | None
    started_at: datetime
    finished_at: datetime | None


class TaskOut(Answer):
    """One stage of a job."""

    id: Id
    kind: str
    state: str
    position: int
    queue: str
    progress: dict[str, Any]
    error: dict[str, Any] | None
    started_at: datetime | None
    finished_at: datetime | None
    attempts: list[AttemptOut]


class JobStatus(Answer):
    """The short answer for those who poll."""

    id: Id
    state: JobState
    progress: Progress
    error: dict[str, Any] | None


class JobOut(JobStatus):
    """What a user submitted and how it goes. ``params`` is the request in full.

    ``base_version``: of a correction, the version of the shapes it corrects. ``changed``: of a
    correction whose mattes are done, by object name, the plate frames (inclusive ranges) that were
    tracked again; what is outside them is the corrected version's to the last bit.
    """

    shot_id: Id
    project_id: Id
    kind: JobKind
    priority: str
    version: int
    view: str = Field(default="main", description="The view of the plate it works on.")
    plate_version: int = Field(default=1, description="The version of that plate.")
    base_version: int | None
    changed: dict[str, list[tuple[int, int]]] | None
    engine: str | None
    model: str | None
    checkpoint_sha256: str | None
    provenance: dict[str, Any]
    params: dict[str, Any]
    tasks: list[TaskOut]
    created_by: str
    created_by_id: str = ""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class OutputOut(Answer):
    """A published file. ``name`` is its path below the job's export folder.

    ``url`` is relative to the server; bytes come with Range support.
    """

    id: Id
    role: str
    format: str | None
    object_id: str | None
    frame: int | None
    name: str = Field(examples=["mattes/hero_matte_v001.1001.exr"])
    size: int
    sha256: str | None
    report: dict[str, Any]
    url: str


class RoleCount(Answer):
    """How many published files are of one role, and their bytes."""

    role: str
    files: int
    size: int


class OutputCounts(Answer):
    """The published files of a job, counted by what they are."""

    roles: list[RoleCount]


class PublicationOut(Answer):
    """A result in the studio's own folders, of the version that ``job_id`` has made.

    ``output_id``: what it is a copy of. ``path``: by the name that the asker's system has for it
    (``X-Roto-Platform``).
    """

    id: Id
    job_id: Id
    output_id: Id | None
    path: str
    size: int
    sha256: str | None
    created_at: datetime


class MaskOut(Answer):
    """One object's tracked matte on one frame. ``confidence`` is the engine's, 0 to 1."""

    object_id: Id
    job_id: Id
    frame: int
    confidence: float | None
    created_at: datetime
