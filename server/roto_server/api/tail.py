"""Follows the events table and hands each new row to the sockets of this process that may see it.

Redis only nudges; rows are read by ``seq``, so a lost nudge costs at most a poll and an event is
never lost or doubled. Rights are looked at again after events that change them, and every second.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog
from redis import asyncio as redis
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from roto_shapes.errors import RotoError

from ..access.watching import CHANGE_RIGHTS, Audience, Watcher, audiences, credential, watchers
from ..db.models import Event
from ..db.session import Database
from ..events import CHANNEL

POLL_SECONDS = 1.0
RECHECK_SECONDS = 1.0
"""How long a session may be over, or a key revoked, before its sockets are closed."""

BATCH = 500
BACKLOG = 1000
"""Events one socket may have waiting before it counts as far behind."""

log = structlog.get_logger("roto.events")


@dataclass(frozen=True, slots=True)
class Message:
    """An event as sockets send it, written once for all of them."""

    seq: int
    kind: str
    text: str
    audience: Audience


class Subscription:
    """One socket's share of the stream. ``seq`` is the last event before its first."""

    def __init__(self, watcher: Watcher, seq: int) -> None:
        self.watcher = watcher
        self.seq = seq
        self.far_behind = False
        self.signed_out = False
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(BACKLOG)

    @property
    def over(self) -> bool:
        """Whether nothing more is to be taken."""
        return self.far_behind or self.signed_out

    def offer(self, message: Message) -> None:
        """Hand over one event; too many waiting turn the subscription into `far_behind`."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.far_behind = True

    def sign_out(self) -> None:
        """End it: its holder may not come in any more. What waits is not told."""
        self.signed_out = True
        with suppress(asyncio.QueueFull):  # then whoever takes is not waiting
            self._queue.put_nowait(None)

    async def take(self, within: float) -> Message | None:
        """The next event; None when ``within`` seconds bring none, or the subscription is over."""
        try:
            async with asyncio.timeout(within):
                message = await self._queue.get()
        except TimeoutError:
            return None
        return None if self.signed_out else message


class EventTail:
    """The one reader of the events table in this process."""

    def __init__(self, database: Database, redis_url: str) -> None:
        self._database = database
        self._redis_url = redis_url
        self._subscriptions: set[Subscription] = set()
        self._wake = asyncio.Event()
        self._rechecking = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self.seq = 0

    @property
    def sockets(self) -> int:
        """How many sockets of this process are told of events."""
        return len(self._subscriptions)

    async def start(self) -> None:
        """Begin at the newest event there is."""
        _, self.seq = await asyncio.to_thread(self.bounds)
        self._tasks = [
            asyncio.create_task(self._follow(), name="event-tail"),
            asyncio.create_task(self._listen(), name="event-nudges"),
            asyncio.create_task(self._watch_rights(), name="event-rights"),
        ]

    async def stop(self) -> None:
        """End the tasks."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def report(self) -> str:
        """For /readyz. Raises `RotoError` (``internal``) when one of the tasks has ended."""
        ended = [task.get_name() for task in self._tasks if task.done()]
        if ended:
            what = f"{', '.join(ended)} ended; sockets hear nothing until a restart"
            raise RotoError(what, code="internal")
        return ""

    @contextmanager
    def subscribe(self, watcher: Watcher) -> Iterator[Subscription]:
        """A subscription to what ``watcher`` may see after the tail's present ``seq``."""
        subscription = Subscription(watcher, self.seq)
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
            rows = session.scalars(query).all()
            return [_message(*pair) for pair in zip(rows, audiences(session, rows), strict=True)]

    async def _follow(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._catch_up()
            except SQLAlchemyError as error:
                log.warning("events cannot be read", error=str(error))
                await asyncio.sleep(POLL_SECONDS)

    async def _catch_up(self) -> None:
        while batch := await asyncio.to_thread(self.read, self.seq):
            if any(message.kind in CHANGE_RIGHTS for message in batch):
                await self._recheck()
            await self._hand_out(batch)
            if len(batch) < BATCH:
                return

    async def _hand_out(self, batch: Sequence[Message]) -> None:
        for message in batch:
            self.seq = message.seq
            for subscription in self._subscriptions:
                if subscription.watcher.may_see(message.audience):
                    subscription.offer(message)
            await asyncio.sleep(0)  # to send it; a burst for many sockets must not hold the loop

    async def _watch_rights(self) -> None:
        """What changes rights without an event: time, and whoever writes to the database."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                await self._recheck()
            except SQLAlchemyError as error:  # then no event can be read either
                log.warning("rights cannot be read", error=str(error))

    async def _recheck(self) -> None:
        """Load everybody's rights anew; whoever may not come in any more is signed out."""
        async with self._rechecking:
            asked = list(self._subscriptions)
            if not asked:
                return
            current = await asyncio.to_thread(self._load, asked)
            for subscription in asked:
                watcher = current.get(credential(subscription.watcher.who))
                if watcher is None:
                    subscription.sign_out()
                else:
                    subscription.watcher = watcher

    def _load(self, asked: Sequence[Subscription]) -> dict[tuple[str | None, str | None], Watcher]:
        with self._database.reading() as session:
            return watchers(session, [one.watcher.who for one in asked])

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


def _message(event: Event, audience: Audience) -> Message:
    told = {
        "seq": event.seq,
        "kind": event.kind,
        "project_id": event.project_id,
        "payload": event.payload,
    }
    text = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    return Message(event.seq, event.kind, text, audience)
