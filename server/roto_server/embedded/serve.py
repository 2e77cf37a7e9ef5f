"""`roto serve --embedded`: server, Redis and workers on this machine, with nothing set up before.

SQLite in the data directory, Redis on a private socket, an API key and a farm token made on first
use, everything bound to 127.0.0.1. When this process dies, however it dies, nothing survives it.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import structlog
from sqlalchemy import select

from roto_shapes.errors import RotoError

from .. import migrations
from ..access.tokens import TokenScope, create_token, token_digest
from ..app import create_app
from ..db.models import Token
from ..db.session import Database
from ..lockfile import LockFile
from ..observing.start import start_logging
from ..serving import END_SECONDS, Server, end_at_last, listen
from ..settings import Settings, load_settings
from .children import Child, EmbeddedRedis, Supervisor

log = structlog.get_logger(__name__)

HOST = "127.0.0.1"
FINISH_SECONDS = 5.0
"""What running requests get to end."""

DRAIN_SECONDS = 5.0
"""What a worker gets to finish its task on Ctrl-C before it gives the task back."""


@dataclass(frozen=True)
class EmbeddedOptions:
    """What the command line says. ``port`` 0 takes a free one; ``allowed_roots`` are for plates."""

    data_dir: Path
    port: int
    workers: int
    allowed_roots: tuple[Path, ...] = ()


def serve_embedded(options: EmbeddedOptions, tell: Callable[[str], None]) -> None:
    """Run everything until SIGINT or SIGTERM, then stop it in order. ``tell`` gets lines to show.

    Raises:
        RotoError: ``conflict`` when the data directory or the port is taken,
            ``server_unavailable`` when a part does not start.
    """
    data_dir = options.data_dir.expanduser().absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(0o700)
    (data_dir / "logs").mkdir(exist_ok=True)
    stopping = _stop_on_signals()
    with ExitStack() as stack:
        _hold_data_dir(stack, data_dir)
        listener = stack.enter_context(listen(HOST, options.port))
        redis = EmbeddedRedis(data_dir)
        stack.callback(redis.stop)
        redis.start()
        settings = _settings(options, data_dir, redis.url, listener.getsockname()[1])
        _prepare_database(settings)
        log_file = data_dir / "logs" / "server.log"
        # The terminal belongs to the person; the log goes beside the workers'.
        start_logging(settings, stack.enter_context(log_file.open("a", encoding="utf-8")))
        server = _ServerThread(settings, listener)
        stack.callback(server.stop)
        server.start()
        supervisor = Supervisor(
            _workers(options, settings), grace_seconds=DRAIN_SECONDS + 20, tell=tell
        )
        stack.callback(supervisor.stop)
        supervisor.start()
        _announce(stack, settings, tell)
        while not stopping.wait(0.5):
            if not redis.is_alive():
                # Nothing is lost with it: the reconciler rings every ready task again.
                log.warning("redis_died")
                redis.start()
            if not (server.is_alive() and supervisor.is_alive()):
                who = "workers' supervisor" if server.is_alive() else "server"
                raise RotoError(
                    f"The embedded {who} died.",
                    hint=f"Logs are in {data_dir / 'logs'}.",
                    code="server_unavailable",
                )
        server.announce_end()
        tell("stopping")


class _ServerThread:
    """The server in a thread, so that workers can still report while everything stops."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._server = Server(create_app(settings), settings, forced_end=False)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="uvicorn", daemon=True
        )

    def start(self) -> None:
        """Start and wait until requests are taken."""
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.02)
            if not self._thread.is_alive():
                raise RotoError(
                    "The server did not start.",
                    hint="The reason is in the lines above and in logs/server.log.",
                    code="server_unavailable",
                )

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def announce_end(self) -> None:
        """Turn /readyz red; workers are still served."""
        self._server.announce_end()

    def stop(self) -> None:
        """End it; a thread that hangs is waited for a while, then the process ends without it."""
        self._server.should_exit = True
        self._thread.join(FINISH_SECONDS + END_SECONDS)
        if self._thread.is_alive():
            end_at_last(END_SECONDS)


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopping


def _hold_data_dir(stack: ExitStack, data_dir: Path) -> None:
    lock = LockFile(data_dir / "serve.lock")
    owner = lock.acquire()
    if owner is not None:
        raise RotoError(
            f"Another server (process {owner}) already runs in {data_dir}.",
            hint="Use that one (its address is in server.json there), or another --data-dir.",
            code="conflict",
        )
    stack.callback(lock.release)


def _settings(options: EmbeddedOptions, data_dir: Path, redis_url: str, port: int) -> Settings:
    settings = load_settings(
        environment="development",
        data_dir=data_dir,
        database_url=f"sqlite:///{data_dir / 'roto.db'}",
        redis_url=redis_url,
        host=HOST,
        port=port,
        public_url=f"http://{HOST}:{port}",
        drain_seconds=0.0,
        finish_seconds=FINISH_SECONDS,
    )
    if options.allowed_roots:
        settings.allowed_roots = list(options.allowed_roots)
    # One person's own machine: what lies in the home or the working directory is theirs.
    settings.allowed_roots = settings.allowed_roots or [Path.home(), Path.cwd()]
    return settings


def _prepare_database(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        migrations.upgrade(database)
        for file, name, scope in _TOKENS:
            _ensure_token(database, settings.data_dir / file, name, scope)
    finally:
        database.dispose()


_TOKENS: tuple[tuple[str, str, TokenScope], ...] = (
    ("api-key", "local", "user"),
    ("farm-token", "local farm", "farm"),
)


def _ensure_token(database: Database, path: Path, name: str, scope: TokenScope) -> None:
    """A token file whose secret this database knows; made anew when it does not."""
    with database.session() as session:
        if path.exists():
            digest = token_digest(path.read_text(encoding="utf-8").strip())
            known = select(Token).where(Token.sha256 == digest, ~Token.revoked)
            if session.scalars(known).first() is not None:
                path.chmod(0o600)
                return
        secret = create_token(session, name, scope)
    _write_private(path, secret + "\n")


def _workers(options: EmbeddedOptions, settings: Settings) -> list[Child]:
    """Worker 0 takes everything (there may be one GPU), the others what needs no GPU."""
    return [
        Child(
            name=f"worker-{slot}",
            command=[
                *(sys.executable, "-m", "roto_client.cli"),
                "worker",
                *("--server", settings.public_url),
                *("--redis", settings.redis_url),
                *("--queues", "gpu,cpu" if slot == 0 else "cpu"),
                *("--slot", str(slot)),
                *("--scratch", str(settings.data_dir / "scratch")),
                *("--drain-seconds", f"{DRAIN_SECONDS:g}"),
                # A bucket is mounted nowhere, not here either.
                *(("--storage", "remote") if settings.s3_bucket else ()),
            ],
            environment=_worker_environment(settings),
            log_path=settings.data_dir / "logs" / f"worker-{slot}.log",
        )
        for slot in range(options.workers)
    ]


def _worker_environment(settings: Settings) -> dict[str, str]:
    # A studio's proxy must not see the worker's calls to its own machine.
    direct = ",".join(filter(None, [os.environ.get("NO_PROXY"), HOST]))
    return {
        "ROTO_FARM_TOKEN_FILE": str(settings.data_dir / "farm-token"),
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


def _announce(stack: ExitStack, settings: Settings, tell: Callable[[str], None]) -> None:
    """Write ``server.json``, by which clients on this machine find the server."""
    path = settings.data_dir / "server.json"
    facts = {
        "url": settings.public_url,
        "api_key_file": str(settings.data_dir / "api-key"),
        "pid": os.getpid(),
    }
    _write_private(path, json.dumps(facts, indent=2) + "\n")
    stack.callback(path.unlink, missing_ok=True)
    tell(f"Megaton Roto serves on {settings.public_url}")
    tell(f"API key: {facts['api_key_file']}   logs: {settings.data_dir / 'logs'}")
    tell("Plates are read from: " + ", ".join(map(str, settings.allowed_roots)))
    tell("Ctrl-C stops it.")


def _write_private(path: Path, text: str) -> None:
    """Replace ``path`` at once by a file only this user can read."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
