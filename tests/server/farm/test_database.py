"""The engine: transactions, the clock, one server per SQLite file, migrations on both databases."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from roto_server import migrations
from roto_server.db import session as session_module
from roto_server.db.models import Project
from roto_server.db.session import Database, database_now
from roto_server.db.types import utc_now
from roto_server.errors import NotFoundError
from roto_server.holding import hold
from roto_shapes.errors import RotoError


@pytest.mark.database
def test_migrations_make_the_tables_of_the_models(database: Database) -> None:
    migrations.check_models(database)
    migrations.check_current(database)


@pytest.mark.database
def test_two_databases_of_one_url_share_rows_and_roll_back_on_error(
    database: Database,
) -> None:
    with database.session() as session:
        session.add(Project(name="kept", created_by="t"))
    with pytest.raises(IntegrityError), database.session() as session:
        session.add_all(Project(name=name, created_by="t") for name in ("dropped", "kept"))
    with database.reading() as session:
        assert session.scalars(select(Project.name)).all() == ["kept"]


@pytest.mark.database
def test_the_clock_is_the_databases_and_aware(database: Database) -> None:
    with database.session() as session:
        now = database_now(session)
    assert now.utcoffset() == timedelta(0)
    assert abs(now - utc_now()) < timedelta(seconds=5)


@pytest.mark.database
def test_writers_wait_for_each_other(database: Database) -> None:
    """Forty read-modify-write transactions from four threads lose no update."""
    with database.session() as session:
        session.add(Project(name="p", created_by="0"))

    def count_up() -> None:
        for _ in range(10):
            with database.session() as session:
                project = session.scalars(select(Project).with_for_update()).one()
                project.created_by = str(int(project.created_by) + 1)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.scalars(select(Project.created_by)).one() == "40"


def test_reading_does_not_wait_for_a_writer(database: Database) -> None:
    with database.session() as writer:
        writer.add(Project(name="p", created_by="t"))
        writer.flush()
        with database.reading() as reader:
            assert reader.scalars(select(Project.name)).all() == []


def test_a_second_server_on_one_sqlite_file_is_refused(database: Database) -> None:
    database.lock_single_server()
    database.lock_single_server()
    second = Database(str(database.url))
    with pytest.raises(RotoError, match="Another server") as refused:
        second.lock_single_server()
    assert refused.value.code == "conflict"
    database.dispose()
    second.lock_single_server()
    second.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "mysql://host/name"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(RotoError, match="not a database"):
        Database(url)


def test_an_unmigrated_database_is_refused(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(RotoError, match="this server needs"):
        migrations.check_current(database)
    database.dispose()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/", "ext4"), ("/home/ann", "ext4"), ("/mnt/show share/roto", "nfs4"), ("/mnt", "ext4")],
)
def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount(
    tmp_path: Path, folder: str, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\n"
        "filer:/vol /mnt/show\\040share nfs4 rw 0 0\n"
        "proc /proc proc rw 0 0\n"
    )
    assert session_module._filesystem_of(Path(folder), mounts) == kind


def test_sqlite_on_a_network_disk_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_filesystem_of", lambda _folder: "nfs4")
    with pytest.raises(RotoError, match="network file system"):
        database.lock_single_server()


@pytest.mark.database
def test_who_holds_a_row_that_was_removed_is_told_so(database: Database) -> None:
    with database.session() as session:
        session.add(Project(name="purged", created_by="t"))
    with database.session() as session:
        project = session.scalars(select(Project)).one()
        hold(session, project, "project")
        session.execute(text("DELETE FROM projects"))
        with pytest.raises(NotFoundError, match=f"There is no project '{project.id}'"):
            hold(session, project, "project")


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN])
def test_of_two_who_make_a_file_at_once_the_refused_one_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """SQLite waits for nobody where a file becomes one with a write-ahead log."""
    asked: list[str] = []

    class Refused(sqlite3.Connection):
        def execute(self, statement: str, *more: Any) -> sqlite3.Cursor:
            if "journal_mode=WAL" in statement:
                asked.append(statement)
                if len(asked) < 3:
                    error = sqlite3.OperationalError("refused")
                    error.sqlite_errorcode = code
                    raise error
            return super().execute(statement, *more)

    connect = partial(sqlite3.dbapi2.connect, factory=Refused)
    monkeypatch.setattr("sqlite3.dbapi2.connect", connect)
    database = Database(f"sqlite:///{tmp_path / 'roto.db'}")
    if code == sqlite3.SQLITE_BUSY:
        database.ping()
        assert len(asked) == 3
    else:
        with pytest.raises(OperationalError, match="refused"):
            database.ping()
        assert len(asked) == 1
    database.dispose()
