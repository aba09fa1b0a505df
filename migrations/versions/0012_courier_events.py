"""What couriers' phones tell, once per event."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = (
    "start", "arrive", "scan", "serial", "photo", "signature", "check", "old_taken", "cash", "item_failed", "skip",
    "resume", "done", "failed", "run_failed", "undo", "settle",
)  # fmt: skip
OUTCOMES = ("held", "open", "applied", "duplicate", "undone", "conflict", "refused")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "courier_events",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("courier_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", _one_of("eventkind", KINDS), nullable=False),
        sa.Column("run_id", sa.UUID(), nullable=True),
        sa.Column("stop_id", sa.UUID(), nullable=True),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", _one_of("eventoutcome", OUTCOMES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("settles_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "recorded_at <= received_at", name=op.f("ck_courier_events_recorded_before_received")
        ),
        sa.CheckConstraint(
            "outcome <> 'open' OR settles_at IS NOT NULL", name=op.f("ck_courier_events_open_until")
        ),
        sa.CheckConstraint(
            "(outcome IN ('conflict', 'refused')) = (reason IS NOT NULL)",
            name=op.f("ck_courier_events_said_why"),
        ),
        sa.CheckConstraint(
            "kind <> 'photo' OR photo IS NOT NULL OR reason IS NOT NULL",
            name=op.f("ck_courier_events_photo_there"),
        ),
        sa.ForeignKeyConstraint(["courier_id"], ["couriers.id"], name=op.f("fk_courier_events_courier_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_courier_events_run_id")),
        sa.ForeignKeyConstraint(["stop_id"], ["stops.id"], name=op.f("fk_courier_events_stop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courier_events")),
        sa.UniqueConstraint("courier_id", "event_id", name=op.f("uq_courier_events_courier_id_event_id")),
    )
    op.create_index(
        "uq_courier_events_ending",
        "courier_events",
        ["stop_id"],
        unique=True,
        postgresql_where=sa.text("kind IN ('done', 'failed') AND outcome IN ('open', 'applied')"),
    )
    op.create_index("ix_courier_events_stop_id", "courier_events", ["stop_id"])
    op.create_index("ix_courier_events_run_id", "courier_events", ["run_id"])
    op.create_index(
        "ix_courier_events_unsettled",
        "courier_events",
        ["courier_id"],
        postgresql_where=sa.text("outcome IN ('held', 'open')"),
    )


def downgrade() -> None:
    op.drop_table("courier_events")
