"""Cash from the buyer's hand to the bank, couriers' limits, and refused goods on their way back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The value lists that grow: constraint, table, column, the values before, the values added.
GROWN = (
    ("jobstate", "jobs", "state",
     ("waiting", "ready", "batched", "scheduled", "underway", "done", "canceled"), ("refused",)),
    ("fulfillment", "shop_orders", "state",
     ("placed", "confirmed", "handed_over", "at_hub", "scheduled", "out_for_delivery", "delivered", "undelivered",
      "declined", "canceled"), ("refused", "returned_to_hub", "returned")),
    ("fulfillment", "shop_order_steps", "state",
     ("placed", "confirmed", "handed_over", "at_hub", "scheduled", "out_for_delivery", "delivered", "undelivered",
      "declined", "canceled"), ("refused", "returned_to_hub", "returned")),
    ("reservationstate", "reservations", "state", ("reserved", "allocated", "shipped", "released"), ("returned",)),
    ("movementkind", "stock_movements", "kind", ("received", "adjusted", "shipped"), ("returned",)),
)  # fmt: skip
# Steps and movements of the new kinds have no older name: the way down leaves them out, and undoes the stock.
BEFORE_DOWN = (
    "UPDATE jobs SET state = 'canceled' WHERE state = 'refused'",
    "DELETE FROM shop_order_steps WHERE state IN ('refused', 'returned_to_hub', 'returned')",
    "UPDATE shop_orders SET state = 'canceled' WHERE state IN ('refused', 'returned_to_hub', 'returned')",
    "UPDATE reservations SET state = 'shipped' WHERE state = 'returned'",
    "ALTER TABLE stock_movements DISABLE TRIGGER stock_movement_is_immutable",
    "UPDATE stock_movements SET kind = 'adjusted', reference = NULL WHERE kind = 'returned'",
    "ALTER TABLE stock_movements ENABLE TRIGGER stock_movement_is_immutable",
)


def _values(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def _check_values(name: str, table: str, column: str, kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({_values(kinds)})")


def _check_movements(shipped_for: str) -> None:
    op.drop_constraint(op.f("ck_stock_movements_shipped_for"), "stock_movements", type_="check")
    op.create_check_constraint(op.f("ck_stock_movements_shipped_for"), "stock_movements", shipped_for)


def _states(name: str, *kinds: str) -> sa.Enum:
    return sa.Enum(*kinds, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "cash_deposits",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("slip_number", sa.Text(), nullable=False),
        sa.Column("slip_photo", sa.LargeBinary(), nullable=True),
        sa.Column("banked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("banked_by", sa.UUID(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_cash_deposits_amount")),
        sa.CheckConstraint(
            "char_length(slip_number) BETWEEN 4 AND 40", name=op.f("ck_cash_deposits_slip_number_length")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_cash_deposits_county_code")
        ),
        sa.ForeignKeyConstraint(["banked_by"], ["accounts.id"], name=op.f("fk_cash_deposits_banked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_deposits")),
        sa.UniqueConstraint(
            "county_code", "slip_number", name=op.f("uq_cash_deposits_county_code_slip_number")
        ),
    )
    op.create_table(
        "cash_hand_ins",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("courier_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("expected_fen", sa.BigInteger(), nullable=False),
        sa.Column("counted_fen", sa.BigInteger(), nullable=True),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("wrong_tries", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", _states("handinstate", "open", "received", "canceled"), nullable=False),
        sa.Column("received_by", sa.UUID(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deposit_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("expected_fen > 0 AND counted_fen >= 0", name=op.f("ck_cash_hand_ins_amounts")),
        sa.CheckConstraint("wrong_tries >= 0", name=op.f("ck_cash_hand_ins_wrong_tries")),
        sa.CheckConstraint(
            "(state = 'received') = (num_nonnulls(counted_fen, received_by, received_at) = 3)",
            name=op.f("ck_cash_hand_ins_received_whole"),
        ),
        sa.CheckConstraint(
            "deposit_id IS NULL OR state = 'received'", name=op.f("ck_cash_hand_ins_banked_after_received")
        ),
        sa.ForeignKeyConstraint(["courier_id"], ["couriers.id"], name=op.f("fk_cash_hand_ins_courier_id")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_cash_hand_ins_county_code")
        ),
        sa.ForeignKeyConstraint(["received_by"], ["accounts.id"], name=op.f("fk_cash_hand_ins_received_by")),
        sa.ForeignKeyConstraint(
            ["deposit_id"], ["cash_deposits.id"], name=op.f("fk_cash_hand_ins_deposit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_hand_ins")),
    )
    op.create_index(
        "uq_cash_hand_ins_open",
        "cash_hand_ins",
        ["courier_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_cash_hand_ins_county_code_state", "cash_hand_ins", ["county_code", "state"])
    op.create_table(
        "cash_collections",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("courier_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hand_in_id", sa.UUID(), nullable=True),
        sa.Column("deposit_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_cash_collections_amount")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_cash_collections_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["hand_in_id"], ["cash_hand_ins.id"], name=op.f("fk_cash_collections_hand_in_id")
        ),
        sa.ForeignKeyConstraint(
            ["deposit_id"], ["cash_deposits.id"], name=op.f("fk_cash_collections_deposit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_collections")),
        sa.UniqueConstraint("reference", name=op.f("uq_cash_collections_reference")),
    )
    op.create_index(
        "ix_cash_collections_courier_id",
        "cash_collections",
        ["courier_id"],
        postgresql_where=sa.text("deposit_id IS NULL"),
    )
    op.create_index("ix_cash_collections_hand_in_id", "cash_collections", ["hand_in_id"])
    op.create_table(
        "cash_breaks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", _states("breakkind", "hand_in", "deposit"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("courier_id", sa.UUID(), nullable=True),
        sa.Column("expected_fen", sa.BigInteger(), nullable=False),
        sa.Column("counted_fen", sa.BigInteger(), nullable=False),
        sa.Column("written_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", _states("breakstate", "open", "resolved"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.UUID(), nullable=True),
        sa.CheckConstraint("expected_fen <> counted_fen", name=op.f("ck_cash_breaks_differs")),
        sa.CheckConstraint(
            "(kind = 'hand_in') = (courier_id IS NOT NULL)", name=op.f("ck_cash_breaks_courier")
        ),
        sa.CheckConstraint(
            "(state = 'resolved') = (num_nonnulls(resolved_at, resolved_by, note) = 3)",
            name=op.f("ck_cash_breaks_resolved_whole"),
        ),
        sa.CheckConstraint(
            "written_off_fen IN (0, expected_fen - counted_fen)",
            name=op.f("ck_cash_breaks_written_off_whole"),
        ),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_cash_breaks_county_code")),
        sa.ForeignKeyConstraint(["courier_id"], ["couriers.id"], name=op.f("fk_cash_breaks_courier_id")),
        sa.ForeignKeyConstraint(["resolved_by"], ["accounts.id"], name=op.f("fk_cash_breaks_resolved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_breaks")),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_cash_breaks_kind_reference")),
    )
    op.create_index("ix_cash_breaks_county_code_state", "cash_breaks", ["county_code", "state"])
    op.add_column(
        "couriers", sa.Column("cash_limit_fen", sa.BigInteger(), nullable=False, server_default="2000000")
    )
    op.alter_column("couriers", "cash_limit_fen", server_default=None)
    op.create_check_constraint(op.f("ck_couriers_cash_limit"), "couriers", "cash_limit_fen >= 0")
    for name, table, column, before, added in GROWN:
        _check_values(name, table, column, before + added)
    _check_movements("(kind IN ('shipped', 'returned')) = (reference IS NOT NULL)")
    op.create_check_constraint(
        op.f("ck_stock_movements_returned_in"), "stock_movements", "kind <> 'returned' OR quantity > 0"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_stock_movements_returned_in"), "stock_movements", type_="check")
    # While the old rows are renamed both lists hold: the checks come back after it.
    op.drop_constraint(op.f("ck_stock_movements_shipped_for"), "stock_movements", type_="check")
    for statement in BEFORE_DOWN:
        op.execute(statement)
    op.create_check_constraint(
        op.f("ck_stock_movements_shipped_for"),
        "stock_movements",
        "(kind = 'shipped') = (reference IS NOT NULL)",
    )
    for name, table, column, before, _ in GROWN:
        _check_values(name, table, column, before)
    op.drop_constraint(op.f("ck_couriers_cash_limit"), "couriers", type_="check")
    op.drop_column("couriers", "cash_limit_fen")
    op.drop_table("cash_breaks")
    op.drop_table("cash_collections")
    op.drop_table("cash_hand_ins")
    op.drop_table("cash_deposits")
