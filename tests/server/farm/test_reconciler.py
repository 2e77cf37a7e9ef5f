"""What the reconciler puts right: silence, crashes, an emptied Redis, its own database errors."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from roto_server.bell import Bell
from roto_server.db.leader import Leader
from roto_server.db.models import Attempt, Event, Task
from roto_server.db.session import Database, database_now
from roto_server.db.types import utc_now
from roto_server.events import emit
from roto_server.jobs import ending, publishing
from roto_server.jobs.attempts import StaleAttemptError
from roto_server.jobs.leading import Leadership
from roto_server.jobs.reconciler import Reconciler
from roto_shapes.errors import RotoError
from server.farm.helpers_farm_rows import Studio, make_result, open_studio


def seasoned(studio: Studio, later: float = 0.0) -> Reconciler:
    """A reconciler that has been up for longer than a lease; its clock is ``later`` s ahead."""
    ahead = timedelta(seconds=0)
    reconciler = Reconciler(studio.farm, clock=lambda session: database_now(session) + ahead)
    reconciler.run_once()
    reconciler._amnesty_until = None
    ahead = timedelta(seconds=later)
    return reconciler


def rings(redis_url: str) -> list[list[str]]:
    """Arguments of the RQ jobs on all queues."""
    with Redis.from_url(redis_url) as client:
        return [
            list(job.args)
            for queue in Queue.all(connection=client, serializer=JSONSerializer)
            for job in queue.jobs
        ]


@pytest.mark.database
def test_a_silent_lease_is_lost_and_the_task_queued_again(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    reconciler = seasoned(studio)
    studio.silence(spec["attempt_id"], seconds=20)
    reconciler.run_once()
    assert studio.attempt_states(job_id) == ["running"]
    studio.silence(spec["attempt_id"], seconds=12)
    reconciler.run_once()
    assert studio.attempt_states(job_id) == ["lost"]
    assert studio.ready_task(job_id) == spec["task_id"]
    with pytest.raises(StaleAttemptError):
        studio.beat(spec["attempt_id"])


def test_a_heartbeat_that_comes_in_between_keeps_the_lease(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    with studio.database.reading() as session:
        looked_at = database_now(session) - timedelta(seconds=30)
    assert not ending.lose_attempt(
        studio.farm, spec["attempt_id"], "Silent", silent_since=looked_at
    )
    assert studio.attempt_states(job_id) == ["running"]


@pytest.mark.database
def test_three_silent_workers_fail_the_job(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    reconciler = seasoned(studio)
    for _ in range(3):
        spec = studio.start(studio.task(job_id), studio.worker())
        studio.silence(spec["attempt_id"], seconds=31)
        reconciler.run_once()
    error = studio.job(job_id).error or {}
    assert (error["code"], error["detail"]["attempts"]) == ("worker_lost", 3)
    assert "silent for 30 s" in error["message"]


@pytest.mark.database
def test_leases_are_measured_by_the_databases_clock(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server whose own clock is five minutes off loses nobody."""
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    for offset in (-300, 300):

        class SkewedTime(datetime):
            skew = timedelta(seconds=offset)

            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:
                return datetime.now(tz) + cls.skew

        monkeypatch.setattr("roto_server.db.types.datetime", SkewedTime)
        assert abs(utc_now() - datetime.now(UTC)) > timedelta(seconds=290)
        studio.beat(spec["attempt_id"])
        seasoned(studio).run_once()
    assert studio.attempt_states(job_id) == ["running"]


def test_after_a_start_workers_get_a_leases_time_to_be_heard(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    studio.silence(spec["attempt_id"], seconds=3600)
    ahead = [0.0]
    reconciler = Reconciler(
        studio.farm, clock=lambda session: database_now(session) + timedelta(seconds=ahead[0])
    )
    for ahead[0] in (0.0, 20.0):
        reconciler.run_once()
        assert studio.attempt_states(job_id) == ["running"]
    ahead[0] = 31.0
    reconciler.run_once()
    assert studio.attempt_states(job_id) == ["lost"]


@pytest.mark.database
@pytest.mark.parametrize("renamed", [False, True])
def test_a_crash_while_publishing_is_finished(
    studio: Studio, renamed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server dies after its intent is committed: before the rename, or after it."""
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())

    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    point = (publishing, "record_result") if renamed else (type(studio.farm.folders), "publish")
    with monkeypatch.context() as patch:
        patch.setattr(*point, crash)
        with pytest.raises(Crash):
            publishing.complete(studio.farm, spec["attempt_id"], make_result(spec))
    assert studio.attempt_states(job_id) == ["publishing"]
    assert Path(spec["output_dir"]).exists() is not renamed
    reconciler = seasoned(studio)
    studio.silence(spec["attempt_id"], seconds=3600)
    reconciler.run_once()
    assert studio.attempt_states(job_id) == ["succeeded"]
    assert studio.states(job_id)["vectorize"] == "ready"
    # The worker, which never got its answer, reports again.
    publishing.complete(studio.farm, spec["attempt_id"], {"files": [], "provenance": {}})


@pytest.mark.database
def test_many_who_finish_one_publication_take_turns(studio: Studio) -> None:
    """The request, its repetition and the reconcilers of several servers, all at once."""
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    make_result(spec)
    with studio.database.session() as session:
        attempt = session.get_one(Attempt, spec["attempt_id"])
        attempt.state, attempt.result = "publishing", make_result(spec)
    errors: list[BaseException] = []

    def finish() -> None:
        try:
            publishing.finish_publishing(studio.farm, spec["attempt_id"])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=finish) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert studio.attempt_states(job_id) == ["succeeded"]


def test_publishing_waits_out_a_storage_that_refuses(studio: Studio) -> None:
    """Meanwhile silent workers are still found out."""
    job_id = studio.roto(studio.shot())
    job = studio.job(job_id)
    spec = studio.start(studio.task(job_id), studio.worker())
    masks = studio.path(f"projects/{job.shot.project_id}/{job.shot_id}/masks")
    masks.write_bytes(b"a file where the folder should be")
    with pytest.raises(RotoError) as refused:
        publishing.complete(studio.farm, spec["attempt_id"], make_result(spec))
    assert refused.value.code == "storage_failed"
    assert studio.attempt_states(job_id) == ["publishing"]
    reconciler = seasoned(studio)
    studio.silence(spec["attempt_id"], seconds=11)
    other_job = studio.roto(studio.shot("sh020"))
    silent = studio.start(studio.task(other_job), studio.worker("node2"))
    reconciler.run_once()
    studio.silence(silent["attempt_id"], seconds=31)
    reconciler.run_once()
    assert studio.attempt_states(job_id) == ["publishing"]
    assert studio.attempt_states(other_job) == ["lost"]
    masks.unlink()
    reconciler.run_once()
    assert studio.attempt_states(job_id) == ["succeeded"]


def test_a_published_version_is_never_overwritten(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    job = studio.job(job_id)
    spec = studio.start(studio.task(job_id), studio.worker())
    taken = studio.path(f"projects/{job.shot.project_id}/{job.shot_id}/masks/v001")
    taken.mkdir(parents=True)
    (taken / "precious.png").write_bytes(b"x")
    with pytest.raises(StaleAttemptError, match="never overwritten"):
        publishing.complete(studio.farm, spec["attempt_id"], make_result(spec))
    assert [path.name for path in taken.iterdir()] == ["precious.png"]
    assert studio.states(job_id)["job"] == "failed"


@pytest.mark.database
def test_flushing_redis_loses_nothing(studio: Studio, redis_url: str) -> None:
    bell = Bell(redis_url)
    bell.attach(studio.database)
    job_id = studio.roto(studio.shot())
    task_id = studio.task(job_id)
    assert rings(redis_url) == [[task_id]]
    with Redis.from_url(redis_url) as client:
        client.flushall()
    seasoned(studio, later=10).run_once()
    assert rings(redis_url) == []
    seasoned(studio, later=16).run_once()
    assert rings(redis_url) == [[task_id]]
    studio.run(job_id, studio.worker())
    assert studio.states(job_id)["job"] == "succeeded"
    bell.close()


def test_a_resting_task_is_rung_for_when_its_rest_ends(
    studio: Studio, tmp_path: Path, redis_url: str
) -> None:
    studio = open_studio(studio.database, tmp_path / "data", retry_backoff_seconds=20.0)
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    bell = Bell(redis_url)
    bell.attach(studio.database)
    studio.worker()
    seasoned(studio, later=10).run_once()
    assert rings(redis_url) == []
    seasoned(studio, later=21).run_once()
    assert rings(redis_url) == [[spec["task_id"]]]
    bell.close()


@pytest.mark.database
def test_a_wait_whose_end_went_unnoticed_is_ended(studio: Studio) -> None:
    """Two commits that crossed: the roto job saw the ingest unfinished, and it finished."""
    shot = studio.shot(ready=False)
    ingest = studio.ingest(shot)
    job_id = studio.roto(shot)
    studio.run(ingest, studio.worker())
    with studio.database.session() as session:
        session.execute(
            update(Task).where(Task.job_id == job_id, Task.kind == "track").values(state="waiting")
        )
    seasoned(studio).run_once()
    assert studio.states(job_id)["track"] == "ready"


@pytest.mark.database
def test_old_events_are_pruned(studio: Studio) -> None:
    with studio.database.session() as session:
        emit(session, "job.updated", None, {"n": 1})
        emit(session, "job.updated", None, {"n": 2})
    with studio.database.session() as session:
        old = session.scalars(select(Event).order_by(Event.seq)).first()
        assert old is not None
        old.created_at -= timedelta(hours=25)
    seasoned(studio).run_once()
    with studio.database.reading() as session:
        assert [row.payload["n"] for row in session.scalars(select(Event))] == [2]


def test_a_failing_step_stops_neither_the_others_nor_the_thread(
    studio: Studio, redis_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The database fails in the second pass; the thread lives on and rings in a later one."""
    studio = open_studio(studio.database, tmp_path / "data", reconcile_seconds=0.02)
    bell = Bell(redis_url)
    bell.attach(studio.database)
    reading, calls = Database.reading, iter(range(1_000_000))

    def fail_once(database: Database) -> Any:
        if next(calls) == 3:
            raise OperationalError("SELECT 1", {}, Exception("the database is away"))
        return reading(database)

    monkeypatch.setattr(Database, "reading", fail_once)
    reconciler = Reconciler(studio.farm)
    reconciler.start()
    while next(calls) < 20:
        time.sleep(0.01)
    job_id = studio.roto(studio.shot())
    with Redis.from_url(redis_url) as client:
        client.flushall()
    with studio.database.session() as session:
        session.execute(update(Task).values(rung_at=None))
    deadline = time.monotonic() + 20
    while not rings(redis_url) and time.monotonic() < deadline:
        time.sleep(0.02)
    reconciler.stop()
    assert [studio.task(job_id)] in rings(redis_url)
    bell.close()


@pytest.mark.database
def test_many_reconcilers_ring_once(studio: Studio, redis_url: str) -> None:
    """On PostgreSQL one pass at a time; on SQLite the transactions themselves take turns."""
    job_id = studio.roto(studio.shot())
    with studio.database.session() as session:
        session.execute(update(Task).values(rung_at=None))
    bell = Bell(redis_url)
    bell.attach(studio.database)
    reconcilers = [Reconciler(studio.farm) for _ in range(4)]
    threads = [threading.Thread(target=reconciler.run_once) for reconciler in reconcilers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rings(redis_url) == [[studio.task(job_id)]]
    bell.close()


@pytest.mark.database
def test_one_server_leads_and_the_others_make_no_pass(studio: Studio) -> None:
    """Until it lets go, or was silent for a lease's time: then whoever asks first leads."""
    if studio.database.is_sqlite:
        pytest.skip("SQLite has one server, and so one leader")
    first, second = (
        Reconciler(studio.farm, leadership=Leadership(studio.database, 15.0, holder=name))
        for name in ("first", "second")
    )
    assert (first.run_once(), second.run_once(), first.run_once()) == (True, False, True)
    seen = second.leadership.look()
    assert seen is not None
    assert (seen.holder, seen.mine, seen.alive) == ("first", False, True)

    first.stop()
    assert first.leadership.leading is False
    assert second.run_once() is True

    with studio.database.session() as session:
        session.execute(update(Leader).values(until=database_now(session) - timedelta(seconds=1)))
    stale = first.leadership.look()
    assert stale is not None
    assert (stale.holder, stale.alive) == ("second", False)
    third = Reconciler(studio.farm, leadership=Leadership(studio.database, 15.0, holder="third"))
    assert third.run_once() is True
    assert second.run_once() is False


@pytest.mark.database
def test_a_leader_that_comes_to_after_its_lease_ends_its_pass(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stopped in the middle of one, and another server leads by now."""
    if studio.database.is_sqlite:
        pytest.skip("SQLite has one server, and so one leader")
    stopped = Reconciler(
        studio.farm, leadership=Leadership(studio.database, 15.0, holder="stopped")
    )
    rung: list[str] = []
    monkeypatch.setattr(stopped, "_ring", lambda _now: rung.append("rung"))

    def another_takes_over(_now: datetime) -> None:
        with studio.database.session() as session:
            session.execute(update(Leader).values(holder="another"))

    monkeypatch.setattr(stopped, "_settle_waiting", another_takes_over)
    assert stopped.run_once() is False
    assert rung == []
    assert stopped.leadership.leading is False


@pytest.mark.database
def test_a_lead_that_cannot_be_renewed_is_believed_in_for_no_longer_than_the_lease(
    studio: Studio,
) -> None:
    if studio.database.is_sqlite:
        pytest.skip("SQLite has one server, and so one leader")
    leadership = Leadership(studio.database, 3.0, holder="cut off")
    assert leadership.hold() is True
    time.sleep(3.1)
    assert leadership.leading is False
