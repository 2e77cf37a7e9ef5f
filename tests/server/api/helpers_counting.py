"""The app without a network or anything beside requests, and a count of what they ask of the
database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import event

from roto_server.app import create_app
from roto_server.db.session import Database
from roto_server.settings import Settings

API = "/api/v1"


@dataclass
class Counts:
    """What happened on the database's connections during one request."""

    began: int = 0
    committed: int = 0
    statements: list[str] = field(default_factory=list)


@dataclass
class Counted:
    """Sends requests to ``app``, one after the other, and counts (``counts``: the last one's)."""

    app: FastAPI
    loop: asyncio.Runner
    counts: Counts = field(default_factory=Counts)

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    def send(self, method: str, path: str, token: str, **more: Any) -> httpx.Response:
        """The answer; the whole request is over when it is here."""
        self.counts = Counts()
        return self.loop.run(self._send(method, path, token, more))

    async def _send(
        self, method: str, path: str, token: str, more: dict[str, Any]
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://roto") as client:
            return await client.request(method, path, headers=headers, timeout=60, **more)


@contextmanager
def counting(settings: Settings) -> Iterator[Counted]:
    """An app of its own for ``settings``, whose database is migrated."""
    app = create_app(settings)
    database: Database = app.state.database
    with asyncio.Runner() as loop:
        counted = Counted(app, loop)

        @event.listens_for(database.engine, "begin")
        def on_begin(_connection: Any) -> None:
            counted.counts.began += 1

        @event.listens_for(database.engine, "commit")
        def on_commit(_connection: Any) -> None:
            counted.counts.committed += 1

        @event.listens_for(database.engine, "before_cursor_execute")
        def on_statement(*facts: Any) -> None:
            counted.counts.statements.append(facts[2])

        yield counted
        loop.run(app.state.limiter.close())
    database.dispose()
