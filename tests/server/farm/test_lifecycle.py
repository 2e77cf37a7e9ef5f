"""From claim to published result, and everything that goes wrong on the way. Both databases."""

from __future__ import annotations

import errno
import shutil
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import select

from roto_server.access.caller import Caller
from roto_server.api import bulk_jobs
from roto_server.db.models import Attempt, Event, Export, Job, Mask, Prompt, Shapes, Shot
from roto_server.jobs import attempts, claim, ending, publishing
from roto_server.jobs.attempts import StaleAttemptError
from roto_server.jobs.claim import NotClaimableError
from roto_server.jobs.control import cancel_job, retry_job
from roto_server.jobs.exporting import create_export_job, export_source
from roto_shapes.errors import RotoError
from server.farm.helpers_farm_rows import Studio, make_result, open_studio

pytestmark = pytest.mark.database


def fail(studio: Studio, attempt_id: str, code: str = "engine_failed") -> None:
    error = {"code": code, "message": "it broke", "hint": "", "detail": {}}
    ending.fail_attempt(studio.farm, attempt_id, error)


def test_a_job_runs_through_all_its_stages(studio: Studio) -> None:
    shot, worker = studio.shot(), studio.worker()
    job_id = studio.roto(shot, exports=["nuke"])
    assert studio.states(job_id) == {
        "job": "queued", "track": "ready", "vectorize": "waiting", "export": "waiting",
    }  # fmt: skip
    studio.run(job_id, worker)
    job = studio.job(job_id)
    assert set(studio.states(job_id).values()) == {"succeeded"}
    assert (job.engine, job.model, job.started_at is not None) == ("flow", "flow", True)
    with studio.database.reading() as session:
        masks = session.scalars(select(Mask).order_by(Mask.frame)).all()
        assert [(mask.frame, mask.confidence) for mask in masks] == [
            (1001, 0.9), (1002, 0.9), (1003, 0.9),
        ]  # fmt: skip
        shapes = session.scalars(select(Shapes)).one()
        exports = {row.name: row for row in session.scalars(select(Export))}
        assert session.scalars(select(Prompt.frame)).one() == 1001
        keys = [masks[0].path, shapes.path, *(row.path for row in exports.values())]
    assert all(studio.path(key).is_file() for key in keys)
    assert masks[0].path == f"projects/{job.shot.project_id}/{shot}/masks/v001/hero/1001.png"
    assert exports["shapes/sh010_v001.nk"].report == {"notes": [{"note": "baked"}]}
    assert list(studio.path(f"projects/{job.shot.project_id}/{shot}/attempts").iterdir()) == []


def test_the_spec_tells_the_timecode_of_the_plates_first_frame(studio: Studio) -> None:
    shot_id = studio.shot()
    with studio.database.session() as session:
        session.get_one(Shot, shot_id).plate_metadata = {"timecode": "10:00:00:05"}
    spec = studio.start(studio.task(studio.roto(shot_id)), studio.worker())
    assert spec["provenance"]["timecode"] == "10:00:00:05"
    assert spec["shot"]["frame_range"] == [1001, 1003], "the frame it is of"


@pytest.mark.parametrize(
    ("source", "told"), [("default", None), ("file", None), ("told", [24, 1]), (None, [24, 1])]
)
def test_a_plate_read_again_is_told_only_the_rate_that_people_said(
    studio: Studio, source: str | None, told: list[int] | None
) -> None:
    """Else what was assumed the first time would be told the second, and nobody warned."""
    shot_id = studio.shot()
    with studio.database.session() as session:
        shot = session.get_one(Shot, shot_id)
        shot.plate_metadata = {"fps_source": source} if source else {}
        shot.fps_num, shot.fps_den = 24, 1
    spec = studio.start(studio.task(studio.ingest(shot_id)), studio.worker())
    assert spec["shot"]["fps"] == told
    spec = studio.start(studio.task(studio.roto(shot_id)), studio.worker("node2"))
    assert spec["shot"]["fps"] == [24, 1]


def test_the_spec_names_what_was_made_before(studio: Studio) -> None:
    job_id, worker = studio.roto(studio.shot()), studio.worker()
    track = studio.start(studio.task(job_id), worker)
    assert track["params"]["objects"][0]["prompts"][0]["frame"] == 1001
    assert track["params"]["frame_range"] == [1001, 1003]
    assert (track["inputs"], track["resume_dirs"]) == ({}, [])
    studio.finish(track)
    vectorize = studio.start(studio.task(job_id), worker)
    assert Path(vectorize["inputs"]["masks"], "hero", "1001.png").is_file()
    assert vectorize["provenance"]["engine"] == "flow"
    studio.finish(vectorize)
    export = studio.start(studio.task(job_id), worker)
    assert Path(export["inputs"]["shapes"], "shapes.json").is_file()


def test_without_wanted_shapes_nothing_is_vectorized(studio: Studio) -> None:
    job_id = studio.roto(studio.shot(), outputs=["mattes"], exports=[])
    assert list(studio.states(job_id)) == ["job", "track", "export"]


def test_versions_count_up_and_never_overwrite(studio: Studio) -> None:
    shot, worker = studio.shot(), studio.worker()
    jobs = [studio.roto(shot) for _ in range(2)]
    for job_id in jobs:
        studio.run(job_id, worker)
    assert [studio.job(job_id).version for job_id in jobs] == [1, 2]
    with studio.database.reading() as session:
        assert sorted(session.scalars(select(Shapes.version))) == [1, 2]


def test_a_double_claim_is_refused(studio: Studio) -> None:
    task_id = studio.task(studio.roto(studio.shot()))
    first, second = studio.worker("node1"), studio.worker("node2")
    studio.start(task_id, first)
    for worker in (first, second):
        with pytest.raises(NotClaimableError):
            studio.claim(task_id, worker)


def test_of_many_claims_at_once_one_wins(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    task_id = studio.task(job_id)
    workers = [studio.worker(f"node{number}") for number in range(6)]
    won, refused = [], []

    def try_to_claim(worker: str) -> None:
        try:
            won.append(studio.claim(task_id, worker)["attempt_id"])
        except NotClaimableError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=try_to_claim, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), refused) == (1, ["not_claimable"] * 5)
    assert studio.attempt_states(job_id) == ["leased"]


def test_a_claim_whose_answer_was_lost_can_be_repeated(studio: Studio) -> None:
    task_id, worker = studio.task(studio.roto(studio.shot())), studio.worker()
    assert studio.claim(task_id, worker) == studio.claim(task_id, worker)


def test_a_permanent_error_fails_at_once(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    Path(spec["output_dir"], "half.png").write_bytes(b"x")
    fail(studio, spec["attempt_id"], "bad_plate")
    assert studio.states(job_id) == {
        "job": "failed", "track": "failed", "vectorize": "cancelled", "export": "cancelled",
    }  # fmt: skip
    error = studio.job(job_id).error or {}
    assert (error["code"], error["detail"]) == ("bad_plate", {"stage": "track", "attempts": 1})
    assert not Path(spec["output_dir"]).exists()


def test_a_transient_error_is_retried_with_rest_and_resumes(studio: Studio, tmp_path: Path) -> None:
    studio = open_studio(studio.database, tmp_path / "data", retry_backoff_seconds=60.0)
    job_id, worker = studio.roto(studio.shot()), studio.worker()
    first = studio.start(studio.task(job_id), worker)
    fail(studio, first["attempt_id"])
    assert studio.states(job_id)["track"] == "ready"
    assert studio.job(job_id).state == "running"
    with pytest.raises(NotClaimableError, match="rests until"):
        studio.claim(studio.task(job_id), worker)
    _end_rest(studio, job_id)
    second = studio.claim(studio.task(job_id), worker)
    assert second["resume_dirs"] == [first["output_dir"]]
    assert second["attempt_number"] == 2


def test_three_lost_attempts_fail_the_job_with_the_reason(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    for number in range(1, 4):
        worker = studio.worker()
        spec = studio.start(studio.task(job_id), worker)
        studio.beat(spec["attempt_id"], done=number)
        assert ending.lose_attempt(studio.farm, spec["attempt_id"], f"Worker {worker} is silent")
    assert studio.attempt_states(job_id) == ["lost"] * 3
    error = studio.job(job_id).error or {}
    assert error["code"] == "worker_lost"
    assert error["message"] == (
        "track failed after 3 attempts: Worker node1:0 is silent during track "
        "after 3 of 3 frames (attempt 3)."
    )


def test_a_new_boot_of_the_slot_loses_its_attempts_at_once(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    studio.worker()
    assert studio.attempt_states(job_id) == ["lost"]
    assert studio.ready_task(job_id) == spec["task_id"]
    with pytest.raises(StaleAttemptError):
        studio.beat(spec["attempt_id"])


def test_the_slots_former_process_is_told_to_stop(studio: Studio) -> None:
    worker = studio.worker()
    old = studio.boots[worker]
    studio.worker()
    assert claim.worker_heartbeat(studio.farm, worker, old)["action"] == "stop"
    answer = claim.worker_heartbeat(studio.farm, worker, studio.boots[worker])
    assert answer == {"action": "continue", "pause": False}


def test_late_reports_are_dropped(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    old = studio.start(studio.task(job_id), studio.worker("node1"))
    result = make_result(old)
    ending.lose_attempt(studio.farm, old["attempt_id"], "silent")
    new = studio.start(studio.task(job_id), studio.worker("node2"))
    for report in (
        lambda: studio.beat(old["attempt_id"]),
        lambda: publishing.complete(studio.farm, old["attempt_id"], result),
        lambda: fail(studio, old["attempt_id"]),
        lambda: ending.release_attempt(studio.farm, old["attempt_id"], "drain"),
    ):
        with pytest.raises(StaleAttemptError):
            report()
    studio.finish(new)
    assert studio.attempt_states(job_id) == ["lost", "succeeded"]
    assert not Path(old["output_dir"]).exists()


def test_completing_twice_is_harmless(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    result = make_result(spec)
    publishing.complete(studio.farm, spec["attempt_id"], result)
    publishing.complete(studio.farm, spec["attempt_id"], result)
    with studio.database.reading() as session:
        assert len(session.scalars(select(Mask)).all()) == 3


def test_a_drained_task_goes_back_without_blame(studio: Studio) -> None:
    job_id, worker = studio.roto(studio.shot()), studio.worker()
    for _ in range(4):
        spec = studio.start(studio.task(job_id), worker)
        ending.release_attempt(studio.farm, spec["attempt_id"], "drain")
    assert studio.states(job_id)["track"] == "ready"
    studio.run(job_id, worker)
    assert studio.states(job_id)["job"] == "succeeded"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"path": "../outside.png"}, "internal"),
        ({"path": "hero/nothing.png"}, "storage_failed"),
        ({"size": 1}, "storage_failed"),
        ({"object_id": "f" * 32}, "internal"),
        ({"frame": None}, "internal"),
        ({"frame": 1002}, "internal"),
    ],
)
def test_a_result_that_does_not_hold_is_not_published(
    studio: Studio, change: dict[str, object], code: str
) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    result = make_result(spec)
    result["files"][0].update(change)
    with pytest.raises(StaleAttemptError, match="refused"):
        publishing.complete(studio.farm, spec["attempt_id"], result)
    attempt = studio.job(job_id).tasks[0].attempts[0]
    assert (attempt.state, (attempt.error or {})["code"]) == ("failed", code)
    assert studio.ready_task(job_id) is not None


def test_a_link_out_of_the_attempt_is_not_published(studio: Studio, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    result = make_result(spec)
    frame = Path(spec["output_dir"], result["files"][0]["path"])
    frame.unlink()
    frame.symlink_to(secret)
    result["files"][0]["size"] = 6
    with pytest.raises(StaleAttemptError, match="not a plain file"):
        publishing.complete(studio.farm, spec["attempt_id"], result)


def test_an_output_that_vanished_fails_the_attempt(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    with studio.database.session() as session:
        session.get_one(Attempt, spec["attempt_id"]).state = "publishing"
    shutil.rmtree(spec["output_dir"])
    with pytest.raises(StaleAttemptError, match="output is gone"):
        publishing.complete(studio.farm, spec["attempt_id"], {"files": [], "provenance": {}})
    assert studio.attempt_states(job_id) == ["failed"]
    assert studio.ready_task(job_id) is not None


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EACCES, "storage_failed")]
)
def test_a_claim_without_storage_leaves_the_task_ready(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "no")

    job_id, worker = studio.roto(studio.shot()), studio.worker()
    monkeypatch.setattr(type(studio.farm.folders), "prepare_attempt", refuse)
    with pytest.raises(RotoError) as refused:
        studio.claim(studio.task(job_id), worker)
    assert refused.value.code == code
    assert studio.states(job_id)["track"] == "ready"
    assert studio.attempt_states(job_id) == []


def test_cancelling_a_queued_job_ends_it_at_once(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    _cancel(studio, job_id)
    assert set(studio.states(job_id).values()) == {"cancelled"}
    _cancel(studio, job_id)


def test_cancelling_a_running_job_waits_for_its_worker(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    _cancel(studio, job_id)
    assert studio.states(job_id) == {
        "job": "cancelling", "track": "running", "vectorize": "cancelled", "export": "cancelled",
    }  # fmt: skip
    assert studio.beat(spec["attempt_id"]) == {"action": "stop", "reason": "cancelled"}
    ending.release_attempt(studio.farm, spec["attempt_id"], "cancelled")
    assert set(studio.states(job_id).values()) == {"cancelled"}
    assert not Path(spec["output_dir"]).exists()


@pytest.mark.parametrize("end", ["lost", "failed"])
def test_a_cancelled_job_whose_worker_dies_is_cancelled_not_retried(
    studio: Studio, end: str
) -> None:
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    _cancel(studio, job_id)
    if end == "lost":
        ending.lose_attempt(studio.farm, spec["attempt_id"], "silent")
    else:
        fail(studio, spec["attempt_id"])
    assert set(studio.states(job_id).values()) == {"cancelled"}


def test_a_finished_job_cannot_be_cancelled_or_retried(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    studio.run(job_id, studio.worker())
    with pytest.raises(RotoError, match="nothing is left to cancel"):
        _cancel(studio, job_id)
    with pytest.raises(RotoError, match="The job is succeeded"):
        _retry(studio, job_id)


def test_retry_runs_what_failed_and_keeps_what_succeeded(studio: Studio) -> None:
    job_id, worker = studio.roto(studio.shot()), studio.worker()
    studio.finish(studio.start(studio.task(job_id), worker))
    for _ in range(3):
        fail(studio, studio.start(studio.task(job_id), worker)["attempt_id"])
    assert studio.states(job_id)["job"] == "failed"
    _retry(studio, job_id)
    assert studio.states(job_id) == {
        "job": "running", "track": "succeeded", "vectorize": "ready", "export": "waiting",
    }  # fmt: skip
    for _ in range(2):
        fail(studio, studio.start(studio.task(job_id), worker)["attempt_id"])
    studio.run(job_id, worker)
    job = studio.job(job_id)
    assert (job.state, job.error) == ("succeeded", None)


def test_an_export_job_writes_a_new_version_of_older_shapes(studio: Studio) -> None:
    shot, worker = studio.shot(), studio.worker()
    source = studio.roto(shot)
    studio.run(source, worker)
    with studio.database.session() as session:
        newest = export_source(session, session.get_one(Shot, shot), True, None)
        wanted = {"formats": ["nuke"], "outputs": []}
        job_id = create_export_job(session, newest, wanted, "ann").id
    spec = studio.start(studio.task(job_id), worker)
    assert spec["params"]["formats"] == ["nuke"]
    assert spec["params"]["version"] == 2
    assert set(spec["inputs"]) == {"masks", "shapes"}
    studio.finish(spec)
    assert studio.states(job_id) == {"job": "succeeded", "export": "succeeded"}


def test_an_export_of_nothing_is_refused(studio: Studio) -> None:
    shot = studio.shot()
    studio.roto(shot)
    with studio.database.session() as session:
        row = session.get_one(Shot, shot)
        with pytest.raises(RotoError, match="has no shapes"):
            export_source(session, row, True, None)


def test_every_change_left_an_event_in_order(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    studio.run(job_id, studio.worker())
    with studio.database.reading() as session:
        rows = session.scalars(select(Event).order_by(Event.seq)).all()
    states = [row.payload["state"] for row in rows if row.kind == "job.updated"]
    assert states == ["running", "succeeded"]
    assert rows[0].kind == "job.created"
    last = [row for row in rows if row.kind == "job.updated"][-1]
    assert last.payload["progress"]["fraction"] == 1.0
    assert {"task.progress", "task.updated", "worker.updated"} <= {row.kind for row in rows}


@pytest.mark.parametrize(("every", "told"), [(timedelta(hours=1), 1), (timedelta(0), 5)])
def test_progress_never_falls_and_is_told_sparingly(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, every: timedelta, told: int
) -> None:
    monkeypatch.setattr(attempts, "PROGRESS_EVENT_EVERY", every)
    job_id = studio.roto(studio.shot())
    spec = studio.start(studio.task(job_id), studio.worker())
    for done in (1, 2, 1, 3):
        studio.beat(spec["attempt_id"], done)
    assert studio.job(job_id).tasks[0].progress["done"] == 3
    with studio.database.reading() as session:
        events = session.scalars(select(Event).where(Event.kind == "task.progress")).all()
    assert len(events) == told


def _cancel(studio: Studio, job_id: str) -> None:
    with studio.database.session() as session:
        cancel_job(session, studio.job(job_id))


def _retry(studio: Studio, job_id: str) -> None:
    with studio.database.session() as session:
        retry_job(session, studio.job(job_id))


def _end_rest(studio: Studio, job_id: str) -> None:
    with studio.database.session() as session:
        for task in session.merge(studio.job(job_id)).tasks:
            task.not_before = None


def test_an_ingest_ends_while_what_waits_for_it_is_cancelled(studio: Studio) -> None:
    """Both lock the ingest and the job that waits: in one order, or PostgreSQL ends one of them."""
    worker = studio.worker()
    for number in range(8):
        shot = studio.shot(f"sh{number}", ready=False)
        ingest, roto = studio.ingest(shot), studio.roto(shot)
        spec = studio.start(studio.task(ingest), worker)
        begin = threading.Barrier(2)

        def report(attempt_id: str = spec["attempt_id"], begin: threading.Barrier = begin) -> None:
            begin.wait(20)
            # It was cancelled first, perhaps.
            with suppress(StaleAttemptError):
                fail(studio, attempt_id, "bad_plate")

        reporting = threading.Thread(target=report)
        reporting.start()
        with studio.database.session() as session:
            caller = cast("Caller", SimpleNamespace(session=session))
            ids = bulk_jobs._in_order(caller, ids=[roto, ingest])
            assert ids == [ingest, roto]
            begin.wait(20)
            bulk_jobs._run(caller, ids=ids, change=_cancel_one)
        reporting.join(60)
        assert studio.job(roto).state in ("cancelled", "failed")


def _cancel_one(caller: Caller, job_id: str) -> None:
    cancel_job(caller.session, caller.session.get_one(Job, job_id))
