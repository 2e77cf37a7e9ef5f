"""How the queues stand and stood: counted from the rows, kept by the minute, thinned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from roto_server.audit import SERVER
from roto_server.db.farm import FarmSample
from roto_server.db.models import Task
from roto_server.db.session import database_now
from roto_server.jobs import nodes, queues
from roto_server.jobs.queues import Standing
from server.farm.helpers_farm_rows import Studio

pytestmark = pytest.mark.database

NOON = datetime(2026, 11, 30, 12, 0, 30, tzinfo=UTC)


def test_what_waits_and_runs_is_counted(studio: Studio) -> None:
    first, second = (studio.roto(studio.shot(name)) for name in ("sh010", "sh020"))
    studio.ingest(studio.shot("sh030", ready=False))
    studio.start(studio.task(first), studio.worker("node1", queues=["gpu"]))
    studio.worker("node2")
    with studio.database.session() as session:
        now = database_now(session)
        task = session.get_one(Task, studio.task(second))
        task.ready_at = now - timedelta(seconds=90)
        # Since when the task waits, not since when its job is there.
        task.created_at = now - timedelta(days=1)
        session.flush()
        found = queues.standing(session, now, 30)
    assert found["gpu"] == Standing(1, 1, 90.0, 2)
    assert (found["cpu"].waiting, found["cpu"].running, found["cpu"].workers_alive) == (1, 0, 1)
    studio.forget_workers()
    with studio.database.reading() as session:
        found = queues.standing(session, database_now(session), 30)
    assert {name: one.workers_alive for name, one in found.items()} == {"cpu": 0, "gpu": 0}


def test_workers_of_a_closed_node_serve_nobody(studio: Studio) -> None:
    """Else a page says that there is a worker while everything waits."""
    studio.worker("node1")
    studio.worker("node2")
    with studio.database.session() as session:
        nodes.change(session, SERVER, "node1", "draining", "new card")
        now = database_now(session)
        assert queues.standing(session, now, 30)["gpu"].workers_alive == 1
        nodes.change(session, SERVER, "node2", "disabled", "new card")
        session.flush()
        assert queues.standing(session, now, 30)["gpu"].workers_alive == 0


def test_a_task_that_is_given_back_waits_anew(studio: Studio) -> None:
    task_id = studio.task(studio.roto(studio.shot()))
    with studio.database.session() as session:
        session.get_one(Task, task_id).ready_at = NOON
    studio.run(studio.roto(studio.shot("sh020")), studio.worker())
    with studio.database.reading() as session:
        later = select(Task.ready_at).where(Task.position == 1, Task.state == "succeeded")
        assert session.scalars(later).one() is not None


def test_a_minute_is_sampled_once_and_kept_a_month(studio: Studio) -> None:
    old = NOON - timedelta(days=31)
    for moment in (old, NOON, NOON + timedelta(seconds=20)):
        queues.sample(studio.database, 30, moment)
    with studio.database.reading() as session:
        minutes = session.execute(
            select(FarmSample.minute, FarmSample.queue).order_by(FarmSample.queue)
        ).all()
    noon = int(NOON.timestamp() // 60)
    assert [tuple(row) for row in minutes] == [(noon, "cpu"), (noon, "gpu")]


def add(studio: Studio, minutes: int) -> None:
    """A sample of every minute up to noon; in one minute an hour a hundred tasks wait."""
    noon = int(NOON.timestamp() // 60)
    with studio.database.session() as session:
        session.add_all(
            FarmSample(
                minute=minute, queue=queue, waiting=100 if minute % 60 == 0 else 1, running=2,
                oldest_waiting_seconds=3.5, workers_alive=4 if minute % 60 else 1,
            )
            for minute in range(noon - minutes + 1, noon + 1)
            for queue in queues.NAMES
        )  # fmt: skip


def test_an_hour_is_told_by_the_minute(studio: Studio) -> None:
    add(studio, 120)
    with studio.database.reading() as session:
        step, points = queues.history(session, NOON, 1)
    assert step == 1
    assert len(points) == 60 * len(queues.NAMES)
    assert points[-1].at == NOON.replace(second=0)
    assert points[0].at == NOON.replace(second=0) - timedelta(minutes=59)
    assert [point.standing.waiting for point in points[-2:]] == [100, 100]


@pytest.mark.parametrize("hours", [24, 100, 720])
def test_long_histories_are_thinned_and_keep_their_peaks(studio: Studio, hours: int) -> None:
    add(studio, 26 * 60)
    with studio.database.reading() as session:
        step, points = queues.history(session, NOON, hours)
    assert len(points) <= 500
    assert step * 250 >= hours * 60
    peaks = {point.at for point in points if point.standing.waiting == 100}
    assert len(peaks) >= (24 if step < 60 else 1)
    assert all(point.standing.workers_alive == 1 for point in points if point.at in peaks)


def test_no_samples_no_points(studio: Studio) -> None:
    with studio.database.reading() as session:
        assert list(queues.history(session, NOON, 24)[1]) == []
