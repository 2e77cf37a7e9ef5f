"""The database does the same for an address with an account and one without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from roto_server.access import accounts
from roto_server.access.sessions import Sender
from roto_server.db.people import OutgoingMail
from roto_server.db.session import Database
from roto_server.settings import Settings

pytestmark = pytest.mark.database
HERE = Sender("tests", "192.0.2.1", "")
KNOWN, UNKNOWN, DISABLED, WAITS = (
    f"{name}@studio.example" for name in ("known", "unknown", "disabled", "waits")
)
SETTINGS = Settings(
    secret_key="of the tests, which is long enough",  # type: ignore[arg-type]
    smtp_url="smtps://mail.example",  # type: ignore[arg-type]
    mail_from="roto@studio.example",
)


@pytest.fixture
def people(database: Database) -> Database:
    with database.session() as session:
        for email, state in ((KNOWN, "active"), (DISABLED, "disabled"), (WAITS, "unconfirmed")):
            accounts.create_person(session, email=email, name="Ada", state=state, password_hash="x")
    return database


@contextmanager
def writes(database: Database) -> Iterator[list[str]]:
    """The verb and table of each statement that writes."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if found := re.match(r"(INSERT INTO|UPDATE|DELETE FROM) (\w+)", statement):
            seen.append(found[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def asked(database: Database, act: Callable[[Session, str], None], email: str) -> list[str]:
    with writes(database) as seen, database.session() as session:
        act(session, email)
    return sorted(seen)


def register(session: Session, email: str) -> None:
    accounts.register(session, SETTINGS, email, "Eve", "hash", HERE)


def resend(session: Session, email: str) -> None:
    accounts.resend(session, SETTINGS, email, HERE)


def forgot(session: Session, email: str) -> None:
    accounts.forgot(session, SETTINGS, email, HERE)


@pytest.mark.parametrize("act", [register, resend, forgot])
def test_whoever_is_asked_about_the_same_is_written(
    people: Database, act: Callable[[Session, str], None]
) -> None:
    told = {email: asked(people, act, email) for email in (KNOWN, UNKNOWN, DISABLED, WAITS)}
    assert told[KNOWN] == told[UNKNOWN] == told[DISABLED] == told[WAITS]
    assert told[KNOWN].count("outgoing_mails") == told[KNOWN].count("audit") == 1
    with people.reading() as session:
        lengths = {len(row.content) for row in session.scalars(select(OutgoingMail))}
    assert len(lengths) <= 2, "only a registration carries more than a kind"


def test_nobodys_mail_is_for_nobody(people: Database) -> None:
    asked(people, forgot, UNKNOWN)
    asked(people, forgot, DISABLED)
    asked(people, resend, KNOWN)
    with people.reading() as session:
        kinds = {(row.kind, row.user_id) for row in session.scalars(select(OutgoingMail))}
    assert kinds == {("nobody", None)}
