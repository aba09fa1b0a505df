"""The operator's board: numbered plans, locks, the cost as it fell, why a job was left out, closed days."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LEFT_OUT_OF = "fk_jobs_left_out_of"
WAITS = "ck_jobs_in_one_batch_or_waits"


def upgrade() -> None:
    op.add_column("batches", sa.Column("plan_number", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE batches SET plan_number = 1 WHERE planned_at IS NOT NULL")
    op.add_column(
        "batch_progress", sa.Column("steps", postgresql.JSONB(), nullable=False, server_default="[]")
    )
    for table in ("runs", "stops"):
        op.add_column(table, sa.Column("is_locked", sa.Boolean(), nullable=False, server_default="false"))
        op.alter_column(table, "is_locked", server_default=None)
    op.alter_column("batches", "plan_number", server_default=None)
    op.alter_column("batch_progress", "steps", server_default=None)
    op.add_column(
        "counties", sa.Column("closed_days", postgresql.JSONB(), nullable=False, server_default="[]")
    )
    op.alter_column("counties", "closed_days", server_default=None)
    op.add_column("jobs", sa.Column("reason_needed", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("reason_best", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("left_out_of", sa.UUID(), nullable=True))
    op.create_foreign_key(LEFT_OUT_OF, "jobs", "batches", ["left_out_of"], ["id"])
    op.create_index("ix_jobs_left_out_of", "jobs", ["left_out_of"])
    op.create_check_constraint(
        op.f(WAITS),
        "jobs",
        "CASE WHEN state IN ('waiting', 'ready') THEN batch_id IS NULL"
        " WHEN state IN ('batched', 'scheduled', 'underway') THEN batch_id IS NOT NULL ELSE true END",
    )


def downgrade() -> None:
    op.drop_constraint(op.f(WAITS), "jobs", type_="check")
    op.drop_index("ix_jobs_left_out_of", "jobs")
    op.drop_constraint(LEFT_OUT_OF, "jobs", type_="foreignkey")
    for column in ("left_out_of", "reason_best", "reason_needed"):
        op.drop_column("jobs", column)
    for table in ("stops", "runs"):
        op.drop_column(table, "is_locked")
    op.drop_column("counties", "closed_days")
    op.drop_column("batch_progress", "steps")
    op.drop_column("batches", "plan_number")
