"""What holds a folder that shots share, while one more is made of it."""

from __future__ import annotations

import threading

import pytest
from helpers_people import House
from sqlalchemy import select

from roto_server.db.media import Plate
from roto_server.db.models import Shot
from roto_server.db.session import database_now
from roto_server.errors import ConflictError
from roto_server.farm.storage import AtWork
from roto_server.jobs import sources


def sharing(house: House, count: int) -> tuple[str, list[str]]:
    """A folder, and ids of shots that share it, in their order."""
    project = house.project()
    shots = sorted(house.shot(project, house.admin) for _ in range(count))
    folder = sources.new_shared_key(project)
    with house.database.session() as session:
        for shot in shots:
            session.get_one(Plate, shot).source = folder
    return folder, shots


def hold(house: House, folder: str) -> None:
    with house.database.session() as session:
        sources.hold(session, folder)


def test_any_shot_that_is_not_in_the_trash_holds_it(house: House) -> None:
    folder, shots = sharing(house, 2)
    for shot in shots:
        hold(house, folder)
        with house.database.session() as session:
            session.get_one(Shot, shot).trashed_at = database_now(session)
    with pytest.raises(ConflictError, match="meanwhile"):
        hold(house, folder)


def test_it_is_needed_until_the_last_is_being_purged(house: House) -> None:
    folder, shots = sharing(house, 2)
    for shot in shots:
        with house.database.session() as session:
            assert sources.is_needed(session, folder)
            session.get_one(Shot, shot).purging_at = database_now(session)
    with house.database.reading() as session:
        assert not sources.is_needed(session, folder)


def test_a_folder_of_a_shots_own_needs_nobody_to_hold_it(house: House) -> None:
    with house.database.session() as session:
        sources.hold(session, f"projects/{'a' * 32}/{'b' * 32}/source/v001")
        sources.hold(session, None)


@pytest.mark.postgresql
def test_what_holds_it_keeps_the_shot_out_of_the_trash(house: House) -> None:
    folder, (shot,) = sharing(house, 1)
    free = select(Shot.id).where(Shot.id == shot)
    free = free.with_for_update(key_share=True, skip_locked=True)
    with house.database.session() as holding:
        sources.hold(holding, folder)
        with house.database.session() as other:
            assert other.scalar(free) is None
    with house.database.session() as other:
        assert other.scalar(free) == shot


@pytest.mark.postgresql
@pytest.mark.parametrize("count", [1, 2])
def test_who_waited_for_a_move_takes_another_or_none(house: House, count: int) -> None:
    folder, shots = sharing(house, count)
    refusals: list[ConflictError] = []

    def wait() -> None:
        try:
            hold(house, folder)
        except ConflictError as error:
            refusals.append(error)

    thread = threading.Thread(target=wait)
    with house.database.session() as session:
        session.get_one(Shot, shots[0], with_for_update={"key_share": True})
        thread.start()
        session.get_one(Plate, shots[0]).source = None
    thread.join()
    assert len(refusals) == (count == 1)


def test_a_node_at_work_reads_those_of_its_project() -> None:
    project, other = "a" * 32, "b" * 32
    work = AtWork("c" * 32, project, "running", f"projects/{project}/s/attempts/c", "log", ())
    folder = sources.new_shared_key(project)
    assert work.may_read(f"{folder}/whole.mov")
    assert work.home_of(f"{folder}/whole.mov") is None
    assert not work.may_read(folder)
    assert not work.may_read(f"{sources.new_shared_key(other)}/whole.mov")
