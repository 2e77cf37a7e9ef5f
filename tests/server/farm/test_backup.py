"""Backup and restore, each database into each."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from sqlalchemy import select

from roto_server import migrations
from roto_server.admin.backup import backup, check_files, restore
from roto_server.db.models import Base, Event
from roto_server.db.session import Database
from roto_server.events import emit
from roto_shapes.errors import RotoError
from server.farm.helpers_farm_rows import Studio


@pytest.fixture
def lived_in(studio: Studio) -> Studio:
    """A studio with a finished job, one under way and one that failed."""
    worker = studio.worker()
    studio.run(studio.roto(studio.shot(), exports=["nuke"]), worker)
    studio.start(studio.task(studio.roto(studio.shot("sh020"))), worker)
    return studio


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Database:
    """Another database, of the other kind where there are two."""
    database = Database(f"sqlite:///{tmp_path / 'second' / 'roto.db'}")
    migrations.upgrade(database)
    return database


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.database
def test_every_row_comes_back(lived_in: Studio, empty: Database, tmp_path: Path) -> None:
    """From either database into SQLite, and from there back into the first, emptied."""
    first = lived_in.database
    before = rows(first)
    manifest = backup(first, lived_in.farm.settings.storage_root, tmp_path / "b.tar.gz")
    assert manifest["rows"]["masks"] == 3
    assert {Path(file["path"]).name for file in manifest["files"]} >= {"1001.png", "shapes.json"}
    assert not any("/attempts/" in file["path"] for file in manifest["files"])
    checked = restore(empty, lived_in.farm.settings.storage_root, tmp_path / "b.tar.gz")
    assert (checked.missing, checked.changed) == ([], [])
    assert checked.files == len(manifest["files"])
    assert rows(empty) == before
    empty.dispose()


@pytest.mark.database
def test_a_restored_database_goes_on_counting(database: Database, tmp_path: Path) -> None:
    source = Database(f"sqlite:///{tmp_path / 'source.db'}")
    migrations.upgrade(source)
    for _ in range(3):
        with source.session() as session:
            emit(session, "job.updated", None, {})
    backup(source, tmp_path / "nothing", tmp_path / "b.tar.gz")
    restore(database, tmp_path / "nothing", tmp_path / "b.tar.gz")
    with database.session() as session:
        emit(session, "job.updated", None, {})
    with database.reading() as session:
        assert session.scalars(select(Event.seq).order_by(Event.seq)).all() == [1, 2, 3, 4]
    source.dispose()


def test_the_backup_is_private_and_never_overwrites(studio: Studio, tmp_path: Path) -> None:
    target = tmp_path / "b.tar.gz"
    backup(studio.database, studio.farm.settings.storage_root, target)
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RotoError, match="exists already"):
        backup(studio.database, studio.farm.settings.storage_root, target)
    assert [path.name for path in tmp_path.glob("*.partial")] == []


def test_a_filled_database_is_not_restored_into(lived_in: Studio, tmp_path: Path) -> None:
    target = tmp_path / "b.tar.gz"
    before = rows(lived_in.database)
    backup(lived_in.database, lived_in.farm.settings.storage_root, target)
    with pytest.raises(RotoError, match="not empty") as refused:
        restore(lived_in.database, lived_in.farm.settings.storage_root, target)
    assert refused.value.code == "conflict"
    assert rows(lived_in.database) == before


def test_damaged_storage_is_told(lived_in: Studio, tmp_path: Path) -> None:
    root = lived_in.farm.settings.storage_root
    manifest = backup(lived_in.database, root, tmp_path / "b.tar.gz")
    masks = sorted(root.glob("projects/*/*/masks/v001/hero/*.png"))
    masks[0].unlink()
    masks[1].write_bytes(b"x" * masks[1].stat().st_size)
    checked = check_files(root, manifest["files"])
    assert [Path(path).name for path in checked.missing] == ["1001.png"]
    assert [Path(path).name for path in checked.changed] == ["1002.png"]


def test_what_is_no_backup_is_refused(studio: Studio, tmp_path: Path) -> None:
    plain = tmp_path / "plain.tar.gz"
    plain.write_bytes(b"no archive")
    hollow = tmp_path / "hollow.tar.gz"
    with tarfile.open(hollow, "w:gz"):
        pass
    for path in (plain, hollow, tmp_path / "missing"):
        with pytest.raises(RotoError, match="not a backup"):
            restore(studio.database, tmp_path, path)
