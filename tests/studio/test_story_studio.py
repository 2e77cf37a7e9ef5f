"""A studio's reel, from outside: its storage by a Windows path, an edit list of ten shots, an
artist at theirs, a supervisor who sends one back and approves the next version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_conform import HOUR, conformed, cut, edl, media_folder, movie, sequence
from helpers_observing import running_worker, wait_for
from helpers_people import House

from roto_worker.synthetic.clip import Clip, generate_clip

pytestmark = pytest.mark.timeout(900)

CARDS = ("A001C003", "A001C007", "A002C001", "A002C002", "B001C010", "B001C011")
HANDLES, LENGTH = 4, 12
WINDOWS = {"X-Roto-Platform": "windows"}
HERO = "reel2_0090"


def media(folder: Path) -> Clip:
    """The reel's media: cards numbered by their timecode, a movie that tells its own, a pull."""
    for index, card in enumerate(CARDS, 1):
        sequence(folder / card, f"{card}_220101_R1AB", range(index * HOUR, index * HOUR + 100))
    movie(folder / "C001C001_220103.mov", 60, "09:00:00:00")
    clip = generate_clip(folder / "hero", 160, 90, LENGTH + 4)
    for frame in clip.frames:
        number = 10 * HOUR + frame - clip.frame_range[0]
        (folder / "hero" / f"plate.{frame:04d}.png").rename(
            folder / "hero" / f"D001C001.{number:07d}.png"
        )
    sequence(folder / "pull", "E001C001_pull_v02", range(1001, 1001 + LENGTH))
    return clip


def ten_events() -> list[str]:
    """The edit: a cut of every card, of the first again, of the movie, the hero and the pull."""
    starts = [(card, index * HOUR + 30) for index, card in enumerate(CARDS, 1)]
    starts += [(CARDS[0], HOUR + 60), ("AX", 9 * HOUR + 20)]
    starts += [("D001C001", 10 * HOUR + 2), ("E001C001", 11 * HOUR + 7)]
    lines = []
    for number, (reel, first) in enumerate(starts, 1):
        begin = HOUR + (number - 1) * LENGTH
        lines.append(cut(number, reel, (first, first + LENGTH), (begin, begin + LENGTH)))
        if reel == "AX":
            lines.append("* FROM CLIP NAME: C001C001_220103.mov")
    return lines


def shots_of(client: httpx.Client, project: str) -> dict[str, dict[str, Any]]:
    """Shots of the project that they see, by name."""
    items = client.get(f"/projects/{project}/shots").json()["items"]
    return {shot["name"]: shot for shot in items}


def review(client: httpx.Client, shot: str, before: str, after: str, **more: Any) -> int:
    """The status of a review move."""
    body = {"before": before, "after": after, **more}
    return client.post(f"/shots/{shot}/reviews", json=body).status_code


def submit(client: httpx.Client, shot: str, clip: Clip) -> str:
    """The job of a submission of the clip's object, once it has succeeded."""
    shift = 10 * HOUR - clip.frame_range[0]
    prompt = {**clip.prompt, "frame": clip.prompt["frame"] + shift}
    body = {
        "objects": [{"name": "hero", "prompts": [prompt]}],
        "engine": "flow",
        "exports": ["nuke"],
    }
    answer = client.post(f"/shots/{shot}/segment", json=body)
    assert answer.status_code == 202, answer.text
    job: str = answer.json()["id"]

    def ended() -> bool:
        state = client.get(f"/jobs/{job}/status").json()["state"]
        assert state not in ("failed", "cancelled"), client.get(f"/jobs/{job}").text
        return bool(state == "succeeded")

    wait_for(ended, lambda: client.get(f"/jobs/{job}").text)
    return job


@pytest.mark.postgresql
def test_a_reel_at_the_studio(house: House) -> None:
    folder = media_folder(house, "reel2")
    clip = media(folder)
    supervisor, artist, other = (house.person(role) for role in ("supervisor", "artist", "artist"))
    project = house.project(
        (supervisor, "supervisor"), (artist, "artist"), (other, "artist"), artists_see_all=False
    )
    boss, ann, ben = (house.client(person.key) for person in (supervisor, artist, other))
    boss.headers.update(WINDOWS)
    with boss, ann, ben, running_worker(house) as log:
        # The studio's share, by the names Windows has for it.
        places = [
            {"name": "shows", "linux": str(house.plates), "windows": ["S:\\", "\\\\nas\\shows"]}
        ]
        told = boss.patch(
            f"/projects/{project}", json={"settings": {"handles": HANDLES, "places": places}}
        )
        assert told.status_code == 200, told.text

        # The edit list: what it means is told before anything is made.
        listed = conformed(
            boss, project, text=edl(*ten_events()), file_name="reel2_v1.edl",
            folders=["\\\\NAS\\Shows\\reel2\\"],
        )  # fmt: skip
        assert listed["states"] == {"matched": 10}
        assert shots_of(boss, project) == {}
        by = [(entry["by"], entry["placed_by"]) for entry in listed["entries"]]
        assert by == [("reel", "numbers")] * 7 + [
            ("clip", "ingest"), ("reel", "numbers"), ("reel_beginning", "length")
        ]  # fmt: skip
        path = listed["entries"][7]["match"]["path"]
        assert path == "S:\\reel2\\C001C001_220103.mov"

        # Ten shots, each with its own frames, whoever found them.
        applied = boss.post(f"/conforms/{listed['id']}/apply", json={})
        assert applied.status_code == 200, applied.text
        assert (applied.json()["made"], applied.json()["state"]) == (10, "applied")

        def read() -> dict[str, dict[str, Any]] | None:
            shots = shots_of(boss, project)
            assert not [shot for shot in shots.values() if shot["state"] == "invalid"], shots
            return shots if {shot["state"] for shot in shots.values()} == {"ready"} else None

        shots = wait_for(read, lambda: log.read_text(encoding="utf-8")[-3000:])
        assert sorted(shots) == [f"reel2_{number:03d}0" for number in range(1, 11)]
        first = HOUR + 30
        ranges = {name: (shot["frame_range"], shot["handles"]) for name, shot in shots.items()}
        assert ranges["reel2_0010"] == ([first - 4, first + 15], [4, 4])
        assert ranges["reel2_0070"] == ([first + 26, first + 45], [4, 4])
        assert ranges["reel2_0080"] == ([17, 36], [4, 4])  # of a movie, by its own timecode
        assert ranges[HERO] == ([10 * HOUR, 10 * HOUR + 15], [2, 2])  # no more is there
        assert ranges["reel2_0100"] == ([1001, 1012], [0, 0])
        assert shots[HERO]["cut"]["record_in"] == "01:00:04:00"
        assert shots[HERO]["plate"]["path"] == "S:\\reel2\\hero\\D001C001.%07d.png"

        # An artist sees theirs, and nobody else's.
        hero = shots[HERO]["id"]
        theirs = [hero, shots["reel2_0010"]["id"]]
        body = {"shot_ids": theirs, "user_ids": [artist.id], "mode": "add"}
        assert boss.post(f"/projects/{project}/assignments", json=body).status_code == 200
        assert sorted(shots_of(ann, project)) == ["reel2_0010", HERO]
        assert shots_of(ben, project) == {}
        assert ben.get(f"/shots/{hero}").status_code == 404
        assert ann.get(f"/conforms/{listed['id']}").status_code == 404
        assert ann.get(f"/projects/{project}/conforms").json()["items"] == []

        # The first version is sent back, with a reason; nobody but a supervisor does that.
        first_job = submit(ann, hero, clip)
        assert ann.get(f"/shots/{hero}").json()["review"] == "in_progress"
        assert review(ann, hero, "in_progress", "pending_review", job_id=first_job) == 201
        assert review(ann, hero, "pending_review", "approved", job_id=first_job) == 403
        assert review(boss, hero, "pending_review", "retake", job_id=first_job) == 422
        why = "The tail is cut off on the last frames."
        assert review(boss, hero, "pending_review", "retake", job_id=first_job, reason=why) == 201
        heard = ann.get(f"/shots/{hero}/reviews").json()["items"][0]
        assert (heard["after"], heard["reason"], heard["job_id"]) == ("retake", why, first_job)

        # The next one is approved; both versions are there.
        second_job = submit(ann, hero, clip)
        assert review(ann, hero, "in_progress", "pending_review", job_id=second_job) == 201
        assert review(boss, hero, "pending_review", "approved", job_id=second_job) == 201
        assert boss.get(f"/shots/{hero}").json()["review"] == "approved"
        answer = boss.get(f"/shots/{hero}/versions")
        assert answer.status_code == 200, answer.text
        versions = answer.json()["items"]
        said = {version["id"]: version["review"]["after"] for version in versions}
        assert said == {first_job: "retake", second_job: "approved"}

        # The next cut: one is trimmed, one moved, one gone, and work on the others stays.
        lines = ten_events()
        lines[0] = cut(1, CARDS[0], (first + 2, first + 12), (HOUR, HOUR + 10))
        del lines[1]
        again = conformed(boss, project, text=edl(*lines), folders=["S:/reel2"])
        changes = {entry["name"]: entry["change"] for entry in again["entries"]}
        assert changes.pop("reel2_0010") == "trimmed"
        assert set(changes.values()) == {"same"}
        assert [shot["name"] for shot in again["gone"]] == ["reel2_0020"]
        assert boss.post(f"/conforms/{again['id']}/apply", json={}).json()["made"] == 9
        after = shots_of(boss, project)
        assert len(after) == 10
        # It has the frames already: they only cease to be in the cut.
        assert (after["reel2_0010"]["frame_range"], after["reel2_0010"]["handles"]) == (
            [first - 4, first + 15], [6, 4]
        )  # fmt: skip
        assert after[HERO]["review"] == "approved"
