"""Alembic's entry point: runs on the connection `roto_server.migrations` hands over."""

from __future__ import annotations

from alembic import context

from roto_server.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most things in place.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
