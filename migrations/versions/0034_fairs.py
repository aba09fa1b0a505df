"""Groups with their deposits: things made once enough want them. Fairs and vans, and what is set aside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
GROUP_STATES = ("open", "confirmed", "ready", "closed", "missed", "canceled")
PLACE_STATES = ("held", "joined", "ordered", "lapsed", "left", "returned", "forfeited")
VALUES = (
    ("tenders", "tenderkind", "kind", ("online", "cash", "points", "subsidy", "trade_in"), "deposit"),
    ("refunds", "refundkind", "kind", ("unclaimed", "undone", "returned", "reduced", "goodwill"), "deposit"),
    (
        "settlement_items",
        "itemkind",
        "kind",
        ("sale", "reduction", "clawback", "disallowed", "carriage", "recall"),
        "deposit",
    ),
)
SUMS = {
    "orders": (
        "total_fen = points_fen + subsidy_fen + trade_in_fen + payable_fen AND payable_fen >= 0",
        "total_fen = points_fen + subsidy_fen + trade_in_fen + deposit_fen + payable_fen"
        " AND least(deposit_fen, payable_fen) >= 0",
    ),
    "shop_orders": (
        "goods_fen + delivery_fee_fen = points_fen + subsidy_fen + trade_in_fen + payable_fen",
        "goods_fen + delivery_fee_fen = points_fen + subsidy_fen + trade_in_fen + deposit_fen + payable_fen",
    ),
}
OWNERS = {
    "one_owner": "(shop_id IS NULL) = (county_code IS NOT NULL)",
    "no_promotion_of_others": "shop_id IS NOT NULL OR promotion_fen = 0",
}
NOT_NEGATIVE = (
    "least(delivery_fee_fen, to_county_fen, to_shop_fen) >= 0",
    "least(delivery_fee_fen, to_county_fen, to_shop_fen, deposit_fen) >= 0",
)


def _check(table: str, name: str, law: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, law)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


def _values(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    for table in ("orders", "shop_orders", "refunds"):
        op.add_column(table, sa.Column("deposit_fen", sa.BigInteger(), server_default="0", nullable=False))
        op.alter_column(table, "deposit_fen", server_default=None)
    for table, (_was, law) in SUMS.items():
        _check(table, "payable", law)
    _check("refunds", "not_negative", NOT_NEGATIVE[1])
    for table, name, column, values, more in VALUES:
        _check(table, name, _one_of(column, (*values, more)))
    _check("settlement_items", "of_a_sale", "(kind IN ('carriage', 'deposit')) = (shop_order_id IS NULL)")
    op.alter_column("payments", "order_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_payments_for_something"), "payments", "order_id IS NOT NULL OR bill IS NOT NULL"
    )
    _make_groups()
    _make_places()
    _make_fairs()
    _make_fair_goods()
    _let_counties_make_sets()


def _make_groups() -> None:
    op.create_table(
        "group_orders",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("listing_id", sa.UUID(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("deposit_fen", sa.BigInteger(), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("make_by", MOMENT, nullable=False),
        sa.Column("complete_days", sa.BigInteger(), nullable=False),
        sa.Column("complete_by", MOMENT, nullable=True),
        sa.Column("state", _values("groupstate", GROUP_STATES), nullable=False),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("taken >= 0 AND taken <= most", name=op.f("ck_group_orders_not_oversold")),
        sa.CheckConstraint("least BETWEEN 1 AND most", name=op.f("ck_group_orders_least")),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_group_orders_price")),
        sa.CheckConstraint(
            "deposit_fen >= 100 AND deposit_fen * 5 <= price_fen", name=op.f("ck_group_orders_deposit")
        ),
        sa.CheckConstraint("make_by > closes_at", name=op.f("ck_group_orders_make_by")),
        sa.CheckConstraint("complete_days BETWEEN 3 AND 30", name=op.f("ck_group_orders_complete_days")),
        sa.CheckConstraint("char_length(words) BETWEEN 2 AND 200", name=op.f("ck_group_orders_words_length")),
        sa.CheckConstraint(
            "(state = 'ready') <= (complete_by IS NOT NULL)", name=op.f("ck_group_orders_complete_by")
        ),
        sa.CheckConstraint(
            "(state = 'canceled') = (cancel_reason IS NOT NULL)", name=op.f("ck_group_orders_canceled")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_group_orders_shop_id")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_group_orders_listing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_orders")),
    )
    op.create_index("ix_group_orders_shop_id_state", "group_orders", ["shop_id", "state"])
    op.create_index(op.f("ix_group_orders_listing_id"), "group_orders", ["listing_id"])


def _make_places() -> None:
    op.create_table(
        "group_places",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("group_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("chosen", postgresql.JSONB(), nullable=False),
        sa.Column("deposit_fen", sa.BigInteger(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("state", _values("placestate", PLACE_STATES), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("pay_before", MOMENT, nullable=False),
        sa.Column("paid_at", MOMENT, nullable=True),
        sa.Column("payment_id", sa.UUID(), nullable=True),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("given_back_fen", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("pieces BETWEEN 1 AND 5", name=op.f("ck_group_places_pieces")),
        sa.CheckConstraint(
            "deposit_fen > 0 AND given_back_fen BETWEEN 0 AND deposit_fen",
            name=op.f("ck_group_places_deposit"),
        ),
        sa.CheckConstraint(
            "(state IN ('held', 'lapsed')) = (paid_at IS NULL)", name=op.f("ck_group_places_paid")
        ),
        sa.CheckConstraint("(paid_at IS NULL) = (payment_id IS NULL)", name=op.f("ck_group_places_paid_by")),
        sa.CheckConstraint(
            "(state = 'ordered') <= (order_id IS NOT NULL)", name=op.f("ck_group_places_ordered")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["group_orders.id"], name=op.f("fk_group_places_group_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_group_places_account_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_group_places_payment_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_group_places_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_places")),
    )
    op.create_index(
        "ix_group_places_one_live",
        "group_places",
        ["group_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('held', 'joined', 'ordered')"),
    )
    op.create_index("ix_group_places_account_id", "group_places", ["account_id"])
    op.create_index("ix_group_places_order_id", "group_places", ["order_id"])


def _make_fairs() -> None:
    op.create_table(
        "fairs",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("kind", _values("fairkind", ("fair", "van")), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", _values("fairstate", ("planned", "over", "canceled")), nullable=False),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("char_length(title) BETWEEN 2 AND 40", name=op.f("ck_fairs_title_length")),
        sa.CheckConstraint(
            "(state = 'canceled') = (cancel_reason IS NOT NULL)", name=op.f("ck_fairs_canceled")
        ),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_fairs_county_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fairs")),
    )
    op.create_index("ix_fairs_county_code_ends_at", "fairs", ["county_code", "ends_at"])
    op.create_table(
        "fair_stops",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("fair_id", sa.UUID(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("visitors", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_fair_stops_hours")),
        sa.CheckConstraint("visitors >= 0", name=op.f("ck_fair_stops_visitors")),
        sa.ForeignKeyConstraint(["fair_id"], ["fairs.id"], name=op.f("fk_fair_stops_fair_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_fair_stops_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_stops")),
    )
    op.create_index("ix_fair_stops_fair_id", "fair_stops", ["fair_id"])
    op.create_index("ix_fair_stops_ends_at", "fair_stops", ["ends_at"])


def _make_fair_goods() -> None:
    op.create_table(
        "fair_shops",
        sa.Column("fair_id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["fair_id"], ["fairs.id"], name=op.f("fk_fair_shops_fair_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_fair_shops_shop_id")),
        sa.PrimaryKeyConstraint("fair_id", "shop_id", name=op.f("pk_fair_shops")),
    )
    op.create_table(
        "fair_goods",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("fair_id", sa.UUID(), nullable=False),
        sa.Column("listing_id", sa.UUID(), nullable=False),
        sa.Column("brought", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("given_back_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "brought > 0 AND sold BETWEEN 0 AND brought", name=op.f("ck_fair_goods_not_oversold")
        ),
        sa.ForeignKeyConstraint(["fair_id"], ["fairs.id"], name=op.f("fk_fair_goods_fair_id")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_fair_goods_listing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_goods")),
        sa.UniqueConstraint("fair_id", "listing_id", name=op.f("uq_fair_goods_fair_id_listing_id")),
    )
    op.create_index("ix_fair_goods_listing_id", "fair_goods", ["listing_id"])


def _let_counties_make_sets() -> None:
    op.alter_column("scene_sets", "shop_id", nullable=True)
    op.add_column("scene_sets", sa.Column("county_code", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_scene_sets_county_code"), "scene_sets", "counties", ["county_code"], ["code"]
    )
    op.create_unique_constraint(op.f("uq_scene_sets_county_code_name"), "scene_sets", ["county_code", "name"])
    for name, law in OWNERS.items():
        op.create_check_constraint(op.f(f"ck_scene_sets_{name}"), "scene_sets", law)


def downgrade() -> None:
    for name in OWNERS:
        op.drop_constraint(op.f(f"ck_scene_sets_{name}"), "scene_sets", type_="check")
    op.execute("DELETE FROM scene_lines WHERE set_id IN (SELECT id FROM scene_sets WHERE shop_id IS NULL)")
    op.execute("DELETE FROM scene_sets WHERE shop_id IS NULL")
    op.drop_column("scene_sets", "county_code")
    op.alter_column("scene_sets", "shop_id", nullable=False)
    for table in ("fair_goods", "fair_shops", "fair_stops", "fairs"):
        op.drop_table(table)
    op.drop_table("group_places")
    op.drop_table("group_orders")
    op.drop_constraint(op.f("ck_payments_for_something"), "payments", type_="check")
    # A deposit has no order, and the tables below know no deposits: what was paid down is forgotten.
    op.execute(
        "DELETE FROM refunds WHERE kind = 'deposit' OR payment_id IN"
        " (SELECT id FROM payments WHERE order_id IS NULL)"
    )
    op.execute("DELETE FROM payments WHERE order_id IS NULL")
    op.alter_column("payments", "order_id", nullable=False)
    op.execute("DELETE FROM settlement_items WHERE kind = 'deposit'")
    op.execute(
        "UPDATE tenders t SET amount_fen = t.amount_fen + d.amount_fen FROM tenders d"
        " WHERE d.order_id = t.order_id AND d.kind = 'deposit' AND t.kind IN ('online', 'cash')"
    )
    op.execute("DELETE FROM tenders WHERE kind = 'deposit'")
    _check("settlement_items", "of_a_sale", "(kind = 'carriage') = (shop_order_id IS NULL)")
    for table, name, column, values, _more in VALUES:
        _check(table, name, _one_of(column, values))
    _check("refunds", "not_negative", NOT_NEGATIVE[0])
    op.drop_column("refunds", "deposit_fen")
    for table, (law, _now) in SUMS.items():
        op.drop_constraint(op.f(f"ck_{table}_payable"), table, type_="check")
        op.execute(f"UPDATE {table} SET payable_fen = payable_fen + deposit_fen")  # noqa: S608 - our own name
        op.drop_column(table, "deposit_fen")
        op.create_check_constraint(op.f(f"ck_{table}_payable"), table, law)
