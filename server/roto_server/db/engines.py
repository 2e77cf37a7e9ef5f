"""How connections are made, kept, waited for and limited, for both databases."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from ..folders import folder_for

if TYPE_CHECKING:
    from ..settings import Settings

SQLITE_BUSY_SECONDS = 10
READING = "roto_reading"
"""Execution option of transactions that only read."""
UNHURRIED = "roto_unhurried"
"""Execution option of transactions without time limits: changes of the schema, administration."""

BESIDE_REQUESTS = 4
"""Connections kept for what runs beside requests: events, reconciler, metrics, /readyz."""

_KEEPALIVE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    # A database machine that lost its power does not close its connections.
    "tcp_user_timeout": 30_000,
}


@dataclass(frozen=True)
class PoolLimits:
    """A process's connections and what they may take (seconds; 0: no limit).

    The defaults are for commands and tests: nobody's work there is cut short.
    """

    size: int = 10
    overflow: int = 10
    wait_seconds: float = 5.0
    connect_seconds: int = 5
    statement_seconds: float = 0.0
    idle_transaction_seconds: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> PoolLimits:
        """What the settings say, for a process that serves."""
        return cls(
            size=settings.database_pool_size,
            overflow=settings.database_max_overflow,
            wait_seconds=settings.database_pool_wait_seconds,
            connect_seconds=settings.database_connect_seconds,
            statement_seconds=settings.database_statement_seconds,
            idle_transaction_seconds=settings.database_idle_transaction_seconds,
        )

    @property
    def connections(self) -> int:
        """The most this process opens."""
        return self.size + self.overflow

    @property
    def for_requests(self) -> int:
        """How many requests may hold one at once."""
        return max(1, self.connections - BESIDE_REQUESTS)


def postgres_engine(url: URL, limits: PoolLimits) -> Engine:
    """An engine that leaves nothing behind in a connection, so that PgBouncer may share it.

    No prepared statements on the server, no session-level setting or lock; the time limits are set
    in each transaction.
    """
    engine = create_engine(
        url,
        pool_size=limits.size,
        max_overflow=limits.overflow,
        pool_timeout=limits.wait_seconds,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": limits.connect_seconds,
            "prepare_threshold": None,
            "application_name": f"roto {socket.gethostname()}:{os.getpid()}"[:63],
            **_KEEPALIVE,
        },
    )
    statement, idle = limits.statement_seconds, limits.idle_transaction_seconds
    set_limits = (
        f"SELECT set_config('statement_timeout', '{round(statement * 1000)}', true), "
        f"set_config('idle_in_transaction_session_timeout', '{round(idle * 1000)}', true)"
    )

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if (statement or idle) and not connection.get_execution_options().get(UNHURRIED):
            connection.exec_driver_sql(set_limits)

    return engine


def sqlite_engine(url: URL, limits: PoolLimits) -> Engine:
    """An engine whose writing transactions take the file's lock as they begin."""
    folder = Path(str(url.database)).parent
    with folder_for("ROTO_DATA_DIR", folder):
        folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=limits.size,
        max_overflow=limits.overflow,
        pool_timeout=limits.wait_seconds,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: "begin" below says how.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA foreign_keys=ON")
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # IMMEDIATE: a transaction that reads and then writes cannot fail half-way with BUSY.
        reading = connection.get_execution_options().get(READING)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _write_ahead(connection: Any) -> None:
    """Have the file a write-ahead log. Of two who begin one at once SQLite refuses one without the
    wait it grants elsewhere."""
    until = time.monotonic() + SQLITE_BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(0.02)
