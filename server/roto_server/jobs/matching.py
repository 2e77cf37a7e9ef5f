"""Which worker may have which task: hard rules, and preferences when a better one is alive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db.models import Attempt, Task, Worker
from . import nodes
from .states import HELD_ATTEMPT, SPENT_ATTEMPT

BARRED_AFTER = 3
"""Failures of a task kind within a job after which a worker is barred from it."""

NOBODY_REACHES = "no node that is connected mounts the folder that the plate or the results lie in"


def refusal(
    session: Session,
    task: Task,
    worker: Worker,
    now: datetime,
    lease: timedelta,
    reaches: Callable[[Worker], bool],
) -> str | None:
    """Why ``worker`` should not have ``task`` now; None when it should.

    A worker without the wanted queue or kind, or that does not see the task's files (``reaches``),
    never gets the task. A worker that is worse suited than a living other one (it lacks the model,
    or failed too often) is refused in its favour, one that failed the task before only in favour of
    an idle other and only while the task is fresh.
    """
    if not can_run(worker, task):
        return "this worker does not serve that queue or stage"
    closed = nodes.closed(session)
    others = [
        other
        for other in session.scalars(select(Worker).where(Worker.last_seen_at > now - lease))
        if other.id != worker.id
        and other.node not in closed
        and can_run(other, task)
        and reaches(other)
    ]
    if not reaches(worker):
        return "its node does not mount the plate's folder" if others else NOBODY_REACHES
    failures = _failures(session, task)
    better = [other for other in others if _suits(other, task, failures)]
    if better and not _suits(worker, task, failures):
        return "a better suited worker is alive"
    fresh = task.not_before is not None and now < task.not_before + lease / 2
    if fresh and _failed_before(session, task, worker.id):
        busy = set(
            session.scalars(select(Attempt.worker_id).where(Attempt.state.in_(HELD_ATTEMPT)))
        )
        untried = [
            other
            for other in better
            if other.id not in busy and not _failed_before(session, task, other.id)
        ]
        if untried:
            return "it failed here before and another worker is free"
    return None


def can_run(worker: Worker, task: Task) -> bool:
    """Whether the worker serves the task's queue and stage."""
    return task.queue in worker.queues and task.kind in worker.kinds


def _suits(worker: Worker, task: Task, failures: Sequence[str]) -> bool:
    return failures.count(worker.id) < BARRED_AFTER and _has_engine(worker.engines, task)


def _has_engine(engines: Iterable[dict[str, str]], task: Task) -> bool:
    """Whether the wanted engine and model are installed there; ``auto`` and paths fit anywhere."""
    engine = task.params.get("engine", "auto")
    model = task.params.get("model", "auto")
    if engine == "auto" and model == "auto":
        return True
    return any(
        engine in ("auto", installed["engine"])
        and (model in ("auto", installed["model"]) or "/" in model)
        for installed in engines
    )


def _failures(session: Session, task: Task) -> list[str]:
    """Worker ids of the failed and lost attempts at this kind of task in its job."""
    return list(
        session.scalars(
            select(Attempt.worker_id)
            .join(Task)
            .where(
                Task.job_id == task.job_id,
                Task.kind == task.kind,
                Attempt.state.in_(SPENT_ATTEMPT),
            )
        )
    )


def _failed_before(session: Session, task: Task, worker_id: str) -> bool:
    return worker_id in session.scalars(
        select(Attempt.worker_id).where(
            Attempt.task_id == task.id, Attempt.state.in_(SPENT_ATTEMPT)
        )
    )
