"""What is configured now, in one server process: read from memory, renewed from the database.

A change made here holds as soon as it is committed; one made by another process, or by `roto admin
config`, is found by a look at the table once a second.
"""

from __future__ import annotations

import threading

import structlog
from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..background import Background
from ..db.people import ConfigChange
from ..db.session import Database
from ..settings import Settings
from .configuration import CHANGED, MAINTENANCE, effective, newest_changes
from .maintenance import OFF, Maintenance, of_change

LOOK_SECONDS = 1.0
_Version = tuple[int, int]

log = structlog.get_logger("roto.config")


class LiveSettings:
    """The settings and the maintenance that hold now. Thread-safe; one per server process.

    Until `start` (or `look`) it gives what the server was started with.
    """

    def __init__(self, started: Settings, database: Database) -> None:
        self.started = started
        self.settings = started
        self.maintenance: Maintenance = OFF
        self._database = database
        self._lock = threading.Lock()
        self._changes: dict[str, ConfigChange] = {}
        self._version: _Version | None = None
        self._stop = threading.Event()
        self.thread = Background("configuration", self._run)
        event.listen(database.sessions, "after_commit", self._after_commit)

    def start(self) -> None:
        """Read what holds, and keep looking for changes in a thread."""
        self.look()
        self._stop.clear()
        self.thread.start()

    def tell_to_end(self) -> None:
        """Have the thread end."""
        self._stop.set()

    def stop(self, seconds: float) -> None:
        """End the thread; it is waited for no longer than that."""
        self.tell_to_end()
        self.thread.join(seconds)

    def look(self) -> None:
        """Read the table if it has changed; raises what the database raises."""
        with self._database.reading() as session:
            version = _version(session)
            if version != self._version:
                self._take(newest_changes(session))
        self._version = version

    def report(self) -> str:
        """Whether the server is in maintenance, for people who read /readyz."""
        now = self.maintenance
        return f"on since {now.since:%Y-%m-%d %H:%M} UTC: {now.message}" if now.on else "off"

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except SQLAlchemyError as error:
                log.warning("config_not_read", error=type(error).__name__)

    def _after_commit(self, session: Session) -> None:
        rows: list[ConfigChange] = session.info.pop(CHANGED, [])
        if rows:
            self._take({row.name: row for row in rows})

    def _take(self, changes: dict[str, ConfigChange]) -> None:
        """Let ``changes`` hold, unless newer ones do already."""
        with self._lock:
            for name, row in changes.items():
                held = self._changes.get(name)
                if held is None or held.seq < row.seq:
                    self._changes[name] = row
            self.settings = effective(self.started, self._changes)
            self.maintenance = of_change(self._changes.get(MAINTENANCE))


def _version(session: Session) -> _Version:
    """Changes with every commit, also of one whose number is lower than the last one seen."""
    newest, count = session.execute(
        select(func.coalesce(func.max(ConfigChange.seq), 0), func.count(ConfigChange.seq))
    ).one()
    return newest, count
