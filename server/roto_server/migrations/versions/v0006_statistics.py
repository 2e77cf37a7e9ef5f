"""Views people save for themselves; statistics of what ended within some time.

A step back loses the saved views.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("views", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("user_id", "page"),
    )
    op.create_index("ix_jobs_finished", "jobs", ["finished_at", "id"])
    op.create_index("ix_attempts_finished", "attempts", ["finished_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_attempts_finished", "attempts")
    op.drop_index("ix_jobs_finished", "jobs")
    op.drop_table("saved_views")
