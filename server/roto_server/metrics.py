"""What Prometheus scrapes: what this process has seen, and what the database has of the farm."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import event
from sqlalchemy.orm import Session

from .db.session import Database
from .farm_metrics import FarmCollector
from .jobs.measured import told_ends

_STAGE_SECONDS = (1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10800)
_FRAMES_PER_SECOND = (0.1, 0.3, 1, 2, 5, 10, 20, 40, 80, 160)


class Metrics:
    """The instruments of one app; each app has its own registry, so tests can make many."""

    def __init__(self, database: Database, worker_alive_seconds: float) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "roto_http_requests", "Requests answered.", ["method", "route", "status"],
            registry=registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "roto_http_request_seconds", "Time to answer.", ["method", "route"], registry=registry
        )
        self.limited = Counter(
            "roto_rate_limited", "Requests refused as too many, by the limit that was full.",
            ["limit"], registry=registry,
        )  # fmt: skip
        self.uncounted = Counter(
            "roto_rate_uncounted", "Requests that could not be counted: Redis did not answer.",
            ["route_class"], registry=registry,
        )  # fmt: skip
        self.stage_seconds = Histogram(
            "roto_stage_seconds", "From claim to publishing, of attempts that succeeded.",
            ["stage"], buckets=_STAGE_SECONDS, registry=registry,
        )  # fmt: skip
        self.attempts = Counter(
            "roto_attempts_ended", "Attempts that ended, by how.", ["stage", "state"],
            registry=registry,
        )  # fmt: skip
        self.track_speed = Histogram(
            "roto_track_frames_per_second", "Speed of attempts at track that succeeded.",
            ["engine", "model"], buckets=_FRAMES_PER_SECOND, registry=registry,
        )  # fmt: skip
        registry.register(FarmCollector(database, worker_alive_seconds))
        event.listen(database.sessions, "after_commit", self._after_commit)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. ``route`` is the template, never the path with its ids."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _after_commit(self, session: Session) -> None:
        """Count the ends of attempts that are now certain."""
        for end in told_ends(session):
            self.attempts.labels(end.stage, end.state).inc()
            if end.state != "succeeded":
                continue
            self.stage_seconds.labels(end.stage).observe(end.seconds)
            if end.stage == "track" and end.frames_per_second is not None:
                self.track_speed.labels(end.engine, end.model).observe(end.frames_per_second)
