"""Settings of a server process among others: its database connections, leading, stopping."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings


class DatabaseSettings(BaseSettings):
    """Durations are seconds; a limit of 0 seconds is none.

    One process opens up to ``database_pool_size + database_max_overflow`` connections, of which
    the first are kept. The limits on statements and on idle transactions are PostgreSQL's
    and are set per transaction, so that a pooler in transaction mode (PgBouncer) may stand between.

    ``leader_seconds``: for how long a server process may be silent before another one reconciles in
    its place. ``drain_seconds``: how long /readyz is red before a stopping server takes no more
    requests; ``finish_seconds``: how long running requests then have to end.
    """

    database_pool_size: int = Field(default=10, ge=1, le=1000)
    database_max_overflow: int = Field(default=10, ge=0, le=1000)
    database_pool_wait_seconds: float = Field(default=5.0, gt=0)
    database_connect_seconds: int = Field(default=5, ge=2)
    database_statement_seconds: float = Field(default=30.0, ge=0)
    database_idle_transaction_seconds: float = Field(default=15.0, ge=0)

    leader_seconds: float = Field(default=15.0, ge=1)
    drain_seconds: float = Field(default=0.0, ge=0)
    finish_seconds: float = Field(default=20.0, gt=0)

    @model_validator(mode="after")
    def _enough_connections(self) -> Self:
        if self.database_pool_size + self.database_max_overflow < 5:
            raise ValueError(
                "ROTO_DATABASE_POOL_SIZE and ROTO_DATABASE_MAX_OVERFLOW must allow 5 connections "
                "in all: a server needs some beside those of its requests"
            )
        return self
