"""A backup carries people, rights, configuration and an audit log that is still whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from roto_server import migrations
from roto_server.access.roles import Role
from roto_server.access.tokens import create_key, create_token
from roto_server.admin import configuration, maintenance, people
from roto_server.admin.backup import backup, restore
from roto_server.audit import COMMAND, START, broken, check_part, record
from roto_server.db.models import Base, Project, Shot, new_id
from roto_server.db.people import (
    Assignment,
    AuditEntry,
    DeviceGrant,
    Identity,
    LoginSession,
    Membership,
    OidcFlow,
    OneTimeToken,
    OutgoingMail,
    RefreshToken,
    SigningKey,
    User,
)
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.settings import load_settings


@pytest.fixture
def database(empty_database: str) -> Iterator[Database]:
    database = Database(empty_database)
    migrations.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database that a studio lived in."""
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    migrations.upgrade(database)
    live_in(database)
    yield database
    database.dispose()


def live_in(database: Database) -> None:
    """A row in every table of people and access."""
    later = utc_now() + timedelta(days=1)
    started = load_settings()
    with database.session() as session:
        ada = User(id=new_id(), name="Ada", email="ada@studio.example", role="admin")
        bea = User(id=new_id(), name="Bea", email="bea@studio.example", password_hash="$argon2id$x")
        session.add_all([ada, bea])
        session.flush()
        project = Project(id=new_id(), name="heist", created_by=ada.id, artists_see_all=False)
        session.add(project)
        session.flush()
        plate = {"kind": "sequence", "path": "/p.%04d.exr"}
        shot = Shot(id=new_id(), project_id=project.id, name="sh010", plate=plate,
                    created_by=bea.id)  # fmt: skip
        login = LoginSession(id=new_id(), user_id=bea.id, kind="password", expires_at=later)
        session.add_all([shot, login])
        session.flush()
        create_key(session, ada, "nuke", ["read"])
        create_token(session, "the farm", "farm")
        session.add_all(
            [
                Identity(user_id=bea.id, issuer="https://sso.example", subject="bea"),
                RefreshToken(session_id=login.id, sha256="r" * 64, expires_at=later),
                OneTimeToken(user_id=bea.id, purpose="reset", sha256="o" * 64, expires_at=later),
                SigningKey(algorithm="EdDSA", public="p", private="q"),
                DeviceGrant(device_sha256="d" * 64, user_code="BCDF-GHJK", client="Nuke",
                            user_id=bea.id, expires_at=later),
                OidcFlow(state_sha256="s" * 64, provider="google", nonce="n", verifier="v",
                         expires_at=later),
                OutgoingMail(user_id=bea.id, kind="reset", content="encrypted"),
                Membership(project_id=project.id, user_id=bea.id, role="artist"),
                Assignment(shot_id=shot.id, user_id=bea.id, assigned_by=ada.id),
            ]
        )  # fmt: skip
        for value in (12.5, None, 7):
            configuration.change(session, COMMAND, started, "session_days", value)
        configuration.change(session, COMMAND, started, "registration_domains", ["a.example"])
        maintenance.begin(session, COMMAND, "moving house")
        people.apply(session, COMMAND, bea, people.Change(role=Role.SUPERVISOR))


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
        }


def test_every_row_of_people_comes_back_in_either_database(
    other: Database, database: Database, tmp_path: Path
) -> None:
    before = rows(other)
    new_tables = {"users", "identities", "login_sessions", "refresh_tokens", "one_time_tokens",
                  "signing_keys", "device_grants", "oidc_flows", "outgoing_mails", "memberships",
                  "assignments", "audit", "config_changes"}  # fmt: skip
    assert {name for name in new_tables if not before[name]} == set()
    backup(other, tmp_path / "storage", tmp_path / "first.tar.gz")
    restore(database, tmp_path / "storage", tmp_path / "first.tar.gz")
    assert rows(database) == before
    # And out of it again, into a third one.
    backup(database, tmp_path / "storage", tmp_path / "second.tar.gz")
    third = Database(f"sqlite:///{tmp_path / 'third.db'}")
    restore(third, tmp_path / "storage", tmp_path / "second.tar.gz")
    assert rows(third) == before
    third.dispose()


def test_a_restored_audit_log_is_whole_goes_on_and_stays_closed(
    other: Database, database: Database, tmp_path: Path
) -> None:
    backup(other, tmp_path / "storage", tmp_path / "b.tar.gz")
    restore(database, tmp_path / "storage", tmp_path / "b.tar.gz")
    with database.session() as session:
        record(session, COMMAND, "thing.made", "thing", "1")
    with database.reading() as session:
        before = check_part(session, START, limit=10_000)
        assert list(broken(session)) == []
        newest = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert newest is not None
        assert (newest.action, newest.seq) == ("thing.made", before.seq)
    with pytest.raises(DBAPIError, match="only added to"), database.session() as session:
        session.execute(delete(AuditEntry))


def test_restored_configuration_and_maintenance_hold(
    other: Database, database: Database, tmp_path: Path
) -> None:
    backup(other, tmp_path / "storage", tmp_path / "b.tar.gz")
    restore(database, tmp_path / "storage", tmp_path / "b.tar.gz")
    started = load_settings()
    with database.session() as session:
        holds = configuration.effective(started, configuration.newest_changes(session))
        assert (holds.session_days, holds.registration_domains) == (7, ["a.example"])
        assert maintenance.read(session).message == "moving house"
        # The next change has the next number.
        last = max(row.seq for row in configuration.newest_changes(session).values())
        configuration.change(session, COMMAND, started, "session_days", 3)
        assert configuration.newest_changes(session)["session_days"].seq == last + 1
