"""Which plate a shot repeats, how two are compared, and what becomes of prompts on another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from roto_server import migrations
from roto_server.db.media import Plate
from roto_server.db.models import Job, Project, Shot, new_id
from roto_server.db.session import Database
from roto_server.errors import NotFoundError
from roto_server.jobs import plates
from roto_server.jobs.create import create_ingest_job
from roto_server.jobs.moved_prompts import Move
from roto_server.jobs.plate_changes import differences
from roto_shapes.errors import RotoError

READ: dict[str, Any] = {
    "width": 1920, "height": 1080, "pixel_aspect": 1.0, "fps": [24, 1], "frame_range": [1001, 1010],
    "colorspace": "ACEScg", "metadata": {},
}  # fmt: skip


@pytest.fixture
def session(empty_database: str) -> Iterator[Session]:
    database = Database(empty_database)
    migrations.upgrade(database)
    try:
        with database.session() as session:
            yield session
    finally:
        database.dispose()


def new_shot(session: Session) -> Shot:
    project = Project(name="heist", created_by="ann")
    session.add(project)
    session.flush()
    shot = Shot(
        id=new_id(), project_id=project.id, name="sh010", created_by="ann",
        plate={"kind": "movie", "path": "/v1.mov"},
    )  # fmt: skip
    session.add(shot)
    session.flush()
    ingest(session, shot, plates.add_first(session, shot, None))
    return shot


def ingest(session: Session, shot: Shot, plate: Plate) -> Job:
    return create_ingest_job(session, shot, "ann", plate=plate)


def add(session: Session, shot: Shot, path: str, view: str = "main", **plate: Any) -> Job:
    facts = {"plate": {"kind": "movie", "path": path, **plate}}
    return ingest(session, shot, plates.add_version(session, shot, view, facts, "ann"))


def job_of_first(session: Session, shot: Shot) -> Job:
    return session.query(Job).filter_by(shot_id=shot.id, version=1).one()


def state(session: Session, shot: Shot) -> tuple[str, str]:
    current = plates.current(session, shot)
    assert current is not None
    assert (current.plate, current.state) == (shot.plate, shot.state)
    return shot.plate["path"], shot.state


def test_the_newest_good_version_is_the_shots(session: Session) -> None:
    shot = new_shot(session)
    first = job_of_first(session, shot)
    assert state(session, shot) == ("/v1.mov", "probing")
    plates.record(session, first, READ)
    second, third = add(session, shot, "/v2.mov"), add(session, shot, "/v3.mov")
    assert state(session, shot) == ("/v1.mov", "ready")
    newest = plates.newest(session, shot, "main")
    assert newest is third.plate
    # The third is read sooner than the second, which takes its place no more.
    plates.record(session, third, {**READ, "frame_range": [1, 5]})
    assert (state(session, shot), shot.first_frame) == (("/v3.mov", "ready"), 1)
    plates.record(session, second, READ)
    assert state(session, shot) == ("/v3.mov", "ready")
    # What turns out not to be readable gives way to the one before.
    plates.invalid(session, third, {"code": "bad_plate", "message": "gone"})
    assert (state(session, shot), shot.first_frame) == (("/v2.mov", "ready"), 1001)
    plates.probing(session, third)
    assert state(session, shot) == ("/v2.mov", "ready")
    plates.record(session, third, {**READ, "frame_range": [1, 5]})
    assert state(session, shot) == ("/v3.mov", "ready")


def test_without_a_good_one_it_is_the_newest(session: Session) -> None:
    shot = new_shot(session)
    plates.invalid(session, job_of_first(session, shot), {"code": "bad_plate", "message": "no"})
    assert state(session, shot) == ("/v1.mov", "invalid")
    add(session, shot, "/left.mov", "left")
    assert state(session, shot) == ("/v1.mov", "invalid")
    second = add(session, shot, "/v2.mov")
    assert state(session, shot) == ("/v2.mov", "probing")
    plates.invalid(session, second, {"code": "bad_plate", "message": "no"})
    assert state(session, shot) == ("/v2.mov", "invalid")
    assert plates.newest(session, shot, "main") is None


def test_a_good_one_stays_good_when_it_could_not_be_read_again(session: Session) -> None:
    shot = new_shot(session)
    first = job_of_first(session, shot)
    plates.record(session, first, READ)
    assert first.plate
    again = ingest(session, shot, first.plate)
    assert again.plate
    for code in ("plate_not_ready", "out_of_memory"):
        plates.invalid(session, again, {"code": code, "message": "no"})
        assert state(session, shot) == ("/v1.mov", "ready")
        [warning] = again.plate.warnings
        assert (warning["code"], warning["detail"]["error"]["code"]) == ("not_read_again", code)
    plates.probing(session, again)
    assert state(session, shot) == ("/v1.mov", "ready")
    plates.record(session, again, READ)
    assert again.plate.warnings == []


def test_views_have_versions_of_their_own(session: Session) -> None:
    shot = new_shot(session)
    plates.record(session, job_of_first(session, shot), READ)
    left = add(session, shot, "/left.mov", "left")
    assert left.plate is not None
    assert left.plate.version == 1
    assert plates.for_jobs(session, shot, "left") is left.plate
    plates.record(session, left, {**READ, "width": 1000})
    assert [one["code"] for one in left.plate.warnings] == ["size_changed"]
    assert left.plate.warnings[0]["detail"] == {
        "before": "1920 x 1080", "now": "1000 x 1080", "against": {"view": "main", "version": 1},
    }  # fmt: skip
    assert state(session, shot) == ("/v1.mov", "ready")
    with pytest.raises(NotFoundError):
        plates.for_jobs(session, shot, "right")


def test_offsets_add_up_from_version_to_version(session: Session) -> None:
    shot = new_shot(session)
    first = job_of_first(session, shot).plate
    second = add(session, shot, "/v2.mov", frame_offset=-1000).plate
    add(session, shot, "/left.mov", "left", frame_offset=7)
    third = add(session, shot, "/v3.mov", frame_offset=5).plate
    assert first
    assert second
    assert third
    # Whether they are read already or not.
    assert plates.offset_between(session, first, third) == -995
    second.state = third.state = "ready"
    session.flush()
    assert plates.offset_between(session, first, third) == -995
    assert plates.offset_between(session, first, second) == -1000
    assert plates.offset_between(session, third, second) == -5
    assert plates.offset_between(session, third, third) == 0
    # The third was sent because the second could not be read: it follows the first.
    second.state = "invalid"
    session.flush()
    assert plates.offset_between(session, first, third) == 5
    assert plates.offset_between(session, third, first) == -5


def plate(offset: int = 0, **columns: Any) -> Plate:
    facts = {
        "view": "main", "version": 1, "width": 100, "height": 50, "pixel_aspect": 1.0,
        "fps_num": 24, "fps_den": 1, "first_frame": 1001, "last_frame": 1010,
        "colorspace": "ACEScg", "plate_metadata": {}, "plate": {"frame_offset": offset},
    }  # fmt: skip
    return Plate(**{**facts, **columns})


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        (plate(), []),
        (plate(pixel_aspect=1.0004), []),
        (plate(width=200), ["size_changed"]),
        (plate(pixel_aspect=2.0), ["pixel_aspect_changed"]),
        (plate(fps_num=24000, fps_den=1001), ["fps_changed"]),
        (plate(colorspace=None), ["colorspace_changed"]),
        (plate(last_frame=1012), ["range_changed"]),
        (plate(first_frame=1, last_frame=10), ["range_changed", "frames_shifted"]),
        (plate(-1000, first_frame=1, last_frame=10), []),
        (plate(-1000), ["range_changed", "frames_shifted"]),
        (plate(plate_metadata={"timecode": "01:00:00:00"}), ["timecode_changed"]),
        (plate(plate_metadata={"data_window": "-5,-5 110x60", "display_window": "0,0 100x50"}),
         ["overscan_changed"]),
        (plate(plate_metadata={"data_window": "0,0 100x50", "display_window": "0,0 100x50"}), []),
    ],
)  # fmt: skip
def test_what_differs_is_told(now: Plate, codes: list[str]) -> None:
    told = differences(plate(), now)
    assert [one["code"] for one in told] == codes
    assert all(one["message"].endswith(".") for one in told)


def test_the_likely_offset_is_told() -> None:
    told = differences(plate(), plate(first_frame=1, last_frame=10))
    assert told[1]["detail"]["frame_offset"] == -1000
    assert "-1000" in told[1]["message"]


OBJECT: dict[str, Any] = {
    "id": "a", "name": "hero", "frame_range": [1001, 1005],
    "prompts": [
        {"frame": 1001, "points": [{"x": 10.0, "y": 20.0, "positive": True}], "box": [1, 2, 3, 4]},
        {"frame": 1003, "outline": [{"kind": "bezier", "mode": "add", "closed": True, "points": [
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, True], [7.0, 8.0], [9.0, 10.0, 0.0, 0.0]]}]},
        {"frame": 1005, "absent": True},
    ],
}  # fmt: skip


def test_prompts_are_shifted_and_scaled() -> None:
    (moved,) = Move(-1000, 2.0, 0.5).objects([OBJECT])
    assert moved == {
        "id": "a", "name": "hero", "frame_range": [1, 5],
        "prompts": [
            {"frame": 1, "points": [{"x": 20.0, "y": 10.0, "positive": True}], "box": [2, 1, 6, 2]},
            {"frame": 3, "outline": [{"kind": "bezier", "mode": "add", "closed": True, "points": [
                [2.0, 1.0, 6.0, 2.0, 10.0, 3.0, True], [14.0, 4.0], [18.0, 5.0, 0.0, 0.0]]}]},
            {"frame": 5, "absent": True},
        ],
    }  # fmt: skip
    assert OBJECT["prompts"][0]["frame"] == 1001
    assert Move().objects([OBJECT]) == [OBJECT]


def test_a_drawn_mask_is_shifted_and_never_scaled() -> None:
    drawn = {**OBJECT, "prompts": [{"frame": 1001, "mask": {"png": "x"}}]}
    assert Move(1).objects([drawn])[0]["prompts"] == [{"frame": 1002, "mask": {"png": "x"}}]
    with pytest.raises(RotoError) as caught:
        Move(0, 2.0, 2.0).objects([drawn])
    assert (caught.value.code, caught.value.detail["object"]) == ("bad_prompt", "hero")
