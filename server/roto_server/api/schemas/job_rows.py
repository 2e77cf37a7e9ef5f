"""Jobs as a table shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from ...reviewing import ReviewState
from .common import Answer, Color
from .jobs import JobKind, JobState
from .projects import Id


class RowObject(Answer):
    """An object the job works on."""

    name: str
    colour: Color


class RowStage(Answer):
    """A stage of the job: ``done`` of ``total`` frames or steps."""

    kind: str
    state: str
    done: int
    total: int


class JobRow(Answer):
    """A job in one line. ``queue``, ``frames_per_second`` and ``eta_seconds`` are of the stage it
    is at; ``review`` is the shot's."""

    id: Id
    shot_id: Id
    shot_name: str
    project_id: Id
    project_name: str
    thumbnail_url: str | None = Field(description="Relative to the server; null until there is one")
    objects: list[RowObject]
    owner_id: str
    owner_name: str
    kind: JobKind
    state: JobState
    priority: str
    queue: str | None
    version: int
    stages: list[RowStage]
    fraction: float
    frames_per_second: float | None
    eta_seconds: float | None
    message: str = Field(description="For people: what it is doing, or why it waits.")
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    worst_confidence: float | None = Field(description="The lowest of its mattes', 0 to 1.")
    error_code: str | None
    review: ReviewState
    may: list[str] = Field(description="What you may do with its shot.")


class JobCounts(Answer):
    """How many jobs are in each state, and in all."""

    states: dict[JobState, int]
    total: int
    at: datetime = Field(description="When they were counted, by the server's clock.")
