"""How the queues stand, now and minute by minute for a month."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, delete, func, literal_column, select
from sqlalchemy.orm import Session

from ..db.farm import ENABLED, FarmSample, Node
from ..db.models import Task, Worker
from ..db.session import Database
from .create import QUEUE
from .states import TaskState

NAMES = tuple(sorted(set(QUEUE.values())))
KEEP = timedelta(days=30)
_MOST_POINTS = 500


@dataclass(frozen=True)
class Standing:
    """One queue: tasks that wait and run, for how long the first of them has waited, and the
    workers that serve it and live."""

    waiting: int = 0
    running: int = 0
    oldest_waiting_seconds: float = 0.0
    workers_alive: int = 0


@dataclass(frozen=True)
class Point:
    """A queue over ``step`` minutes from ``at`` on: the most that waited and ran, the fewest
    workers."""

    at: datetime
    queue: str
    standing: Standing


def standing(session: Session, now: datetime, alive_seconds: float) -> dict[str, Standing]:
    """Every queue by its name."""
    since = func.coalesce(Task.ready_at, Task.created_at)
    found = session.execute(
        select(Task.queue, Task.state, func.count(), func.min(since))
        .where(Task.state.in_((TaskState.READY, TaskState.RUNNING)))
        .group_by(Task.queue, Task.state)
    ).all()
    told = {(queue, state): (count, first) for queue, state, count, first in found}
    alive = Worker.last_seen_at > now - timedelta(seconds=alive_seconds)
    closed = select(Node.name).where(Node.state != ENABLED)
    served = session.scalars(select(Worker.queues).where(alive, Worker.node.not_in(closed))).all()
    names = (*NAMES, *sorted({queue for queue, _ in told} - set(NAMES)))
    return {name: _standing(name, told, now, served) for name in names}


def _standing(
    name: str,
    told: dict[tuple[str, str], tuple[int, datetime]],
    now: datetime,
    served: Iterable[list[str]],
) -> Standing:
    waiting, first = told.get((name, TaskState.READY), (0, now))
    running, _ = told.get((name, TaskState.RUNNING), (0, now))
    return Standing(
        waiting=waiting,
        running=running,
        oldest_waiting_seconds=round(max((now - first).total_seconds(), 0.0), 3),
        workers_alive=sum(name in queues for queues in served),
    )


def sample(database: Database, alive_seconds: float, now: datetime) -> None:
    """Note how the queues stand in this minute, and forget what is older than `KEEP`."""
    minute = _minute(now)
    with database.session() as session:
        for queue, stands in standing(session, now, alive_seconds).items():
            session.merge(FarmSample(minute=minute, queue=queue, **asdict(stands)))
        session.execute(delete(FarmSample).where(FarmSample.minute < _minute(now - KEEP)))


def history(session: Session, now: datetime, hours: int) -> tuple[int, Sequence[Point]]:
    """The last ``hours``, oldest first, in at most 500 points; and the minutes of each.

    A minute in which no server ran has no point.
    """
    step = math.ceil(hours * 60 * len(NAMES) / _MOST_POINTS)
    last = _minute(now) // step
    first = last - math.ceil(hours * 60 / step) + 1
    # Not a parameter: PostgreSQL would take each for another expression.
    part = FarmSample.minute // literal_column(str(step), Integer)
    query = (
        select(
            part.label("part"),
            FarmSample.queue,
            func.max(FarmSample.waiting),
            func.max(FarmSample.running),
            func.max(FarmSample.oldest_waiting_seconds),
            func.min(FarmSample.workers_alive),
        )
        .where(FarmSample.minute >= first * step, FarmSample.queue.in_(NAMES))
        .group_by(part, FarmSample.queue)
        .order_by(part, FarmSample.queue)
    )
    return step, [
        Point(datetime.fromtimestamp(row.part * step * 60, UTC), row.queue, Standing(*row[2:]))
        for row in session.execute(query)
    ]


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)
