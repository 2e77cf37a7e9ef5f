"""Statistics of a small show whose every figure is known, on both databases."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from helpers_people import House, Person
from sqlalchemy.orm import Session

from roto_server.db.media import Plate, Review
from roto_server.db.models import Attempt, Job, Task, Worker, new_id
from roto_server.db.types import utc_now
from roto_server.jobs.create import QUEUE

FIRST, SECOND = datetime(2020, 3, 1, tzinfo=UTC), datetime(2020, 3, 2, tzinfo=UTC)
PERIOD = {"since": "2020-03-01T00:00:00Z", "until": "2020-03-03T00:00:00Z"}
NOTHING = {"shots": 0, "frames": 0, "gpu_hours": 0, "jobs": 0, "failed": 0, "retakes": 0}
OF_DAYS = [
    {"key": "2020-03-01", "name": "2020-03-01", "shots": 2, "frames": 14, "gpu_hours": 0.5,
     "jobs": 2, "failed": 0, "retakes": 0},
    {"key": "2020-03-02", "name": "2020-03-02", "shots": 1, "frames": 10, "gpu_hours": 2.0,
     "jobs": 3, "failed": 1, "retakes": 2},
]  # fmt: skip
WHOLE = {"shots": 2, "frames": 24, "gpu_hours": 2.5, "jobs": 5, "failed": 1, "retakes": 2}
ELSEWHERE = {"shots": 1, "frames": 10, "gpu_hours": 2.0, "jobs": 1, "failed": 0, "retakes": 1}


@dataclass
class Show:
    """Two projects: ``here`` of Ann's, with Bob as its artist, and ``there`` of Dan's."""

    house: House
    here: str
    there: str
    ann: Person
    bob: Person
    dan: Person

    def ask(self, person: Person, **asked: str) -> Any:
        """What the person is told of the two days."""
        answer = self.get(person, **asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, person: Person, **asked: str) -> httpx.Response:
        with self.house.client(person.key) as client:
            return client.get("/statistics", params={**PERIOD, **asked})


@dataclass
class _Writer:
    session: Session
    house: House
    gpu: str
    cpu: str

    def job(self, shot: str, maker: Person, kind: str, state: str, at: datetime | None,
            **more: Any) -> Job:  # fmt: skip
        number = uuid.uuid4().int % 1_000_000
        job = Job(id=new_id(), shot_id=shot, kind=kind, state=state, version=number, params={},
                  created_by=maker.id, finished_at=at, **{"plate_id": shot, **more})  # fmt: skip
        self.session.add(job)
        self.session.flush()
        return job

    def attempts(self, job: Job, kind: str, worker: str, *ends: tuple[str, float, Any],
                 **params: Any) -> None:  # fmt: skip
        """A task of the job with attempts: state, seconds and error code of each."""
        task = Task(id=new_id(), job_id=job.id, kind=kind, position=0, queue=QUEUE[kind],
                    params=params, state="succeeded")  # fmt: skip
        self.session.add(task)
        self.session.flush()
        at = job.finished_at or SECOND
        for number, (state, seconds, code) in enumerate(ends):
            self.session.add(
                Attempt(
                    task_id=task.id, worker_id=worker, boot_id="0" * 32, number=number, state=state,
                    output_dir="x", heartbeat_at=at, progress_at=at, finished_at=at,
                    started_at=at - timedelta(seconds=seconds),
                    error={"code": code, "message": "x"} if code else None,
                )
            )  # fmt: skip

    def review(self, shot: str, job: Job | None, after: str, reason: str, at: datetime) -> None:
        self.session.add(
            Review(shot_id=shot, job_id=job.id if job else None, before="pending_review",
                   after=after, reason=reason, created_by=self.house.admin.id, created_at=at)
        )  # fmt: skip


@pytest.fixture(scope="session")
def show(house: House) -> Show:
    ann, bob, dan = house.person("artist"), house.person("artist"), house.person("supervisor")
    here = house.project((ann, "supervisor"), (bob, "artist"))
    there = house.project((dan, "supervisor"))
    shots = house.shot(here, ann), house.shot(here, bob), house.shot(there, dan)
    node = uuid.uuid4().hex
    gpu, cpu = f"{node}:0", f"{node}:1"
    with house.database.session() as session:
        for slot, (ident, device) in enumerate([(gpu, "cuda:0 NVIDIA L40S"), (cpu, "cpu")]):
            session.add(Worker(id=ident, node=node, slot=slot, boot_id=new_id(), version="0",
                               queues=[], kinds=[], engines=[], device=device))  # fmt: skip
        short = Plate(id=new_id(), shot_id=shots[1], version=2, plate={}, state="ready",
                      first_frame=1001, last_frame=1004, created_by=bob.id)  # fmt: skip
        session.add(short)
        session.flush()
        _write(_Writer(session, house, gpu, cpu), shots, (ann, bob, dan), short.id)
    return Show(house, here, there, ann, bob, dan)


def _write(
    to: _Writer, shots: tuple[str, str, str], people: tuple[Person, Person, Person], short: str
) -> None:
    ann, bob, dan = people
    noon, late = timedelta(hours=12), timedelta(hours=23, minutes=59, seconds=59.9)
    one = to.job(shots[0], ann, "roto", "succeeded", FIRST + noon)
    to.attempts(one, "track", to.gpu, ("succeeded", 1800, None))
    # By the worker that tracks, as on every farm: its GPU does nothing for it.
    to.attempts(one, "vectorize", to.gpu, *[("succeeded", n, None) for n in range(1, 21)])
    two = to.job(shots[0], ann, "roto", "succeeded", SECOND)
    to.attempts(two, "track", to.gpu, ("succeeded", 3600, None))
    bad = to.job(shots[1], bob, "roto", "failed", SECOND + noon,
                 error={"code": "out_of_memory", "message": "x"})  # fmt: skip
    to.attempts(bad, "track", to.gpu, ("failed", 900, "out_of_memory"),
                ("failed", 900, "out_of_memory"), ("lost", 900, None))  # fmt: skip
    made = to.job(shots[1], bob, "export", "succeeded", SECOND + noon)
    to.attempts(made, "export", to.cpu, ("succeeded", 10, None))
    given_up = to.job(shots[1], bob, "roto", "cancelled", SECOND + noon)
    to.attempts(given_up, "track", to.gpu, ("cancelled", 900, None))
    to.job(shots[1], bob, "roto", "succeeded", FIRST + late, plate_id=short)
    other = to.job(shots[2], dan, "roto", "succeeded", SECOND + late, plate_id=None)
    to.attempts(other, "track", to.gpu, ("succeeded", 7200, None))
    # What does not count: still running, in the trash, before and after.
    to.job(shots[1], bob, "roto", "running", None)
    gone = to.job(
        shots[0], ann, "roto", "succeeded", FIRST + noon, trashed_at=utc_now(), trash_id=new_id()
    )
    to.attempts(gone, "track", to.gpu, ("succeeded", 900, None))
    for moment in (FIRST - timedelta(seconds=1), SECOND + timedelta(days=1)):
        outside = to.job(shots[0], ann, "roto", "failed", moment)
        to.attempts(outside, "track", to.gpu, ("failed", 900, "internal"))
        to.review(shots[0], one, "retake", "holes", moment)
    to.review(shots[0], one, "retake", " Chatter, edge: from 1031 on, and holes", SECOND)
    to.review(shots[1], None, "retake", "Make it nicer: please", SECOND)
    to.review(shots[1], None, "approved", "", SECOND)
    to.review(shots[2], other, "retake", "missing part", SECOND + noon)


@pytest.fixture
def ann(show: Show) -> Iterator[httpx.Client]:
    with show.house.client(show.ann.key) as client:
        yield client


def test_a_supervisor_is_told_of_the_whole_project(show: Show) -> None:
    told = show.ask(show.ann)
    assert told["groups"] == OF_DAYS
    assert told["total"] == WHOLE
    assert told["stages"] == [
        {"stage": "export", "attempts": 1, "mean_seconds": pytest.approx(10, abs=0.001),
         "p95_seconds": pytest.approx(10, abs=0.001)},
        {"stage": "track", "attempts": 2, "mean_seconds": pytest.approx(2700, abs=0.001),
         "p95_seconds": pytest.approx(3600, abs=0.001)},
        {"stage": "vectorize", "attempts": 20, "mean_seconds": pytest.approx(10.5, abs=0.001),
         "p95_seconds": pytest.approx(19, abs=0.001)},
    ]  # fmt: skip
    assert told["slowest_stage"] == "track"
    assert told["failures"] == [
        {"code": "out_of_memory", "jobs": 1, "job_rate": 1 / 5, "attempts": 2,
         "attempt_rate": 2 / 26},
        {"code": "unknown", "jobs": 0, "job_rate": 0, "attempts": 1, "attempt_rate": 1 / 26},
    ]  # fmt: skip
    assert told["retakes"] == [
        {"reason": reason, "retakes": 1} for reason in ("chatter", "edge", "other")
    ]
    assert (told["since"], told["until"]) == (PERIOD["since"], PERIOD["until"])


_SAM2 = [{"engine": "sam2", "model": "large"}, {"engine": "flow", "model": "flow"}]


@pytest.mark.parametrize(
    ("asked", "made_by", "device", "engines", "hours"),
    [
        ("sam2", "sam2", "cuda:1 NVIDIA L40S", _SAM2, 1),
        ("sam2", None, "cuda:1 NVIDIA L40S", _SAM2, 1),
        ("sam2", "sam2", "cpu", _SAM2, 0),
        ("flow", "flow", "cuda:0 NVIDIA L40S", _SAM2, 0),
        ("auto", "sam2", "cuda:0 NVIDIA L40S", _SAM2, 1),
        ("auto", "flow", "cuda:0 NVIDIA L40S", _SAM2, 0),
        ("auto", None, "cuda:0 NVIDIA L40S", _SAM2, 1),
        ("auto", None, "cuda:0 NVIDIA L40S", _SAM2[1:], 0),
    ],
    ids=str,
)
def test_gpu_hours_are_of_engines_that_use_one(
    house: House, asked: str, made_by: str | None, device: str, engines: list[Any], hours: int
) -> None:
    ann = house.person("artist")
    project = house.project((ann, "supervisor"))
    shot, name = house.shot(project, ann), uuid.uuid4().hex
    with house.database.session() as session:
        session.add(Worker(id=name, node=name, slot=0, boot_id=new_id(), version="0", queues=[],
                           kinds=[], engines=engines, device=device))  # fmt: skip
        session.flush()
        to = _Writer(session, house, name, name)
        # Not in the days whose figures the others know.
        job = to.job(shot, ann, "roto", "succeeded", FIRST - timedelta(days=90), engine=made_by)
        to.attempts(job, "track", name, ("succeeded", 3600, None), engine=asked)
    asked_of = {"since": "2019-11-01T00:00:00Z", "project_id": project}
    with house.client(ann.key) as client:
        told = client.get("/statistics", params={**PERIOD, **asked_of}).json()
    assert told["total"]["gpu_hours"] == pytest.approx(hours)


def test_by_person(show: Show) -> None:
    groups = {group["key"]: group for group in show.ask(show.ann, by="user")["groups"]}
    assert groups == {
        show.ann.id: {"key": show.ann.id, "name": show.ann.name, "shots": 1, "frames": 20,
                      "gpu_hours": 1.5, "jobs": 2, "failed": 0, "retakes": 1},
        show.bob.id: {"key": show.bob.id, "name": show.bob.name, "shots": 1, "frames": 4,
                      "gpu_hours": 1.0, "jobs": 3, "failed": 1, "retakes": 1},
    }  # fmt: skip


def test_an_artist_is_told_of_their_own_work_alone(show: Show) -> None:
    told = show.ask(show.bob, by="user")
    own = {"shots": 1, "frames": 4, "gpu_hours": 1.0, "jobs": 3, "failed": 1, "retakes": 1}
    assert told["groups"] == [{"key": show.bob.id, "name": show.bob.name, **own}]
    assert told["total"] == own
    assert told["retakes"] == [{"reason": "other", "retakes": 1}]
    assert [one["stage"] for one in told["stages"]] == ["export"]


def test_an_administrator_is_told_of_every_project(show: Show) -> None:
    groups = show.ask(show.house.admin, by="project")["groups"]
    figures = {group["key"]: {name: group[name] for name in NOTHING} for group in groups}
    assert figures == {show.here: WHOLE, show.there: ELSEWHERE}
    only = show.ask(show.house.admin, by="project", project_id=show.there)
    assert [group["key"] for group in only["groups"]] == [show.there]
    assert only["total"] == ELSEWHERE


def test_of_other_projects_nobody_is_told(show: Show) -> None:
    assert show.ask(show.dan)["total"] == ELSEWHERE
    assert show.get(show.dan, project_id=show.here).json()["code"] == "not_found"
    outsider, viewer = show.house.person("artist"), show.house.person("artist")
    show.house.project((viewer, "viewer"))
    for person in (outsider, viewer):
        told = show.ask(person)
        assert (told["total"], told["by"]) == (NOTHING, "day")
        assert (told["since"], told["until"]) == (PERIOD["since"], PERIOD["until"])
        assert told["slowest_stage"] is None
        for part in ("groups", "stages", "failures", "retakes"):
            assert told[part] == [], part
        assert show.get(person, format="csv").text.splitlines() == [
            "key,name,shots,frames,gpu_hours,jobs,failed,retakes"
        ]


def test_a_table_as_a_file(show: Show) -> None:
    answer = show.get(show.ann, format="csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "statistics-groups-20200301-20200303.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.text.startswith("key,name,shots,")
    assert rows == [{name: str(value) for name, value in row.items()} for row in OF_DAYS]
    failures = show.get(show.ann, format="csv", table="failures").text.splitlines()
    assert failures == [
        "code,jobs,job_rate,attempts,attempt_rate",
        f"out_of_memory,1,0.2,2,{2 / 26}",
        f"unknown,0,0.0,1,{1 / 26}",
    ]


def test_without_a_time_the_last_thirty_days_count(ann: httpx.Client) -> None:
    told = ann.get("/statistics").json()
    moments = [datetime.fromisoformat(told[name]) for name in ("since", "until")]
    assert moments[1] - moments[0] == timedelta(days=30)


@pytest.mark.one_database
def test_so_much_and_no_more_is_counted_at_once(show: Show) -> None:
    year = {"since": "2019-02-01T00:00:00Z", "until": "2020-03-07T00:00:00Z"}
    assert show.ask(show.ann, **year)["total"]["jobs"] > 0
    longer = show.get(show.ann, **{**year, "until": "2020-03-07T00:00:01Z"})
    assert (longer.status_code, longer.json()["code"]) == (422, "bad_request")
    assert "400 days" in longer.json()["message"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    "asked",
    [
        {"since": "2020-03-02T00:00:00Z", "until": "2020-03-02T00:00:00Z"},
        {"until": "0001-01-01T00:00:00Z"},
        {"since": "2020-03-02"},
        {"by": "stage"},
        {"format": "xlsx"},
        {"project_id": "x"},
    ],
    ids=str,
)
def test_what_is_no_question(ann: httpx.Client, asked: dict[str, str]) -> None:
    assert ann.get("/statistics", params=asked).json()["code"] == "bad_request"
