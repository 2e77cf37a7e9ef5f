"""Requests without a token: the transaction of somebody who is nobody yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from ..access.opening import address_of
from ..audit import Actor
from ..db.gate import in_thread
from ..db.session import Database
from ..errors import request_id_of


@dataclass(frozen=True)
class Visit:
    """``session`` is a transaction that writes; ``address`` is where the request comes from."""

    session: Session
    address: str
    request_id: str

    @property
    def actor(self) -> Actor:
        """The visitor, as the audit log names them."""
        return Actor("visitor", "", address=self.address, request_id=self.request_id)


@asynccontextmanager
async def visit(connection: HTTPConnection) -> AsyncIterator[Visit]:
    """One transaction, committed when the block ends well; what uses it blocks."""
    database: Database = connection.app.state.database
    async with database.gate.admit(), in_thread(database.session()) as session:
        yield Visit(session, address_of(connection), request_id_of(connection.scope))


async def _visitor(connection: HTTPConnection) -> AsyncIterator[Visit]:
    async with visit(connection) as visitor:
        yield visitor


# Of the function's scope: the commit is done, or refused, before the answer leaves.
Visitor = Annotated[Visit, Depends(_visitor, scope="function")]
"""Whoever asks, in a transaction that is committed when the endpoint returns."""
