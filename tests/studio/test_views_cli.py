"""The other eye of a stereo shot, from the command line against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from helpers_commands import Run, commands, told
from helpers_lifecycle import Studio, done
from helpers_people import House
from sqlalchemy import select

from roto_server.db.media import Plate
from roto_server.db.models import Job, Shot, new_id

pytestmark = pytest.mark.one_database
CLICK = ("--object", "hero", "--no-wait")


@pytest.fixture
def studio(house: House) -> Iterator[Studio]:
    studio = Studio.open(house)
    yield studio
    studio.close()


@pytest.fixture
def run(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `roto` as the project's artist."""
    return partial(commands(studio.house, monkeypatch), studio.artist)


@pytest.fixture
def shot(studio: Studio) -> str:
    """The id of a shot of the artist's, whose right eye is wider and has its last frames only."""
    shot = studio.shot(studio.artist)
    eye = {"width": 80, "height": 36, "pixel_aspect": 1.0, "fps_num": 24, "fps_den": 1,
           "first_frame": 1006, "last_frame": 1010, "created_by": studio.lead.id}  # fmt: skip
    with studio.house.database.session() as session:
        plate = session.get_one(Shot, shot).plate
        session.add(
            Plate(id=new_id(), shot_id=shot, view="right", state="ready", plate=plate, **eye)
        )
    return shot


def test_a_view_is_tracked_by_its_own_size_and_frames(studio: Studio, run: Run, shot: str) -> None:
    where = ("--project", f"show {studio.project}", "--shot", f"sh {shot}", "--view", "right")
    submit = partial(run, "submit", *CLICK, *where)
    job = told(submit("--point", "1006:79,5")).strip()
    assert done(studio.client.get(f"/jobs/{job}"))["view"] == "right"
    main = run("submit", *CLICK, *where[:-2], "--point", "1001:79,5")
    assert (main.exit_code, "outside" in main.stderr) == (2, True)
    early = submit("--point", "1001:5,5")
    assert (early.exit_code, "1006-1010" in early.stderr) == (2, True)
    left = run("submit", *CLICK, *where[:-1], "left", "--point", "1006:5,5")
    assert left.exit_code == 2
    assert "has no view 'left'" in left.stderr
    assert "roto shots new-plate --view left" in left.stderr


def test_the_newest_version_of_a_view_is_exported(studio: Studio, run: Run, shot: str) -> None:
    seen_right = studio.version(shot, number=1)
    studio.version(shot, number=2)
    with studio.house.database.session() as session:
        right = session.scalars(
            select(Plate.id).where(Plate.shot_id == shot, Plate.view == "right")
        )
        session.get_one(Job, seen_right).plate_id = right.one()

    def view_of(*words: object) -> str:
        export = run("shots", "export", shot, "--format", "nuke", "--no-wait", *words)
        return str(done(studio.client.get(f"/jobs/{told(export).strip()}"))["view"])

    assert [view_of(), view_of("--view", "right")] == ["main", "right"]
    assert view_of("--version", 1) == "right"
    both = run("shots", "export", shot, "--version", 1, "--view", "right")
    assert (both.exit_code, "not both" in both.stderr) == (2, True)
