"""Edit lists through the API: what did not match, what people say of it, what becomes of it."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import opentimelineio as otio
import pytest
from helpers_conform import HOUR, conformed, cut, edl, media_folder, sequence
from helpers_people import House, Person

from roto_server.db.media import Plate
from roto_server.db.models import Job, Shot


@dataclass
class Show:
    """A project of a supervisor's, with a folder of media."""

    house: House
    id: str
    supervisor: Person
    folder: Path
    client: httpx.Client

    def conform(self, *lines: str, **body: Any) -> dict[str, Any]:
        """The answer to a new list of those lines."""
        told = {"folders": [str(self.folder)], **body}
        return conformed(self.client, self.id, text=edl(*lines), **told)

    def apply(self, listed: dict[str, Any], **body: Any) -> dict[str, Any]:
        """The conform after it was applied."""
        answer = self.client.post(f"/conforms/{listed['id']}/apply", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def say(self, listed: dict[str, Any], index: int, **body: Any) -> httpx.Response:
        """The answer to what is said of an event."""
        return self.client.patch(f"/conforms/{listed['id']}/events/{index}", json=body)

    def shots(self) -> dict[str, dict[str, Any]]:
        """The project's shots by name."""
        items = self.client.get(f"/projects/{self.id}/shots").json()["items"]
        return {shot["name"]: shot for shot in items}


@pytest.fixture
def show(house: House) -> Iterator[Show]:
    supervisor = house.person("supervisor")
    project = house.project((supervisor, "supervisor"))
    folder = media_folder(house, f"show {project[:8]}")
    with house.client(supervisor.key) as client:
        yield Show(house, project, supervisor, folder, client)
        # Its jobs would keep the workers of other tests of this house.
        assert client.delete(f"/projects/{project}").status_code < 300


def states(listed: dict[str, Any]) -> list[str]:
    return [entry["state"] for entry in listed["entries"]]


def codes(entry: dict[str, Any]) -> list[str]:
    return [remark["code"] for remark in entry["remarks"]]


def one(number: int, reel: str, first: int, at: int, length: int = 12) -> str:
    """An event's line."""
    return cut(number, reel, (first, first + length), (HOUR + at, HOUR + at + length))


def test_the_report_says_what_matched_and_what_did_not(show: Show) -> None:
    sequence(show.folder / "A001", "A001_plate", range(HOUR, HOUR + 60))
    sequence(show.folder / "B001", "B001_v1", range(HOUR, HOUR + 60))
    sequence(show.folder / "B001", "B001_v2", range(HOUR, HOUR + 60))
    frames = [frame for frame in range(HOUR, HOUR + 60) if frame != HOUR + 20]
    sequence(show.folder / "C001", "C001_plate", frames)
    listed = show.conform(
        one(1, "A001", HOUR + 10, 0),
        one(2, "B001", HOUR + 10, 12),
        one(3, "C001", HOUR + 10, 24),
        one(4, "D001", HOUR + 10, 36),
        one(5, "BL", 0, 48),
        one(6, "A001", HOUR + 15, 60),
        handles=4,
    )
    assert states(listed) == [
        "matched", "ambiguous", "short", "unmatched", "no_media", "matched"
    ]  # fmt: skip
    assert listed["states"] == {
        "matched": 2, "ambiguous": 1, "short": 1, "unmatched": 1, "no_media": 1
    }  # fmt: skip
    first, both, gap, _, _, again = listed["entries"]
    assert [Path(one["path"]).name for one in both["candidates"]] == [
        "B001_v1.%07d.png", "B001_v2.%07d.png"
    ]  # fmt: skip
    assert codes(gap) == ["range_lacking"]
    # Matched twice: two events show the same frames.
    assert codes(first) == codes(again) == ["used_twice"]
    assert listed["folders"] == [{"path": str(show.folder), "plates": 4, "ended_by": None}]
    applied = show.apply(listed)
    assert (applied["made"], sorted(show.shots())) == (2, ["reel2_0010", "reel2_0060"])
    assert applied["state"] == "applied"
    # Told again it is what it was; in the list of the project it is in figures.
    assert show.client.get(f"/conforms/{listed['id']}").json() == applied
    (told,) = show.client.get(f"/projects/{show.id}/conforms").json()["items"]
    assert (told["made"], told["states"], told["events"]) == (2, listed["states"], 6)


@pytest.mark.one_database
def test_people_say_what_is_meant(show: Show) -> None:
    sequence(show.folder / "B001", "B001_v1", range(HOUR, HOUR + 60))
    second = sequence(show.folder / "B001", "B001_v2", range(HOUR, HOUR + 60))
    other = sequence(show.folder / "elsewhere", "stock", range(1001, 1101))
    listed = show.conform(
        one(1, "B001", HOUR + 10, 0), one(2, "X", HOUR + 10, 12), one(3, "Y", 5, 24), handles=2
    )
    chosen = show.say(listed, 0, path=second, name="hero shot").json()["entries"][0]
    assert (chosen["state"], chosen["by"], chosen["name"]) == ("matched", "hand", "hero shot")
    assert chosen["frames"] == [HOUR + 8, HOUR + 23]
    # Any plate that may be read, by the frames somebody names, or by when it begins.
    told = show.say(listed, 1, path=other, frames=[1011, 1022]).json()["entries"][1]
    assert (told["placed_by"], told["frames"], told["handles"]) == ("hand", [1009, 1024], [2, 2])
    told = show.say(listed, 1, media_start="01:00:00:00").json()["entries"][1]
    assert told["frames"] == [1009, 1024]
    assert show.say(listed, 2, skip=True).json()["entries"][2]["state"] == "skipped"
    # Looked for again, what people said stays.
    again = show.client.post(f"/conforms/{listed['id']}/match", json={"handles": 0}).json()
    assert states(again) == ["matched", "matched", "skipped"]
    assert again["entries"][0]["match"]["path"] == second
    assert show.say(listed, 2, skip=False).json()["entries"][2]["state"] == "unmatched"
    applied = show.apply(listed)
    assert sorted(show.shots()) == ["hero shot", "reel2_0020"]
    assert [entry["made"] for entry in applied["entries"]] == [True, True, False]
    late = show.say(listed, 0, name="too late")
    assert (late.status_code, late.json()["code"]) == (422, "bad_request")


@pytest.mark.one_database
def test_what_people_may_not_say(show: Show) -> None:
    listed = show.conform(one(1, "A", 0, 0), one(2, "B", 0, 12), template="{reel}")
    refusals = [
        (show.say(listed, 0, path="/etc/passwd"), "path_refused"),
        (show.say(listed, 0, path=f"{show.folder}/../../etc/%04d.exr"), "path_refused"),
        (show.say(listed, 0, name="../x"), "bad_request"),
        (show.say(listed, 0, name="b"), "bad_request"),  # the other event's
        (show.say(listed, 0, media_start="99:00:00:00"), "bad_request"),
        (show.say(listed, 0, frames=[5, 2]), "bad_request"),
        (show.say(listed, 7, skip=True), "not_found"),
        (show.say(listed, 0, nonsense=1), "bad_request"),
    ]
    assert [answer.json()["code"] for answer, _ in refusals] == [code for _, code in refusals]


BAD = {
    "no rate": {"text": edl(one(1, "A", 0, 0)), "fps": None},
    "no list": {"text": "hello"},
    "two lists": {"text": "a", "base64": "YQ=="},
    "no base64": {"base64": "!!!"},
    "a template that runs": {"text": edl(one(1, "A", 0, 0)), "template": "{event.__class__}"},
    "a name of a path": {"text": edl(one(1, "A", 0, 0)), "name": "../x"},
    "a newline": {"text": edl(one(1, "A", 0, 0)), "name": "a\nb"},
    "FCPX": {"text": "<fcpxml version='1.9'/>", "file_name": "a.xml"},
}


@pytest.mark.one_database
@pytest.mark.parametrize("name", BAD)
def test_lists_that_cannot_be_taken(show: Show, name: str) -> None:
    body = {"name": "reel2", "fps": [24, 1], **BAD[name]}
    answer = show.client.post(f"/projects/{show.id}/conforms", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
    assert show.client.get(f"/projects/{show.id}/conforms").json()["items"] == []


@pytest.mark.one_database
@pytest.mark.parametrize("folder", ["/etc", "relative", "{plates}/../..", "{plates}/nowhere"])
def test_media_are_looked_for_in_the_projects_folders_only(show: Show, folder: str) -> None:
    body = {
        "name": "reel2", "fps": [24, 1], "text": edl(one(1, "A", 0, 0)),
        "folders": [folder.format(plates=show.house.plates)],
    }  # fmt: skip
    answer = show.client.post(f"/projects/{show.id}/conforms", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "path_refused")


@pytest.mark.one_database
def test_names_inside_lists_are_mapped_as_all_paths_are(show: Show) -> None:
    """An XML of a Windows machine names the very file; an AAF of it the same."""
    pattern = sequence(show.folder, "A001", range(HOUR, HOUR + 60))
    places = [{"name": "s", "linux": str(show.house.plates), "windows": ["S:\\"]}]
    settings = {"settings": {"places": places}}
    assert show.client.patch(f"/projects/{show.id}", json=settings).status_code == 200
    rate = otio.opentime.RationalTime
    whole = otio.opentime.TimeRange(rate(HOUR, 24), rate(60, 24))
    windows = f"file://localhost/S%3a/{show.folder.name.replace(' ', '%20')}/A001.%2507d.png"
    media = otio.schema.ExternalReference(windows, whole)
    part = otio.opentime.TimeRange(rate(HOUR + 10, 24), rate(12, 24))
    made = otio.schema.Timeline("t", global_start_time=rate(HOUR, 24))
    made.tracks.append(otio.schema.Track("V1", kind="Video"))
    made.tracks[0].append(otio.schema.Clip("another name", media, part))
    xml = otio.adapters.write_to_string(made, "fcp_xml")
    path = show.folder / "list.aaf"
    otio.adapters.write_to_file(made, str(path), adapter_name="AAF", use_empty_mob_ids=True)
    aaf = base64.b64encode(path.read_bytes()).decode()
    for body in ({"text": xml, "file_name": "a.xml"}, {"base64": aaf, "file_name": "a.aaf"}):
        listed = conformed(show.client, show.id, folders=[str(show.folder)], **body)
        (entry,) = listed["entries"]
        assert (entry["by"], entry["match"]["path"]) == ("path", pattern)
        assert entry["frames"] == [HOUR + 10, HOUR + 21]


@pytest.mark.timeout(900)
def test_applied_by_two_at_once_it_makes_every_shot_once(show: Show) -> None:
    sequence(show.folder, "A001_plate", range(HOUR, HOUR + 400))
    lines = [one(number, "A001", HOUR + 12 * number, 12 * number) for number in range(1, 25)]
    listed = show.conform(*lines)
    threads = [threading.Thread(target=show.apply, args=(listed,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = show.client.get(f"/conforms/{listed['id']}").json()
    assert after["made"] == 24
    assert [entry["error"] for entry in after["entries"]] == [None] * 24
    with show.house.database.reading() as session:
        shots = session.query(Shot).filter(Shot.project_id == show.id).all()
        jobs = session.query(Job).filter(Job.shot_id.in_([shot.id for shot in shots])).all()
    assert sorted(shot.id for shot in shots) == sorted(e["shot_id"] for e in after["entries"])
    assert len(jobs) == 24


@pytest.mark.one_database
def test_one_that_fails_keeps_no_other_from_being_made(show: Show) -> None:
    pattern = sequence(show.folder, "A001_plate", range(HOUR, HOUR + 60))
    listed = show.conform(*(one(n, "A001", HOUR + 12 * n, 12 * n) for n in range(1, 4)))
    Path(pattern % (HOUR + 26)).unlink()  # between the look and the making
    taken = {"name": "reel2_0030", "plate": {"path": pattern}, "frame_range": [HOUR, HOUR + 9]}
    assert show.client.post(f"/projects/{show.id}/shots", json=taken).status_code == 201
    applied = show.apply(listed)
    errors = [entry["error"] and entry["error"]["code"] for entry in applied["entries"]]
    assert errors == [None, "missing_frame", "conflict"]
    assert (applied["made"], applied["state"]) == (1, "open")
    # What was in the way is put right; what is made stays made.
    Path(pattern % (HOUR + 26)).hardlink_to(pattern % HOUR)
    assert show.say(listed, 2, name="another").status_code == 200
    again = show.apply(listed, events=[1, 2])
    assert (again["made"], again["state"]) == (3, "applied")


def ready(show: Show, name: str, first: int, last: int) -> str:
    """The id of a shot, as if it had been read."""
    ident: str = show.shots()[name]["id"]
    with show.house.database.session() as session:
        shot = session.get_one(Shot, ident)
        plate = session.get_one(Plate, shot.plate_id)
        for row in (shot, plate):
            row.state, row.width, row.height, row.pixel_aspect = "ready", 64, 36, 1.0
            row.first_frame, row.last_frame, row.fps_num, row.fps_den = first, last, 24, 1
    return ident


def test_a_newer_list_moves_trims_and_adds(show: Show) -> None:
    sequence(show.folder, "A001_plate", range(HOUR, HOUR + 400))
    first = [one(number, "A001", HOUR + 30 * number, 12 * number) for number in range(1, 5)]
    listed = show.apply(show.conform(*first, handles=4))
    before = show.shots()
    for number in range(1, 5):
        ready(show, f"reel2_00{number}0", HOUR + 30 * number - 4, HOUR + 30 * number + 15)
    newer = [
        one(1, "A001", HOUR + 30, 100),  # elsewhere in the edit
        one(2, "A001", HOUR + 62, 112, 8),  # shorter: it has the frames
        one(3, "A001", HOUR + 80, 120, 30),  # longer: it has not
        one(4, "A001", HOUR + 300, 150),  # new
    ]
    second = show.conform(*newer, handles=4)
    assert [entry["change"] for entry in second["entries"]] == [
        "moved", "trimmed", "trimmed", "new"
    ]  # fmt: skip
    assert [shot["name"] for shot in second["gone"]] == ["reel2_0040"]
    names = [entry["name"] for entry in second["entries"]]
    assert names == ["reel2_0010", "reel2_0020", "reel2_0030", "reel2_0040-2"]
    applied = show.apply(second)
    assert applied["made"] == 4
    after = show.shots()
    assert len(after) == 5
    assert {name: after[name]["id"] for name in before} == {n: s["id"] for n, s in before.items()}
    assert after["reel2_0010"]["cut"]["record_in"] == "01:00:04:04"
    assert after["reel2_0010"]["frame_range"] == [HOUR + 26, HOUR + 45]
    two = after["reel2_0020"]
    assert (two["frame_range"], two["handles"]) == ([HOUR + 56, HOUR + 75], [6, 6])
    # A longer cut is a new version of the plate, read by a worker like any.
    plates = show.client.get(f"/shots/{after['reel2_0030']['id']}/plates").json()["items"]
    newest = max(plates, key=lambda plate: plate["version"])
    assert (newest["version"], newest["state"]) == (2, "probing")
    assert newest["frame_range"] == [HOUR + 76, HOUR + 113]
    assert after["reel2_0030"]["handles"] == [4, 4]
    # Once more the same list: nothing is left to do.
    third = show.conform(*newer, handles=4)
    assert {entry["change"] for entry in third["entries"]} == {"same"}
    assert len(listed["entries"]) == 4


@pytest.mark.one_database
def test_lists_of_another_name_are_another_edit(show: Show) -> None:
    sequence(show.folder, "A001_plate", range(HOUR, HOUR + 60))
    show.apply(show.conform(one(1, "A001", HOUR, 0)))
    other = show.conform(one(1, "A001", HOUR, 0), name="reel3")
    assert ([entry["change"] for entry in other["entries"]], other["gone"]) == (["new"], [])


@pytest.mark.one_database
def test_one_movie_is_cut_by_the_lists_record_times(show: Show) -> None:
    pattern = sequence(show.folder, "whole_edit", range(1001, 1061))
    body = {"name": "whole", "plate": {"path": pattern}, "fps": [24, 1]}
    whole: str = show.client.post(f"/projects/{show.id}/shots", json=body).json()["id"]
    early = {
        "name": "reel2",
        "fps": [24, 1],
        "text": edl(one(1, "A", 0, 0)),
        "movie_shot_id": whole,
    }
    answer = show.client.post(f"/projects/{show.id}/conforms", json=early)
    assert (answer.status_code, answer.json()["code"]) == (409, "plate_not_ready")
    ready(show, "whole", 1001, 1060)
    # Its sources are on tapes nobody has; what is black is in the movie, too.
    lines = (one(1, "TAPE1", 500, 0, 24), one(2, "BL", 0, 24), one(3, "TAPE2", 77, 36, 24))
    listed = show.conform(*lines, movie_shot_id=whole, handles=2, folders=[])
    told = [(entry["state"], entry["frames"], entry["handles"]) for entry in listed["entries"]]
    assert told == [
        ("matched", [1001, 1026], [0, 2]), ("matched", [1023, 1038], [2, 2]),
        ("matched", [1035, 1060], [2, 0]),
    ]  # fmt: skip
    assert listed["movie_start"] == "01:00:00:00"
    assert show.apply(listed)["made"] == 3
    shots = show.shots()
    assert shots["reel2_0020"]["plate"] == shots["whole"]["plate"]
    beyond = show.conform(one(1, "T", 0, 0, 24), one(2, "T", 0, 24, 40), movie_shot_id=whole,
                          name="longer")  # fmt: skip
    assert states(beyond) == ["matched", "short"]


@pytest.mark.one_database
def test_a_project_that_hides_shots_hides_lists_of_them(house: House) -> None:
    supervisor, artist, other = (house.person(role) for role in ("supervisor", "artist", "artist"))
    members = ((supervisor, "supervisor"), (artist, "artist"), (other, "artist"))
    project = house.project(*members, artists_see_all=False)
    with house.client(artist.key) as ann, house.client(other.key) as ben:
        ident = conformed(ann, project, text=edl(one(1, "A", 0, 0)))["id"]
        assert ann.get(f"/conforms/{ident}").status_code == 200
        refused = ben.get(f"/conforms/{ident}")
        nothing = ben.get(f"/conforms/{'0' * 32}")
        assert refused.status_code == nothing.status_code == 404
        assert refused.json()["message"].replace(ident, "0" * 32) == nothing.json()["message"]
        assert ben.post(f"/conforms/{ident}/apply", json={}).status_code == 404
        assert ben.delete(f"/conforms/{ident}").status_code == 404
        assert ben.get(f"/projects/{project}/conforms").json()["items"] == []
    with house.client(supervisor.key) as boss:
        assert boss.delete(f"/conforms/{ident}").status_code == 204
        assert boss.get(f"/conforms/{ident}").status_code == 404


@pytest.mark.one_database
def test_an_archived_project_is_looked_at_only(show: Show) -> None:
    sequence(show.folder, "A001_plate", range(HOUR, HOUR + 60))
    listed = show.conform(one(1, "A001", HOUR, 0))
    assert show.client.patch(f"/projects/{show.id}", json={"archived": True}).status_code == 200
    assert show.client.get(f"/conforms/{listed['id']}").status_code == 200
    for answer in (
        show.client.post(f"/conforms/{listed['id']}/apply", json={}),
        show.client.post(f"/conforms/{listed['id']}/match", json={}),
        show.say(listed, 0, skip=True),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.one_database
def test_what_was_done_is_in_the_audit_log(show: Show) -> None:
    sequence(show.folder, "A001_plate", range(HOUR, HOUR + 60))
    listed = show.conform(one(1, "A001", HOUR, 0))
    show.apply(listed)
    show.client.delete(f"/conforms/{listed['id']}")
    log = show.client.get("/audit", params={"project_id": show.id}).json()["items"]
    actions = [entry["action"] for entry in reversed(log)]
    assert actions == ["conform.created", "shot.created", "conform.applied", "conform.deleted"]
    assert sorted(show.shots()) == ["reel2_0010"]
