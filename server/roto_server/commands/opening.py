"""What every command does first: settings, database, and the name of who types."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ..audit import Actor
    from ..db.session import Database
    from ..settings import Settings

_LONGEST_NAME = 64


@dataclass(frozen=True)
class Work:
    """One transaction of a command. ``actor`` is who the audit log says it was; ``started`` are
    the settings without what administrators changed, ``settings`` with it."""

    session: Session
    started: Settings
    settings: Settings
    actor: Actor


def read_settings(data_dir: Path | None = None, port: int | None = None) -> Settings:
    """The settings from the environment; raises `SettingsError`."""
    from ..settings import load_settings

    given = {"data_dir": data_dir, "port": port}
    return load_settings(**{name: value for name, value in given.items() if value is not None})


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database; raises ``server_unavailable`` when it does not answer."""
    from sqlalchemy.exc import OperationalError

    from roto_shapes.errors import RotoError

    from ..db.session import Database

    database = Database(settings.database_url)
    try:
        yield database
    except OperationalError as error:
        raise RotoError(
            f"The database does not answer: {error.orig}",
            hint="ROTO_DATABASE_URL says where it is; `roto doctor` checks it.",
            code="server_unavailable",
        ) from error
    finally:
        database.dispose()


@contextmanager
def current(settings: Settings) -> Iterator[Database]:
    """The database, if its schema is this version's; raises ``conflict`` otherwise."""
    from .. import migrations

    with opened(settings) as database:
        migrations.check_current(database)
        yield database


@contextmanager
def work() -> Iterator[Work]:
    """A transaction on the configured database, committed when the block ends well."""
    from ..admin.configuration import effective, newest_changes

    started = _reached(read_settings())
    with current(started) as database, database.session() as session:
        settings = effective(started, newest_changes(session))
        yield Work(session, started, settings, operator())


def _reached(settings: Settings) -> Settings:
    """With the address of the embedded server of the data folder, for the links that commands
    print, where none is configured and it runs."""
    from roto_client.api.config import embedded_server

    announced = embedded_server(settings.data_dir)
    if os.environ.get("ROTO_PUBLIC_URL") or not announced:
        return settings
    return settings.model_copy(update={"public_url": str(announced["url"]).rstrip("/")})


def operator() -> Actor:
    """Who types, for the audit log: the name of their account on this machine."""
    from dataclasses import replace

    from ..audit import COMMAND

    return replace(COMMAND, via=_account()[:_LONGEST_NAME])


def _account() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        name = f"uid {os.getuid()}"
    behind = os.environ.get("SUDO_USER", "")
    return f"{behind} as {name}" if behind and behind != name else name
