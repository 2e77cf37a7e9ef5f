"""Previews: one frame asked about, and its answer while somebody may still want it.

A step back loses the previews, which live for minutes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "previews",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("client_key", sa.String(length=200), nullable=True),
        sa.Column("worker_id", sa.String(length=220), nullable=True),
        sa.Column("boot_id", sa.String(length=32), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_previews_client", "previews", ["created_by", "client_key"])
    op.create_index("ix_previews_created_at", "previews", ["created_at"])
    op.create_index("ix_previews_shot_id", "previews", ["shot_id"])
    op.create_index("ix_previews_state_rung", "previews", ["state", "rung_at"])


def downgrade() -> None:
    op.drop_index("ix_previews_state_rung", "previews")
    op.drop_index("ix_previews_shot_id", "previews")
    op.drop_index("ix_previews_created_at", "previews")
    op.drop_index("ix_previews_client", "previews")

    op.drop_table("previews")
