"""The farm for Prometheus: read from the database when asked, so no server has its own opinion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from .db.models import Attempt, Job, Task, Worker
from .db.people import OutgoingMail
from .db.session import Database, database_now
from .jobs.states import ACTIVE_ATTEMPT

_MEMORY = {"used": "gpu_used_bytes", "total": "gpu_total_bytes", "process": "process_bytes"}


class FarmCollector(Collector):
    """Jobs, queues, workers and mails, as one transaction sees them."""

    def __init__(self, database: Database, worker_alive_seconds: float) -> None:
        self._database = database
        self._alive = timedelta(seconds=worker_alive_seconds)

    def describe(self) -> Iterable[Metric]:
        """Nothing up front: registering must not need the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Everything, or, from a database that does not answer, that it does not."""
        answers = GaugeMetricFamily("roto_database_answers", "1 while the database answers.")
        try:
            with self._database.reading() as session:
                found = [*self._metrics(session)]
        except SQLAlchemyError:
            answers.add_metric([], 0.0)
            return [answers]
        answers.add_metric([], 1.0)
        return [answers, *found]

    def _metrics(self, session: Session) -> Iterator[Metric]:
        now = database_now(session)
        yield _jobs(session)
        yield _queue_depth(session)
        workers = session.scalars(select(Worker).where(Worker.last_seen_at > now - self._alive))
        alive = {worker.id: worker for worker in workers}
        count = GaugeMetricFamily("roto_workers_alive", "Workers heard of within the lease time.")
        count.add_metric([], len(alive))
        yield count
        yield _gpu_memory(alive.values())
        yield _speeds(session, alive)
        yield from _mails(session, now)


def _jobs(session: Session) -> Metric:
    jobs = GaugeMetricFamily("roto_jobs", "Jobs by state.", labels=["state"])
    for state, count in session.execute(select(Job.state, func.count()).group_by(Job.state)):
        jobs.add_metric([state], count)
    return jobs


def _queue_depth(session: Session) -> Metric:
    depth = GaugeMetricFamily(
        "roto_queue_depth", "Tasks ready and unclaimed.", labels=["queue", "priority"]
    )
    ready = (
        select(Task.queue, Job.priority, func.count())
        .join(Job, Job.id == Task.job_id)
        .where(Task.state == "ready")
        .group_by(Task.queue, Job.priority)
    )
    for queue, priority, count in session.execute(ready):
        depth.add_metric([queue, priority], count)
    return depth


def _gpu_memory(workers: Iterable[Worker]) -> Metric:
    memory = GaugeMetricFamily(
        "roto_gpu_memory_bytes",
        "Memory of the GPU a worker computes on: used by all, in all, and held by the worker.",
        labels=["worker", "kind"],
    )
    for worker in workers:
        told = worker.memory or {}
        for kind, field in _MEMORY.items():
            if field in told:
                memory.add_metric([worker.id, kind], told[field])
    return memory


def _speeds(session: Session, alive: dict[str, Worker]) -> Metric:
    """What runs now. ``auto`` is called what it means on the worker that runs it."""
    speeds: dict[tuple[str, str, str], float] = defaultdict(float)
    running = (
        select(Task.kind, Job.engine, Job.model, Attempt.worker_id, Attempt.progress)
        .join(Task, Task.id == Attempt.task_id)
        .join(Job, Job.id == Task.job_id)
        .where(Attempt.state.in_(ACTIVE_ATTEMPT))
    )
    for stage, engine, model, worker_id, progress in session.execute(running):
        speed = progress.get("frames_per_second")
        if speed is not None and worker_id in alive:
            meant = _meant(alive[worker_id], engine or "auto", model or "auto")
            speeds[stage, *(meant if stage == "track" else ("", ""))] += speed
    family = GaugeMetricFamily(
        "roto_frames_per_second",
        "Speed of the attempts that run now, as their workers measure it.",
        labels=["stage", "engine", "model"],
    )
    for labels, speed in speeds.items():
        family.add_metric(labels, speed)
    return family


def _meant(worker: Worker, engine: str, model: str) -> tuple[str, str]:
    for installed in worker.engines:
        if engine in ("auto", installed["engine"]) and model in ("auto", installed["model"]):
            return installed["engine"], installed["model"]
    return engine, model


def _mails(session: Session, now: datetime) -> Iterator[Metric]:
    count, failing, oldest = session.execute(
        select(
            func.count(), func.count(OutgoingMail.error), func.min(OutgoingMail.created_at)
        ).select_from(OutgoingMail)
    ).one()
    waiting = GaugeMetricFamily(
        "roto_mails_waiting", "Mails the mail server has not taken yet.", labels=["state"]
    )
    waiting.add_metric(["new"], count - failing)
    waiting.add_metric(["failing"], failing)
    yield waiting
    age = GaugeMetricFamily("roto_mails_oldest_seconds", "How long the oldest of them has waited.")
    age.add_metric([], (now - oldest).total_seconds() if oldest else 0.0)
    yield age
