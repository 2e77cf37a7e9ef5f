"""A newer list of a plate that was uploaded: shots share its files, in folders of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from helpers_conform import HOUR, conformed, cut, edl, media_folder, sequence, uploaded
from helpers_people import House

from roto_server.admin import orphans
from roto_server.db.media import Plate
from roto_server.db.models import Job, Shot
from roto_server.jobs import plates
from roto_server.storage import DirectoryStorage


@dataclass
class Reel:
    """A project with an uploaded plate of 60 frames, two ranges of which are shots by a list."""

    house: House
    client: httpx.Client
    project: str
    whole: str

    def conform(self, *ranges: tuple[int, int]) -> dict[str, Any]:
        """A list of those ranges of the plate, not applied yet."""
        lines = [
            cut(number, "AX", (first, end), (HOUR + first, HOUR + end))
            for number, (first, end) in enumerate(ranges, 1)
        ]
        return conformed(self.client, self.project, text=edl(*lines), movie_shot_id=self.whole)

    def apply(self, listed: dict[str, Any]) -> list[dict[str, Any]]:
        """The events after the list was applied."""
        answer = self.client.post(f"/conforms/{listed['id']}/apply", json={})
        assert answer.status_code == 200, answer.text
        self.read()
        entries: list[dict[str, Any]] = answer.json()["entries"]
        return entries

    def read(self) -> None:
        """Have all plates read, as if a worker had."""
        found = {"width": 64, "height": 36, "pixel_aspect": 1.0, "fps": (24, 1)}
        with self.house.database.session() as session:
            jobs = session.query(Job).join(Shot, Shot.id == Job.shot_id)
            for job in jobs.filter(Shot.project_id == self.project, Job.state == "queued"):
                assert job.plate is not None
                frames = job.plate.first_frame, job.plate.last_frame
                plates.record(session, job, {**found, "frame_range": frames})
                job.state = job.tasks[0].state = "succeeded"

    def sources(self, shot: str) -> list[str]:
        """Keys of the folders of the shot's plates, oldest first."""
        with self.house.database.reading() as session:
            rows = session.query(Plate).filter(Plate.shot_id == shot).order_by(Plate.version)
            return [str(plate.source) for plate in rows]

    @property
    def storage(self) -> DirectoryStorage:
        """That of the server."""
        return DirectoryStorage(self.house.folder / "storage")

    def orphans(self) -> list[str]:
        """Keys of what no row of the project knows."""
        later = datetime.now(UTC) + timedelta(days=99)
        return [
            one.key for one in orphans.find(self.house.database, self.storage, later, self.project)
        ]


@pytest.fixture
def reel(house: House) -> Iterator[Reel]:
    person = house.person("supervisor")
    project = house.project((person, "supervisor"))
    folder = media_folder(house, f"reel {project[:8]}")
    sequence(folder, "whole", range(1001, 1061))
    with house.client(person.key) as client:
        plate = uploaded(client, project, *sorted(folder.iterdir()))
        body = {"name": "whole", "plate": plate, "fps": [24, 1]}
        answer = client.post(f"/projects/{project}/shots", json=body)
        assert answer.status_code == 201, answer.text
        made = Reel(house, client, project, answer.json()["id"])
        made.read()
        yield made
        assert client.delete(f"/projects/{project}").status_code < 300


@pytest.mark.one_database
def test_a_longer_cut_of_an_uploaded_plate_lies_in_its_shots_folder(reel: Reel) -> None:
    first, second = reel.apply(reel.conform((0, 10), (10, 20)))
    same, longer = reel.apply(reel.conform((0, 10), (10, 40)))
    assert [(one["change"], one["made"]) for one in (same, longer)] == [
        ("same", True), ("trimmed", True)
    ]  # fmt: skip
    assert [one["shot_id"] for one in (same, longer)] == [first["shot_id"], second["shot_id"]]
    assert len(reel.sources(first["shot_id"])) == 1
    old, new = reel.sources(second["shot_id"])
    home = f"projects/{reel.project}/{second['shot_id']}/source"
    assert (old, new.rpartition("/")[0]) == (f"{home}/v001", home)
    told = reel.client.get(f"/shots/{second['shot_id']}").json()
    assert told["plate"]["path"].startswith(reel.storage.address(new))
    assert (len(reel.storage.listing(old)), len(reel.storage.listing(new))) == (10, 30)
    # A shorter one only has longer handles: what was linked for it is gone again.
    (_, shorter) = reel.apply(reel.conform((0, 10), (12, 30)))
    assert (shorter["change"], shorter["made"]) == ("trimmed", True)
    assert reel.sources(second["shot_id"]) == [old, new]
    # Housekeeping finds nothing that it might remove.
    assert reel.orphans() == []
    assert set(reel.storage.folders(home)) == {"v001", new.rpartition("/")[2]}


@pytest.mark.one_database
def _spoil(reel: Reel, shot: str) -> None:
    """As if the shot's only plate could not be read."""
    with reel.house.database.session() as session:
        row = session.get_one(Shot, shot)
        row.state = "invalid"
        for plate in session.query(Plate).filter(Plate.shot_id == shot):
            plate.state = "invalid"


@pytest.mark.one_database
def test_a_shot_whose_plate_cannot_be_read_is_put_right_by_its_list(reel: Reel) -> None:
    listed = reel.conform((0, 20), (30, 50))
    shot, other = (one["shot_id"] for one in reel.apply(listed))
    _spoil(reel, shot)
    path = f"/conforms/{listed['id']}/events"
    sound = reel.client.patch(f"{path}/1", json={"frames": [1036, 1050]})
    assert sound.status_code == 422, "the other one is a shot, and sound"
    renamed = reel.client.patch(f"{path}/0", json={"name": "another"})
    assert renamed.status_code == 422, "it is a shot, whose name is its own"
    changed = reel.client.patch(f"{path}/0", json={"frames": [1006, 1025], "handles": 0})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["entries"][0]["made"], changed.json()["state"]) == (False, "open")
    (entry, _) = reel.apply(listed)
    assert (entry["made"], entry["shot_id"], entry["error"]) == (True, shot, None)
    now = reel.client.get(f"/shots/{shot}").json()
    assert (now["state"], now["frame_range"]) == ("ready", [1006, 1025])
    assert (len(reel.sources(shot)), len(reel.sources(other))) == (2, 1)


@pytest.mark.one_database
def test_a_newer_list_reads_again_what_could_not_be_read(reel: Reel) -> None:
    """Nothing changed in the list; the shot is not made before it has a plate."""
    (first,) = reel.apply(reel.conform((0, 20)))
    _spoil(reel, first["shot_id"])
    newer = reel.conform((0, 20))
    assert newer["entries"][0]["change"] == "same"
    (entry,) = reel.apply(newer)
    assert (entry["made"], entry["shot_id"]) == (True, first["shot_id"])
    assert reel.client.get(f"/shots/{first['shot_id']}").json()["state"] == "ready"
    assert len(reel.sources(first["shot_id"])) == 2


@pytest.mark.parametrize("ends", ["moved", "trashed"])
def test_a_shot_that_left_the_project_takes_nothing_from_its_list(reel: Reel, ends: str) -> None:
    _, second = reel.apply(reel.conform((0, 10), (10, 20)))
    newer = reel.conform((0, 10), (10, 40))
    shot = second["shot_id"]
    before = reel.client.get(f"/shots/{shot}").json()["cut"]
    if ends == "moved":
        other = reel.client.post("/projects", json={"name": f"other {shot}"}).json()["id"]
        moved = reel.client.post(f"/shots/{shot}/move", json={"project_id": other})
        assert moved.status_code == 200, moved.text
    else:
        assert reel.client.delete(f"/shots/{shot}").status_code < 300
    same, longer = reel.apply(newer)
    assert (same["made"], longer["made"]) == (True, False)
    assert longer["error"]["code"] == {"moved": "conflict", "trashed": "not_found"}[ends]
    (source,) = reel.sources(shot)
    assert len(reel.storage.listing(source)) == 10
    assert reel.orphans() == []
    if ends == "moved":
        assert reel.client.get(f"/shots/{shot}").json()["cut"] == before
        assert reel.client.delete(f"/projects/{other}").status_code < 300
    # Matched again, the event is a new one.
    reel.client.post(f"/conforms/{newer['id']}/match", json={})
    _, made = reel.apply(newer)
    assert (made["made"], made["change"], made["shot_id"] == shot) == (True, "new", False)


@pytest.mark.one_database
def test_ranges_that_share_too_much_are_refused_before_any_file_is_touched(reel: Reel) -> None:
    with reel.house.database.session() as session:
        shot = session.get_one(Shot, reel.whole)
        plate = session.get_one(Plate, shot.plate_id)
        shot.last_frame = plate.last_frame = 1500
    ranges = [{"name": f"sh{number}", "first": 1001, "last": 1500} for number in range(401)]
    refused = reel.client.post(f"/shots/{reel.whole}/cut", json={"ranges": ranges})
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert reel.storage.folders(f"projects/{reel.project}") == sorted([reel.whole, "uploads"])
