"""Versions of a shot's results on a real server."""

from __future__ import annotations

from typing import Any

import pytest
from helpers_people import House
from helpers_review import Show, show
from sqlalchemy import update

from roto_server.db.media import Plate, Publication
from roto_server.db.models import Attempt, Export, Job, Mask, Task, Worker, new_id
from roto_server.db.types import utc_now


@pytest.fixture
def heist(house: House) -> Show:
    return show(house)


def _versions(heist: Show, query: str = "") -> list[dict[str, Any]]:
    with heist.as_(heist.viewer) as client:
        answer = client.get(f"/shots/{heist.shot_id}/versions{query}")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


def test_a_version_tells_what_it_is_made_of_and_what_is_said_of_it(heist: Show) -> None:
    made = heist.version(1, engine="flow", model="flow", params={"objects": [{"png": "x" * 9}]})
    hero, dog = heist.object("hero", made, position=2), heist.object("dog", made, position=1)
    heist.shapes(made, 1)
    _track(heist, made, hero, [0.9, 0.4, 0.8])
    _track(heist, made, dog, [None, 0.7])
    _files(heist, made)
    corrected = heist.version(2, params={"objects": [], "base": {"version": 1, "job_id": made}})
    written = heist.version(
        3, "export", params={"objects": [], "source_job_id": made, "shapes_version": 1}
    )
    first = heist.note(heist.supervisor, job_id=made).json()["id"]
    heist.note(heist.artist, reply_to=first)
    heist.note(heist.supervisor, job_id=made)
    with heist.as_(heist.artist) as client:
        client.patch(f"/notes/{first}", json={"resolved": True})
    heist.move(heist.artist, "waiting", "pending_review", job_id=made)
    heist.move(heist.supervisor, "pending_review", "retake", reason="hair", job_id=made)

    newest, middle, oldest = _versions(heist)

    assert [one["id"] for one in (newest, middle, oldest)] == [written, corrected, made]
    assert [one["version"] for one in (newest, middle, oldest)] == [3, 2, 1]
    assert oldest["plate"] == {"id": heist.shot_id, "view": "main", "version": 1}
    assert oldest["objects"] == [{"id": dog, "name": "dog"}, {"id": hero, "name": "hero"}]
    assert oldest["files"] == [
        {"role": "matte", "format": "exr", "files": 2, "bytes": 30},
        {"role": "shapes", "format": "nuke", "files": 1, "bytes": 5},
    ]
    assert oldest["confidence"] == {
        "frames": 4, "mean": pytest.approx(0.7), "lowest": 0.4, "needs_you": 1,
    }  # fmt: skip
    assert (oldest["shapes_version"], oldest["base_version"]) == (1, None)
    assert (oldest["notes"], oldest["open_notes"], oldest["published"]) == (2, 1, 1)
    assert oldest["review"]["after"] == "retake"
    assert oldest["review"]["reason"] == "hair"
    assert oldest["review"]["created_by"] == heist.supervisor.name
    assert oldest["created_by"] == heist.artist.name
    # A correction that has made nothing yet; an export of the first version.
    assert (middle["base_version"], middle["shapes_version"]) == (1, None)
    assert (middle["confidence"], middle["review"], middle["files"]) == (None, None, [])
    assert (newest["kind"], newest["source_job_id"]) == ("export", made)
    assert (newest["shapes_version"], newest["notes"]) == (1, 0)
    assert newest["objects"] == oldest["objects"]
    assert newest["confidence"] == oldest["confidence"]


@pytest.mark.one_database
def test_versions_are_chosen_by_kind_state_and_view(heist: Show) -> None:
    with heist.house.database.session() as session:
        left = Plate(id=new_id(), shot_id=heist.shot_id, view="left", plate={}, state="ready",
                     created_by=heist.artist.id)  # fmt: skip
        session.add(left)
        left_id = left.id
    main = heist.version(1, plate_id=None)
    of_left = heist.version(2, plate_id=left_id)
    failed = heist.version(3, state="failed", error={"code": "bad_plate", "message": "torn"})
    export = heist.version(4, "export")
    heist.version(1, "ingest")
    trashed = heist.version(5)
    with heist.house.database.session() as session:
        session.execute(update(Job).where(Job.id == trashed).values(trashed_at=utc_now()))
    for query, found in (
        ("", [export, failed, of_left, main]),
        ("?kind=export", [export]),
        ("?state=failed", [failed]),
        ("?view=left", [of_left]),
        ("?view=main&kind=roto", [failed, main]),
    ):
        assert [one["id"] for one in _versions(heist, query)] == found, query
    assert _versions(heist, "?state=failed")[0]["error"]["message"] == "torn"


@pytest.mark.one_database
def test_a_shot_without_versions_has_none(heist: Show) -> None:
    assert _versions(heist) == []


def _track(heist: Show, job_id: str, object_id: str, confidence: list[float | None]) -> None:
    """Mask rows of a track task."""
    now = utc_now()
    worker = f"versions-{new_id()[:8]}:0"
    with heist.house.database.session() as session:
        task = Task(id=new_id(), job_id=job_id, kind="track", position=0, queue="gpu", params={})
        session.add_all([task, Worker(id=worker, node="versions", slot=0, boot_id=new_id(),
                                      version="0", queues=[], kinds=[], engines=[],
                                      device="cpu")])  # fmt: skip
        session.flush()
        attempt = Attempt(id=new_id(), task_id=task.id, worker_id=worker, boot_id=new_id(),
                          number=1, output_dir="x", heartbeat_at=now, progress_at=now)  # fmt: skip
        session.add(attempt)
        session.flush()
        session.add_all(
            Mask(shot_id=heist.shot_id, object_id=object_id, job_id=job_id, attempt_id=attempt.id,
                 frame=1001 + number, path="x", confidence=value)
            for number, value in enumerate(confidence)
        )  # fmt: skip


def _files(heist: Show, job_id: str) -> None:
    files = (("matte", "exr", "m.1001.exr", 10), ("matte", "exr", "m.1002.exr", 20),
             ("shapes", "nuke", "s.nk", 5))  # fmt: skip
    with heist.house.database.session() as session:
        session.add_all(
            Export(shot_id=heist.shot_id, job_id=job_id, role=role, format=format, name=name,
                   path=name, size=size)
            for role, format, name, size in files
        )  # fmt: skip
        published = f"/show/{new_id()}.nk"
        session.add(Publication(shot_id=heist.shot_id, job_id=job_id, size=5, path=published,
                                created_by=heist.artist.id))  # fmt: skip
