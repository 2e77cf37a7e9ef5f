"""The gate before the database's connections, and managers that are left whatever happens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest

from roto_server.db.gate import Gate, finished, in_thread, settle
from roto_shapes.errors import RotoError


class Door:
    """A context manager that tells what happened to it; entering waits for ``may_open``."""

    def __init__(self, *, open_at_once: bool = True) -> None:
        self.story: list[str] = []
        self.entering = threading.Event()
        self.may_open = threading.Event()
        if open_at_once:
            self.may_open.set()

    @contextmanager
    def manager(self) -> Iterator[str]:
        self.entering.set()
        assert self.may_open.wait(10)
        self.story.append("entered")
        try:
            yield "value"
        except BaseException as error:
            self.story.append(f"left by {type(error).__name__}")
            raise
        self.story.append("left")


def test_a_block_is_entered_and_left_in_threads() -> None:
    door = Door()

    async def use() -> str:
        async with in_thread(door.manager()) as value:
            return value

    assert asyncio.run(use()) == "value"
    assert door.story == ["entered", "left"]


def test_an_error_reaches_the_manager_and_the_caller() -> None:
    door = Door()

    async def use() -> None:
        async with in_thread(door.manager()):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        asyncio.run(use())
    assert door.story == ["entered", "left by KeyError"]


def test_a_manager_is_left_although_its_task_was_cancelled_while_it_entered() -> None:
    door = Door(open_at_once=False)

    async def use() -> None:
        async with in_thread(door.manager()):
            raise AssertionError("the block of a cancelled task must not run")

    async def cancel() -> None:
        task = asyncio.create_task(use())
        assert await asyncio.to_thread(door.entering.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert door.story == []
        door.may_open.set()
        await settle()

    asyncio.run(cancel())
    assert door.story == ["entered", "left by CancelledError"]


@pytest.mark.parametrize("scoped", [True, False], ids=["anyio scope", "task.cancel"])
def test_a_manager_is_left_when_its_block_is_cancelled(scoped: bool) -> None:
    door = Door()

    async def use() -> None:
        async with in_thread(door.manager()):
            await asyncio.sleep(600)

    async def cancel() -> None:
        if scoped:
            with anyio.move_on_after(0.05):
                await use()
        else:
            task = asyncio.create_task(use())
            while not door.story:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await settle()

    asyncio.run(cancel())
    assert door.story == ["entered", "left by CancelledError"]


def test_the_gate_admits_so_many_and_tells_the_next_which_setting_it_is() -> None:
    async def use() -> RotoError:
        gate = Gate(2, wait_seconds=0.05)
        async with gate.admit(), gate.admit():
            assert gate.inside == 2
            with pytest.raises(RotoError) as refused:
                async with gate.admit():
                    raise AssertionError("a third was admitted")
        async with gate.admit():
            assert gate.inside == 1
        return refused.value

    refusal = asyncio.run(use())
    assert refusal.code == "server_unavailable"
    assert "ROTO_DATABASE_POOL_SIZE" in refusal.hint
    assert refusal.detail["retry_after"] > 0


def test_a_cancelled_place_is_free_again() -> None:
    async def use() -> None:
        gate = Gate(1, wait_seconds=5)
        for _ in range(20):
            with anyio.move_on_after(0.001):
                async with gate.admit():
                    await asyncio.sleep(600)
        assert gate.inside == 0
        async with gate.admit():
            assert gate.inside == 1

    asyncio.run(use())


@pytest.mark.parametrize("scoped", [True, False], ids=["anyio scope", "task.cancel"])
def test_work_is_over_when_its_cancelled_task_is(scoped: bool) -> None:
    """Whoever cleans up after the task must not meet what the thread still does."""
    begun, may_end, story = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        assert may_end.wait(20)
        story.append("worked")

    async def use(gate: Gate) -> None:
        try:
            await gate.run(work)
        finally:
            story.append(f"left with {gate.inside} inside")

    async def cancel() -> None:
        gate = Gate(1, wait_seconds=5)
        with anyio.CancelScope() as scope:
            task = asyncio.create_task(use(gate)) if not scoped else None
            watch = asyncio.create_task(let_end(gate, task, scope))
            if task is None:
                await use(gate)
            else:
                with pytest.raises(asyncio.CancelledError):
                    await task
        await watch

    async def let_end(
        gate: Gate, task: asyncio.Task[None] | None, scope: anyio.CancelScope
    ) -> None:
        assert await asyncio.to_thread(begun.wait, 20)
        if task is None:
            scope.cancel()
        else:
            task.cancel()
        for _ in range(20):
            await asyncio.sleep(0)
        assert (story, gate.inside) == ([], 1)
        may_end.set()

    asyncio.run(cancel())
    assert story == ["worked", "left with 0 inside"]


def test_an_orderly_end_waits_for_the_work_of_cancelled_tasks() -> None:
    begun, may_end, story = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        assert may_end.wait(20)
        story.append("worked")
        raise KeyError("told to nobody but the log")

    async def end() -> None:
        task = asyncio.create_task(finished(work))
        assert await asyncio.to_thread(begun.wait, 20)
        task.cancel()
        settled = asyncio.create_task(settle())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not settled.done()
        may_end.set()
        await settled
        assert story == ["worked"]
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(end())
