"""One long movie becomes shots: a worker looks for its cuts, ranges of it share its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_conform import HOUR, conformed, cut, edl, media_folder, movie, sequence, uploaded
from helpers_observing import running_worker, wait_for
from helpers_people import API, House
from typer.testing import CliRunner

from roto_client import cli

SHADES = (60, 150, 230)
SCENE, FRAMES = 20, 60


@pytest.fixture(scope="module")
def farm(house: House) -> Iterator[House]:
    """The house with a worker."""
    with running_worker(house):
        yield house


@pytest.fixture
def client(farm: House) -> Iterator[httpx.Client]:
    """Of a supervisor's, with a project of theirs as ``headers["project"]``."""
    person = farm.person("supervisor")
    with farm.client(person.key) as client:
        client.headers["project"] = farm.project((person, "supervisor"))
        yield client


def shot(client: httpx.Client, name: str, plate: dict[str, Any]) -> str:
    """The id of a new shot, once it is ready."""
    body = {"name": name, "plate": plate}
    answer = client.post(f"/projects/{client.headers['project']}/shots", json=body)
    assert answer.status_code == 201, answer.text
    return settled(client, answer.json()["id"])["id"]


def settled(client: httpx.Client, ident: str) -> dict[str, Any]:
    """The shot, once it is ready or invalid."""

    def read() -> dict[str, Any] | None:
        told: dict[str, Any] = client.get(f"/shots/{ident}").json()
        return told if told["state"] != "probing" else None

    return wait_for(read, lambda: client.get(f"/shots/{ident}").text)


def looked(client: httpx.Client, ident: str) -> dict[str, Any]:
    """The scenes of a shot, once a worker has looked."""
    answer = client.post(f"/shots/{ident}/scenes")
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert (job["kind"], [task["kind"] for task in job["tasks"]]) == ("scenes", ["scenes"])

    def ended() -> bool:
        state = client.get(f"/jobs/{job['id']}/status").json()["state"]
        assert state not in ("failed", "cancelled"), client.get(f"/jobs/{job['id']}").text
        return bool(state == "succeeded")

    wait_for(ended, lambda: client.get(f"/jobs/{job['id']}").text)
    found: dict[str, Any] = client.get(f"/shots/{ident}/scenes").json()
    return found


def frame_shown(client: httpx.Client, address: str) -> int:
    """The plate frame that the picture at an address below the server's shows."""
    answer = client.get(address.removeprefix(API))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    return int(answer.headers["X-Roto-Frame"])


@pytest.mark.one_database
def test_scenes_of_an_uploaded_movie_become_shots_of_the_same_bytes(
    farm: House, client: httpx.Client
) -> None:
    folder = media_folder(farm, "cutting")
    plate = uploaded(
        client,
        client.headers["project"],
        Path(movie(folder / "whole.mov", FRAMES, "10:00:00:00", SHADES)),
    )
    whole = shot(client, "whole", plate)
    nothing = client.get(f"/shots/{whole}/scenes")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "conflict")
    scenes = looked(client, whole)
    assert [cut["frame"] for cut in scenes["cuts"]] == [21, 41]
    parts = [(scene["first"], scene["last"]) for scene in scenes["scenes"]]
    assert parts == [(1, 20), (21, 40), (41, 60)]
    for found in scenes["cuts"]:
        assert frame_shown(client, found["before_url"]) == found["frame"] - 1
        assert frame_shown(client, found["picture_url"]) == found["frame"]
    # Another threshold needs no new look.
    none = client.get(f"/shots/{whole}/scenes", params={"threshold": 1.0}).json()
    assert (none["job_id"], none["cuts"]) == (scenes["job_id"], [])
    long = client.get(f"/shots/{whole}/scenes", params={"shortest": 21}).json()
    assert len(long["scenes"]) == 1

    # Merged or split as people like: what is sent is what is cut.
    ranges = [
        {"name": "sh010", "first": 1, "last": 20}, {"name": "sh020", "first": 21, "last": 30},
        {"name": "sh030", "first": 31, "last": 60},
    ]  # fmt: skip
    answer = client.post(f"/shots/{whole}/cut", json={"ranges": ranges, "handles": 4})
    assert answer.status_code == 201, answer.text
    made = [settled(client, one["id"]) for one in answer.json()]
    assert [(one["state"], one["frame_range"], one["handles"]) for one in made] == [
        ("ready", [1, 24], [0, 4]), ("ready", [17, 34], [4, 4]), ("ready", [27, 60], [4, 0])
    ]  # fmt: skip
    assert [one["metadata"]["timecode"] for one in made] == [
        "10:00:00:00", "10:00:00:16", "10:00:01:02"
    ]  # fmt: skip
    # Each has a name of its own for the file, and there is one file.
    paths = [Path(one["plate"]["path"]) for one in made]
    inodes = {path.stat().st_ino for path in (*paths, Path(_plate_of(client, whole)))}
    assert len({*paths}) == 3
    assert len(inodes) == 1
    picture = client.get(f"/shots/{made[1]['id']}/frames/21")
    assert picture.status_code == 200
    assert client.get(f"/shots/{made[1]['id']}/frames/40").status_code == 422


@pytest.mark.one_database
def test_a_cut_of_an_uploaded_sequence_has_its_own_frames_only(
    farm: House, client: httpx.Client
) -> None:
    folder = media_folder(farm, "sequence")
    pattern = sequence(folder, "p", range(1001, 1013))
    whole = shot(
        client, "whole", uploaded(client, client.headers["project"], *sorted(folder.iterdir()))
    )
    ranges = [{"name": "sh010", "first": 1004, "last": 1006}]
    (made,) = client.post(f"/shots/{whole}/cut", json={"ranges": ranges, "handles": 1}).json()
    done = settled(client, made["id"])
    assert (done["state"], done["frame_range"], done["handles"]) == (
        "ready", [1003, 1007], [1, 1]
    )  # fmt: skip
    there = Path(done["plate"]["path"]).parent
    assert Path(pattern).name == Path(done["plate"]["path"]).name
    assert sorted(path.name for path in there.iterdir()) == [
        Path(pattern % frame).name for frame in range(1003, 1008)
    ]
    assert client.delete(f"/shots/{whole}").status_code < 300
    assert len(list(there.iterdir())) == 5


def _plate_of(client: httpx.Client, ident: str) -> str:
    path: str = client.get(f"/shots/{ident}").json()["plate"]["path"]
    return path


@pytest.mark.one_database
def test_ranges_that_cannot_be_cut(farm: House, client: httpx.Client) -> None:
    folder = media_folder(farm, "refused")
    whole = shot(client, "whole", {"path": movie(folder / "whole.mov", 12, "10:00:00:00")})
    one = {"name": "a", "first": 3, "last": 8}
    for ranges, status, code in (
        ([{**one, "last": 13}], 422, "range_outside_plate"),
        ([{**one, "first": 0}], 422, "range_outside_plate"),
        ([{**one, "first": 9}], 422, "bad_request"),
        ([one, one], 422, "bad_request"),
        ([one, {**one, "name": "whole"}], 409, "conflict"),
        ([{**one, "name": "../a"}], 422, "bad_request"),
        ([], 422, "bad_request"),
    ):
        answer = client.post(f"/shots/{whole}/cut", json={"ranges": ranges})
        assert (answer.status_code, answer.json()["code"]) == (status, code), ranges
    shots = client.get(f"/projects/{client.headers['project']}/shots").json()["items"]
    assert len(shots) == 1


@pytest.mark.one_database
def test_a_movie_nobody_has_read_is_placed_by_its_own_timecode(
    farm: House, client: httpx.Client
) -> None:
    folder = media_folder(farm, "timecode")
    movie(folder / "A001C001.mov", 48, "10:00:00:00")
    movie(folder / "A001C002.mov", 48, "20:00:00:00")
    lines = (
        cut(1, "A001C001", (10 * HOUR + 2, 10 * HOUR + 12), (0, 10)),
        cut(2, "A001C002", (10 * HOUR, 10 * HOUR + 12), (10, 22)),
    )
    project = client.headers["project"]
    listed = conformed(client, project, text=edl(*lines), folders=[str(folder)], handles=6)
    assert [entry["placed_by"] for entry in listed["entries"]] == ["ingest", "ingest"]
    applied = client.post(f"/conforms/{listed['id']}/apply", json={}).json()
    good, bad = (settled(client, entry["shot_id"]) for entry in applied["entries"])
    assert (good["state"], good["frame_range"], good["handles"]) == ("ready", [1, 18], [2, 6])
    assert good["metadata"]["timecode"] == "10:00:00:00"
    # The other card's timecode is ten hours later: said, not guessed.
    assert (bad["state"], bad["error"]["code"]) == ("invalid", "range_outside_plate")
    # From now on the first movie is known: a newer list is placed at once.
    newer = cut(1, "A001C001", (10 * HOUR + 20, 10 * HOUR + 30), (0, 10))
    again = conformed(client, project, text=edl(newer), folders=[str(folder)], name="other")
    (entry,) = again["entries"]
    assert (entry["placed_by"], entry["frames"]) == ("timecode", [21, 30])


@pytest.mark.one_database
def test_the_command_line_conforms_and_cuts(
    farm: House, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTO_SERVER", farm.url)
    monkeypatch.setenv("ROTO_API_KEY", client.headers["Authorization"].split()[1])
    app = cli.build_app()

    def roto(*arguments: object, code: int = 0) -> str:
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        assert result.exit_code == code, result.output
        return result.output

    project = client.headers["project"]
    folder = media_folder(farm, "commands")
    sequence(folder / "B001", "B001_v1", range(HOUR, HOUR + 30))
    second = sequence(folder / "B001", "B001_v2", range(HOUR, HOUR + 30))
    sequence(folder / "C001", "C001_pl", range(HOUR, HOUR + 30))
    edit = folder / "reel5.edl"
    edit.write_text(
        edl(
            cut(1, "B001", (HOUR + 5, HOUR + 9), (0, 4)),
            cut(2, "C001", (HOUR + 5, HOUR + 9), (4, 8)),
            cut(3, "NONE", (0, 4), (8, 12)),
        )
    )
    told = roto("conform", "new", project, edit, "--folder", folder, "--fps", "24", "--handles", 2)
    *lines, last = told.splitlines()
    assert last.endswith("1 ambiguous, 1 matched, 1 unmatched; 0 made")
    assert f"      or {second}" in lines
    ident = last.split()[0]
    told = roto("conform", "event", ident, 0, "--media", second, "--name", "hero")
    assert told.split()[:4] == ["0", "001", "hero", "matched"]
    roto("conform", "event", ident, 2, "--skip")
    assert "2 matched, 1 skipped; 2 made" in roto("conform", "apply", ident)
    assert ident in roto("conform", "list", project)
    assert json.loads(roto("conform", "show", ident, "--json"))["state"] == "applied"
    refused = roto("conform", "new", project, edit, "--fps", "fast", code=2)
    assert "no frame rate" in refused

    whole = shot(client, "whole", {"path": movie(folder / "m.mov", FRAMES, "10:00:00:00", SHADES)})
    told = roto("scenes", whole)
    assert [line.split()[1] for line in told.splitlines() if "-" in line] == [
        "1-20", "21-40", "41-60"
    ]  # fmt: skip
    edited = roto("scenes", whole, "--merge", 21, "--split", 51)
    assert [line.split()[1] for line in edited.splitlines()] == ["1-40", "41-50", "51-60"]
    assert "51-60" in edited.splitlines()[-1]
    assert "divides no scene" in roto("scenes", whole, "--split", 41, code=2)
    for template in ("all_{0:03d}", "all_{number}", "{event.x}", "{"):
        assert "names no shots" in roto("scenes", whole, "--cut", template, code=2)
    made = roto("scenes", whole, "--threshold", "1", "--cut", "all_{event:02d}0").splitlines()[-1]
    assert made.endswith("all_010")
    made = roto("scenes", whole, "--merge", 41, "--cut", "two_{event}", "--handles", 2)
    first, second = (client.get(f"/shots/{line.split()[0]}").json()
                     for line in made.splitlines() if "two_" in line)  # fmt: skip
    assert (first["name"], first["handles"]) == ("two_1", [0, 2])
    assert (second["name"], second["handles"]) == ("two_2", [2, 0])
