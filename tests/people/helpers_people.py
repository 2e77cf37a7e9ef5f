"""A studio's server as it runs there: real processes, a real Redis, a database, a mail server.

`House` is what tests hold: addresses, keys, people.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from helpers_services import Letterbox, free_port, running_mail_server
from roto_server import migrations
from roto_server.access.tokens import create_key, create_token
from roto_server.db.media import Plate
from roto_server.db.models import Project, Shot, new_id
from roto_server.db.people import Assignment, Membership, User
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.embedded.children import EmbeddedRedis

API = "/api/v1"
ROTO = (sys.executable, "-m", "roto_client.cli")
START_SECONDS = 180.0
STOP_SECONDS = 45.0
"""Longer than a server gives itself before it ends by force, and says in its log what hung."""

SECRET_KEY = "a secret of the tests, which is long enough"
PASSWORD = "correct horse battery staple"
# Every test signs in from the one address of this machine; test_limits has the limits on.
_UNHURRIED = {
    f"ROTO_LIMIT_{name}": "100000/minute"
    for name in ("SIGN_IN", "ACCOUNT", "ACCOUNT_TOTAL", "MAIL", "MAIL_ACCOUNT", "DEVICE")
}
# A machine that stands still for a second is no Redis that is away.
_UNHURRIED["ROTO_LIMIT_REDIS_SECONDS"] = "10"


@dataclass
class Process:
    """One ``roto serve``; its log goes to ``log``."""

    url: str
    log: Path
    popen: subprocess.Popen[bytes]

    def wait_ready(self) -> None:
        """Return once /readyz is green."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.popen.poll() is None, self.log.read_text(encoding="utf-8")
            try:
                if httpx.get(self.url + "/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)

    def stop(self, seconds: float = STOP_SECONDS) -> int:
        """SIGTERM and the exit code; killed, and the test failed, if it does not end."""
        self.popen.terminate()
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"It hangs: {self.log.read_text(encoding='utf-8')[-4000:]}"
            ) from None
        finally:
            self.popen.kill()
            self.popen.wait()


@dataclass
class Person:
    """A user and an API key of theirs with every scope of a key."""

    id: str
    name: str
    email: str
    key: str


@dataclass
class House:
    """A studio's server processes and what they stand on."""

    folder: Path
    database: Database
    environment: dict[str, str]
    mails: Letterbox
    admin: Person
    farm_token: str
    processes: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The first process' address."""
        return self.processes[0].url

    @property
    def plates(self) -> Path:
        """The folder plates may be read from."""
        return self.folder / "plates"

    def start(self, port: int = 0, **settings: str) -> Process:
        """One more server process, once it is ready; ``settings``: ROTO_* variables of its own."""
        process = self.launch(port, **settings)
        process.wait_ready()
        return process

    def launch(self, port: int = 0, **settings: str) -> Process:
        """As `start`, without waiting: for a server that will not be ready."""
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"
        log = self.folder / f"server-{len(self.processes)}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [*ROTO, "serve", "--port", str(port)],
                env={"ROTO_PUBLIC_URL": url, **self.environment, **settings},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        process = Process(url, log, popen)
        self.processes.append(process)
        return process

    def client(self, token: str | None = None, process: int = 0) -> httpx.Client:
        """A client of the public API with ``token`` (None: anonymous)."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.processes[process].url + API, headers=headers, timeout=30)

    def person(self, role: str = "artist", name: str = "", **columns: Any) -> Person:
        """A confirmed person with a server role, straight into the database."""
        ident = new_id()
        name = name or f"{role} {ident[:6]}"
        address = f"{ident[:12]}@studio.example"
        columns.setdefault("email_confirmed_at", utc_now())
        user = User(id=ident, name=name, email=address, role=role, **columns)
        with self.database.session() as session:
            session.add(user)
            session.flush()
            _, key = create_key(session, user, "tests", ["read", "write", "manage", "admin"])
        return Person(ident, name, address, key)

    def project(self, *members: tuple[Person, str], **columns: Any) -> str:
        """The id of a new project of the admin's with members by role."""
        ident = new_id()
        with self.database.session() as session:
            session.add(
                Project(id=ident, name=f"show {ident}", created_by=self.admin.id, **columns)
            )
            session.flush()
            session.add_all(
                Membership(project_id=ident, user_id=person.id, role=role)
                for person, role in members
            )
        return ident

    def shot(self, project_id: str, maker: Person, *assigned: Person) -> str:
        """The id of a new, ready shot (64 x 36, frames 1001-1010) of ``maker``."""
        ident = new_id()
        folder = self.plates / uuid.uuid4().hex
        folder.mkdir(parents=True)
        for frame in range(1001, 1011):
            (folder / f"plate.{frame}.png").write_bytes(b"\x89PNG")
        plate = {"kind": "sequence", "path": str(folder / "plate.%04d.png"), "first_frame": None}
        with self.database.session() as session:
            facts = {
                "plate": plate, "created_by": maker.id, "state": "ready", "width": 64, "height": 36,
                "pixel_aspect": 1.0, "fps_num": 24, "fps_den": 1, "first_frame": 1001,
                "last_frame": 1010,
            }  # fmt: skip
            session.add(
                Shot(id=ident, project_id=project_id, name=f"sh {ident}", plate_id=ident, **facts)
            )
            session.flush()
            session.add(Plate(id=ident, shot_id=ident, **facts))
            session.add_all(
                Assignment(shot_id=ident, user_id=person.id, assigned_by=maker.id)
                for person in assigned
            )
        return ident


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """URL of a real Redis of one's own below ``folder``."""
    folder.mkdir(parents=True)
    (folder / "logs").mkdir()
    redis = EmbeddedRedis(folder)
    redis.start()
    try:
        yield redis.url
    finally:
        redis.stop()


@contextmanager
def running_house(
    folder: Path, database_url: str, *, servers: int = 1, **settings: str
) -> Iterator[House]:
    """A house on an empty database with ``servers`` processes; ``settings``: ROTO_* variables."""
    (folder / "plates").mkdir(parents=True)
    with ExitStack() as stack:
        redis_url = stack.enter_context(running_redis(folder / "redis"))
        smtp_url, mails = stack.enter_context(running_mail_server())
        database = Database(database_url)
        stack.callback(database.dispose)
        migrations.upgrade(database)
        inherited = {name: value for name, value in os.environ.items() if name[:5] != "ROTO_"}
        environment = {
            **inherited,
            "ROTO_DATA_DIR": str(folder / "data"),
            "ROTO_STORAGE_ROOT": str(folder / "storage"),
            "ROTO_DATABASE_URL": database_url,
            "ROTO_REDIS_URL": redis_url,
            "ROTO_ALLOWED_ROOTS": str(folder / "plates"),
            "ROTO_SECRET_KEY": SECRET_KEY,
            "ROTO_REGISTRATION": "open",
            # A hundred tests sign in from one address; tests of limits set their own.
            "ROTO_LIMIT_SIGN_IN": "off",
            "ROTO_LIMIT_ACCOUNT": "off",
            "ROTO_LIMIT_MAIL": "off",
            "ROTO_LIMIT_MAIL_ACCOUNT": "off",
            "ROTO_SMTP_URL": smtp_url,
            "ROTO_MAIL_FROM": "roto@studio.example",
            **_UNHURRIED,
            **settings,
        }
        with database.session() as session:
            farm_token = create_token(session, "the farm", "farm")
        house = House(folder, database, environment, mails, Person("", "", "", ""), farm_token)
        house.admin = house.person("admin", "the admin")
        stack.callback(_stop_all, house)
        for _ in range(servers):
            house.start()
        yield house


def _stop_all(house: House) -> None:
    for process in house.processes:
        if process.popen.poll() is None:
            process.stop()
