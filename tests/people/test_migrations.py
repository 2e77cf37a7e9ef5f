"""The schema on both databases: from nothing to the newest, by several commands at once, and a step
back and forth from each revision with a studio's rows in every table."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.runtime.migration import MigrationContext
from helpers_people import ROTO
from helpers_rows import Rows, fill, rows, schema
from sqlalchemy import Select, inspect, select, text

from roto_server import migrations
from roto_server.access.tokens import token_digest
from roto_server.admin.orphans import why
from roto_server.db.media import Plate
from roto_server.db.models import Base, Project, Token
from roto_server.db.people import User
from roto_server.db.session import Database
from roto_server.migrations import media_tables, people_tables

PREVIOUS = "0002"
_FACTS_OF_PLATES = (
    "id", "state", "plate", "colorspace", "width", "height", "pixel_aspect", "fps_num", "fps_den",
    "first_frame", "last_frame", "plate_metadata", "error", "created_by", "created_at",
    "updated_at",
)  # fmt: skip
_ADDED_FOR_PEOPLE = {
    "artists_see_all": ["projects"], "memory": ["workers"], "request_id": ["previews"],
    "token_sha256": ["attempts"],
}  # fmt: skip


@pytest.fixture
def database(empty_database: str) -> Iterator[Database]:
    """Empty, on both backends."""
    database = Database(empty_database)
    yield database
    database.dispose()


def test_from_nothing_to_what_the_models_say(database: Database) -> None:
    """`alembic check`: no migration is missing for what the code believes of the tables."""
    migrations.upgrade(database)
    migrations.check_current(database)
    migrations.check_models(database)
    names = set(inspect(database.engine).get_table_names())
    assert names == set(Base.metadata.tables) | {"alembic_version"}


def test_two_commands_at_once_take_turns(empty_database: str, tmp_path: Path) -> None:
    settings = {
        "ROTO_DATABASE_URL": empty_database,
        "ROTO_DATA_DIR": str(tmp_path / "data"),
    }
    inherited = {name: value for name, value in os.environ.items() if name[:5] != "ROTO_"}
    running = [
        subprocess.Popen(
            [*ROTO, "admin", "migrate"],
            env={**inherited, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]
    told = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * 3, "\n".join(told)
    assert all(migrations.wanted_revision() in one for one in told)
    database = Database(empty_database)
    migrations.check_models(database)
    database.dispose()


def test_a_step_back_to_before_there_were_people_keeps_who_made_what(database: Database) -> None:
    """By name; accounts, which were not there before, are gone, and keys that could do less."""
    migrations.upgrade(database)
    secrets = fill(database)

    migrations.downgrade(database, PREVIOUS)
    assert "users" not in inspect(database.engine).get_table_names()
    with database.engine.connect() as connection:
        makers = connection.scalars(text("SELECT created_by FROM jobs")).all()
        names = connection.scalars(text("SELECT name FROM projects ORDER BY created_at")).all()
    assert makers == ["Ada"]
    assert len(set(names)) == len(names) == 2
    assert names[0] == "heist"
    assert names[1].startswith("heist ")

    migrations.upgrade(database)
    migrations.check_models(database)
    with database.reading() as session:
        project = session.scalars(select(Project).order_by(Project.created_at)).first()
        assert project is not None
        maker = session.get_one(User, project.created_by)
        assert (maker.name, maker.kind, maker.role) == ("Ada", "service", "admin")
        others = session.scalars(select(User.role).where(User.name != "Ada")).all()
        assert set(others) == {"viewer"}
        usable = {
            name: [not token.revoked for token in session.scalars(_by(secret))]
            for name, secret in secrets.items()
        }
    # A key that could do less than everything, or not for ever, must not come back as one that can.
    assert usable == {
        "the admin's": [True],
        "the farm's": [True],
        "an artist's": [False],
        "the admin's for reading": [False],
        "the admin's for a week": [False],
    }


@pytest.mark.parametrize("revision", ["0003", "0004", "0005", "0006"])
def test_a_step_back_from_each_and_forth_loses_what_its_migration_says(
    database: Database, revision: str
) -> None:
    """Rows of every table, and its trash; all that the step does not name comes back as it was."""
    migrations.upgrade(database)
    fill(database)
    with database.engine.connect() as connection:
        assert [table for table, found in rows(connection).items() if not found] == []
    if revision != migrations.wanted_revision():
        migrations.downgrade(database, revision)
    kept, tables = _stands_on(database, revision)

    migrations.downgrade(database, f"{int(revision) - 1:04d}")
    migrations.upgrade(database, revision)

    found, tables_after = _stands_on(database, revision)
    assert tables_after == tables
    STEPS[revision](kept)
    for table, wanted in kept.items():
        columns = set(wanted[0]) if wanted else set()
        here = [{name: row[name] for name in row if name in columns} for row in found[table]]
        assert _in_order(here) == _in_order(wanted), table
    migrations.upgrade(database)
    migrations.check_models(database)
    with database.reading() as session:
        # What a shot's plate lies in must not be taken for a leftover.
        uploaded = [key for key in session.scalars(select(Plate.source)) if key]
        assert len(uploaded) == 1
        assert why(session, uploaded[0]) is None


def test_every_step_is_played() -> None:
    """The newest, too: who adds a migration says here what a step back from it loses."""
    assert list(STEPS)[-1] == migrations.wanted_revision()


def test_the_audit_log_refuses_changes_also_after_a_step_back_and_forth(
    database: Database,
) -> None:
    migrations.upgrade(database)
    migrations.downgrade(database, PREVIOUS)
    migrations.upgrade(database)
    fill(database)
    for statement in ("UPDATE audit SET action = 'x'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="only added to"), database.engine.begin() as connection:
            connection.execute(text(statement))


def _stands_on(database: Database, revision: str) -> tuple[Rows, dict[str, Any]]:
    with database.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == revision
        return rows(connection), schema(connection)


def _without_views_of_people(kept: Rows) -> None:
    """What a step back from 0006 loses."""
    kept["saved_views"] = []


def _without_what_the_dashboard_needs(kept: Rows) -> None:
    """What a step back from 0005 loses: what people made of nodes, the farm's history."""
    kept["farm_samples"] = []
    kept["farm_nodes"] = [
        {
            "name": worker["node"], "state": "enabled", "reason": "", "changed_by": None,
            "changed_at": None, "created_at": worker["created_at"],
            "updated_at": worker["updated_at"],
        }
        for worker in kept["workers"]
    ]  # fmt: skip
    for task in kept["tasks"]:
        task["ready_at"] = task["updated_at"] if task["state"] == "ready" else None


def _without_media_and_review(kept: Rows) -> None:
    """What a step back from 0004 loses."""
    for table in media_tables.TABLES:
        kept[table] = []
    for row in (row for table in ("projects", "shots", "objects", "jobs") for row in kept[table]):
        if row["trash_id"] and "name" in row:
            row["name"] = f"{row['name']} {row['id']}"
        row.update(trashed_at=None, trashed_by=None, purging_at=None, trash_id="")
    for project in kept["projects"]:
        project.update(client="", settings={}, archived_at=None)
    for thing in kept["objects"]:
        thing["position"] = 0
    for job in kept["jobs"]:
        job["plate_id"] = job["shot_id"]
    for upload in kept["uploads"]:
        upload.update(piece_size=None, multipart=None)
    for worker in kept["workers"]:
        worker["reach"] = None
    for shot in kept["shots"]:
        shot.update(
            plate_id=shot["id"], review="waiting", handle_head=0, handle_tail=0, cut=None,
            archived_at=None,
        )  # fmt: skip
        facts = {name: shot[name] for name in _FACTS_OF_PLATES}
        of_plate = {"shot_id": shot["id"], "view": "main", "version": 1, "warnings": []}
        uploaded = f"projects/{shot['project_id']}/{shot['id']}/source/"
        folder = shot["plate"]["path"].removeprefix("/storage/").rpartition("/")[0]
        source = folder if folder.startswith(uploaded) else None
        kept["plates"].append({**facts, **of_plate, "source": source})


def _without_people(kept: Rows) -> None:
    """What a step back from 0003 loses. Of keys, and who is whose, see the test of them."""
    for table in (*people_tables.TABLES, "tokens"):
        del kept[table]
    kept["projects"].sort(key=lambda project: project["created_at"])
    kept["projects"][1]["name"] += f" {kept['projects'][1]['id'][:8]}"
    for column, tables in _ADDED_FOR_PEOPLE.items():
        for row in (row for table in tables for row in kept[table]):
            row[column] = True if column == "artists_see_all" else None
    for row in (row for table in kept.values() for row in table):
        row.pop("created_by", None)


def _by(secret: str) -> Select[tuple[Token]]:
    return select(Token).where(Token.sha256 == token_digest(secret))


def _in_order(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: str(sorted(row.items(), key=lambda item: item[0])))


STEPS: dict[str, Callable[[Rows], None]] = {
    "0003": _without_people,
    "0004": _without_media_and_review,
    "0005": _without_what_the_dashboard_needs,
    "0006": _without_views_of_people,
}
"""By revision: makes of the rows there what is there after a step back and forth."""
