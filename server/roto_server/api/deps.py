"""What endpoints ask for: their caller in a transaction, and the app's long-lived parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Annotated, Any, TypeVar

from anyio.to_thread import run_sync
from fastapi import Depends
from starlette.requests import HTTPConnection

from ..access.caller import Caller
from ..access.opening import open_caller
from ..admin.live import LiveSettings
from ..db.gate import in_thread
from ..db.session import Database
from ..settings import Settings
from ..storage import Storage
from .schemas.common import ErrorBody
from .tail import EventTail

T = TypeVar("T")


def _live(connection: HTTPConnection) -> LiveSettings:
    live: LiveSettings = connection.app.state.live
    return live


def _settings(connection: HTTPConnection) -> Settings:
    return _live(connection).settings


def _database(connection: HTTPConnection) -> Database:
    database: Database = connection.app.state.database
    return database


def _storage(connection: HTTPConnection) -> Storage:
    storage: Storage = connection.app.state.storage
    return storage


def _tail(connection: HTTPConnection) -> EventTail:
    tail: EventTail = connection.app.state.tail
    return tail


async def transact(connection: HTTPConnection, work: Callable[[Caller], T], *, writing: bool) -> T:
    """``work`` in a transaction of its own and in one worker thread: for endpoints that stream or
    wait between such blocks."""

    def run() -> T:
        with open_caller(connection, writing=writing) as caller:
            return work(caller)

    return await _database(connection).gate.run(run)


async def known_caller(connection: HTTPConnection) -> None:
    """For endpoints that `transact`: whoever asks is known before their body is looked at."""
    await transact(connection, lambda _caller: None, writing=False)


async def _reader(connection: HTTPConnection) -> AsyncIterator[Caller]:
    opening = open_caller(connection, writing=False)
    async with _database(connection).gate.admit(), in_thread(opening) as caller:
        yield caller


class Rows:
    """A caller's transaction that only reads, and is over when it has been read."""

    def __init__(self, caller: Caller, opened: AsyncExitStack) -> None:
        self._caller = caller
        self._opened = opened

    async def read(self, work: Callable[[Caller], T]) -> T:
        """What ``work`` makes of the rows, once; the connection is another's when this returns."""
        made = await run_sync(work, self._caller)
        await self._opened.aclose()
        return made


async def _rows(connection: HTTPConnection) -> AsyncIterator[Rows]:
    opening = open_caller(connection, writing=False)
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(_database(connection).gate.admit())
        yield Rows(await opened.enter_async_context(in_thread(opening)), opened)


async def _writer(connection: HTTPConnection) -> AsyncIterator[Caller]:
    opening = open_caller(connection, writing=True)
    async with _database(connection).gate.admit(), in_thread(opening) as caller:
        yield caller


# Of the function's scope: the commit is done, or refused, before the answer leaves.
Reader = Annotated[Caller, Depends(_reader, scope="function")]
"""Who asks, in a transaction that only reads."""
RowsDep = Annotated[Rows, Depends(_rows, scope="function")]
"""As `Reader`, for endpoints that ask the storage too: first the rows, then the storage."""
Writer = Annotated[Caller, Depends(_writer, scope="function")]
"""Who asks, in a transaction that is committed when the endpoint returns."""

SettingsDep = Annotated[Settings, Depends(_settings)]
"""The settings as they hold now: an administrator may have changed some (`admin.configuration`)."""
LiveDep = Annotated[LiveSettings, Depends(_live)]
"""Those settings, what the server was started with, and whether it is in maintenance."""
DatabaseDep = Annotated[Database, Depends(_database)]
StorageDep = Annotated[Storage, Depends(_storage)]
TailDep = Annotated[EventTail, Depends(_tail)]


Responses = dict[int | str, dict[str, Any]]


def refusals(*statuses: int) -> Responses:
    """The OpenAPI entry of the error answers a route can give."""
    return {status: {"model": ErrorBody} for status in statuses}
