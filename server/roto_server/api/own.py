"""Who asks for something of their own account: a person or service that signed in, not a key.

Told before the body is looked at, as who they are is.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.people import User
from .deps import Reader, Writer, transact


def _own_reader(caller: Reader) -> Caller:
    caller.demand(Permission.OWN_ACCOUNT)
    return caller


def _own_writer(caller: Writer) -> Caller:
    caller.demand(Permission.OWN_ACCOUNT)
    return caller


def _me(caller: Caller) -> User:
    caller.demand(Permission.OWN_ACCOUNT)
    return caller.session.get_one(User, caller.who.user_id)


async def _own_row(connection: HTTPConnection) -> User:
    return await transact(connection, _me, writing=False)


OwnReader = Annotated[Caller, Depends(_own_reader, scope="function")]
"""`Reader` with the right to their own account."""
OwnWriter = Annotated[Caller, Depends(_own_writer, scope="function")]
"""`Writer` with the right to their own account."""
OwnRow = Annotated[User, Depends(_own_row)]
"""Their row, from a transaction that is over: for endpoints that hash passwords."""
