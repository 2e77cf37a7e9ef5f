"""What every table is made of."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .types import UtcDateTime, utc_now

ID = String(32)
JsonObject = dict[str, Any]


def new_id() -> str:
    """A fresh row id: 32 lower-case hex digits."""
    return uuid.uuid4().hex


class Base(DeclarativeBase):
    """Declarative base of every table."""

    type_annotation_map = {  # noqa: RUF012
        JsonObject: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        datetime: UtcDateTime,
    }


class Timestamps:
    """created_at and updated_at of a row."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Trashable:
    """What can lie in the trash: there it is seen by those who look into the trash, else by nobody.

    ``trash_id`` is "" outside the trash and the row's id in it, so that a name is free again.
    ``purging_at``: since when its files and rows are being removed; then there is no way back.
    """

    trashed_at: Mapped[datetime | None] = mapped_column(index=True)
    trashed_by: Mapped[str | None] = mapped_column(ID)
    purging_at: Mapped[datetime | None]
    trash_id: Mapped[str] = mapped_column(ID, default="")
