"""Open-loop load: requests leave at their time whether or not the ones before have come back.

Times are counted from when a request *should* have left, so that a server that stalls is charged
for everyone who had to wait (no coordinated omission). A bare HTTP/1.1 client over kept
connections, since the load shares its machine with the servers.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """One GET. ``name`` is what its times are filed under."""

    name: str
    path: str
    token: str = ""

    def raw(self, host: str) -> bytes:
        """The request as it goes out."""
        head = f"GET {self.path} HTTP/1.1\r\nHost: {host}\r\n"
        if self.token:
            head += f"Authorization: Bearer {self.token}\r\n"
        return f"{head}\r\n".encode()


@dataclass
class Times:
    """Seconds per request, by name; what was answered with anything but 200."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    refused: int = 0

    def add(self, name: str, seconds: float, status: int) -> None:
        """File one answer."""
        self.refused += status != 200
        self.seconds.setdefault(name, []).append(seconds)

    def count(self) -> int:
        """Answers in all."""
        return sum(map(len, self.seconds.values()))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connections:
    """Kept connections to several servers, handed out at random: in turn, each server would get
    the same kinds of requests again and again."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._hosts = [urlsplit(url).netloc for url in urls]
        self._idle: dict[str, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = {
            host: [] for host in self._hosts
        }
        self._chance = random.Random(11)

    async def get(self, request: Request) -> int:
        """Send ``request`` to one of the servers and read the answer; its status."""
        host = self._chance.choice(self._hosts)
        idle = self._idle[host]
        if idle:
            reader, writer = idle.pop()
        else:
            name, _, port = host.partition(":")
            reader, writer = await asyncio.open_connection(name, int(port))
        writer.write(request.raw(host))
        status = await _read_answer(reader)
        idle.append((reader, writer))
        return status

    def close(self) -> None:
        """Close what is idle."""
        for idle in self._idle.values():
            for _, writer in idle:
                writer.close()


async def saturate(urls: Sequence[str], mix: Sequence[Request], seconds: float) -> float:
    """Answers per second when sixteen clients ask without a pause."""
    connections = Connections(urls)
    until = time.perf_counter() + seconds
    times = Times()

    async def ask(number: int) -> None:
        turn = number
        while time.perf_counter() < until:
            request = mix[turn % len(mix)]
            begun = time.perf_counter()
            status = await connections.get(request)
            times.add(request.name, time.perf_counter() - begun, status)
            turn += 1

    await asyncio.gather(*(ask(number) for number in range(16)))
    connections.close()
    _check(times)
    return times.count() / seconds


async def open_loop(
    urls: Sequence[str], mix: Sequence[Request], rate: float, seconds: float
) -> Times:
    """Times at ``rate`` requests a second, arriving at random (Poisson), the mix in turn."""
    connections = Connections(urls)
    times = Times()
    chance = random.Random(7)
    running: set[asyncio.Task[None]] = set()
    begun = time.perf_counter()
    due, turn = begun, 0
    while due < begun + seconds:
        due += chance.expovariate(rate)
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(_one(connections, mix[turn % len(mix)], due, times))
        running.add(task)
        task.add_done_callback(running.discard)
        turn += 1
    await asyncio.gather(*running)
    connections.close()
    _check(times)
    return times


async def _one(connections: Connections, request: Request, due: float, times: Times) -> None:
    status = await connections.get(request)
    times.add(request.name, time.perf_counter() - due, status)


async def _read_answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    length = next(
        int(line.partition(":")[2]) for line in lines if line.lower().startswith("content-length")
    )
    await reader.readexactly(length)
    return int(lines[0].split(" ")[1])


def _check(times: Times) -> None:
    if times.refused:
        raise RuntimeError(f"{times.refused} of {times.count()} answers were refusals")
