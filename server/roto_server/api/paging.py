"""Keyset paging: a cursor names the last row seen, so new rows never shift a page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Query
from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..errors import BadRequestError

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=1000, description="Rows at most in this part.")]
Cursor = Annotated[str | None, Query(max_length=300, description="`next` of the part before.")]


def newest_first(
    session: Session,
    query: Select[T],
    keys: tuple[InstrumentedAttribute[datetime], InstrumentedAttribute[str]],
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[T], str | None]:
    """``limit`` rows of ``query``, newest first, and the cursor of the following part.

    ``keys`` are the row's time and id columns. Raises `BadRequestError` for a forged cursor.
    """
    created, ident = keys
    query = query.order_by(created.desc(), ident.desc()).limit(limit + 1)
    if cursor is not None:
        moment, last = _read_time_cursor(cursor)
        query = query.where(tuple_(created, ident) < tuple_(moment, last))
    rows = session.scalars(query).all()
    if len(rows) <= limit:
        return rows, None
    final: Any = rows[limit - 1]
    at = getattr(final, created.key).isoformat()
    return rows[:limit], write_cursor([at, getattr(final, ident.key)])


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


def _read_time_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, ident = read_cursor(cursor)
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError) as error:
        raise _bad_cursor() from error
    if moment.tzinfo is None or not isinstance(ident, str):
        raise _bad_cursor()
    return moment, ident


def _bad_cursor() -> BadRequestError:
    return BadRequestError("The cursor is not one this server gave.", hint="Use `next` as it came.")
