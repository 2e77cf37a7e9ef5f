"""How far a job is, from its tasks: the ``progress`` of the public API and of events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..db.models import Task
from .states import TaskState

WEIGHT = {"ingest": 1.0, "track": 6.0, "vectorize": 2.0, "export": 2.0, "scenes": 1.0}
"""How long the stages last, roughly, relative to each other."""


def job_progress(tasks: Iterable[Task]) -> dict[str, Any]:
    """``{stage, done, total, fraction, frames_per_second, eta_seconds, message}``.

    ``done`` and ``total`` count frames (or steps) of the current stage, ``fraction`` (0 to 1) is of
    the whole job, ``eta_seconds`` of the current stage.
    """
    ordered = sorted(tasks, key=lambda task: task.position)
    weights = [WEIGHT.get(task.kind, 1.0) for task in ordered]
    finished = sum(weight * _fraction(task) for weight, task in zip(weights, ordered, strict=True))
    current = current_task(ordered)
    progress = current.progress if current else {}
    return {
        "stage": current.kind if current else None,
        "done": progress.get("done", 0),
        "total": progress.get("total", 0),
        "fraction": round(finished / sum(weights), 4) if weights else 0.0,
        "frames_per_second": progress.get("frames_per_second"),
        "eta_seconds": progress.get("eta_seconds"),
        "message": progress.get("message", ""),
    }


def current_task(tasks: Sequence[Task]) -> Task | None:
    """The stage to show of ``tasks`` in order: the first one not yet succeeded, else the last."""
    for task in tasks:
        if task.state != TaskState.SUCCEEDED:
            return task
    return tasks[-1] if tasks else None


def _fraction(task: Task) -> float:
    if task.state == TaskState.SUCCEEDED:
        return 1.0
    total = task.progress.get("total", 0)
    return min(1.0, task.progress.get("done", 0) / total) if total else 0.0
