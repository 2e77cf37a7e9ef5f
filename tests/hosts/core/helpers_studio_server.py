"""A desk at the client tests' strict server, whose faults tests choose."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers_client import FakeServer, running
from helpers_desk import Answer, MainThread

from helpers_services import free_port
from roto_client.api import Retry, RotoClient
from roto_client.hosts import Desk, HostMemory, HostRequest, JobRow, ObjectPrompts
from roto_shapes.prompts import Click, FramePrompt

FRAMES = range(1001, 1011)


class Studio:
    """One artist's desk and a server that can go and come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.main = MainThread()
        # One that the system gives nobody else while this server is away.
        self.server = FakeServer(free_port())
        self._up: Any = None
        self.come()
        self.desk = self.open_desk()

    def open_desk(self) -> Desk:
        return Desk(
            "test",
            self.main.post,
            make=lambda server, key: RotoClient(server, key, retry=Retry(tries=1)),
            memory=HostMemory("test", self.folder),
            pause=0.02,
        )

    def come(self) -> None:
        self._up = running(self.server)
        self._up.__enter__()

    def go(self) -> None:
        """The server's process ends; what it knows is kept, as in a database."""
        self._up.__exit__(None, None, None)
        self._up = None

    def come_back(self) -> None:
        """On the same port, with what it knew."""
        fresh = FakeServer(self.server.server_address[1])
        for name in ("projects", "shots", "jobs", "keys", "uploads", "received", "complaints"):
            setattr(fresh, name, getattr(self.server, name))
        self.server = fresh
        self.come()

    def close(self) -> None:
        self.desk.close()
        if self._up is not None:
            self.go()
        assert self.server.complaints == []

    # -- what an artist does

    def plate(self, name: str = "heist_010") -> Path:
        folder = self.folder / "plates"
        folder.mkdir(exist_ok=True)
        for frame in FRAMES:
            (folder / f"{name}.{frame}.png").write_bytes(b"picture %d" % frame * 50)
        return folder / f"{name}.%04d.png"

    def request(self, **facts: Any) -> HostRequest:
        hero = ObjectPrompts("hero", (FramePrompt(1003, (Click(20.0, 30.0, True),)),))
        plate = facts.pop("plate", None) or self.plate()
        return HostRequest(str(plate), (hero,), **facts)

    def asked(self, what: Callable[..., Any], *arguments: Any, **named: Any) -> Answer:
        """An action of the desk, begun; its two callbacks are the answer's."""
        answer = Answer(self.main)
        what(*arguments, answer.done, answer.failed, **named)
        return answer

    def submitted(self, **facts: Any) -> JobRow:
        row: JobRow = self.asked(self.desk.submit, self.request(**facts)).result("the job")
        return row

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        return self.main.until(condition, what)

    def is_(self, status: str) -> None:
        """Wait for the state of the way to the server."""
        self.until(lambda: self.desk.state.server.status == status, status)

    def settled(self, count: Callable[[], int]) -> int:
        """What is counted, once it has not changed for 0.3 s."""
        counted, since = count(), time.monotonic()
        while time.monotonic() < since + 0.3:
            time.sleep(0.01)
            if count() != counted:
                counted, since = count(), time.monotonic()
        return counted

    def paths(self) -> list[tuple[str, str]]:
        return list(self.server.requests)


def held(server: FakeServer, method: str, part: str) -> tuple[threading.Event, threading.Event]:
    """The next request of that kind waits: (it has come, let it go on)."""
    came, go_on = threading.Event(), threading.Event()

    def fault(handler: Any) -> bool:
        if handler.command == method and part in handler.path and not came.is_set():
            came.set()
            _wait(server, go_on)
        return False

    server.faults.append(fault)
    return came, go_on


@contextmanager
def silent(server: FakeServer) -> Iterator[None]:
    """Nothing is answered in the block; a complaint where the block waits for that."""
    go_on = threading.Event()

    def fault(_: Any) -> bool:
        _wait(server, go_on)
        return False

    server.faults.append(fault)
    try:
        yield
    finally:
        server.faults.remove(fault)
        go_on.set()


def _wait(server: FakeServer, go_on: threading.Event) -> None:
    if not go_on.wait(120):
        server.complaints.append("somebody waited for an answer that was held back")
