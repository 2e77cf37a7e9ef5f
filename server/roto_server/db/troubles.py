"""What went wrong with the database or Redis, in the words of whoever can mend it."""

from __future__ import annotations

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from roto_shapes.errors import RotoError

_STATEMENT_CANCELLED = "57014"
_IDLE_TRANSACTION_ENDED = "25P03"
_TOO_MANY_CONNECTIONS = "53300"
_DEADLOCK = "40P01"
_NOT_SERIALIZABLE = "40001"
_SQLITE_LOCKED = "database is locked"


def explain(error: BaseException) -> RotoError | None:
    """The refusal to answer with when one of the two could not be asked; None when it was not that.

    Names the setting that decides. What the driver said goes to the log only.
    """
    if isinstance(error, PoolTimeoutError):
        return _trouble(
            "Every database connection of this server process stayed in use.",
            "raise ROTO_DATABASE_POOL_SIZE or ROTO_DATABASE_MAX_OVERFLOW (PostgreSQL's "
            "max_connections must allow it), or start another server process.",
        )
    if isinstance(error, RedisError):
        return _out_of_reach("Redis", "ROTO_REDIS_URL")
    if not isinstance(error, DBAPIError):
        return None
    # SQLite has no codes of that kind.
    locked = _SQLITE_LOCKED if _SQLITE_LOCKED in str(error.orig) else ""
    known = _KNOWN.get(getattr(error.orig, "sqlstate", None) or locked)
    if known is not None:
        return _trouble(*known)
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return _out_of_reach("its database", "ROTO_DATABASE_URL")
    return None


def _out_of_reach(what: str, setting: str) -> RotoError:
    return RotoError(
        f"The server cannot reach {what}.",
        hint=f"Try again in a moment; /readyz tells what is missing ({setting}).",
        code="server_unavailable",
    )


def _trouble(message: str, lasting: str) -> RotoError:
    return RotoError(
        message,
        hint=f"Try again in a moment. If it stays so, {lasting}",
        code="server_unavailable",
        detail={"retry_after": 1},
    )


_COLLISION = (
    "Another change of the same things was made at the same moment, and this one was not.",
    "send the server's log to whoever maintains it: it names both.",
)
_KNOWN = {
    _DEADLOCK: _COLLISION,
    _NOT_SERIALIZABLE: _COLLISION,
    _SQLITE_LOCKED: (
        "The SQLite database stayed locked by another writer.",
        "use PostgreSQL for more than a few people (ROTO_DATABASE_URL).",
    ),
    _STATEMENT_CANCELLED: (
        "The database did not answer a question in time, or waited for a lock too long.",
        "look for what holds the lock, or raise ROTO_DATABASE_STATEMENT_SECONDS.",
    ),
    _IDLE_TRANSACTION_ENDED: (
        "The database ended a transaction that did nothing for too long.",
        "look for a slow disk, or raise ROTO_DATABASE_IDLE_TRANSACTION_SECONDS.",
    ),
    _TOO_MANY_CONNECTIONS: (
        "The database takes no more connections.",
        "raise PostgreSQL's max_connections, lower ROTO_DATABASE_POOL_SIZE and "
        "ROTO_DATABASE_MAX_OVERFLOW, or put PgBouncer in between.",
    ),
}
