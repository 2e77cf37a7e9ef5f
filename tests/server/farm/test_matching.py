"""Which worker gets which task: preferences hold only while somebody better is alive."""

from __future__ import annotations

from pathlib import Path

import pytest

from roto_server.db.media import Plate
from roto_server.db.models import Job, Task
from roto_server.jobs import ending
from roto_server.jobs.claim import NotClaimableError
from server.farm.helpers_farm_rows import Studio, open_studio

SAM2 = [{"engine": "sam2", "model": "sam2.1_hiera_tiny", "checkpoint_sha256": "0" * 64}]


def fail(studio: Studio, job_id: str, worker: str) -> None:
    spec = studio.start(studio.task(job_id), worker)
    error = {"code": "engine_failed", "message": "it broke", "hint": "", "detail": {}}
    ending.fail_attempt(studio.farm, spec["attempt_id"], error)


def test_a_worker_gets_only_what_it_serves(studio: Studio) -> None:
    task_id = studio.task(studio.roto(studio.shot()))
    for change in ({"queues": ["cpu"]}, {"kinds": ["export"]}):
        with pytest.raises(NotClaimableError, match="does not serve"):
            studio.claim(task_id, studio.worker("other", **change))


def test_a_retry_is_left_to_another_idle_worker(studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    first, second = studio.worker("node1"), studio.worker("node2")
    fail(studio, job_id, first)
    with pytest.raises(NotClaimableError, match="another worker is free"):
        studio.claim(studio.task(job_id), first)
    with studio.database.reading() as session:
        assert session.get_one(Task, studio.task(job_id)).rung_at is None
    assert studio.claim(studio.task(job_id), second)["attempt_number"] == 2


def test_a_retry_is_not_left_to_a_busy_or_dead_worker(studio: Studio) -> None:
    job_id, other_job = studio.roto(studio.shot()), studio.roto(studio.shot("sh020"))
    first, second = studio.worker("node1"), studio.worker("node2")
    studio.start(studio.task(other_job), second)
    fail(studio, job_id, first)
    assert studio.claim(studio.task(job_id), first)["attempt_number"] == 2


def test_a_worker_is_barred_after_three_failures_while_another_lives(
    studio: Studio, tmp_path: Path
) -> None:
    studio = open_studio(studio.database, tmp_path / "data")
    job_id, worker = studio.roto(studio.shot()), studio.worker("node1")
    with studio.database.session() as session:
        session.get_one(Task, studio.task(job_id)).max_attempts = 10
    for _ in range(3):
        fail(studio, job_id, worker)
    studio.worker("node2")
    with studio.database.session() as session:
        session.get_one(Task, studio.task(job_id)).not_before = None
    with pytest.raises(NotClaimableError, match="better suited"):
        studio.claim(studio.task(job_id), worker)
    studio.forget_workers()
    assert studio.claim(studio.task(job_id), worker)["attempt_number"] == 4


def test_a_model_is_looked_for_where_it_is_installed(studio: Studio) -> None:
    task_id = studio.task(studio.roto(studio.shot(), engine="sam2", model="sam2.1_hiera_tiny"))
    plain, equipped = studio.worker("node1"), studio.worker("node2", engines=SAM2)
    with pytest.raises(NotClaimableError, match="better suited"):
        studio.claim(task_id, plain)
    assert studio.claim(task_id, equipped)["params"]["engine"] == "sam2"


def test_a_model_nobody_has_is_refused_by_whoever_comes(studio: Studio) -> None:
    """The worker then fails the task with unknown_model: a clear error instead of a long wait."""
    task_id = studio.task(studio.roto(studio.shot(), engine="sam2", model="nobody-has-it"))
    assert studio.claim(task_id, studio.worker())["params"]["model"] == "nobody-has-it"


def test_an_eye_of_a_stereo_file_is_not_for_workers_that_read_the_first_one(studio: Studio) -> None:
    shot_id = studio.shot()
    job_id = studio.roto(shot_id)
    with studio.database.session() as session:
        there = {"kind": "sequence", "path": "/mnt/stereo.%04d.exr"}
        eye = {"view": "right", "plate": there, "state": "ready", "created_by": "ann"}
        frames = {"first_frame": 1001, "last_frame": 1003}
        session.get_one(Job, job_id).plate = Plate(shot_id=shot_id, **eye, **frames)
    task_id = studio.task(job_id)
    with pytest.raises(NotClaimableError, match="mounts the folder"):
        studio.claim(task_id, studio.worker("old", version="0.1.9"))
    new = studio.worker("new", version="0.2.0")
    assert studio.claim(task_id, new)["shot"]["plate"] == {**there, "view": "right"}
