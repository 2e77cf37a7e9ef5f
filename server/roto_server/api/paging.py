"""Keyset paging: a cursor names the last row seen, so new rows never shift a page."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Query
from sqlalchemy import Row, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import KeyedColumnElement

from ..db.types import UtcDateTime, plain
from ..errors import BadRequestError

T = TypeVar("T")
R = TypeVar("R")
_Key = InstrumentedAttribute[Any] | KeyedColumnElement[Any]
_Keys = Sequence[_Key]

Limit = Annotated[int, Query(ge=1, le=1000, description="Rows at most in this part.")]
Cursor = Annotated[str | None, Query(max_length=300, description="`next` of the part before.")]
MOST_SKIPPED = 100_000
Skip = Annotated[
    int,
    Query(
        ge=0,
        le=MOST_SKIPPED,
        description="Rows to pass over first, to look at a far part of a long list. Parts in turn "
        "are asked for by `cursor`: rows that come or go meanwhile shift no part then.",
    ),
]


def newest_first(
    session: Session,
    query: Select[T],
    keys: tuple[InstrumentedAttribute[Any], ...],
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[T], str | None]:
    """``limit`` rows of ``query``, newest first, and the cursor of the following part.

    ``keys`` are what `by_keys` takes; the largest comes first. Raises `BadRequestError` for a
    forged cursor.
    """
    return _part(session, query, keys, limit, cursor, descending=True)


def newest_rows_first(
    session: Session,
    query: Select[Any],
    keys: _Keys,
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[Row[Any]], str | None]:
    """As `newest_first`, of a query that selects several columns, ``keys`` among them."""
    rows = session.execute(_limited(query, keys, limit, cursor, descending=True)).all()
    return _cut(rows, keys, limit)


def by_keys(
    session: Session,
    query: Select[T],
    keys: tuple[InstrumentedAttribute[Any], ...],
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[T], str | None]:
    """``limit`` rows of ``query`` in ascending order of ``keys``, and the following part's cursor.

    ``keys`` (text, numbers from 0, times) tell every two rows apart. Raises `BadRequestError` for
    a forged cursor.
    """
    return _part(session, query, keys, limit, cursor, descending=False)


def skipped(
    session: Session, query: Select[Any], keys: _Keys, skip: int, *, descending: bool
) -> str | None:
    """The cursor of what comes after the first ``skip`` rows (from 1); None when nothing does.

    Only ``keys`` are read of those: what else is in the rows, and joined to them, would take many
    times as long.
    """
    order = [key.desc() if descending else key.asc() for key in keys]
    far = query.with_only_columns(*keys).order_by(*order).offset(skip - 1).limit(1)
    last = session.execute(far).first()
    return None if last is None else write_cursor([plain(value) for value in last])


def _part(
    session: Session,
    query: Select[T],
    keys: tuple[InstrumentedAttribute[Any], ...],
    limit: int,
    cursor: str | None,
    *,
    descending: bool,
) -> tuple[Sequence[T], str | None]:
    rows = session.scalars(_limited(query, keys, limit, cursor, descending=descending)).all()
    return _cut(rows, keys, limit)


def _limited(
    query: Select[T], keys: _Keys, limit: int, cursor: str | None, *, descending: bool
) -> Select[T]:
    """One row more than asked for: whether there are more is told by it."""
    order = [key.desc() if descending else key.asc() for key in keys]
    query = query.order_by(*order).limit(limit + 1)
    if cursor is None:
        return query
    last = tuple_(*_read_keys(cursor, keys))
    return query.where(tuple_(*keys) < last if descending else tuple_(*keys) > last)


def _cut(rows: Sequence[R], keys: _Keys, limit: int) -> tuple[Sequence[R], str | None]:
    if len(rows) <= limit:
        return rows, None
    final = rows[limit - 1]
    return rows[:limit], write_cursor([plain(getattr(final, key.key)) for key in keys])


def write_cursor(values: list[Any]) -> str:
    """An opaque, URL-safe cursor of ``values``."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> list[Any]:
    """The values of a cursor; raises `BadRequestError` unless `write_cursor` made it."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise _bad_cursor() from error
    if not isinstance(values, list):
        raise _bad_cursor()
    return values


def _read_keys(cursor: str, keys: _Keys) -> list[Any]:
    """The cursor's values, each of its column's type; raises `BadRequestError` otherwise."""
    values = read_cursor(cursor)
    if len(values) != len(keys):
        raise _bad_cursor()
    return [_as_type(value, _type_of(key)) for value, key in zip(values, keys, strict=True)]


def _type_of(key: _Key) -> type[Any]:
    return datetime if isinstance(key.type, UtcDateTime) else key.type.python_type


def _as_type(value: Any, wanted: type[Any]) -> Any:
    try:
        if wanted is datetime and isinstance(value, str):
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment
        # A lone surrogate is JSON, but no text that a database takes.
        if wanted is str and isinstance(value, str) and value.encode():
            return value
        if wanted is float and type(value) in (int, float) and math.isfinite(value):
            return float(value)
        if wanted is int and type(value) is int and 0 <= value < 2**63:
            return value
    except ValueError as error:
        raise _bad_cursor() from error
    raise _bad_cursor()


def _bad_cursor() -> BadRequestError:
    return BadRequestError("The cursor is not one this server gave.", hint="Use `next` as it came.")
