"""Transactions for who is not signed in yet, between which a password is hashed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from ..db.session import Database

T = TypeVar("T")


async def transact(database: Database, work: Callable[[Session], T], *, writing: bool = True) -> T:
    """``work`` in a transaction of its own and in one thread, committed when it ends well."""

    def run() -> T:
        with database.session() if writing else database.reading() as session:
            return work(session)

    return await database.gate.run(run)
