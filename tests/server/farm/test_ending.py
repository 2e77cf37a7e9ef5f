"""A server process that is told to stop at a bad moment ends in bounded time all the same."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from roto_server import serving
from roto_server.background import Background, Patience
from roto_server.serving import Server
from roto_server.settings import load_settings


def test_a_stop_that_comes_while_it_starts_is_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvicorn skips its main loop then, so what the loop's end arms must be armed elsewhere."""
    armed: list[float] = []
    monkeypatch.setattr(serving, "end_at_last", lambda seconds, _loop: armed.append(seconds))

    @asynccontextmanager
    async def told_to_stop(app: FastAPI) -> AsyncIterator[None]:
        server.should_exit = True
        yield

    app = FastAPI(lifespan=told_to_stop)
    app.state.stopping = threading.Event()
    settings = load_settings(
        environment="development", data_dir=tmp_path, database_url="sqlite://", finish_seconds=3.0
    )
    server = Server(app, settings)
    with serving.listen("127.0.0.1", 0) as listener:
        asyncio.run(server.serve(sockets=[listener]))
    assert app.state.stopping.is_set()
    assert armed == [3.0 + serving.END_SECONDS]


def test_all_threads_share_what_time_there_is() -> None:
    go_on = threading.Event()
    threads = [Background(f"hangs {number}", go_on.wait) for number in range(3)]
    patience = Patience(0.3)
    for thread in threads:
        thread.start()
    waited = []
    for thread in threads:
        waited.append(patience.left())
        thread.join(waited[-1])
    go_on.set()
    assert 0 < waited[0] <= 0.3
    assert waited[1:] == [0.0, 0.0]
