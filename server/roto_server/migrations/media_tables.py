"""The tables that migration 0004 makes. Frozen with it: what changes later, another one changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

TABLES = ("publications", "conforms", "upload_pieces", "blobs", "reviews", "notes", "plates")
"""In the order in which they can be dropped."""

_ID = sa.String(length=32)
_TIME = sa.DateTime(timezone=True)


def make_tables() -> None:
    """Create them all."""
    _make_plates()
    _make_reviewing()
    _make_stored()
    _make_conforms()


def _times() -> list[sa.Column[Any]]:
    return [
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
    ]


def _make_plates() -> None:
    op.create_table(
        "plates",
        sa.Column("id", _ID, nullable=False),
        sa.Column("shot_id", _ID, nullable=False),
        sa.Column("view", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("plate", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("colorspace", sa.String(length=200), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("pixel_aspect", sa.Float(), nullable=True),
        sa.Column("fps_num", sa.Integer(), nullable=True),
        sa.Column("fps_den", sa.Integer(), nullable=True),
        sa.Column("first_frame", sa.Integer(), nullable=True),
        sa.Column("last_frame", sa.Integer(), nullable=True),
        sa.Column("plate_metadata", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.id"], name="plates_shot_id_fkey"),
        sa.UniqueConstraint("shot_id", "view", "version", name="plates_shot_id_view_version_key"),
    )
    op.create_index("ix_plates_shot_id", "plates", ["shot_id"])
    op.create_index("ix_plates_source", "plates", ["source"])


def _make_reviewing() -> None:
    op.create_table(
        "notes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("shot_id", _ID, nullable=False),
        sa.Column("job_id", _ID, nullable=True),
        sa.Column("object_id", _ID, nullable=True),
        sa.Column("reply_to", _ID, nullable=True),
        sa.Column("frame", sa.Integer(), nullable=True),
        sa.Column("x", sa.Float(), nullable=True),
        sa.Column("y", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("resolved_at", _TIME, nullable=True),
        sa.Column("resolved_by", _ID, nullable=True),
        sa.Column("created_by", _ID, nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.id"], name="notes_shot_id_fkey"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="notes_job_id_fkey"),
        sa.ForeignKeyConstraint(["object_id"], ["objects.id"], name="notes_object_id_fkey"),
        sa.ForeignKeyConstraint(["reply_to"], ["notes.id"], name="notes_reply_to_fkey"),
    )
    op.create_index("ix_notes_shot_created", "notes", ["shot_id", "created_at", "id"])
    for column in ("job_id", "object_id", "reply_to"):
        op.create_index(f"ix_notes_{column}", "notes", [column])
    op.create_table(
        "reviews",
        sa.Column("id", _ID, nullable=False),
        sa.Column("shot_id", _ID, nullable=False),
        sa.Column("job_id", _ID, nullable=True),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.id"], name="reviews_shot_id_fkey"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="reviews_job_id_fkey"),
    )
    op.create_index("ix_reviews_shot_created", "reviews", ["shot_id", "created_at", "id"])
    op.create_index("ix_reviews_job_id", "reviews", ["job_id"])


def _make_stored() -> None:
    op.create_table(
        "blobs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="blobs_project_id_fkey"),
        sa.UniqueConstraint("project_id", "sha256", name="blobs_project_id_sha256_key"),
    )
    op.create_index("ix_blobs_created_at", "blobs", ["created_at"])
    op.create_table(
        "upload_pieces",
        sa.Column("upload_id", _ID, nullable=False),
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "file", "number"),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name="upload_pieces_upload_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "publications",
        sa.Column("id", _ID, nullable=False),
        sa.Column("shot_id", _ID, nullable=False),
        sa.Column("job_id", _ID, nullable=False),
        sa.Column("export_id", _ID, nullable=True),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("created_by", _ID, nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.id"], name="publications_shot_id_fkey"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="publications_job_id_fkey"),
        sa.UniqueConstraint("path", name="publications_path_key"),
    )
    op.create_index("ix_publications_shot_id", "publications", ["shot_id"])
    op.create_index("ix_publications_job_id", "publications", ["job_id"])


def _make_conforms() -> None:
    op.create_table(
        "conforms",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fps_num", sa.Integer(), nullable=False),
        sa.Column("fps_den", sa.Integer(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="conforms_project_id_fkey"),
    )
    op.create_index("ix_conforms_project_created", "conforms", ["project_id", "created_at", "id"])
