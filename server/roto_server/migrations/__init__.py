"""The database schema's history (Alembic), run from code: no alembic.ini, no working directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from roto_shapes.errors import RotoError

from ..db.session import Database

_LOCK = 0x726F746F0003


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to this version's, or ``revision``; two servers that start at once take
    turns."""
    with _changing(database) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to ``revision``."""
    with _changing(database) as connection:
        command.downgrade(_config(connection), revision)


def check_models(database: Database) -> None:
    """Raise alembic's ``CommandError`` when the tables differ from ``db.models``."""
    with database.engine.begin() as connection:
        command.check(_config(connection))


def check_current(database: Database) -> None:
    """Refuse to serve a schema that is not this version's.

    Raises:
        RotoError: ``conflict``, with the command that brings it up to date.
    """
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    wanted = wanted_revision()
    if found != wanted:
        raise RotoError(
            f"The database schema is at {found or 'nothing'}, this server needs {wanted}.",
            hint="Run `roto admin migrate` with the same settings, then start the server.",
            code="conflict",
        )


def wanted_revision() -> str:
    """The schema revision this version works with."""
    return str(ScriptDirectory(str(Path(__file__).parent)).get_current_head())


@contextmanager
def _changing(database: Database) -> Iterator[Connection]:
    """One transaction that changes the schema, by one process at a time."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                yield connection
            return
        # A table SQLite cannot alter is made anew: what refers to it must bear its absence. The
        # pragma is without effect inside a transaction.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"the migration broke references: {broken[:3]}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
