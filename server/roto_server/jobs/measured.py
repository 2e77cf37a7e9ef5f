"""How attempts end, told after the commit: to the log at once, to the metrics by whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from ..db.models import Attempt, Job

_ENDS = "roto_attempt_ends"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class AttemptEnd:
    """One attempt that ended. ``frames_per_second`` is None where no frames were counted.

    ``ids`` are for the log: of the artist's request, the job, the task, the attempt, the worker.
    """

    stage: str
    state: str
    seconds: float
    engine: str
    model: str
    frames_per_second: float | None
    code: str
    ids: dict[str, str | None]


def note_end(session: Session, attempt: Attempt, job: Job, now: datetime) -> None:
    """Note that ``attempt`` of ``job`` has ended at ``now``, the database's time."""
    seconds = max((now - attempt.started_at).total_seconds(), 0.0)
    end = AttemptEnd(
        stage=attempt.task.kind,
        state=str(attempt.state),
        seconds=seconds,
        engine=job.engine or "unknown",
        model=job.model or "unknown",
        frames_per_second=_speed(attempt, seconds),
        code=str((attempt.error or {}).get("code", "")),
        ids={
            "request_id": job.request_id,
            "job_id": job.id,
            "task_id": attempt.task_id,
            "attempt_id": attempt.id,
            "worker_id": attempt.worker_id,
        },
    )
    session.info.setdefault(_ENDS, []).append(end)


def told_ends(session: Session) -> list[AttemptEnd]:
    """What was noted in the committed ``session``, now in the log; once."""
    ends: list[AttemptEnd] = session.info.pop(_ENDS, [])
    for end in ends:
        log.info(
            "attempt_ended",
            **end.ids,
            stage=end.stage,
            state=end.state,
            seconds=round(end.seconds, 3),
            code=end.code,
        )
    return ends


def _speed(attempt: Attempt, seconds: float) -> float | None:
    """The worker's own measure (frames of earlier attempts left out), or that of the whole."""
    measured = attempt.progress.get("frames_per_second")
    if measured:
        return float(measured)
    total = attempt.progress.get("total", 0)
    return total / seconds if total and seconds > 0 else None
