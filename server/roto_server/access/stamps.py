"""When keys, sessions and people were last seen: noted with each request, written now and then.

A request must not wait for a write, nor a list of projects take SQLite's lock; so a thread of each
process writes what its requests noted, each row at most once a minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..background import Background
from ..db.models import Token
from ..db.people import LoginSession, User
from ..db.session import Database
from ..db.types import utc_now
from .principal import Principal

AGAIN_SECONDS = 60.0
"""How often one row is written at most."""

GATHER_SECONDS = 0.5
"""For how long notes are gathered before they are written."""

# table and column, by what is noted.
_COLUMNS: dict[str, tuple[Any, Any]] = {
    "key": (Token, Token.last_used_at),
    "session": (LoginSession, LoginSession.last_used_at),
    "user": (User, User.last_seen_at),
}
_Mark = tuple[str, str]

log = structlog.get_logger(__name__)


class Stamps:
    """Notes who was seen, and a thread that writes it. `note` is thread-safe and never waits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._noted: dict[_Mark, datetime] = {}
        self._written: dict[_Mark, float] = {}
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self.thread = Background("stamps", self._run)

    def note(self, who: Principal) -> None:
        """They were seen now."""
        now, moment = time.monotonic(), utc_now()
        with self._lock:
            for mark in _marks(who):
                if now - self._written.get(mark, -AGAIN_SECONDS) >= AGAIN_SECONDS:
                    self._noted[mark] = moment
            if self._noted:
                self._wake.set()

    def start(self) -> None:
        """Begin to write in a thread."""
        self.thread.start()

    def tell_to_end(self) -> None:
        """Have the thread write what is left, and end."""
        self._stopping.set()
        self._wake.set()

    def stop(self, seconds: float) -> None:
        """Write what is left, and end the thread; it is waited for no longer than that."""
        self.tell_to_end()
        self.thread.join(seconds)

    def flush(self) -> None:
        """Write what was noted. What cannot be written is forgotten: the next note comes soon."""
        with self._lock:
            noted, self._noted = self._noted, {}
            self._wake.clear()
        if not noted:
            return
        written: list[_Mark] = []
        with self._database.session() as session:
            for kind, (table, column) in _COLUMNS.items():
                moments = {ident: moment for (what, ident), moment in noted.items() if what == kind}
                rows = [
                    {"ident": ident, "moment": moments[ident]}
                    for ident in _unlocked(session, table, moments)
                ]
                if not rows:
                    continue
                # The row is the same but for this: updated_at stays.
                same = {"updated_at": table.updated_at} if hasattr(table, "updated_at") else {}
                older = or_(column.is_(None), column < bindparam("moment"))
                session.connection().execute(
                    update(table.__table__)
                    .where(table.id == bindparam("ident"), older)
                    .values({column.key: bindparam("moment"), **same}),
                    rows,
                )
                written += [(kind, str(row["ident"])) for row in rows]
        now = time.monotonic()
        with self._lock:
            young = {mark: at for mark, at in self._written.items() if now - at < AGAIN_SECONDS}
            self._written = young | dict.fromkeys(written, now)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._stopping.wait(GATHER_SECONDS)
            try:
                self.flush()
            except (SQLAlchemyError, RotoError) as error:
                log.warning("stamps_not_written", error=type(error).__name__)


def _unlocked(session: Session, table: Any, idents: Iterable[str]) -> Sequence[str]:
    """Those of the rows that nobody holds, held. Whoever ends a person's access holds theirs in
    another order, and needs no stamp; stamps never wait."""
    query = select(table.id).where(table.id.in_(idents)).order_by(table.id)
    return session.scalars(query.with_for_update(skip_locked=True, key_share=True)).all()


def _marks(who: Principal) -> Iterable[_Mark]:
    if who.token_id:
        yield ("key", who.token_id)
    if who.kind == "user":
        yield ("user", who.user_id)
        if who.session_id:
            yield ("session", who.session_id)
