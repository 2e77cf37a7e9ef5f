"""The job server under load: two processes on PostgreSQL and Redis, 10,000 jobs, 500 sockets.

Everything is compared with a yardstick of the same run, since machines differ: reading with an
endpoint that does `SELECT 1`, a submission with one that does a plain enqueue of RQ, 500 sockets
with one. The
load leaves at half of the rate measured as saturation, whatever comes back (``load/clients.py``).
``--quick``: 1,000 jobs, 50 sockets, a few seconds, no gates.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from websockets.asyncio.client import ClientConnection, connect

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from common import save, show
from helpers_services import free_port, postgres_database, running_postgres
from load.app import ENQUEUE, SELECT_1
from load.clients import Request, open_loop, percentile, saturate
from roto_server import events, migrations
from roto_server.access.tokens import create_token
from roto_server.bell import Bell
from roto_server.db.models import Job, Project, Shot, Task, new_id
from roto_server.db.people import User
from roto_server.db.session import Database
from roto_server.embedded.children import EmbeddedRedis

HERE = Path(__file__).resolve().parent
API = "/api/v1"
SERVERS = 2
GATES = {"list": 5.0, "status": 3.0, "submit": 3.0}
GOALS_MS = {"list": 100.0, "fan-out": 250.0, "submit": 10.0}
SHOTS = 100
WARM_UP = 20
# So high that nothing is refused; every request is counted all the same.
UNLIMITED = {
    f"ROTO_LIMIT_{name}": "100000000/minute" for name in ("ADDRESS", "USER", "KEY", "BULK", "FARM")
}


class Studio:
    """What runs: addresses, a key, rows."""

    def __init__(self, urls: list[str], database: Database, redis_url: str, token: str) -> None:
        self.urls, self.database, self.redis_url, self.token = urls, database, redis_url, token
        self.shots: list[str] = []
        self.jobs: list[str] = []

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def running_studio(folder: Path) -> Iterator[Studio]:
    """Redis, PostgreSQL and two server processes."""
    with ExitStack() as stack:
        (folder / "logs").mkdir()
        redis = EmbeddedRedis(folder)
        redis.start()
        stack.callback(redis.stop)
        database_url = stack.enter_context(
            postgres_database(stack.enter_context(running_postgres()))
        )
        database = Database(database_url)
        stack.callback(database.dispose)
        migrations.upgrade(database)
        with database.session() as session:
            token = create_token(session, "bench", "user")
        environment = {
            **{name: value for name, value in os.environ.items() if name[:5] != "ROTO_"},
            "PYTHONPATH": str(HERE / "load"),
            "ROTO_DATA_DIR": str(folder / "data"),
            "ROTO_DATABASE_URL": database_url,
            "ROTO_REDIS_URL": redis.url,
            "ROTO_SECRET_KEY": "a secret of the bench, long enough for that",
            **UNLIMITED,
        }
        urls = [stack.enter_context(_server(environment, folder)) for _ in range(SERVERS)]
        yield Studio(urls, database, redis.url, token)


@contextmanager
def _server(environment: dict[str, str], folder: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "app:bench_app", "--port", str(port)),
        *("--log-level", "warning", "--no-access-log", "--timeout-keep-alive", "75"),
    ]
    with (folder / f"server-{port}.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait(url, process, folder / f"server-{port}.log")
        yield url
    finally:
        process.terminate()
        process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url + "/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    sys.exit(f"a server did not start: {log.read_text()}")


def fill(studio: Studio, count: int) -> None:
    """``count`` finished jobs of three tasks each, over 100 ready shots of one project."""
    begun = datetime.now(UTC) - timedelta(days=30)
    with studio.database.session() as session:
        owner = session.query(User.id).filter(User.name == "bench").scalar()
        project = Project(id=new_id(), name="bench", created_by=owner)
        session.add(project)
        studio.shots = [new_id() for _ in range(SHOTS)]
        plate = {"kind": "sequence", "path": "/plates/p.%04d.exr", "first_frame": None}
        session.add_all(
            Shot(
                id=ident, project_id=project.id, name=f"sh{number:04d}", plate=plate,
                state="ready", width=1920, height=1080, pixel_aspect=1.0, fps_num=24, fps_den=1,
                first_frame=1001, last_frame=1100, created_by=owner,
            )
            for number, ident in enumerate(studio.shots)
        )  # fmt: skip
        session.flush()
        studio.jobs = [new_id() for _ in range(count)]
        for number, ident in enumerate(studio.jobs):
            at = begun + timedelta(minutes=4 * number)
            session.add(
                Job(
                    id=ident, shot_id=studio.shots[number % SHOTS], kind="roto", state="succeeded",
                    version=2 + number // SHOTS, engine="sam2", model="nano", created_by=owner,
                    params={"objects": [{"id": new_id(), "name": "hero", "prompts": []}]},
                    created_at=at, updated_at=at, started_at=at, finished_at=at,
                )
            )  # fmt: skip
            session.add_all(
                Task(
                    id=new_id(), job_id=ident, kind=kind, position=position, queue="cpu",
                    state="succeeded", params={}, progress={"done": 100, "total": 100},
                    created_at=at, updated_at=at,
                )
                for position, kind in enumerate(("track", "vectorize", "export"))
            )  # fmt: skip
    with studio.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def mix(studio: Studio) -> list[Request]:
    """The yardstick, lists and statuses in turn."""
    requests = []
    for number in range(0, min(200, len(studio.jobs))):
        job = studio.jobs[(number * 7919) % len(studio.jobs)]
        requests += [
            Request("select 1", SELECT_1),
            Request("list", f"{API}/jobs?limit=50", studio.token),
            Request("select 1", SELECT_1),
            Request("status", f"{API}/jobs/{job}/status", studio.token),
        ]
    return requests


def reading(studio: Studio, seconds: float) -> tuple[list[list[Any]], dict[str, Any]]:
    """p50 and p99 of each kind at half of saturation, and how many yardsticks that is."""
    requests = mix(studio)
    asyncio.run(saturate(studio.urls, requests, seconds / 3))
    saturation = asyncio.run(saturate(studio.urls, requests, seconds / 2))
    times = asyncio.run(open_loop(studio.urls, requests, saturation / 2, seconds))
    yardstick = percentile(times.seconds["select 1"], 0.99)
    rows: list[list[Any]] = []
    figures: dict[str, Any] = {"saturation per s": round(saturation, 1)}
    for name, values in times.seconds.items():
        p99 = percentile(values, 0.99)
        ratio, gate = p99 / yardstick, GATES.get(name)
        rows.append([name, len(values), 1e3 * median(values), 1e3 * p99, ratio, gate,
                     _verdict(ratio, gate), GOALS_MS.get(name)])  # fmt: skip
        figures[name] = {"p50 ms": 1e3 * median(values), "p99 ms": 1e3 * p99, "ratio": ratio}
    return rows, figures


def submitting(studio: Studio, count: int) -> tuple[list[list[Any]], dict[str, Any]]:
    """What a submission takes beyond a request that enqueues with RQ and does nothing else."""
    prompt = {"frame": 1001, "points": [{"x": 20.5, "y": 10.5, "positive": True}]}
    body = {"objects": [{"name": "hero", "prompts": [prompt]}], "engine": "flow"}
    enqueue, submit = [], []
    with httpx.Client(base_url=studio.urls[0], headers=studio.headers()) as client:
        for number in range(count + WARM_UP):
            url = f"{API}/shots/{studio.shots[number % SHOTS]}/segment"
            enqueue.append(_timed(partial(client.post, ENQUEUE)))
            submit.append(_timed(partial(client.post, url, json=body)))
    enqueue, submit = enqueue[WARM_UP:], submit[WARM_UP:]
    with Redis.from_url(studio.redis_url) as redis:
        queue = Queue("bench", connection=redis, serializer=JSONSerializer)
        bare = [_timed(partial(queue.enqueue_call, "bench.nothing", (new_id(),))) for _ in enqueue]
        queue.empty()
    added = median(submit) - median(enqueue)
    ratio = added / median(enqueue)
    rows: list[list[Any]] = [
        _row("enqueue, no HTTP", bare),
        [*_row("enqueue", enqueue)[:4], 1.0, None, "", None],
        ["submit adds", count, 1e3 * added, 1e3 * percentile(submit, 0.99), ratio,
         GATES["submit"], _verdict(ratio, GATES["submit"]), GOALS_MS["submit"]],
    ]  # fmt: skip
    figures = {
        "bare enqueue ms": 1e3 * median(bare),
        "enqueue ms": 1e3 * median(enqueue),
        "submit ms": 1e3 * median(submit),
        "added ms": 1e3 * added,
        "ratio": ratio,
    }
    return rows, figures


def _row(name: str, values: Sequence[float]) -> list[Any]:
    p50, p99 = 1e3 * median(values), 1e3 * percentile(values, 0.99)
    return [name, len(values), p50, p99, None, None, "", None]


def _timed(call: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - begun
    if isinstance(answer, httpx.Response):
        answer.raise_for_status()
    return seconds


async def fan_out(studio: Studio, sockets: int, rounds: int) -> list[float]:
    """Seconds from an event's commit to each of its arrivals, over sockets on both processes."""
    with ExitStack() as stack:
        bell = Bell(studio.redis_url)
        stack.callback(bell.close)
        open_sockets: list[ClientConnection] = []
        for number in range(sockets):
            url = studio.urls[number % SERVERS].replace("http", "ws", 1) + f"{API}/events"
            headers = studio.headers()
            open_sockets.append(await connect(url, additional_headers=headers, max_queue=None))
        for socket in open_sockets:
            await socket.recv()
        arrivals: list[float] = []
        for _ in range(rounds):
            begun = await asyncio.to_thread(_emit, studio, bell)
            arrivals += [at - begun for at in await asyncio.gather(*map(_arrival, open_sockets))]
            await asyncio.sleep(0.05)
        await asyncio.gather(*(socket.close() for socket in open_sockets))
    return arrivals


def _emit(studio: Studio, bell: Bell) -> float:
    with studio.database.session() as session:
        events.emit(session, "shot.updated", None, {"shot_id": studio.shots[0], "state": "ready"})
    begun = time.perf_counter()
    bell.nudge()
    return begun


async def _arrival(socket: ClientConnection) -> float:
    await socket.recv()
    return time.perf_counter()


def _verdict(ratio: float, gate: float | None) -> str:
    return "" if gate is None else "ok" if ratio <= gate else "TOO SLOW"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args(arguments).quick
    jobs, sockets, seconds, submits = (1000, 50, 3.0, 30) if quick else (10_000, 500, 30.0, 300)
    with tempfile.TemporaryDirectory() as folder, running_studio(Path(folder)) as studio:
        fill(studio, jobs)
        read_rows, read = reading(studio, seconds)
        submit_rows, submitted = submitting(studio, submits)
        one = asyncio.run(fan_out(studio, 1, 40))
        many = asyncio.run(fan_out(studio, sockets, 10))
    columns = ["request", "n", "p50 ms", "p99 ms", "yardsticks", "gate", "", "goal ms"]
    show(f"{jobs} jobs, {SERVERS} processes, PostgreSQL", columns, [*read_rows, *submit_rows])
    p99_one, p99_many = percentile(one, 0.99), percentile(many, 0.99)
    show(
        "an event on its way to the sockets",
        ["sockets", "p50 ms", "p99 ms", "in one socket's p99", "goal ms"],
        [
            [1, 1e3 * median(one), 1e3 * p99_one, 1.0, None],
            [sockets, 1e3 * median(many), 1e3 * p99_many, p99_many / p99_one, GOALS_MS["fan-out"]],
        ],
    )
    fanned = {"one p99 ms": 1e3 * p99_one, "p99 ms": 1e3 * p99_many, "ratio": p99_many / p99_one}
    save("server", {"reading": read, "submit": submitted, "sockets": sockets, "fan-out": fanned})
    missed = [row[0] for row in [*read_rows, *submit_rows] if row[6] == "TOO SLOW"]
    return 1 if missed and not quick else 0


if __name__ == "__main__":
    sys.exit(main())
