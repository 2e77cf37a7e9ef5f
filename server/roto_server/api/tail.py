"""Follows the events table and hands each new row to the sockets of this process.

Redis only nudges; rows are read by ``seq``, so a lost nudge costs at most a poll and an event is
never lost or doubled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from redis import asyncio as redis
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from ..db.models import Event
from ..db.session import Database
from ..events import CHANNEL

POLL_SECONDS = 1.0
BATCH = 500
BACKLOG = 1000
"""Events one socket may have waiting before it counts as far behind."""

Message = dict[str, Any]
log = structlog.get_logger("roto.events")


class Subscription:
    """One socket's share of the stream. ``seq`` is the last event before its first."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.far_behind = False
        self._queue: asyncio.Queue[Message] = asyncio.Queue(BACKLOG)

    def offer(self, message: Message) -> None:
        """Hand over one event; too many waiting turn the subscription into `far_behind`."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.far_behind = True

    async def take(self) -> Message:
        """The next event, when there is one."""
        return await self._queue.get()


class EventTail:
    """The one reader of the events table in this process."""

    def __init__(self, database: Database, redis_url: str) -> None:
        self._database = database
        self._redis_url = redis_url
        self._subscriptions: set[Subscription] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.seq = 0

    async def start(self) -> None:
        """Begin at the newest event there is."""
        _, self.seq = await asyncio.to_thread(self.bounds)
        self._tasks = [
            asyncio.create_task(self._follow(), name="event-tail"),
            asyncio.create_task(self._listen(), name="event-nudges"),
        ]

    async def stop(self) -> None:
        """End both tasks."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """A subscription to everything after the tail's present ``seq``."""
        subscription = Subscription(self.seq)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def bounds(self) -> tuple[int, int]:
        """``seq`` of the oldest and the newest event kept; zeros when there is none."""
        with self._database.reading() as session:
            oldest, newest = session.execute(select(func.min(Event.seq), func.max(Event.seq))).one()
        return oldest or 0, newest or 0

    def read(self, after: int, until: int | None = None) -> list[Message]:
        """Up to `BATCH` events after ``after``, in order, none past ``until``."""
        query = select(Event).where(Event.seq > after).order_by(Event.seq).limit(BATCH)
        if until is not None:
            query = query.where(Event.seq <= until)
        with self._database.reading() as session:
            return [_message(event) for event in session.scalars(query)]

    async def _follow(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
            self._wake.clear()
            try:
                await self._catch_up()
            except SQLAlchemyError as error:
                log.warning("events cannot be read", error=str(error))
                await asyncio.sleep(POLL_SECONDS)

    async def _catch_up(self) -> None:
        while batch := await asyncio.to_thread(self.read, self.seq):
            self._hand_out(batch)
            if len(batch) < BATCH:
                return

    def _hand_out(self, batch: Sequence[Message]) -> None:
        for message in batch:
            self.seq = message["seq"]
            for subscription in self._subscriptions:
                subscription.offer(message)

    async def _listen(self) -> None:
        """Wake the follower at each nudge; without Redis the poll alone carries on."""
        pause = 1.0
        while True:
            try:
                async with (
                    redis.Redis.from_url(self._redis_url) as client,
                    client.pubsub() as pubsub,
                ):
                    await pubsub.subscribe(CHANNEL)
                    pause = 1.0
                    async for _ in pubsub.listen():
                        self._wake.set()
            except (RedisError, OSError) as error:
                log.warning("no nudges from Redis", error=str(error), retry_in=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)


def _message(event: Event) -> Message:
    return {
        "seq": event.seq,
        "kind": event.kind,
        "project_id": event.project_id,
        "payload": event.payload,
    }
