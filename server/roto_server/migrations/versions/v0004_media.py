"""Projects, media and review: versions of plates, trash, notes, review, conform, pieces of uploads.

Every shot's plate becomes version 1 of its main view, under the shot's own id.

A step back loses notes, reviews and review states, edit lists, handles, what was published where
(its files stay), projects' clients and settings, the archive, the order of objects, where nodes
mount what, and of uploads what has arrived in pieces. Before, there was no trash: **what lies in it
is alive again**, called by its name and id, also what was being purged; empty the trash first. Of a
shot's plates the current one of its main view stays, and all its jobs are told to have worked on
it; older versions and other views are gone. Which bytes a project has is forgotten: they are sent
again.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from roto_server.migrations import media_tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAMING = {
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
}
_TIME = sa.DateTime(timezone=True)
_UNIQUE = {
    "projects": ["created_by", "name"],
    "shots": ["project_id", "name"],
    "objects": ["shot_id", "name"],
}
_OWN: dict[str, list[tuple[str, Any, str | None]]] = {
    "projects": [
        ("client", sa.String(length=200), ""),
        ("settings", sa.JSON(), "{}"),
        ("archived_at", _TIME, None),
    ],
    "shots": [
        ("plate_id", sa.String(length=32), None),
        ("handle_head", sa.Integer(), "0"),
        ("handle_tail", sa.Integer(), "0"),
        ("cut", sa.JSON(), None),
        ("review", sa.String(length=16), "waiting"),
        ("archived_at", _TIME, None),
    ],
    "objects": [("position", sa.Integer(), "0")],
    "jobs": [("plate_id", sa.String(length=32), None)],
}
"""Table -> (column, type, default of the rows there are; None = may be null)."""
_REFERRING = (("masks", "object_id"), ("masks", "attempt_id"), ("exports", "object_id"))
"""Foreign keys without an index: who purges would have the database read the whole table."""
_TRASH: list[tuple[str, Any, str | None]] = [
    ("trashed_at", _TIME, None),
    ("trashed_by", sa.String(length=32), None),
    ("purging_at", _TIME, None),
    ("trash_id", sa.String(length=32), ""),
]


def upgrade() -> None:
    media_tables.make_tables()
    for table, columns in _OWN.items():
        with op.batch_alter_table(table, naming_convention=_NAMING) as batch:
            for name, kind, default in [*_TRASH, *columns]:
                batch.add_column(
                    sa.Column(name, kind, nullable=default is None, server_default=default)
                )
            batch.create_index(f"ix_{table}_trashed_at", ["trashed_at"])
            if table in _UNIQUE:
                _exchange_unique(batch, table, _UNIQUE[table], [*_UNIQUE[table], "trash_id"])
            if table == "shots":
                batch.create_index("ix_shots_review", ["review"])
            if table == "jobs":
                batch.create_index("ix_jobs_plate_id", ["plate_id"])
                batch.create_foreign_key("jobs_plate_id_fkey", "plates", ["plate_id"], ["id"])
    with op.batch_alter_table("uploads") as batch:
        batch.add_column(sa.Column("piece_size", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("multipart", sa.JSON(), nullable=True))
    with op.batch_alter_table("workers") as batch:
        batch.add_column(sa.Column("reach", sa.JSON(), nullable=True))
    for table, column in _REFERRING:
        op.create_index(f"ix_{table}_{column}", table, [column])
    _plates_of_shots()


def downgrade() -> None:
    _tell_trash_apart()
    for table, column in _REFERRING:
        op.drop_index(f"ix_{table}_{column}", table)
    with op.batch_alter_table("workers") as batch:
        batch.drop_column("reach")
    with op.batch_alter_table("uploads") as batch:
        batch.drop_column("multipart")
        batch.drop_column("piece_size")
    for table, columns in _OWN.items():
        with op.batch_alter_table(table, naming_convention=_NAMING) as batch:
            if table == "jobs":
                batch.drop_constraint("jobs_plate_id_fkey", type_="foreignkey")
                batch.drop_index("ix_jobs_plate_id")
            if table == "shots":
                batch.drop_index("ix_shots_review")
            if table in _UNIQUE:
                _exchange_unique(batch, table, [*_UNIQUE[table], "trash_id"], _UNIQUE[table])
            batch.drop_index(f"ix_{table}_trashed_at")
            for name, _, _ in [*columns, *_TRASH]:
                batch.drop_column(name)
    for table in media_tables.TABLES:
        op.drop_table(table)


def _exchange_unique(batch: Any, table: str, old: list[str], new: list[str]) -> None:
    batch.drop_constraint("_".join([table, *old, "key"]), type_="unique")
    batch.create_unique_constraint("_".join([table, *new, "key"]), new)


_FACTS = (
    "plate, colorspace, width, height, pixel_aspect, fps_num, fps_den, first_frame, last_frame, "
    "plate_metadata, error, created_by, created_at, updated_at"
)


def _plates_of_shots() -> None:
    op.execute(
        f"INSERT INTO plates (id, shot_id, view, version, state, warnings, source, {_FACTS}) "  # noqa: S608
        f"SELECT id, id, 'main', 1, state, '[]', NULL, {_FACTS} FROM shots"
    )
    op.execute("UPDATE shots SET plate_id = id")
    op.execute("UPDATE jobs SET plate_id = shot_id")
    _name_folders_of_uploaded()


def _name_folders_of_uploaded() -> None:
    """A plate that was uploaded lies below its shot, or among those that a project's shots share.

    A folder there that no plate names is an orphan, which is removed.
    """
    connection = op.get_bind()
    plates = sa.table("plates", sa.column("id"), sa.column("source"), sa.column("plate", sa.JSON()))
    shots = sa.table("shots", sa.column("id"), sa.column("project_id"))
    # A shot's only plate has its id.
    asked = sa.select(shots.c.project_id, plates.c.id, plates.c.plate)
    for project, ident, plate in connection.execute(
        asked.join_from(plates, shots, plates.c.id == shots.c.id)
    ).all():
        stored = rf"/(projects/{project}/(?:{ident}/source|sources)/[^/]+)/[^/]+$"
        if found := re.search(stored, str(plate["path"])):
            connection.execute(plates.update().where(plates.c.id == ident).values(source=found[1]))


def _tell_trash_apart() -> None:
    """Before there was a trash, names were taken for good."""
    connection = op.get_bind()
    for table in _UNIQUE:
        rows = sa.table(table, sa.column("id"), sa.column("name"), sa.column("trash_id"))
        trashed = sa.select(rows.c.id, rows.c.name).where(rows.c.trash_id != "")
        for ident, name in connection.execute(trashed).all():
            told = f"{name[:160]} {ident}"
            connection.execute(rows.update().where(rows.c.id == ident).values(name=told))
