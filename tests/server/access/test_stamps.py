"""Who was last seen: written once a minute, forwards only, beside the requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from roto_server.access.accounts import create_person
from roto_server.access.principal import Principal
from roto_server.access.stamps import Stamps
from roto_server.access.tokens import create_key
from roto_server.db.models import Token
from roto_server.db.people import User
from roto_server.db.session import Database
from roto_server.db.types import utc_now

pytestmark = pytest.mark.database


@pytest.fixture
def who(database: Database) -> Principal:
    with database.session() as session:
        user = create_person(session, email="ada@studio.example", name="Ada")
        row, _ = create_key(session, user, "script", ["read"])
        return Principal("user", user.id, user.name, token_id=row.id)


def key_of(database: Database, who: Principal) -> Token:
    with database.reading() as session:
        return session.get_one(Token, who.token_id)


def test_what_is_noted_is_written_and_nothing_else_changes(
    database: Database, who: Principal
) -> None:
    before, changed = utc_now(), key_of(database, who).updated_at
    stamps = Stamps(database)
    stamps.note(who)
    assert key_of(database, who).last_used_at is None, "no request waits for a write"
    stamps.flush()
    row = key_of(database, who)
    assert row.last_used_at is not None
    assert row.last_used_at >= before
    assert row.updated_at == changed
    with database.reading() as session:
        assert session.get_one(User, who.user_id).last_seen_at == row.last_used_at


def test_a_row_is_written_once_a_minute(database: Database, who: Principal) -> None:
    stamps = Stamps(database)
    stamps.note(who)
    stamps.flush()
    first = key_of(database, who).last_used_at
    for _ in range(10):
        stamps.note(who)
    stamps.flush()
    assert key_of(database, who).last_used_at == first


def test_another_process_later_stamp_stays(database: Database, who: Principal) -> None:
    stamps = Stamps(database)
    stamps.note(who)
    later = utc_now() + timedelta(seconds=30)
    with database.session() as session:
        session.get_one(Token, who.token_id).last_used_at = later
    stamps.flush()
    assert key_of(database, who).last_used_at == later


def test_a_stop_writes_what_is_left(database: Database, who: Principal) -> None:
    stamps = Stamps(database)
    stamps.start()
    stamps.note(who)
    stamps.stop()
    assert key_of(database, who).last_used_at is not None
