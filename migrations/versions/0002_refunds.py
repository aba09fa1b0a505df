"""Refunds become documents with lines, approval and attempts; claims know what of them came back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REFUND_STATES = ("requested", "approved", "sent", "succeeded", "failed", "rejected")
REFUND_STATES_BEFORE = ("requested", "sent", "succeeded", "failed")
CLAIM_STATES = ("held", "committed", "delivered", "released", "returned")
KINDS = ("unclaimed", "undone", "returned", "reduced", "goodwill")


def one_of(column: str, name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def may_be(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    """Let `column` of `table` hold just these values."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    allowed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({allowed})")


def upgrade() -> None:
    may_be("claims", "state", "claimstate", CLAIM_STATES)
    for name in ("returned_fen", "returned_units"):
        op.add_column("claims", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        op.alter_column("claims", name, server_default=None)
    op.create_check_constraint(op.f("ck_claims_returned"), "claims", "returned_fen BETWEEN 0 AND amount_fen")
    op.create_check_constraint(
        op.f("ck_claims_returned_units"), "claims", "returned_units BETWEEN 0 AND units"
    )

    may_be("refunds", "state", "refundstate", REFUND_STATES)
    op.add_column("refunds", sa.Column("kind", one_of("kind", "refundkind", KINDS), nullable=True))
    op.add_column("refunds", sa.Column("shop_order_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_refunds_shop_order_id"), "refunds", "shop_orders", ["shop_order_id"], ["id"]
    )
    # What was refunded until now followed from an undone shop order, or from money that nobody waited for.
    op.execute("UPDATE refunds SET kind = 'unclaimed' WHERE reference LIKE 'payment:%'")
    op.execute(
        "UPDATE refunds SET kind = 'undone', shop_order_id = substr(reference, 12)::uuid "
        "WHERE reference LIKE 'shop_order:%'"
    )
    op.execute("UPDATE refunds SET kind = 'unclaimed' WHERE kind IS NULL")
    op.execute("UPDATE refunds SET state = 'approved' WHERE state = 'requested'")
    op.alter_column("refunds", "kind", nullable=False)
    op.alter_column("refunds", "payment_id", nullable=True)
    for name in ("delivery_fee_fen", "to_county_fen", "to_shop_fen"):
        op.add_column("refunds", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        op.alter_column("refunds", name, server_default=None)
    op.add_column(
        "refunds", sa.Column("bearer", one_of("bearer", "bearer", ("county", "shop")), nullable=True)
    )
    op.add_column("refunds", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.alter_column("refunds", "reason", server_default=None)
    op.add_column("refunds", sa.Column("attempt", sa.BigInteger(), nullable=False, server_default="1"))
    op.alter_column("refunds", "attempt", server_default=None)
    op.add_column("refunds", sa.Column("failure", sa.Text(), nullable=True))
    for name in ("requested_by_id", "decided_by_id"):
        op.add_column("refunds", sa.Column(name, sa.UUID(), nullable=True))
        op.create_foreign_key(op.f(f"fk_refunds_{name}"), "refunds", "accounts", [name], ["id"])
    op.add_column("refunds", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE refunds SET decided_at = created_at")
    op.create_index(op.f("ix_refunds_shop_order_id"), "refunds", ["shop_order_id"])
    op.drop_constraint(op.f("ck_refunds_amount"), "refunds", type_="check")
    op.create_check_constraint(op.f("ck_refunds_amount"), "refunds", "amount_fen >= 0")
    op.create_check_constraint(
        op.f("ck_refunds_of_something"), "refunds", "payment_id IS NOT NULL OR shop_order_id IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_refunds_bearer_named"), "refunds", "(kind = 'goodwill') = (bearer IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_refunds_four_eyes"), "refunds", "decided_by_id <> requested_by_id OR state = 'rejected'"
    )
    op.create_check_constraint(
        op.f("ck_refunds_decided"),
        "refunds",
        "requested_by_id IS NULL OR decided_by_id IS NOT NULL OR state = 'requested'",
    )
    op.create_check_constraint(
        op.f("ck_refunds_not_negative"), "refunds", "least(delivery_fee_fen, to_county_fen, to_shop_fen) >= 0"
    )
    op.create_table(
        "refund_lines",
        sa.Column("refund_id", sa.UUID(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("money_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("points_fen", sa.BigInteger(), nullable=False),
        sa.Column("trade_in_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_refund_lines_quantity")),
        sa.CheckConstraint(
            "least(money_fen, subsidy_fen, points_fen, trade_in_fen) >= 0",
            name=op.f("ck_refund_lines_not_negative"),
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_refund_lines_refund_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_refund_lines_order_line_id")
        ),
        sa.PrimaryKeyConstraint("refund_id", "order_line_id", name=op.f("pk_refund_lines")),
    )


def downgrade() -> None:
    op.drop_table("refund_lines")
    # What the older schema has no word for cannot be kept: it knows neither cash refunds nor requests.
    op.execute("DELETE FROM refunds WHERE payment_id IS NULL OR state = 'rejected' OR amount_fen = 0")
    op.execute("UPDATE refunds SET state = 'requested' WHERE state = 'approved'")
    for name in ("of_something", "bearer_named", "four_eyes", "decided", "not_negative", "amount"):
        op.drop_constraint(op.f(f"ck_refunds_{name}"), "refunds", type_="check")
    op.create_check_constraint(op.f("ck_refunds_amount"), "refunds", "amount_fen > 0")
    for name in (
        "decided_at",
        "decided_by_id",
        "requested_by_id",
        "failure",
        "attempt",
        "reason",
        "bearer",
    ):
        op.drop_column("refunds", name)
    for name in ("to_shop_fen", "to_county_fen", "delivery_fee_fen", "shop_order_id", "kind"):
        op.drop_column("refunds", name)
    op.alter_column("refunds", "payment_id", nullable=False)
    may_be("refunds", "state", "refundstate", REFUND_STATES_BEFORE)
    op.execute("UPDATE claims SET state = 'delivered' WHERE state = 'returned'")
    for name in ("returned", "returned_units"):
        op.drop_constraint(op.f(f"ck_claims_{name}"), "claims", type_="check")
    for name in ("returned_units", "returned_fen"):
        op.drop_column("claims", name)
    may_be("claims", "state", "claimstate", CLAIM_STATES[:-1])
