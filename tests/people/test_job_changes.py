"""Jobs cancelled, retried, deleted and prioritized, one by one and many at once."""

from __future__ import annotations

from typing import Any

import pytest
from helpers_people import House, Person
from sqlalchemy import select

from roto_server.db.models import Job, Shot, Task, new_id
from roto_server.db.people import AuditEntry


def add_job(house: House, shot_id: str, maker: Person, state: str = "queued") -> str:
    """A roto job of one task that waits, or has ended as the job has."""
    job_id = new_id()
    with house.database.session() as session:
        versions = session.scalars(select(Job.version).where(Job.shot_id == shot_id)).all()
        session.add(
            Job(
                id=job_id, shot_id=shot_id, plate_id=shot_id, kind="roto", state=state,
                version=max(versions, default=0) + 1, params={"objects": []}, created_by=maker.id,
            )
        )  # fmt: skip
        session.flush()
        # No worker of a house takes this queue.
        session.add(
            Task(
                job_id=job_id, kind="track", position=0, queue="nobody", params={},
                state="waiting" if state == "queued" else state, depends_on=[],
            )
        )  # fmt: skip
    return job_id


def states(house: House, *job_ids: str) -> list[str]:
    with house.database.reading() as session:
        return [session.get_one(Job, ident).state for ident in job_ids]


def audited(house: House, job_id: str) -> list[tuple[str, Any, Any]]:
    query = select(AuditEntry).where(AuditEntry.target_id == job_id).order_by(AuditEntry.seq)
    with house.database.reading() as session:
        return [(row.action, row.before, row.after) for row in session.scalars(query)]


def test_a_priority_is_changed_told_and_audited(house: House) -> None:
    artist = house.person("artist")
    shot = house.shot(house.project((artist, "artist")), artist)
    job = add_job(house, shot, artist)
    with house.client(artist.key) as client:
        told = client.patch(f"/jobs/{job}", json={"priority": "high"})
        assert told.json()["priority"] == "high"
        assert client.patch(f"/jobs/{job}", json={"priority": "high"}).status_code == 200
        assert client.patch(f"/jobs/{job}", json={"priority": "urgent"}).status_code == 422
        assert client.patch(f"/jobs/{job}", json={}).status_code == 422
    change = ({"priority": "normal"}, {"priority": "high"})
    assert audited(house, job) == [("job.prioritized", *change)]


def test_each_of_many_is_done_or_refused_by_itself(house: House) -> None:
    artist, other = house.person("artist"), house.person("artist")
    project = house.project((artist, "artist"), (other, "artist"))
    mine, theirs = house.shot(project, artist), house.shot(project, other)
    outside = house.shot(house.project((other, "artist")), other)
    queued, done = add_job(house, mine, artist), add_job(house, mine, artist, "succeeded")
    foreign, hidden = add_job(house, theirs, other), add_job(house, outside, other)
    nobodys = new_id()
    ids = [hidden, queued, done, foreign, nobodys, queued]
    with house.client(artist.key) as client:
        told = client.post("/jobs/bulk", json={"action": "cancel", "job_ids": ids}).json()
        alone = client.post(f"/jobs/{hidden}/cancel").json()
    assert told["done"] == [queued]
    assert [(one["id"], one["code"]) for one in told["refused"]] == [
        (hidden, "not_found"),
        (done, "conflict"),
        (foreign, "forbidden"),
        (nobodys, "not_found"),
    ]
    first, _, _, last = (one["message"] for one in told["refused"])
    assert first == alone["message"]
    assert first.replace(hidden, nobodys) == last, "in the words of an id that never was"
    assert states(house, queued, done, foreign, hidden) == [
        "cancelled", "succeeded", "queued", "queued",
    ]  # fmt: skip
    assert [action for action, *_ in audited(house, queued)] == ["job.cancelled"]
    assert audited(house, done) == []


def test_many_are_retried_prioritized_and_deleted(house: House) -> None:
    supervisor = house.person("supervisor")
    shot = house.shot(house.project((supervisor, "supervisor")), supervisor)
    jobs = [add_job(house, shot, supervisor, "cancelled") for _ in range(120)]
    with house.client(supervisor.key) as client:

        def ask(action: str, **more: Any) -> dict[str, Any]:
            body = {"action": action, "job_ids": jobs, **more}
            answer = client.post("/jobs/bulk", json=body)
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

        assert ask("priority", priority="low") == {"done": jobs, "refused": []}
        assert ask("retry") == {"done": jobs, "refused": []}
        assert set(states(house, *jobs)) == {"queued"}
        assert ask("delete") == {"done": jobs, "refused": []}
        assert {one["code"] for one in ask("delete")["refused"]} == {"not_found"}
        trashed = client.get("/trash", params={"kind": "version", "limit": 1000}).json()["items"]
    assert {one["id"] for one in trashed} == set(jobs)
    assert [action for action, *_ in audited(house, jobs[0])] == [
        "job.prioritized", "job.retried", "version.trashed",
    ]  # fmt: skip


def test_a_key_that_reads_changes_nothing(house: House) -> None:
    artist = house.person("viewer")
    shot = house.shot(house.project((artist, "viewer")), artist)
    job = add_job(house, shot, house.admin)
    with house.client(artist.key) as client:
        told = client.post("/jobs/bulk", json={"action": "cancel", "job_ids": [job]}).json()
    assert [one["code"] for one in told["refused"]] == ["forbidden"]
    assert states(house, job) == ["queued"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    "body",
    [
        {"action": "cancel", "job_ids": []},
        {"action": "cancel", "job_ids": ["x"]},
        {"action": "cancel", "job_ids": ["0" * 32] * 501},
        {"action": "burn", "job_ids": ["0" * 32]},
        {"action": "priority", "job_ids": ["0" * 32]},
        {"action": "cancel", "job_ids": ["0" * 32], "priority": "low"},
    ],
    ids=["none", "no id", "too many", "what is that", "which priority", "priority of what"],
)
def test_what_is_no_request(house: House, body: dict[str, Any]) -> None:
    with house.client(house.admin.key) as client:
        assert client.post("/jobs/bulk", json=body).json()["code"] == "bad_request"


def test_archived_jobs_are_cancelled_and_nothing_else(house: House) -> None:
    supervisor = house.person("supervisor")
    shot = house.shot(house.project((supervisor, "supervisor")), supervisor)
    job = add_job(house, shot, supervisor)
    with house.database.session() as session:
        row = session.get_one(Shot, shot)
        row.archived_at = row.created_at
    with house.client(supervisor.key) as client:
        for action, more, done in (
            ("priority", {"priority": "low"}, []),
            ("delete", {}, []),
            ("cancel", {}, [job]),
        ):
            body = {"action": action, "job_ids": [job], **more}
            assert client.post("/jobs/bulk", json=body).json()["done"] == done
