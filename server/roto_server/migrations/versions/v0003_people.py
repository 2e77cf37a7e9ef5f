"""People and access: accounts, roles, keys, audit.

Whoever held an API key could do everything; they become administrators of kind ``service``, and
what they made is told by their id from now on.

A step back loses accounts, roles, members, assignments, sessions, identities, mails that wait, the
audit log, changed configuration, and whether artists see all of a project. Every key sees and does
everything again: those of administrators stay good that have every scope and no end, all others are
revoked. Who made what stays, by name; of projects of one name all but the oldest are renamed. A
step forth makes a service account of each name.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from roto_server.migrations import people_tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MADE = ("projects", "shots", "objects", "prompts", "jobs", "shapes", "uploads", "previews")
_ALL_SCOPES = ["read", "write", "manage", "admin"]
# SQLite's unnamed constraints get the names that PostgreSQL gave them.
_NAMING = {
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
}


def upgrade() -> None:
    people_tables.make_tables()
    _change_tables()
    _name_to_id()
    _lock_audit()


def downgrade() -> None:
    _unlock_audit()
    _revoke_lesser_keys()
    _tell_projects_apart()
    _id_to_name()
    with op.batch_alter_table("tokens", naming_convention=_NAMING) as batch:
        batch.drop_index("ix_tokens_user_id")
        batch.drop_constraint("tokens_user_id_fkey", type_="foreignkey")
        for column in ("user_id", "prefix", "scopes", "source", "expires_at"):
            batch.drop_column(column)
    with op.batch_alter_table("projects", naming_convention=_NAMING) as batch:
        batch.drop_index("ix_projects_name")
        batch.drop_constraint("projects_created_by_name_key", type_="unique")
        batch.create_unique_constraint("projects_name_key", ["name"])
        batch.drop_column("artists_see_all")
    with op.batch_alter_table("attempts", naming_convention=_NAMING) as batch:
        batch.drop_constraint("attempts_token_sha256_key", type_="unique")
        batch.drop_column("token_sha256")
    for table, column in (("workers", "memory"), ("previews", "request_id")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
    for table in people_tables.TABLES:
        op.drop_table(table)
    op.drop_index("ix_jobs_created", "jobs")
    op.drop_index("ix_shots_project_created", "shots")


def _change_tables() -> None:
    op.create_index("ix_jobs_created", "jobs", ["created_at", "id"])
    op.create_index("ix_shots_project_created", "shots", ["project_id", "created_at", "id"])
    op.add_column("workers", sa.Column("memory", sa.JSON(), nullable=True))
    op.add_column("previews", sa.Column("request_id", sa.String(length=64), nullable=True))
    with op.batch_alter_table("attempts", naming_convention=_NAMING) as batch:
        batch.add_column(sa.Column("token_sha256", sa.String(length=64), nullable=True))
        batch.create_unique_constraint("attempts_token_sha256_key", ["token_sha256"])
    with op.batch_alter_table("projects", naming_convention=_NAMING) as batch:
        batch.add_column(
            sa.Column("artists_see_all", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch.drop_constraint("projects_name_key", type_="unique")
        batch.create_index("ix_projects_name", ["name"])
        batch.create_unique_constraint("projects_created_by_name_key", ["created_by", "name"])
    with op.batch_alter_table("tokens", naming_convention=_NAMING) as batch:
        batch.add_column(sa.Column("user_id", sa.String(length=32), nullable=True))
        batch.add_column(
            sa.Column("prefix", sa.String(length=16), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("scopes", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(
            sa.Column("source", sa.String(length=16), nullable=False, server_default="made")
        )
        batch.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index("ix_tokens_user_id", ["user_id"])
        batch.create_foreign_key("tokens_user_id_fkey", "users", ["user_id"], ["id"])


def _name_to_id() -> None:
    connection = op.get_bind()
    tokens = sa.table(
        "tokens", sa.column("name"), sa.column("scope"), sa.column("user_id"),
        sa.column("scopes", sa.JSON()), sa.column("revoked", sa.Boolean()),
    )  # fmt: skip
    words: list[sa.ColumnClause[Any]] = [
        sa.column(name) for name in ("id", "kind", "name", "role", "state")
    ]
    times = [sa.column(name, sa.DateTime(timezone=True)) for name in ("created_at", "updated_at")]
    users = sa.table("users", *words, *times)
    keys = sa.select(tokens.c.name).where(tokens.c.scope == "user")
    holders = set(connection.scalars(keys))
    admins = set(connection.scalars(keys.where(~tokens.c.revoked)))
    made = [sa.table(name, sa.column("created_by")) for name in _MADE]
    makers = {name for table in made for name in connection.scalars(sa.select(table.c.created_by))}
    for name in sorted(holders | makers):
        ident, now = uuid.uuid4().hex, datetime.now(UTC)
        role = "admin" if name in admins else "viewer"
        connection.execute(
            users.insert().values(
                id=ident, kind="service", name=name, role=role, state="active",
                created_at=now, updated_at=now,
            )
        )  # fmt: skip
        connection.execute(
            tokens.update()
            .where(tokens.c.name == name, tokens.c.scope == "user")
            .values(user_id=ident, scopes=_ALL_SCOPES)
        )
        for table in made:
            connection.execute(
                table.update().where(table.c.created_by == name).values(created_by=ident)
            )


def _revoke_lesser_keys() -> None:
    """Before, every API key could do everything for ever: only keys that can now stay good."""
    connection = op.get_bind()
    users = sa.table("users", sa.column("id"), sa.column("role"), sa.column("state"))
    tokens = sa.table(
        "tokens", sa.column("id"), sa.column("scope"), sa.column("user_id"),
        sa.column("scopes", sa.JSON()), sa.column("expires_at"), sa.column("revoked", sa.Boolean()),
    )  # fmt: skip
    active_admin = (users.c.role == "admin") & (users.c.state == "active")
    admins = set(connection.scalars(sa.select(users.c.id).where(active_admin)))
    keys = sa.select(tokens.c.id, tokens.c.user_id, tokens.c.scopes, tokens.c.expires_at)
    for ident, user_id, scopes, expires_at in connection.execute(
        keys.where(tokens.c.scope == "user")
    ).all():
        if user_id not in admins or "admin" not in scopes or expires_at is not None:
            connection.execute(tokens.update().where(tokens.c.id == ident).values(revoked=True))


def _tell_projects_apart() -> None:
    """Before, a project's name was unique on the server."""
    connection = op.get_bind()
    projects = sa.table("projects", sa.column("id"), sa.column("name"), sa.column("created_at"))
    taken: set[str] = set()
    oldest_first = sa.select(projects.c.id, projects.c.name).order_by(projects.c.created_at)
    for ident, name in connection.execute(oldest_first).all():
        if name in taken:
            told = f"{name[:190]} {ident[:8]}"
            connection.execute(projects.update().where(projects.c.id == ident).values(name=told))
        taken.add(name)


def _id_to_name() -> None:
    """Names again; two people of one name are told apart by the beginning of their ids."""
    connection = op.get_bind()
    users = sa.table("users", sa.column("id"), sa.column("name"))
    tokens = sa.table("tokens", sa.column("user_id"), sa.column("name"))
    taken: set[str] = set()
    for ident, name in connection.execute(sa.select(users.c.id, users.c.name)).all():
        told = name if name not in taken else f"{name[:190]} {ident[:8]}"
        taken.add(told)
        # A key was called by whose it is.
        connection.execute(tokens.update().where(tokens.c.user_id == ident).values(name=told))
        for table in (sa.table(one, sa.column("created_by")) for one in _MADE):
            connection.execute(
                table.update().where(table.c.created_by == ident).values(created_by=told)
            )


def _lock_audit() -> None:
    """Not even a bug of ours changes what was written."""
    for statement in _LOCK[op.get_bind().dialect.name]:
        op.execute(statement)


def _unlock_audit() -> None:
    for statement in _UNLOCK[op.get_bind().dialect.name]:
        op.execute(statement)


_REFUSAL = "the audit log is only added to"
_LOCK = {
    "sqlite": [
        f"CREATE TRIGGER audit_{event.lower()} BEFORE {event} ON audit "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for event in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION roto_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
        "CREATE TRIGGER audit_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION roto_refuse_audit_change()",
    ],
}
_UNLOCK = {
    "sqlite": ["DROP TRIGGER audit_update", "DROP TRIGGER audit_delete"],
    "postgresql": [
        "DROP TRIGGER audit_change ON audit",
        "DROP FUNCTION roto_refuse_audit_change()",
    ],
}
