"""The farm loses nothing: workers, Redis and server are killed, the job ends as if nothing was."""

from __future__ import annotations

import os
import signal
import time

import pytest
import redis
from helpers_farm import FRAMES, Farm
from helpers_runtime import wait_until
from rq import Queue
from rq.serializers import JSONSerializer

pytestmark = [pytest.mark.farm, pytest.mark.timeout(900)]


def test_a_worker_killed_while_tracking(farm: Farm) -> None:
    clip = farm.clip()
    shot = farm.shot(clip.pattern)
    quiet = farm.submit(shot, clip)
    undisturbed = farm.start_worker()
    assert farm.ended(quiet).state == "succeeded", farm.story(quiet)
    undisturbed.terminate()
    undisturbed.wait()

    farm.start_worker(slow=0.8)
    job = farm.submit(shot, clip)
    farm.tracking(job)
    os.kill(farm.worker_pid(), signal.SIGKILL)
    job = farm.ended(job)

    assert job.state == "succeeded", farm.story(job)
    attempts = farm.task(job, "track").attempts
    assert [attempt.state for attempt in attempts] == ["lost", "succeeded"]
    expected, found = farm.mattes(quiet), farm.mattes(job)
    assert len(expected) == FRAMES
    assert found == expected, "byte for byte, none missing"
    farm.wait_swept(job)
    assert "SIGKILL" in farm.client.log(job.id, attempt=attempts[0].id)


def test_a_frame_that_kills_the_process_fails_the_job_after_three_attempts(farm: Farm) -> None:
    clip = farm.clip()
    farm.start_worker(poison=1005)
    job = farm.ended(farm.submit(farm.shot(clip.pattern), clip))
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["code"] == "worker_lost"
    assert "3 attempts" in job.error["message"]
    assert "during track" in job.error["message"]
    assert [attempt.state for attempt in farm.task(job, "track").attempts] == ["lost"] * 3
    assert not farm.mattes(job), "no half result"


def test_redis_restarted_empty_while_a_job_is_queued(farm: Farm) -> None:
    clip = farm.clip(frames=3)
    shot = farm.shot(clip.pattern)
    job = farm.submit(shot, clip)
    farm.kill_redis()  # with the rings in it: nothing of it is on disk
    farm.start_redis()
    farm.start_worker()
    assert farm.ended(job).state == "succeeded", farm.story(job)


def test_redis_killed_under_a_working_farm(farm: Farm) -> None:
    clip = farm.clip()
    farm.start_worker(slow=0.1)
    job = farm.submit(farm.shot(clip.pattern), clip)
    farm.tracking(job)
    farm.kill_redis()
    time.sleep(1)
    farm.start_redis()
    job = farm.ended(job)
    assert job.state == "succeeded", farm.story(job)
    assert [len(task.attempts) for task in job.tasks] == [1, 1, 1]


def test_the_server_killed_while_tracking(farm: Farm) -> None:
    clip = farm.clip()
    farm.start_worker(slow=0.4)
    job = farm.submit(farm.shot(clip.pattern), clip)
    farm.tracking(job)
    farm.kill_server()
    time.sleep(4)  # longer than the rest of the track takes
    farm.start_server()
    job = farm.ended(job)
    assert job.state == "succeeded", farm.story(job)
    assert len(farm.task(job, "track").attempts) == 1, "the work done meanwhile is not lost"
    assert len(farm.mattes(job)) == FRAMES


def test_a_drained_worker_gives_back_without_blame_and_another_resumes(farm: Farm) -> None:
    clip = farm.clip()
    first = farm.start_worker(slow=1.0)
    job = farm.submit(farm.shot(clip.pattern), clip)
    farm.tracking(job, frames=2)
    first.terminate()
    assert first.wait(60) == 0
    farm.start_worker()
    job = farm.ended(job)
    assert job.state == "succeeded", farm.story(job)
    assert [a.state for a in farm.task(job, "track").attempts] == ["cancelled", "succeeded"]
    assert len(farm.mattes(job)) == FRAMES


def test_cancel_while_tracking(farm: Farm) -> None:
    clip = farm.clip()
    farm.start_worker(slow=1.0)
    job = farm.submit(farm.shot(clip.pattern), clip)
    farm.tracking(job)
    farm.client.cancel(job.id)
    job = farm.ended(job)
    assert job.state == "cancelled"
    assert farm.task(job, "track").progress.done < FRAMES, "stopped in the middle"
    assert not farm.mattes(job)
    farm.wait_swept(job)
    again = farm.submit(farm.client.shot(job.shot_id), clip, frame_range=[1001, 1003])
    assert farm.ended(again).state == "succeeded", "the worker is free again"


def test_a_foreign_function_on_the_queue_is_refused(farm: Farm) -> None:
    witness = farm.folder / "executed"
    with redis.Redis.from_url(farm.redis_url) as connection:
        queue = Queue("roto-gpu-high", connection=connection, serializer=JSONSerializer)
        queue.enqueue("os.system", f"touch {witness}")
        farm.start_worker()
        wait_until(lambda: not connection.llen("rq:queue:roto-gpu-high"), "it is taken off", 120)
    clip = farm.clip(frames=3)
    job = farm.submit(farm.shot(clip.pattern), clip)
    assert farm.ended(job).state == "succeeded", farm.story(job)
    assert not witness.exists()
    log = farm.worker_log.read_text()
    assert "FOREIGN JOB" in log
    assert "os.system" in log
