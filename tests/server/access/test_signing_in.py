"""What a sign-in does with a password that was compared a moment ago."""

from __future__ import annotations

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from roto_server.access.accounts import create_person
from roto_server.access.passwords import Verified, verify_password
from roto_server.access.sessions import Issued, Sender
from roto_server.access.signing_in import Attempt, sign_in
from roto_server.db.people import User
from roto_server.db.session import Database
from roto_server.settings import Settings
from roto_shapes.errors import RotoError

pytestmark = pytest.mark.database
EMAIL = "ada@studio.example"
HERE = Sender("tests", "192.0.2.1", "")
RIGHT = Verified(right=True, renewed=None)


def try_it(database: Database, settings: Settings, attempt: Attempt) -> Issued | RotoError:
    with database.session() as session:
        return sign_in(session, settings, attempt, HERE)


def test_a_password_changed_while_it_was_compared_is_wrong(
    database: Database, settings: Settings
) -> None:
    with database.session() as session:
        create_person(session, email=EMAIL, name="Ada", password_hash="new")
    outcome = try_it(database, settings, Attempt(EMAIL, "old", RIGHT))
    assert isinstance(outcome, RotoError)
    assert outcome.code == "bad_credentials"
    assert isinstance(try_it(database, settings, Attempt(EMAIL, "new", RIGHT)), Issued)


def test_a_person_without_a_password_has_none_to_guess(
    database: Database, settings: Settings
) -> None:
    with database.session() as session:
        create_person(session, email=EMAIL, name="Ada")
    outcome = try_it(database, settings, Attempt(EMAIL, None, verify_password("", None)))
    assert isinstance(outcome, RotoError)
    assert outcome.code == "bad_credentials"


def test_a_hash_of_yesterdays_cost_is_made_anew(database: Database, settings: Settings) -> None:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),))
    stored = cheap.hash("correct horse")
    with database.session() as session:
        ident = create_person(session, email=EMAIL, name="Ada", password_hash=stored).id
    verified = verify_password("correct horse", stored)
    assert isinstance(try_it(database, settings, Attempt(EMAIL, stored, verified)), Issued)
    with database.reading() as session:
        kept = session.get_one(User, ident).password_hash
    assert kept is not None
    assert "m=65536,t=3,p=4" in kept
    assert verify_password("correct horse", kept) == (True, None)


@pytest.fixture
def settings() -> Settings:
    return Settings(secret_key="of the tests, which is long enough")  # type: ignore[arg-type]
