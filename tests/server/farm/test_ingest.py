"""Shots become ready or invalid by their ingest job, and other jobs wait for that."""

from __future__ import annotations

import pytest

from roto_server.db.models import Job, Shot
from roto_server.jobs import ending
from roto_server.jobs.control import cancel_job, retry_job
from roto_shapes.errors import RotoError
from server.farm.helpers_farm_rows import RANGE, Studio

pytestmark = pytest.mark.database


def shot_of(studio: Studio, shot_id: str) -> Shot:
    with studio.database.reading() as session:
        return session.get_one(Shot, shot_id)


def spoil(studio: Studio, job_id: str, code: str) -> None:
    spec = studio.start(studio.task(job_id), studio.worker())
    error = {"code": code, "message": "frame 1002 is cut short", "hint": "h", "detail": {}}
    ending.fail_attempt(studio.farm, spec["attempt_id"], error)


def test_ingest_makes_the_shot_ready_and_starts_what_waited(studio: Studio) -> None:
    shot = studio.shot(ready=False)
    ingest, waiting = studio.ingest(shot), studio.roto(shot)
    assert studio.states(waiting)["track"] == "waiting"
    studio.run(ingest, studio.worker())
    row = shot_of(studio, shot)
    assert (row.state, row.width, row.height, row.fps_num) == ("ready", 64, 36, 24)
    assert [row.first_frame, row.last_frame] == RANGE
    assert (row.colorspace, row.plate_metadata) == ("sRGB", {"reel": "A001"})
    assert studio.states(waiting)["track"] == "ready"


def test_a_bad_plate_makes_the_shot_invalid_and_fails_what_waited(studio: Studio) -> None:
    shot = studio.shot(ready=False)
    ingest, waiting = studio.ingest(shot), studio.roto(shot)
    spoil(studio, ingest, "bad_plate")
    row = shot_of(studio, shot)
    assert (row.state, (row.error or {})["code"]) == ("invalid", "bad_plate")
    assert studio.states(waiting) == {
        "job": "failed", "track": "failed", "vectorize": "cancelled", "export": "cancelled",
    }  # fmt: skip
    assert (studio.job(waiting).error or {})["message"] == "frame 1002 is cut short"
    with pytest.raises(RotoError, match="invalid") as refused:
        studio.roto(shot)
    assert refused.value.code == "plate_not_ready"


def test_a_retried_ingest_can_make_the_shot_ready_after_all(studio: Studio) -> None:
    shot = studio.shot(ready=False)
    ingest, waiting = studio.ingest(shot), studio.roto(shot)
    spoil(studio, ingest, "bad_plate")
    with pytest.raises(RotoError, match="is invalid"):
        retry(studio, waiting)
    retry(studio, ingest)
    assert shot_of(studio, shot).state == "probing"
    retry(studio, waiting)
    assert studio.states(waiting)["track"] == "waiting"
    worker = studio.worker()
    studio.run(ingest, worker)
    studio.run(waiting, worker)
    assert studio.states(waiting)["job"] == "succeeded"


@pytest.mark.parametrize(
    ("prompt", "request_", "code"),
    [
        (
            {"frame": 1001, "points": [{"x": 65.0, "y": 1.0, "positive": True}]},
            {},
            "prompt_outside_plate",
        ),
        (None, {"frame_range": [1001, 1004]}, "range_outside_plate"),
        (None, {"frame_range": [1002, 1003]}, "prompt_outside_range"),
    ],
)
def test_what_only_probing_shows_fails_the_job_with_its_code(
    studio: Studio, prompt: dict[str, object] | None, request_: dict[str, object], code: str
) -> None:
    shot = studio.shot(ready=False)
    ingest, waiting = studio.ingest(shot), studio.roto(shot, prompt, **request_)
    studio.run(ingest, studio.worker())
    job = studio.job(waiting)
    assert (job.state, (job.error or {})["code"]) == ("failed", code)


def test_cancelling_the_ingest_fails_what_waited(studio: Studio) -> None:
    shot = studio.shot(ready=False)
    ingest, waiting = studio.ingest(shot), studio.roto(shot)
    with studio.database.session() as session:
        cancel_job(session, session.get_one(Job, ingest))
    assert shot_of(studio, shot).state == "invalid"
    assert (studio.job(waiting).error or {})["code"] == "plate_not_ready"


def retry(studio: Studio, job_id: str) -> None:
    with studio.database.session() as session:
        retry_job(session, session.get_one(Job, job_id))
