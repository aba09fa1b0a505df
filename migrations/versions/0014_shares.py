"""Who a job is carried for, what the parties of a batch bear of its cost, and its line on their sheets."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = ("sale", "reduction", "clawback", "disallowed")
NET = "net_fen = goods_fen - commission_fen"


def replace_check(table: str, name: str, law: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, law)


def one_of(kinds: tuple[str, ...]) -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in kinds)})"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("party", sa.Text(), nullable=True))
    op.execute(
        "UPDATE jobs SET party = shop_orders.shop_id::text FROM shop_orders"
        " WHERE jobs.reference = 'shop_order:' || shop_orders.id"
    )
    op.execute("UPDATE jobs SET party = 'county' WHERE party IS NULL")
    op.alter_column("jobs", "party", nullable=False)
    op.add_column("batches", sa.Column("alone_fen", sa.BigInteger(), nullable=True))
    op.add_column("batches", sa.Column("lower_bound_fen", sa.BigInteger(), nullable=True))
    op.add_column(
        "batch_progress", sa.Column("shares_percent", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_batch_progress_shares_percent"), "batch_progress", "shares_percent BETWEEN 0 AND 100"
    )
    op.create_table(
        "batch_shares",
        sa.Column("batch_id", sa.UUID(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("alone_fen", sa.BigInteger(), nullable=False),
        sa.Column("share_fen", sa.BigInteger(), nullable=False),
        sa.Column("error_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "share_fen BETWEEN 0 AND alone_fen", name=op.f("ck_batch_shares_never_above_alone")
        ),
        sa.CheckConstraint("jobs > 0 AND error_fen >= 0", name=op.f("ck_batch_shares_counts")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_shares_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "party", name=op.f("pk_batch_shares")),
    )
    op.create_table(
        "carriage_paid",
        sa.Column("shop_order_id", sa.UUID(), nullable=False),
        sa.Column("batch_id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fee_fen >= 0", name=op.f("ck_carriage_paid_not_negative")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_carriage_paid_batch_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_carriage_paid_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_order_id"], ["shop_orders.id"], name=op.f("fk_carriage_paid_shop_order_id")
        ),
        sa.PrimaryKeyConstraint("shop_order_id", name=op.f("pk_carriage_paid")),
    )
    op.create_index("ix_carriage_paid_batch_id_shop_id", "carriage_paid", ["batch_id", "shop_id"])
    for table in ("settlement_items", "settlement_sheets"):
        op.add_column(table, sa.Column("carriage_fen", sa.BigInteger(), server_default="0", nullable=False))
        op.alter_column(table, "carriage_fen", server_default=None)
    op.alter_column("settlement_items", "shop_order_id", nullable=True)
    replace_check("settlement_items", "itemkind", one_of((*KINDS, "carriage")))
    replace_check("settlement_items", "net", f"{NET} - carriage_fen")
    replace_check("settlement_sheets", "net", f"net_fen > 0 AND {NET} - carriage_fen")
    op.create_check_constraint(
        op.f("ck_settlement_items_of_a_sale"),
        "settlement_items",
        "(kind = 'carriage') = (shop_order_id IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_settlement_items_carriage"),
        "settlement_items",
        "carriage_fen >= 0 AND (kind = 'carriage' OR carriage_fen = 0)",
    )


def downgrade() -> None:
    # What was charged stays in the book; on the sheets it becomes a reduction of goods of some order.
    op.drop_constraint(op.f("ck_settlement_items_carriage"), "settlement_items", type_="check")
    op.drop_constraint(op.f("ck_settlement_items_of_a_sale"), "settlement_items", type_="check")
    for table, law in (("settlement_items", NET), ("settlement_sheets", f"net_fen > 0 AND {NET}")):
        op.drop_constraint(op.f(f"ck_{table}_net"), table, type_="check")
        op.execute(f"UPDATE {table} SET goods_fen = goods_fen - carriage_fen")  # noqa: S608
        op.drop_column(table, "carriage_fen")
        op.create_check_constraint(op.f(f"ck_{table}_net"), table, law)
    op.execute(
        "UPDATE settlement_items SET kind = 'reduction', shop_order_id ="
        " (SELECT id FROM shop_orders WHERE shop_orders.shop_id = settlement_items.shop_id LIMIT 1)"
        " WHERE kind = 'carriage'"
    )
    replace_check("settlement_items", "itemkind", one_of(KINDS))
    op.alter_column("settlement_items", "shop_order_id", nullable=False)
    op.drop_table("carriage_paid")
    op.drop_table("batch_shares")
    op.drop_constraint(op.f("ck_batch_progress_shares_percent"), "batch_progress", type_="check")
    op.drop_column("batch_progress", "shares_percent")
    op.drop_column("batches", "lower_bound_fen")
    op.drop_column("batches", "alone_fen")
    op.drop_column("jobs", "party")
