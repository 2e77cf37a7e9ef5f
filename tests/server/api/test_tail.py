"""The reader of events, apart from the servers it serves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from helpers_api import migrated_settings

from roto_server.api.tail import EventTail
from roto_server.db.session import Database

STEPS = 8
"""More turns of the event loop than a nudge takes to reach the follower."""


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_nudge_at_the_moment_of_the_stop_does_not_keep_it_from_ending(
    steps: int, tmp_path: Path, redis_server: str
) -> None:
    """``asyncio.wait_for`` of Python 3.11 loses a cancellation that comes just after its future
    ended; then the server hung until it was ended by force."""
    settings = migrated_settings(tmp_path, f"sqlite:///{tmp_path / 'roto.db'}", redis_server)
    database = Database(settings.database_url)

    async def follow_and_stop() -> None:
        tail = EventTail(database, redis_server)
        await tail.start()
        await asyncio.sleep(0.1)
        tail._wake.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        stopping = asyncio.create_task(tail.stop())
        ended, _ = await asyncio.wait({stopping}, timeout=10)
        assert ended, "it still follows"

    try:
        # Its own loop's end cancels what the assertion left behind.
        asyncio.run(follow_and_stop())
    finally:
        database.dispose()
