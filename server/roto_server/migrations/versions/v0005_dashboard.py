"""For the dashboard: nodes of the farm, its history, jobs by what people look for.

A step back loses the farm's history and what people made of nodes: after a step forth each one that
has a worker is enabled, a drained or disabled one too. Since when a task has waited is told anew by
its last change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_JOB_INDICES = {
    "ix_jobs_updated": ["updated_at", "id"],
    "ix_jobs_urgency": ["urgency", "created_at", "id"],
    "ix_jobs_confidence": ["worst_confidence", "id"],
}


def upgrade() -> None:
    op.create_table(
        "farm_nodes",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(length=32), nullable=True),
        sa.Column("changed_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "farm_samples",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(length=16), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("oldest_waiting_seconds", sa.Float(), nullable=False),
        sa.Column("workers_alive", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "queue"),
    )
    with op.batch_alter_table("tasks") as batch:
        batch.add_column(sa.Column("ready_at", _TIME, nullable=True))
    with op.batch_alter_table("jobs") as batch:
        batch.add_column(sa.Column("urgency", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(
            sa.Column("worst_confidence", sa.Float(), nullable=False, server_default="2")
        )
        for name, columns in _JOB_INDICES.items():
            batch.create_index(name, columns)
    _tell_of_what_is_there()


def downgrade() -> None:
    with op.batch_alter_table("jobs") as batch:
        for name in _JOB_INDICES:
            batch.drop_index(name)
        batch.drop_column("worst_confidence")
        batch.drop_column("urgency")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("ready_at")
    op.drop_table("farm_samples")
    op.drop_table("farm_nodes")


def _tell_of_what_is_there() -> None:
    op.execute(
        "INSERT INTO farm_nodes (name, state, reason, created_at, updated_at) "
        "SELECT node, 'enabled', '', min(created_at), max(updated_at) FROM workers GROUP BY node"
    )
    op.execute("UPDATE tasks SET ready_at = updated_at WHERE state = 'ready'")
    op.execute(
        "UPDATE jobs SET urgency = CASE priority WHEN 'high' THEN 0 WHEN 'low' THEN 2 ELSE 1 END"
    )
    op.execute(
        "UPDATE jobs SET worst_confidence = coalesce("
        "(SELECT min(confidence) FROM masks WHERE masks.job_id = jobs.id), 2)"
    )
