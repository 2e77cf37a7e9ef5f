"""Which server process reconciles: a lease in the database, renewed while its holder lives.

A lease and not a lock that is held: a process that was stopped, or lost its network, keeps a lock
for as long as its connection stands, but a lease runs out. Each renewal is one statement, so a
pooler between server and database does no harm.
"""

from __future__ import annotations

import math
import os
import secrets
import socket
import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, text

from ..db.leader import Leader
from ..db.session import Database, database_now
from ..db.types import utc_now

RECONCILING = "reconciler"
# A process id comes again; the rest tells one life of a process from the next.
THIS_PROCESS = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

_TAKE_OR_RENEW = text(
    "INSERT INTO leaders AS held (name, holder, since, until) VALUES"
    " (:name, :holder, clock_timestamp(), clock_timestamp() + :seconds * interval '1 second')"
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,"
    " since = CASE WHEN held.holder = excluded.holder THEN held.since ELSE excluded.since END"
    " WHERE held.holder = excluded.holder OR held.until < clock_timestamp()"
    " RETURNING since"
)


@dataclass(frozen=True)
class Lead:
    """Who leads as the database has it. ``alive``: the lease has not run out."""

    holder: str
    since: datetime
    mine: bool
    alive: bool


class Leadership:
    """This process's claim to do ``name``. Thread-safe.

    On SQLite one server runs (`Database.lock_single_server`), which leads without asking.
    """

    def __init__(
        self,
        database: Database,
        lease_seconds: float,
        *,
        name: str = RECONCILING,
        holder: str = THIS_PROCESS,
    ) -> None:
        self.holder = holder
        self._database = database
        self._lease_seconds = lease_seconds
        self._name = name
        self._held_until = -math.inf  # by the monotonic clock
        self._began = utc_now()

    @property
    def leading(self) -> bool:
        """Whether the lead is ours: the last `hold` got it, and that was not too long ago."""
        return time.monotonic() < self._held_until

    def hold(self) -> bool:
        """Take the lead if nobody alive has it, or renew it; whether it is ours now."""
        # Counted from before the question, so that we stop believing before others start.
        asked = time.monotonic()
        if self._database.is_sqlite:
            self._held_until = math.inf
        else:
            self._held_until = asked + self._lease_seconds if self._take_or_renew() else -math.inf
        return self.leading

    def release(self) -> None:
        """Let the next process have the lead at once."""
        self._held_until = -math.inf
        if self._database.is_sqlite:
            return
        mine = (Leader.name == self._name) & (Leader.holder == self.holder)
        with self._database.session() as session:
            session.execute(delete(Leader).where(mine))

    def look(self) -> Lead | None:
        """Who leads; None when nobody ever did, or the last one let go."""
        if self._database.is_sqlite:
            return Lead(self.holder, self._began, mine=True, alive=True) if self.leading else None
        with self._database.reading() as session:
            row = session.scalar(select(Leader).where(Leader.name == self._name))
            if row is None:
                return None
            alive = row.until > database_now(session)
            return Lead(row.holder, row.since, mine=row.holder == self.holder, alive=alive)

    def _take_or_renew(self) -> bool:
        facts = {"name": self._name, "holder": self.holder, "seconds": self._lease_seconds}
        with self._database.session() as session:
            return session.execute(_TAKE_OR_RENEW, facts).first() is not None
