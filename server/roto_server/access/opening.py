"""One request, one transaction: opened, given to its caller, and closed here, nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import HTTPConnection

from roto_client.contract import API_PREFIX
from roto_shapes.errors import RotoError

from ..admin.live import LiveSettings
from ..admin.maintenance import refuse
from ..db.session import Database
from ..errors import request_id_of
from .authenticating import authenticate
from .caller import Caller
from .principal import Kind, Principal
from .roles import Role
from .stamps import Stamps

_SIGNING_IN = f"{API_PREFIX}/auth/"


@contextmanager
def open_caller(
    connection: HTTPConnection, *, writing: bool, kind: Kind = "user"
) -> Iterator[Caller]:
    """Authenticate the sender and give them a transaction, committed when the block ends well.

    For endpoints that stream or wait: do so outside of the block. Raises `RotoError`
    ``unauthorized``, ``account_disabled``, or ``forbidden`` for a token of another ``kind``.
    """
    database: Database = connection.app.state.database
    with database.session() if writing else database.reading() as session:
        who = authenticate(session, connection.headers.get("authorization"), address_of(connection))
        admit(connection, who, kind)
        if kind == "user" and who.role is not Role.ADMIN:
            # Also for a first look, before files are written: the request is what writes.
            _wait_for_maintenance(connection)
        yield Caller(session, who, request_id_of(connection.scope))


def admit(connection: HTTPConnection, who: Principal, kind: Kind) -> None:
    """Tell the access log who it is; refuse a token that is not for this address."""
    connection.state.principal = who
    connection.state.token_name = who.name
    stamps: Stamps = connection.app.state.stamps
    stamps.note(who)
    if who.kind != kind:
        raise RotoError(
            f"This address takes a {kind} token; yours is a {who.kind} token.",
            code="forbidden",
            hint="Workers use the farm token and what a claim gives them, everything else an API "
            "key or a sign-in.",
        )


def _wait_for_maintenance(connection: HTTPConnection) -> None:
    """As `refuse_writes`; signing in and out goes on, since one may still look at things."""
    if not connection.scope["path"].startswith(_SIGNING_IN):
        refuse_writes(connection)


def refuse_writes(connection: HTTPConnection) -> None:
    """Raise ``maintenance`` for a request that writes while the server is looked after."""
    live: LiveSettings = connection.app.state.live
    refuse(live.maintenance, connection.scope.get("method", ""))


def address_of(connection: HTTPConnection) -> str:
    """Where the request comes from (`api.address` has already looked through trusted proxies)."""
    return connection.client.host if connection.client else ""
