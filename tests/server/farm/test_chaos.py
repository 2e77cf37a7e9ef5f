"""Many workers, cancels and reconcilers at once: every job ends, and nothing is made twice."""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest
from sqlalchemy import func, select

from roto_server.db.models import Job, Mask, Task
from roto_server.jobs import ending
from roto_server.jobs.attempts import StaleAttemptError
from roto_server.jobs.claim import NotClaimableError
from roto_server.jobs.control import cancel_job
from roto_server.jobs.reconciler import Reconciler
from roto_server.jobs.states import FINISHED_JOB
from roto_shapes.errors import RotoError
from server.farm.helpers_farm_rows import Studio

JOBS, WORKERS = 8, 4


class Crew:
    """Threads that behave as workers: take any ready task, finish, fail, drain or vanish."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.errors: list[BaseException] = []
        self.done = threading.Event()

    def work(self, name: str) -> None:
        dice = random.Random(name)
        worker = self.studio.worker(name)
        try:
            while not self.done.is_set():
                for task_id in self._ready():
                    self._try(task_id, worker, dice)
        except BaseException as error:
            self.errors.append(error)
            self.done.set()

    def _ready(self) -> list[str]:
        with self.studio.database.reading() as session:
            if not session.scalar(
                select(func.count()).select_from(Job).where(Job.state.not_in(FINISHED_JOB))
            ):
                self.done.set()
            return list(session.scalars(select(Task.id).where(Task.state == "ready")))

    def _try(self, task_id: str, worker: str, dice: random.Random) -> None:
        try:
            spec = self.studio.start(task_id, worker)
            fate = dice.random()
            if fate < 0.1:
                ending.release_attempt(self.studio.farm, spec["attempt_id"], "drain")
            elif fate < 0.15:
                ending.lose_attempt(self.studio.farm, spec["attempt_id"], "Gone")
            elif self.studio.beat(spec["attempt_id"], 1)["action"] == "stop":
                ending.release_attempt(self.studio.farm, spec["attempt_id"], "cancelled")
            else:
                self.studio.finish(spec)
        except (NotClaimableError, StaleAttemptError):
            pass


@pytest.mark.database
def test_a_crowded_farm_loses_nothing(studio: Studio) -> None:
    jobs = [studio.roto(studio.shot(f"sh{number:03d}")) for number in range(JOBS)]
    crew = Crew(studio)
    workers = [threading.Thread(target=crew.work, args=(f"n{n}",)) for n in range(WORKERS)]
    reconciler = Reconciler(studio.farm)
    reconciler.start()
    for thread in workers:
        thread.start()
    for job_id in jobs[::3]:
        with studio.database.session() as session:
            try:
                cancel_job(session, session.get_one(Job, job_id))
            except RotoError as error:
                assert error.code == "conflict"  # noqa: PT017
    for thread in workers:
        thread.join(timeout=120)
    reconciler.stop()
    assert crew.errors == []
    ends = Counter(studio.job(job_id).state for job_id in jobs)
    assert set(ends) <= {"succeeded", "cancelled", "failed"}
    assert ends["succeeded"] >= 1
    for job_id in jobs:
        job = studio.job(job_id)
        for task in job.tasks:
            won = [attempt for attempt in task.attempts if attempt.state == "succeeded"]
            assert len(won) == (task.state == "succeeded")
        with studio.database.reading() as session:
            made = session.scalar(
                select(func.count()).select_from(Mask).where(Mask.job_id == job_id)
            )
        assert made == (3 if job.tasks[0].state == "succeeded" else 0)
