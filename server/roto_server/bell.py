"""The bell: tells workers over Redis that a task (RQ) or a preview (a list) waits. Decides nothing.

A ring may be lost or doubled at no harm: the claim decides who gets the task, and the reconciler
rings again for what nobody claimed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from roto_client.contract import PreviewRing, preview_list
from roto_shapes.errors import RotoError

from .db.models import Job, Preview, Task
from .db.session import Database
from .events import CHANNEL

ENTRY_POINT = "roto_worker.entry.run_task"
"""The one function a worker runs; the server never imports it."""

REDIS_TIMEOUT_SECONDS = 2.0
RING_TTL_SECONDS = 600
PREVIEW_RING_TTL_SECONDS = 60
_RINGS = "roto_rings"
_WITHDRAWN = "roto_withdrawn_rings"
_PREVIEW_RINGS = "roto_preview_rings"
_NUDGE = "roto_nudge"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ring:
    """One call for a worker: which task, on which queue.

    ``name``: the same while the task waits, however often it is rung for, so that its rings can be
    found again; "" gives it one of its own.
    """

    task_id: str
    queue: str
    name: str = ""


def order(session: Session, task: Task, job: Job, now: datetime) -> None:
    """Have workers told of ready ``task`` once ``session`` has committed.

    ``now`` is the database's clock; the time is noted in the same transaction, so a ring that Redis
    loses is repeated by the reconciler.
    """
    task.rung_at = now
    rings = session.info.setdefault(_RINGS, [])
    rings.append(_ring(task, job))


def withdraw(session: Session, task: Task, job: Job) -> None:
    """Have rings for ready ``task``, as the job's priority is now, taken off their queue once
    ``session`` has committed, before others are made."""
    session.info.setdefault(_WITHDRAWN, []).append(_ring(task, job))


def order_preview(session: Session, preview: Preview, now: datetime) -> None:
    """Have workers told of a waiting preview once ``session`` has committed, as `order` does."""
    preview.rung_at = now
    asked = preview.request
    rings = session.info.setdefault(_PREVIEW_RINGS, [])
    ring = PreviewRing(preview.id, asked["image_size"])
    rings.append((preview_list(asked["engine"], asked["model"]), ring))


def queue_name(queue: str, priority: str) -> str:
    """The Redis queue of a task: ``roto-gpu-high`` ... ``roto-cpu-low``."""
    return f"roto-{queue}-{priority}"


def _ring(task: Task, job: Job) -> Ring:
    since = f"-{round(task.ready_at.timestamp() * 1000)}" if task.ready_at else ""
    return Ring(task.id, queue_name(task.queue, job.priority), task.id + since)


class Bell:
    """Rings for what sessions of an attached `Database` ordered, after each commit.

    Redis out of reach is logged and never an error to the caller.
    """

    def __init__(self, redis_url: str) -> None:
        # One quick try: a request must not wait for a Redis that is away.
        try:
            self.redis: Redis = Redis.from_url(
                redis_url,
                socket_timeout=REDIS_TIMEOUT_SECONDS,
                socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise RotoError(
                f"ROTO_REDIS_URL is not an address of Redis: {error}.",
                hint="Use redis://:password@host:6379/0, rediss:// or unix:///path/redis.sock.",
                code="bad_request",
            ) from None

    def attach(self, database: Database) -> None:
        """From now on every committed session of ``database`` rings and nudges by itself."""
        event.listen(database.sessions, "after_commit", self._after_commit)

    def ring(self, rings: Iterable[Ring]) -> bool:
        """Put the tasks on their queues; False when Redis could not be told."""
        try:
            for ring in rings:
                self._queue(ring.queue).enqueue_call(
                    ENTRY_POINT,
                    args=(ring.task_id,),
                    job_id=ring.name or None,
                    timeout=-1,
                    result_ttl=0,
                    failure_ttl=60,
                    ttl=RING_TTL_SECONDS,
                )
        except (RedisError, OSError) as error:
            log.warning("bell_unheard", error=str(error))
            return False
        return True

    def withdraw(self, rings: Iterable[Ring]) -> None:
        """Take rings off their queues; one that a worker has in hand is done no harm."""
        try:
            for ring in rings:
                self.redis.lrem(self._queue(ring.queue).key, 0, ring.name)
        except (RedisError, OSError) as error:
            log.warning("bell_unheard", error=str(error))

    def ring_previews(self, rings: Iterable[tuple[str, PreviewRing]]) -> None:
        """Put previews at the end of their lists, each no more than once."""
        try:
            with self.redis.pipeline() as pipe:
                for name, ring in rings:
                    pipe.lrem(name, 0, ring.to_text())
                    pipe.rpush(name, ring.to_text())
                    # No worker may ever come that takes from this list.
                    pipe.expire(name, PREVIEW_RING_TTL_SECONDS)
                pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("bell_unheard", error=str(error))

    def nudge(self) -> None:
        """Wake those who tail the events table."""
        try:
            self.redis.publish(CHANNEL, b"")
        except (RedisError, OSError) as error:
            log.warning("nudge_unheard", error=str(error))

    def close(self) -> None:
        """Close the connections to Redis."""
        self.redis.close()

    def _queue(self, name: str) -> Queue:
        return Queue(name, connection=self.redis, serializer=JSONSerializer)

    def _after_commit(self, session: Session) -> None:
        if session.in_nested_transaction():
            # The end of a savepoint: nobody else sees its rows yet.
            return
        withdrawn = session.info.pop(_WITHDRAWN, None)
        if withdrawn:
            self.withdraw(withdrawn)
        rings = session.info.pop(_RINGS, None)
        if rings:
            self.ring(rings)
        previews = session.info.pop(_PREVIEW_RINGS, None)
        if previews:
            self.ring_previews(previews)
        if session.info.pop(_NUDGE, False):
            self.nudge()
