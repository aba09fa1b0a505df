"""Goods wait at village stations: pick-up codes, what is kept where, and who keeps a station."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

FULFILLMENT = (
    "placed", "confirmed", "handed_over", "at_hub", "scheduled", "out_for_delivery", "delivered", "undelivered",
    "declined", "canceled", "refused", "returned_to_hub", "returned",
)  # fmt: skip
# The value lists that grow: constraint, table, column, the values before, the value added.
GROWN = (
    ("jobstate", "jobs", "state",
     ("waiting", "ready", "batched", "scheduled", "underway", "done", "canceled", "refused"), "kept"),
    ("fulfillment", "shop_orders", "state", FULFILLMENT, "at_station"),
    ("fulfillment", "shop_order_steps", "state", FULFILLMENT, "at_station"),
    ("viewerrole", "data_accesses", "role", ("auditor", "county", "courier", "recycler", "shop"), "station"),
)  # fmt: skip
# There is no older name for goods that wait: the way down counts them as on their way.
BEFORE_DOWN = (
    "UPDATE jobs SET state = 'underway' WHERE state = 'kept'",
    "UPDATE shop_orders SET state = 'out_for_delivery' WHERE state = 'at_station'",
    "DELETE FROM shop_order_steps WHERE state = 'at_station'",
    "DELETE FROM data_accesses WHERE role = 'station'",
)


def _check_values(name: str, table: str, column: str, kinds: tuple[str, ...]) -> None:
    values = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({values})")


def upgrade() -> None:
    for name, table, column, before, added in GROWN:
        _check_values(name, table, column, (*before, added))
    op.add_column("jobs", sa.Column("pickup_code", sa.Text(), nullable=True))
    op.add_column("proofs", sa.Column("code_matches", sa.Boolean(), nullable=True))
    op.create_table(
        "kept",
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("station_id", sa.UUID(), nullable=False),
        sa.Column("courier_id", sa.UUID(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_codes", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ended_by",
            sa.Enum(
                "code", "recipient", "sent_back", name="keptend", native_enum=False, create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("wrong_codes >= 0", name=op.f("ck_kept_wrong_codes")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_kept_ended_whole")),
        sa.CheckConstraint("left_at < keep_until", name=op.f("ck_kept_days")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_kept_job_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_kept_station_id")),
        sa.ForeignKeyConstraint(["courier_id"], ["couriers.id"], name=op.f("fk_kept_courier_id")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_kept")),
    )  # fmt: skip
    op.create_index(
        "ix_kept_station_id", "kept", ["station_id"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "station_keepers",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("station_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_station_keepers_account_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_station_keepers_station_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_station_keepers")),
    )
    op.create_index("ix_station_keepers_station_id", "station_keepers", ["station_id"])


def downgrade() -> None:
    op.drop_table("station_keepers")
    op.drop_table("kept")
    op.drop_column("proofs", "code_matches")
    op.drop_column("jobs", "pickup_code")
    for statement in BEFORE_DOWN:
        op.execute(statement)
    for name, table, column, before, _added in GROWN:
        _check_values(name, table, column, before)
