"""Who was last seen: written once a minute, forwards only, beside the requests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from roto_server.access.accounts import create_person
from roto_server.access.principal import Principal
from roto_server.access.stamps import Stamps
from roto_server.access.tokens import create_key
from roto_server.admin import people
from roto_server.audit import SERVER
from roto_server.db.models import Token
from roto_server.db.people import LoginSession, User
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


def test_what_could_not_be_written_is_noted_again(database: Database, who: Principal) -> None:
    """Somebody holds the key's row; on SQLite the whole file, which `flush` would wait for."""
    if database.is_sqlite:
        pytest.skip("SQLite holds no rows")
    stamps = Stamps(database)
    with database.session() as session:
        session.get_one(Token, who.token_id, with_for_update=True)
        stamps.note(who)
        stamps.flush()
    assert key_of(database, who).last_used_at is None
    stamps.note(who)
    stamps.flush()
    assert key_of(database, who).last_used_at is not None


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
    stamps.stop(20)
    assert key_of(database, who).last_used_at is not None


def test_who_is_disabled_while_their_stamps_are_written_is_disabled(database: Database) -> None:
    """Both lock a person's key, session and row, in opposite orders: in one of five such meetings
    PostgreSQL ended one of the two."""
    for number in range(25):
        with database.session() as session:
            user = create_person(session, email=f"eve{number}@studio.example", name="Eve")
            key, _ = create_key(session, user, "script", ["read"])
            login = LoginSession(
                user_id=user.id, kind="password", client="", address="",
                expires_at=utc_now() + timedelta(days=1),
            )  # fmt: skip
            session.add(login)
            session.flush()
            user_id, key_id, login_id = user.id, key.id, login.id
        stamps = Stamps(database)
        stamps.note(Principal("user", user_id, "Eve", token_id=key_id))
        stamps.note(Principal("user", user_id, "Eve", session_id=login_id))
        _at_once(lambda who=user_id: _disable(database, who), stamps.flush)
        with database.reading() as session:
            assert session.get_one(User, user_id).state == "disabled"
            assert session.get_one(Token, key_id).revoked
            assert session.get_one(LoginSession, login_id).revoked_at is not None


def _disable(database: Database, user_id: str) -> None:
    with database.session() as session:
        people.apply(session, SERVER, people.person(session, user_id), people.Change(active=False))


def _at_once(*works: Callable[[], object]) -> None:
    """Each in a thread of its own, begun together; raises what one of them raised."""
    begin = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        begin.wait(20)
        work()

    with ThreadPoolExecutor(len(works)) as threads:
        for running in [threads.submit(run, work) for work in works]:
            running.result()
