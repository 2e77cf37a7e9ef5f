"""What endpoints ask for: the app's long-lived parts, and rows by id."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from ..db.models import Base
from ..db.session import Database
from ..errors import NotFoundError
from ..settings import Settings
from ..storage import Storage
from .schemas.common import ErrorBody
from .tail import EventTail

Row = TypeVar("Row", bound=Base)
_ID = re.compile(r"[0-9a-f]{32}")


def _settings(connection: HTTPConnection) -> Settings:
    settings: Settings = connection.app.state.settings
    return settings


def _database(connection: HTTPConnection) -> Database:
    database: Database = connection.app.state.database
    return database


def _storage(connection: HTTPConnection) -> Storage:
    storage: Storage = connection.app.state.storage
    return storage


def _tail(connection: HTTPConnection) -> EventTail:
    tail: EventTail = connection.app.state.tail
    return tail


SettingsDep = Annotated[Settings, Depends(_settings)]
DatabaseDep = Annotated[Database, Depends(_database)]
StorageDep = Annotated[Storage, Depends(_storage)]
TailDep = Annotated[EventTail, Depends(_tail)]


def get_row(session: Session, model: type[Row], ident: str, what: str) -> Row:
    """The row ``ident``; raises `NotFoundError` naming ``what`` for people."""
    row = session.get(model, ident) if _ID.fullmatch(ident) else None
    if row is None:
        raise NotFoundError(what, ident)
    return row


Responses = dict[int | str, dict[str, Any]]


def refusals(*statuses: int) -> Responses:
    """The OpenAPI entry of the error answers a route can give."""
    return {status: {"model": ErrorBody} for status in statuses}
