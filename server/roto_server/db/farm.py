"""Tables of the farm's nodes, and of how its queues stood."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from .base import ID, Base, Timestamps

ENABLED, DRAINING, DISABLED = "enabled", "draining", "disabled"


class Node(Timestamps, Base):
    """A machine whose workers have registered. ``state``: enabled, draining or disabled.

    ``reason``, ``changed_by`` (a user's id; None: by a command) and ``changed_at`` are of the last
    change of the state.
    """

    __tablename__ = "farm_nodes"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default=ENABLED)
    reason: Mapped[str] = mapped_column(Text, default="")
    changed_by: Mapped[str | None] = mapped_column(ID)
    changed_at: Mapped[datetime | None]


class FarmSample(Base):
    """How one queue stood in one ``minute``, counted from 1970.

    ``waiting`` and ``running`` count tasks, ``workers_alive`` those that
    are given the queue's tasks.
    """

    __tablename__ = "farm_samples"

    minute: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    queue: Mapped[str] = mapped_column(String(16), primary_key=True)
    waiting: Mapped[int] = mapped_column(Integer)
    running: Mapped[int] = mapped_column(Integer)
    oldest_waiting_seconds: Mapped[float] = mapped_column(Float)
    workers_alive: Mapped[int] = mapped_column(Integer)
