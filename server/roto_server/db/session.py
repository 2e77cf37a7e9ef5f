"""The engine, its sessions, the database's clock and the rule of one server per SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import QueuePool, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from roto_shapes.errors import RotoError

from .. import events
from ..lockfile import LockFile
from .engines import READING, PoolLimits, postgres_engine, sqlite_engine
from .gate import Gate

NETWORK_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "lustre", "beegfs", "gpfs", "ceph", "9p"}
)


class Database:
    """One database and its pool of connections. Thread-safe; make one per process.

    ``url`` is an SQLAlchemy URL: ``sqlite:////path/roto.db`` or ``postgresql://...`` (psycopg 3).
    Requests go through ``gate`` before they take a connection.

    Raises:
        RotoError: ``bad_request`` when the URL names something else.
    """

    def __init__(self, url: str, limits: PoolLimits | None = None) -> None:
        self.url = _checked(_parsed(url))
        self.limits = limits or PoolLimits()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        make_engine = sqlite_engine if self.is_sqlite else postgres_engine
        self.engine = make_engine(self.url, self.limits)
        self.gate = Gate(self.limits.for_requests, self.limits.wait_seconds)
        self._server_lock: LockFile | None = None
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        event.listen(self.sessions, "before_commit", events.write_pending)
        reader = self.engine.execution_options(**{READING: True})
        self._readers = sessionmaker(reader, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction that writes: committed when the block ends well, else rolled back."""
        with self.sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that only reads; on SQLite it does not wait for a writer."""
        with self._readers() as session:
            yield session

    def ping(self) -> None:
        """Raise whatever the driver raises when the database does not answer."""
        with self.reading() as session:
            session.execute(select(1))

    def connections_in_use(self) -> int:
        """Connections of this process that somebody holds now."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout()

    def lock_single_server(self) -> None:
        """Hold the right to be the one server on this SQLite file until `dispose`.

        On PostgreSQL any number of servers may run, so nothing is held.

        Raises:
            RotoError: ``conflict`` when another process holds it, ``bad_request`` when the file
                lies on a network file system, where SQLite's locks cannot be trusted.
        """
        if not self.is_sqlite or self._server_lock is not None:
            return
        path = Path(str(self.url.database))
        _refuse_network_disk(path.parent)
        lock = LockFile(path.with_name(f"{path.name}.server-lock"))
        owner = lock.acquire()
        if owner is not None:
            raise RotoError(
                f"Another server (process {owner}) already uses {path}.",
                hint="SQLite serves one server at a time: stop the other, give this one its own "
                "--data-dir, or use PostgreSQL (ROTO_DATABASE_URL).",
                code="conflict",
            )
        self._server_lock = lock

    def dispose(self) -> None:
        """Close every connection and give up the single-server lock."""
        self.engine.dispose()
        if self._server_lock is not None:
            self._server_lock.release()
            self._server_lock = None


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A part of a transaction that may fail alone: its rows, events, rings and audit entries go."""
    waiting = {key: list(value) for key, value in session.info.items() if isinstance(value, list)}
    try:
        with session.begin_nested():
            yield
    except BaseException:
        for key in [key for key, value in session.info.items() if isinstance(value, list)]:
            session.info[key] = waiting.get(key, [])
        raise


def database_now(session: Session) -> datetime:
    """The database's clock, UTC: the only clock leases are measured by.

    On PostgreSQL it moves within a transaction (``clock_timestamp``), so a transaction that waited
    for a lock does not write a time from before its wait.
    """
    if session.get_bind().dialect.name == "sqlite":
        stamp = session.scalar(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"))
        return datetime.strptime(str(stamp), "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        # Not shown: it may hold a password.
        raise RotoError(
            "ROTO_DATABASE_URL is not an address of a database.",
            hint="Use sqlite:////path/roto.db or postgresql://user:password@host/name.",
            code="bad_request",
        ) from None


def _checked(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url
    raise RotoError(
        f"{url.render_as_string(hide_password=True)} is not a database this server can use.",
        hint="Set ROTO_DATABASE_URL to sqlite:////path/roto.db or "
        "postgresql://user:password@host/name.",
        code="bad_request",
    )


def _refuse_network_disk(folder: Path) -> None:
    kind = _filesystem_of(folder.resolve())
    if kind in NETWORK_FILESYSTEMS:
        raise RotoError(
            f"The database folder {folder} lies on a network file system ({kind}).",
            hint="Put ROTO_DATA_DIR on a local disk (storage may stay on the share: "
            "ROTO_STORAGE_ROOT), or use PostgreSQL.",
            code="bad_request",
        )


def _filesystem_of(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The file system type of the longest mount point above ``folder``; empty where unknown."""
    if not mounts.exists():
        return ""
    best, kind = Path(), ""
    for line in mounts.read_text(encoding="utf-8").splitlines():
        _, point, filesystem, *_ = line.split(" ")
        mount = Path(point.replace("\\040", " "))
        if folder.is_relative_to(mount) and len(mount.parts) >= len(best.parts):
            best, kind = mount, filesystem
    return kind
