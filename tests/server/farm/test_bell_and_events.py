"""The bell rings after the commit and never for a rollback; events come in order of commit."""

from __future__ import annotations

import threading

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from roto_server.bell import ENTRY_POINT, Bell, Ring
from roto_server.db.models import Event, Job, Shot, Task
from roto_server.db.session import Database
from roto_server.events import CHANNEL, emit
from roto_server.jobs.control import set_priority
from roto_server.jobs.create import create_ingest_job
from roto_server.jobs.reconciler import Reconciler
from roto_shapes.errors import RotoError
from server.farm.helpers_farm_rows import Studio


def test_a_ring_is_one_entry_point_with_one_id(redis_url: str) -> None:
    bell = Bell(redis_url)
    assert bell.ring([Ring("a" * 32, "roto-gpu-high")])
    queue = Queue("roto-gpu-high", connection=bell.redis, serializer=JSONSerializer)
    [job] = queue.jobs
    assert (job.func_name, list(job.args), job.kwargs) == (ENTRY_POINT, ["a" * 32], {})
    assert (job.timeout, job.result_ttl, job.failure_ttl, job.ttl) == (-1, 0, 60, 600)
    bell.close()


def test_the_bell_rings_after_the_commit_only(studio: Studio, redis_url: str) -> None:
    bell = Bell(redis_url)
    bell.attach(studio.database)
    job_id = studio.roto(studio.shot(), priority="high")
    queue = Queue("roto-gpu-high", connection=bell.redis, serializer=JSONSerializer)
    assert [list(job.args) for job in queue.jobs] == [[studio.task(job_id)]]
    queue.empty()
    with studio.database.session() as session:
        row = session.get_one(Shot, studio.shot("sh020"))
        create_ingest_job(session, row, "ann")
        session.rollback()
    cpu = Queue("roto-cpu-normal", connection=bell.redis, serializer=JSONSerializer)
    assert (len(queue), len(cpu)) == (0, 0)
    bell.close()


@pytest.mark.parametrize("rings", [1, 3])
def test_a_priority_takes_its_rings_along(studio: Studio, redis_url: str, rings: int) -> None:
    bell = Bell(redis_url)
    bell.attach(studio.database)
    job_id, other = studio.roto(studio.shot()), studio.roto(studio.shot("sh020"))
    reconciler = Reconciler(studio.farm)
    for _ in range(rings - 1):
        with studio.database.session() as session:
            session.get_one(Task, studio.task(job_id)).rung_at = None
        assert reconciler.run_once()
    with studio.database.session() as session:
        set_priority(session, session.get_one(Job, job_id), "low")
    waiting = {
        name: [list(job.args) for job in Queue(name, bell.redis, serializer=JSONSerializer).jobs]
        for name in ("roto-gpu-normal", "roto-gpu-low")
    }
    assert waiting == {
        "roto-gpu-normal": [[studio.task(other)]],
        "roto-gpu-low": [[studio.task(job_id)]],
    }
    assert studio.job(job_id).urgency == 2
    worker = studio.worker()
    studio.run(job_id, worker)
    with studio.database.session() as session, pytest.raises(RotoError, match="has succeeded"):
        set_priority(session, session.get_one(Job, job_id), "high")
    bell.close()


def test_a_dead_redis_is_no_error_for_the_submitter(studio: Studio, tmp_path: object) -> None:
    bell = Bell(f"unix://{tmp_path}/nobody.sock")
    bell.attach(studio.database)
    job_id = studio.roto(studio.shot())
    assert studio.states(job_id)["track"] == "ready"
    with studio.database.reading() as session:
        assert session.get_one(Task, studio.task(job_id)).rung_at is not None
    assert bell.ring([Ring("a" * 32, "roto-gpu-high")]) is False
    bell.close()


def test_those_who_tail_events_are_nudged(database: Database, redis_url: str) -> None:
    bell = Bell(redis_url)
    bell.attach(database)
    with Redis.from_url(redis_url) as client, client.pubsub() as listener:
        listener.subscribe(CHANNEL)
        assert listener.get_message(timeout=5)
        with database.session() as session:
            emit(session, "job.updated", None, {})
        message = listener.get_message(timeout=5)
    assert message is not None
    assert message["data"] == b""
    bell.close()


@pytest.mark.database
def test_a_rolled_back_change_leaves_no_event(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.session() as session:
        emit(session, "job.updated", None, {"value": 1 // 0})
    with database.session() as session:
        emit(session, "job.updated", "p" * 32, {"kept": True})
    with database.reading() as session:
        assert [row.payload for row in session.scalars(select(Event))] == [{"kept": True}]


@pytest.mark.database
def test_whoever_tails_never_sees_a_later_event_before_an_earlier(database: Database) -> None:
    """Writers, and a tailer that asks for what came after the last it saw: nothing is missed."""
    done = threading.Event()

    def write(writer: int) -> None:
        for number in range(10):
            with database.session() as session:
                emit(session, "job.updated", None, {"n": [writer, number]})

    seen: list[int] = []

    def tail() -> None:
        last = 0
        while True:
            finished = done.is_set()
            with database.reading() as session:
                query = select(Event.seq).where(Event.seq > last).order_by(Event.seq)
                found = session.scalars(query).all()
            seen.extend(found)
            last = found[-1] if found else last
            if finished:
                return

    tailer = threading.Thread(target=tail)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    tailer.start()
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    tailer.join()
    assert len(seen) == 40
