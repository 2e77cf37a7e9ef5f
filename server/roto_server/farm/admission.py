"""Which token opens what of the farm API.

The farm token is a node's: it registers and keeps workers, claims tasks and previews, and answers
previews (a preview's id is known to nobody but who took it off the bell, and its answer is a
picture that is not kept). The token a claim gives is one attempt's: its reports, and the storage of
its own project while it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from roto_shapes.errors import RotoError

from ..access.authenticating import authenticate
from ..access.opening import address_of, admit
from ..access.principal import Principal
from ..db.models import Attempt
from ..db.session import Database

T = TypeVar("T")


async def require_farm(connection: HTTPConnection) -> Principal:
    """FastAPI dependency: the sender holds the farm token."""
    return await before_work(connection, lambda: _farm(connection))


async def require_attempt(attempt_id: str, connection: HTTPConnection) -> Principal:
    """FastAPI dependency: the sender works on this very attempt."""
    return await before_work(connection, lambda: _attempt(connection, attempt_id))


async def before_work(connection: HTTPConnection, ask: Callable[[], T]) -> T:
    """``ask``, which reads the database, in a thread and in its turn."""
    return await database_of(connection).gate.run(ask)


def database_of(connection: HTTPConnection) -> Database:
    """The app's database."""
    database: Database = connection.app.state.database
    return database


def _farm(connection: HTTPConnection) -> Principal:
    with database_of(connection).reading() as session:
        return farm_in(session, connection)


def farm_in(session: Session, connection: HTTPConnection) -> Principal:
    """As `require_farm`, within a transaction."""
    header = connection.headers.get("authorization")
    who = authenticate(session, header, address_of(connection))
    admit(connection, who, "farm")
    return who


def _attempt(connection: HTTPConnection, attempt_id: str) -> Principal:
    with database_of(connection).reading() as session:
        header = connection.headers.get("authorization")
        who = authenticate(session, header, address_of(connection))
        attempt = session.get(Attempt, attempt_id) if who.kind == "farm" else None
        has_token = attempt is not None and attempt.token_sha256 is not None
    # Of workers that know no task tokens (claim.TOKENS_SINCE), and of attempts long forgotten.
    by_farm = who.kind == "farm" and not has_token
    admit(connection, who, "farm" if by_farm else "task")
    if who.kind == "task" and who.user_id != attempt_id:
        raise another_attempts()
    return who


def another_attempts() -> RotoError:
    """The refusal of a token of an attempt that is not the one spoken of."""
    return RotoError(
        "This task token is another attempt's.",
        code="forbidden",
        hint="Each attempt is reported on with the token of its own claim.",
    )
