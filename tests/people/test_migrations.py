"""The schema on both databases: from nothing to the newest, one step back and forth with a studio's
rows in it, and by two commands at once."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers_people import ROTO
from sqlalchemy import Select, inspect, select, text

from roto_server import migrations
from roto_server.access.tokens import create_key, create_token, token_digest
from roto_server.audit import Actor, record
from roto_server.db.media import Plate
from roto_server.db.models import Base, Project, RotoObject, Shot, Token, new_id
from roto_server.db.people import Membership, User
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.jobs.create import create_roto_job

PREVIOUS = "0002"
PROMPT = {"frame": 1001, "points": [{"x": 20.5, "y": 10.5, "positive": True}]}
_NOT_KEPT = ("created_by", "review", "ready_at")
EVERY_SCOPE = ["read", "write", "manage", "admin"]


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


def test_one_step_back_and_forth_keeps_the_studios_work(database: Database) -> None:
    """Shots, jobs, tokens and who made what stay; accounts, which were not there before, do not."""
    migrations.upgrade(database)
    secrets = fill(database)
    before = rows(database)

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
    after = rows(database)
    for table in ("shots", "objects", "prompts", "jobs", "tasks"):
        assert after[table] == before[table], table
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


def fill(database: Database) -> dict[str, str]:
    """People, two projects of one name, a shot with a job; returns the secrets of tokens."""
    with database.session() as session:
        ada = User(id=new_id(), name="Ada", email="ada@studio.example", role="admin")
        bob = User(id=new_id(), name="Bob", email="bob@studio.example", role="artist")
        session.add_all([ada, bob])
        session.flush()
        keys = {
            "the admin's": create_key(session, ada, "one", EVERY_SCOPE),
            "an artist's": create_key(session, bob, "two", EVERY_SCOPE),
            "the admin's for reading": create_key(session, ada, "three", ["read"]),
            "the admin's for a week": create_key(session, ada, "four", EVERY_SCOPE),
        }
        keys["the admin's for a week"][0].expires_at = utc_now() + timedelta(days=7)
        secrets = {name: secret for name, (_, secret) in keys.items()}
        secrets["the farm's"] = create_token(session, "the farm", "farm")
        first = Project(name="heist", created_by=ada.id)
        session.add(first)
        session.flush()
        second = Project(name="heist", created_by=bob.id)
        shot = Shot(
            project_id=first.id, name="sh010", created_by=ada.id, state="ready", width=64,
            height=36, pixel_aspect=1.0, fps_num=24, fps_den=1, first_frame=1001, last_frame=1003,
            plate={"kind": "sequence", "path": "/plates/sh010.%04d.exr"},
        )  # fmt: skip
        shot.id = new_id()
        session.add_all(
            [second, shot, Membership(project_id=first.id, user_id=bob.id, role="artist")]
        )
        session.flush()
        # As a step forth makes it, under the shot's own id.
        session.add(
            Plate(
                id=shot.id, shot_id=shot.id, plate=shot.plate, state=shot.state, created_by=ada.id
            )
        )  # fmt: skip
        shot.plate_id = shot.id
        session.flush()
        hero = RotoObject(shot_id=shot.id, name="hero", created_by=ada.id)
        session.add(hero)
        session.flush()
        create_roto_job(session, shot, [(hero, [PROMPT])], {}, ada.id)
        record(session, Actor("user", ada.id), "project.created", "project", first.id)
    return secrets


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, without what a step back cannot keep: who made it, its review,
    since when a task has waited."""
    with database.engine.connect() as connection:
        return {
            table.name: [
                {name: row[name] for name in row if name not in _NOT_KEPT}
                for row in connection.execute(
                    select(table).order_by(*table.primary_key.columns)
                ).mappings()
            ]
            for table in Base.metadata.sorted_tables
        }


def _by(secret: str) -> Select[tuple[Token]]:
    return select(Token).where(Token.sha256 == token_digest(secret))
