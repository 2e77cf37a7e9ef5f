"""Bodies of statistics."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from ...statistics import Grouping
from .common import Answer


class FiguresOut(Answer):
    """How much was done."""

    shots: int = Field(description="Distinct shots with a roto job that succeeded.")
    frames: int = Field(description="Frames of those jobs' plates, anew for every version.")
    gpu_hours: float = Field(
        description="Hours of attempts at tracking by an engine that uses a GPU, on workers that "
        "have one, whatever became of them."
    )
    jobs: int = Field(description="Jobs that succeeded or failed; cancelled ones do not count.")
    failed: int
    retakes: int = Field(description="Moves of shots to the review state retake.")


class KeyOut(Answer):
    """A day (UTC) or an id, and what people call it."""

    key: str
    name: str


# Its columns are the key's, then the figures'.
class GroupOut(FiguresOut, KeyOut):
    """Figures of a day, project or person. ``key``: the day (UTC) or an id; ``name``: the day, or
    what the project or person is called."""


class StageOut(Answer):
    """Seconds a worker spent on a stage, over the ``attempts`` at it that succeeded."""

    stage: str
    attempts: int
    mean_seconds: float
    p95_seconds: float = Field(
        description="95 of 100 attempts took no longer; a time that was measured (nearest rank)."
    )


class FailureOut(Answer):
    """What went wrong. Rates, 0 to 1, are of all jobs or attempts that succeeded or failed; of a
    job that succeeds at its second attempt the first one is told here, and no job."""

    code: str
    jobs: int
    job_rate: float
    attempts: int
    attempt_rate: float


class RetakeOut(Answer):
    """Why shots were sent back. A retake with two reasons counts for both."""

    reason: str
    retakes: int


class StatisticsOut(Answer):
    """What ended from ``since`` on and before ``until``."""

    since: datetime
    until: datetime
    by: Grouping
    total: FiguresOut
    groups: list[GroupOut]
    stages: list[StageOut]
    slowest_stage: str | None = Field(description="The one that takes longest on average.")
    failures: list[FailureOut]
    retakes: list[RetakeOut]
