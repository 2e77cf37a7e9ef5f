"""A move between folders whose draft was taken away under it: nothing may be lost."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from helpers_people import House

from roto_server import moving
from roto_server.admin import orphans
from roto_server.audit import SERVER
from roto_server.db.models import Project, Shot
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.errors import ConflictError
from roto_server.settings import load_settings
from roto_server.storage import DirectoryStorage

NAMES = ("masks/v001/1001.png", "shapes/v001/shapes.json")


@dataclass
class Moved:
    """A move between two projects that has copied and changed no row yet."""

    database: Database
    storage: DirectoryStorage
    target: str
    move: moving.Move

    def carry_out(self) -> None:
        with self.database.session() as session:
            shot = session.get_one(Shot, self.move.shot_id)
            place = session.get_one(Project, self.target)
            moving.carry_out(session, SERVER, shot, place, self.move, self.storage)

    def orphan(self) -> orphans.Orphan:
        later = utc_now() + timedelta(minutes=1)
        (found,) = orphans.find(self.database, self.storage, later, self.target)
        return found

    def project(self) -> str:
        with self.database.reading() as session:
            return session.get_one(Shot, self.move.shot_id).project_id


@pytest.fixture
def moved(house: House, monkeypatch: pytest.MonkeyPatch) -> Moved:
    for name, value in house.environment.items():
        monkeypatch.setenv(name, value)
    settings, database = load_settings(), house.database
    storage = DirectoryStorage(settings.storage_root)
    project, target = (house.project(allowed_roots=[str(house.plates)]) for _ in range(2))
    ident = house.shot(project, house.admin)
    home = Path(settings.storage_root) / "projects" / project / ident
    for name in NAMES:
        (home / name).parent.mkdir(parents=True)
        (home / name).write_bytes(name.encode())
    moved = Moved(database, storage, target, prepared(database, storage, ident, target))
    moving.copy(storage, moved.move)
    return moved


def prepared(database: Database, storage: DirectoryStorage, shot: str, target: str) -> moving.Move:
    with database.reading() as session:
        found, place = session.get_one(Shot, shot), session.get_one(Project, target)
        return moving.prepare(session, found, place, load_settings(), storage)


@pytest.mark.one_database
@pytest.mark.parametrize("taken", ["all", "a part"])
def test_a_draft_that_went_is_no_move(moved: Moved, taken: str) -> None:
    """`roto admin orphans --remove` cannot tell it from what a killed move has left."""
    if taken == "all":
        assert orphans.remove(moved.database, moved.storage, moved.orphan(), SERVER)
    else:
        moved.storage.remove(f"{moved.move.draft}/{NAMES[0]}")
    with pytest.raises(ConflictError, match="meanwhile"):
        moved.carry_out()
    moving.give_up(moved.database, moved.storage, moved.move)
    assert set(moved.storage.listing(moved.move.old)) == set(NAMES)
    assert moved.storage.listing(moved.move.draft) == {}
    assert moved.project() == moved.move.old.split("/")[1]


@pytest.mark.one_database
def test_files_that_another_move_takes_away_while_they_are_copied(
    moved: Moved, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = house.project(allowed_roots=[str(house.plates)])
    late = prepared(moved.database, moved.storage, moved.move.shot_id, target)
    link = moved.storage.link

    def after_the_other(key: str, name: str) -> None:
        monkeypatch.setattr(moved.storage, "link", link)
        moved.carry_out()
        moving.finish(moved.database, moved.storage, moved.move)
        link(key, name)

    monkeypatch.setattr(moved.storage, "link", after_the_other)
    moving.copy(moved.storage, late)
    with pytest.raises(ConflictError, match="meanwhile"):
        Moved(moved.database, moved.storage, target, late).carry_out()
    moving.give_up(moved.database, moved.storage, late)
    assert moved.storage.listing(late.draft) == moved.storage.listing(late.old) == {}
    assert set(moved.storage.listing(moved.move.new)) == set(NAMES)
    assert moved.project() == moved.target


@pytest.mark.one_database
def test_a_draft_that_is_being_removed_is_no_move(
    moved: Moved, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first file of it goes, no move finds it whole."""
    tried: list[str] = []
    remove_folder = moved.storage.remove_folder

    def slowly(key: str) -> None:
        tried.append(key)
        with pytest.raises(ConflictError, match="meanwhile"):
            moved.carry_out()
        remove_folder(key)

    orphan = moved.orphan()
    monkeypatch.setattr(moved.storage, "remove_folder", slowly)
    assert orphans.remove(moved.database, moved.storage, orphan, SERVER)
    assert len(tried) == 1
    assert set(moved.storage.listing(moved.move.old)) == set(NAMES)
    assert list(moved.storage.folders(f"projects/{moved.target}")) == []


def test_a_draft_that_becomes_the_shots_folder_is_not_removed(moved: Moved) -> None:
    """Whoever removes it waits for the move that holds the shot's row, and finds none."""
    orphan = moved.orphan()
    ended = threading.Event()
    removed: list[bool] = []

    def remove() -> None:
        removed.append(orphans.remove(moved.database, moved.storage, orphan, SERVER))
        ended.set()

    other = threading.Thread(target=remove)
    with moved.database.session() as session:
        shot = session.get_one(Shot, moved.move.shot_id, with_for_update={"of": Shot})
        place = session.get_one(Project, moved.target)
        other.start()
        assert not ended.wait(0.5)
        moving.carry_out(session, SERVER, shot, place, moved.move, moved.storage)
    other.join(30)
    assert removed == [False]
    moving.finish(moved.database, moved.storage, moved.move)
    assert set(moved.storage.listing(moved.move.new)) == set(NAMES)
    assert moved.project() == moved.target
