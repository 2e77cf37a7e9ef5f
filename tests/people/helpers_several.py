"""Three server processes on one PostgreSQL and one Redis behind a real nginx, and what tests ask of
them."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import websocket
from helpers_nginx import Proxy, running_nginx
from helpers_people import House, Process, running_house
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select, update

from helpers_services import free_port
from roto_server.db.models import Event, Job, Task
from roto_server.db.session import database_now

SERVERS = 3
RING_AFTER_SECONDS = 600
METRICS_TOKEN = "metrics of the tests, thirty-two long"
PROMPT = {"frame": 1001, "points": [{"x": 20.5, "y": 10.5, "positive": True}]}
SEGMENT = {"objects": [{"name": "hero", "prompts": [PROMPT]}], "engine": "flow"}


def wait_for(what: str, happened: Callable[[], object], seconds: float = 120) -> None:
    """Return once ``happened`` is true."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what}"
        time.sleep(0.05)


@dataclass
class Several:
    """The house with its server processes, and the proxy before them."""

    house: House
    proxy: Proxy

    def revive(self) -> None:
        """Start what a test has killed, on the port nginx knows."""
        for number, process in enumerate(self.house.processes):
            if process.popen.poll() is not None:
                self.house.processes[number] = self._start_again(process)
        # nginx leaves those alone for a while that it found away.
        wait_for("the proxy finds them", self._is_served)

    def _is_served(self) -> bool:
        with self.proxy.client() as public:
            return public.get(f"{self.proxy.url}/healthz").status_code == 200

    def _start_again(self, process: Process) -> Process:
        fresh = self.house.start(port=_port(process))
        self.house.processes.remove(fresh)
        return fresh

    def alive(self) -> list[Process]:
        """The processes that run."""
        return [process for process in self.house.processes if process.popen.poll() is None]

    def leader(self, among: list[Process] | None = None) -> Process:
        """The one process that says it leads, once exactly one does."""
        leaders: list[Process] = []

        def one() -> bool:
            asked = self.alive() if among is None else among
            leaders[:] = [process for process in asked if gauge(process, "reconciler_leading")]
            if len(leaders) > 1:  # asked one after another: the first may have handed over since
                leaders[:] = [one for one in leaders if gauge(one, "reconciler_leading")]
            assert len(leaders) <= 1, "two processes say they lead"
            return len(leaders) == 1

        wait_for("a process leads", one)
        return leaders[0]

    # -- what the bell rang

    def rings(self) -> Counter[str]:
        """How often each task was put on a queue (nobody takes from them)."""
        with Redis.from_url(self.house.environment["ROTO_REDIS_URL"]) as client:
            queues = Queue.all(connection=client, serializer=JSONSerializer)
            return Counter(str(job.args[0]) for queue in queues for job in queue.jobs)

    def forget_rings(self) -> None:
        """Empty Redis, as a restart without persistence does."""
        with Redis.from_url(self.house.environment["ROTO_REDIS_URL"]) as client:
            client.flushall()

    def let_rings_age(self) -> set[str]:
        """Every ready task was last rung for long ago; their ids."""
        with self.house.database.session() as session:
            long_ago = database_now(session) - timedelta(seconds=RING_AFTER_SECONDS + 10)
            session.execute(update(Task).where(Task.state == "ready").values(rung_at=long_ago))
            return set(session.scalars(select(Task.id).where(Task.state == "ready")))

    def jobs_of(self, shots: list[str]) -> Counter[str]:
        """How many jobs each of the shots has."""
        query = select(Job.shot_id).where(Job.shot_id.in_(shots))
        with self.house.database.reading() as session:
            return Counter(session.scalars(query))

    def events_after(self, seq: int) -> list[int]:
        """What the database holds after ``seq``, in order."""
        query = select(Event.seq).where(Event.seq > seq).order_by(Event.seq)
        with self.house.database.reading() as session:
            return list(session.scalars(query))


def gauge(process: Process, name: str) -> float:
    """A value of /metrics of this process, ``roto_`` left out; 0 when it does not answer."""
    try:
        text = httpx.get(
            process.url + "/metrics",
            headers={"Authorization": f"Bearer {METRICS_TOKEN}"},
            timeout=60,
        ).text
    except httpx.TransportError:
        return 0.0
    found = re.search(rf"^roto_{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is not in the metrics:\n{text[:500]}"
    return float(found[1])


@contextmanager
def running_several(folder: Path, database_url: str, **settings: str) -> Iterator[Several]:
    """Three servers behind nginx."""
    port, plain_port = free_port(), free_port()
    ports = [free_port() for _ in range(SERVERS)]
    chosen = {
        "ROTO_PUBLIC_URL": f"https://localhost:{port}",
        "ROTO_TRUSTED_PROXIES": "127.0.0.1",
        "ROTO_METRICS_TOKEN": METRICS_TOKEN,
        "ROTO_RECONCILE_SECONDS": "0.5",
        "ROTO_RING_AFTER_SECONDS": str(RING_AFTER_SECONDS),
        **settings,
    }
    with running_house(folder, database_url, servers=0, **chosen) as house:
        for number in ports:
            house.start(port=number)
        servers = [f"127.0.0.1:{number}" for number in ports]
        with running_nginx(port, plain_port, servers) as proxy:
            yield Several(house, proxy)


class Listener(threading.Thread):
    """A client of the event stream that comes back, after the last event it saw, until closed."""

    def __init__(self, url: str, key: str, after: int, authority: Path | None = None) -> None:
        super().__init__(daemon=True)
        self.seq = after
        self.seen: list[int] = []
        self.resyncs: list[int] = []
        self.codes: list[int] = []
        self.failed: list[Exception] = []
        self.connections = 0
        self._url = url.replace("http", "ws", 1) + "/api/v1/events"
        self._key = key
        self._tls = {"ca_certs": str(authority)} if authority else {"cert_reqs": ssl.CERT_NONE}
        self._closed = threading.Event()

    def close(self) -> None:
        """Stop and wait for the thread."""
        self._closed.set()
        self.join(20)
        assert not self.is_alive()
        assert self.failed == []

    def run(self) -> None:
        while not self._closed.is_set():
            try:
                self._listen()
            except (websocket.WebSocketException, OSError):
                self._closed.wait(0.1)
            except Exception as error:
                self.failed.append(error)
                return

    def _listen(self) -> None:
        socket = websocket.create_connection(
            f"{self._url}?after={self.seq}",
            header=[f"Authorization: Bearer {self._key}"],
            sslopt=self._tls,
            timeout=10,
        )
        self.connections += 1
        socket.settimeout(0.2)
        try:
            while not self._closed.is_set():
                try:
                    opcode, data = socket.recv_data()
                except websocket.WebSocketTimeoutException:
                    continue
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    self.codes.append(int.from_bytes(data[:2], "big"))
                    return
                self._heard(json.loads(data))
        finally:
            with suppress(websocket.WebSocketException, OSError):
                socket.close(timeout=0.2)
            socket.shutdown()

    def _heard(self, message: dict[str, object]) -> None:
        if message["kind"] == "hello":
            return
        seq = message["seq"]
        assert isinstance(seq, int)
        if message["kind"] == "resync":
            self.resyncs.append(seq)
        else:
            self.seen.append(seq)
        self.seq = seq


def _port(process: Process) -> int:
    return int(process.url.rpartition(":")[2])
