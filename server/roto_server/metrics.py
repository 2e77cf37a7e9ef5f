"""What Prometheus scrapes: requests as they pass, jobs and workers as the database has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from .db.models import Job, Task, Worker
from .db.session import Database, database_now


class Metrics:
    """The instruments of one app; each app has its own registry, so tests can make many."""

    def __init__(self, database: Database, worker_alive_seconds: float) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "roto_http_requests", "Requests answered.", ["method", "route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "roto_http_request_seconds", "Time to answer.", ["method", "route"],
            registry=self.registry,
        )  # fmt: skip
        self.registry.register(_FarmCollector(database, worker_alive_seconds))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. ``route`` is the template, never the path with its ids."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class _FarmCollector(Collector):
    """Reads the farm's state from the database when asked, so no server has its own opinion."""

    def __init__(self, database: Database, worker_alive_seconds: float) -> None:
        self._database = database
        self._alive = timedelta(seconds=worker_alive_seconds)

    def describe(self) -> Iterable[Metric]:
        """Nothing up front: registering must not need the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Jobs by state, ready tasks by queue and priority, workers seen lately."""
        jobs = GaugeMetricFamily("roto_jobs", "Jobs by state.", labels=["state"])
        depth = GaugeMetricFamily(
            "roto_queue_depth", "Tasks ready and unclaimed.", labels=["queue", "priority"]
        )
        workers = GaugeMetricFamily("roto_workers_alive", "Workers heard of within the lease time.")
        with self._database.reading() as session:
            for state, count in session.execute(
                select(Job.state, func.count()).group_by(Job.state)
            ):
                jobs.add_metric([state], count)
            ready = (
                select(Task.queue, Job.priority, func.count())
                .join(Job, Job.id == Task.job_id)
                .where(Task.state == "ready")
                .group_by(Task.queue, Job.priority)
            )
            for queue, priority, count in session.execute(ready):
                depth.add_metric([queue, priority], count)
            seen = Worker.last_seen_at > database_now(session) - self._alive
            alive = session.scalar(select(func.count()).select_from(Worker).where(seen))
            workers.add_metric([], alive or 0)
        return jobs, depth, workers
