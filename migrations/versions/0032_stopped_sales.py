"""What a recall stopped before it was delivered, and what its buyer wants instead."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

STATES = ("money", "replacement")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "stopped_sales",
        sa.Column("shop_order_id", sa.UUID(), nullable=False),
        sa.Column("recall_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="stoppedstate", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("listing_id", sa.UUID(), nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=False),
        sa.Column("chosen_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(state = 'replacement') = (num_nonnulls(listing_id, chosen_at) = 2)"
            " AND num_nonnulls(listing_id, chosen_at) IN (0, 2)",
            name=op.f("ck_stopped_sales_chosen_whole"),
        ),
        sa.CheckConstraint("chosen_at >= stopped_at", name=op.f("ck_stopped_sales_chosen_later")),
        sa.ForeignKeyConstraint(
            ["shop_order_id"], ["shop_orders.id"], name=op.f("fk_stopped_sales_shop_order_id")
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_stopped_sales_recall_id")),
        sa.ForeignKeyConstraint(["line_id"], ["order_lines.id"], name=op.f("fk_stopped_sales_line_id")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_stopped_sales_listing_id")),
        sa.PrimaryKeyConstraint("shop_order_id", name=op.f("pk_stopped_sales")),
    )
    op.create_index("ix_stopped_sales_recall_id", "stopped_sales", ["recall_id"])


def downgrade() -> None:
    op.drop_table("stopped_sales")
