"""Refunds say whose they are; groups have price tiers, and a shop that lets its group down pays double."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

REFUND_KINDS = ("unclaimed", "undone", "returned", "reduced", "goodwill", "deposit")
ITEM_KINDS = ("sale", "reduction", "clawback", "disallowed", "carriage", "recall", "deposit")
OF_SOMETHING = "payment_id IS NOT NULL OR shop_order_id IS NOT NULL"
OF_A_SALE = "(kind IN ('carriage', 'deposit')) = (shop_order_id IS NULL)"
REDUCTION = "kind NOT IN ('reduction', 'clawback') OR goods_fen <= 0"
GROUPS = {
    "agreed": "(state IN ('confirmed', 'ready', 'closed')) <= (agreed_price_fen IS NOT NULL)",
    "agreed_price": "agreed_price_fen BETWEEN 1 AND price_fen",
    "at_fault": "NOT shop_at_fault OR state = 'canceled'",
}
PLACES = {"penalty": "penalty_fen IN (0, deposit_fen) AND (penalty_fen = 0 OR state = 'returned')"}


def _check(table: str, name: str, law: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, law)


def _one_of(values: tuple[str, ...]) -> str:
    return "kind IN (" + ", ".join(f"'{value}'" for value in values) + ")"


def upgrade() -> None:
    _let_refunds_say_whose_they_are()
    _forget_drafts()
    _check("refunds", "refundkind", _one_of((*REFUND_KINDS, "penalty")))
    _check("refunds", "of_something", f"{OF_SOMETHING} OR kind = 'penalty'")
    _check("settlement_items", "itemkind", _one_of((*ITEM_KINDS, "penalty")))
    _check(
        "settlement_items",
        "of_a_sale",
        "(kind IN ('carriage', 'deposit', 'penalty')) = (shop_order_id IS NULL)",
    )
    _check("settlement_items", "reduction", REDUCTION.replace("'clawback'", "'clawback', 'penalty'"))
    op.add_column("group_orders", sa.Column("tiers", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("group_orders", sa.Column("agreed_price_fen", sa.BigInteger(), nullable=True))
    op.add_column(
        "group_orders", sa.Column("shop_at_fault", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column(
        "group_places", sa.Column("penalty_fen", sa.BigInteger(), server_default="0", nullable=False)
    )
    for table, column in (
        ("group_orders", "tiers"),
        ("group_orders", "shop_at_fault"),
        ("group_places", "penalty_fen"),
    ):
        op.alter_column(table, column, server_default=None)
    op.execute(
        "UPDATE group_orders SET agreed_price_fen = price_fen WHERE state IN ('confirmed', 'ready', 'closed')"
    )
    for table, laws in (("group_orders", GROUPS), ("group_places", PLACES)):
        for name, law in laws.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, law)


def _forget_drafts() -> None:
    """What clerks wrote down and nobody ordered had no end."""
    op.execute(
        "UPDATE assisted_orders SET draft = '{}'"
        " WHERE order_id IS NULL AND agreed_at < now() - interval '2 hours'"
    )


def _let_refunds_say_whose_they_are() -> None:
    op.add_column("refunds", sa.Column("account_id", sa.UUID(), nullable=True))
    op.add_column("refunds", sa.Column("county_code", sa.Text(), nullable=True))
    op.execute(
        "UPDATE refunds SET account_id = o.account_id, county_code = o.county_code"
        " FROM shop_orders s JOIN orders o ON o.id = s.order_id WHERE s.id = refunds.shop_order_id"
    )
    op.execute(
        "UPDATE refunds SET account_id = o.account_id, county_code = o.county_code"
        " FROM payments p JOIN orders o ON o.id = p.order_id"
        " WHERE p.id = refunds.payment_id AND refunds.account_id IS NULL"
    )
    # What has no order is a deposit: its bill names the place.
    op.execute(
        "UPDATE refunds SET account_id = g.account_id, county_code = s.county_code"
        " FROM payments p JOIN group_places g ON p.bill = 'group_place:' || g.id"
        " JOIN group_orders o ON o.id = g.group_id JOIN shops s ON s.id = o.shop_id"
        " WHERE p.id = refunds.payment_id AND refunds.account_id IS NULL"
    )
    op.add_column("refunds", sa.Column("paid_to", sa.Text(), nullable=True))
    op.add_column("refunds", sa.Column("paid_out_by_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_refunds_paid_out_by_id"), "refunds", "accounts", ["paid_out_by_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_refunds_paid_out"), "refunds", "paid_to IS NULL OR paid_out_by_id IS NOT NULL"
    )
    op.alter_column("refunds", "account_id", nullable=False)
    op.alter_column("refunds", "county_code", nullable=False)
    op.create_foreign_key(op.f("fk_refunds_account_id"), "refunds", "accounts", ["account_id"], ["id"])
    op.create_foreign_key(op.f("fk_refunds_county_code"), "refunds", "counties", ["county_code"], ["code"])
    op.create_index("ix_refunds_county_code_state", "refunds", ["county_code", "state"])
    op.create_index("ix_refunds_account_id", "refunds", ["account_id"])


def downgrade() -> None:
    for table, laws in (("group_places", PLACES), ("group_orders", GROUPS)):
        for name in laws:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.drop_column("group_places", "penalty_fen")
    for column in ("shop_at_fault", "agreed_price_fen", "tiers"):
        op.drop_column("group_orders", column)
    op.execute("DELETE FROM settlement_items WHERE kind = 'penalty'")
    op.execute("DELETE FROM refunds WHERE kind = 'penalty'")
    _check("settlement_items", "reduction", REDUCTION)
    _check("settlement_items", "of_a_sale", OF_A_SALE)
    _check("settlement_items", "itemkind", _one_of(ITEM_KINDS))
    _check("refunds", "of_something", OF_SOMETHING)
    _check("refunds", "refundkind", _one_of(REFUND_KINDS))
    op.drop_constraint(op.f("ck_refunds_paid_out"), "refunds", type_="check")
    op.drop_column("refunds", "paid_out_by_id")
    op.drop_column("refunds", "paid_to")
    op.drop_column("refunds", "county_code")
    op.drop_column("refunds", "account_id")
