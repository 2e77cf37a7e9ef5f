"""Rows that nobody else changes until the transaction ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from .errors import NotFoundError


def hold(session: Session, row: Any, what: str, *, whole: bool = False) -> None:
    """Lock ``row``, a ``what`` to people, and read it anew.

    ``whole``: rows that point to it (pieces of an upload) cannot come meanwhile either. Raises
    `NotFoundError` when it was removed since it was read.
    """
    session.flush()
    (ident,) = inspect(row).identity
    try:
        session.refresh(row, with_for_update={"key_share": not whole, "of": type(row)})
    except InvalidRequestError as error:
        raise NotFoundError(what, ident) from error
