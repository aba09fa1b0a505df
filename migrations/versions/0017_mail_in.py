"""Things sent in by three ways: hazards, parcels and their scans, freight campaigns, payout to a bank."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STATES = (
    "draft", "quoted", "label_issued", "awaiting_pickup", "in_transit", "received", "inspecting",
    "locked_device", "reoffer", "offer_accepted", "payout_pending", "paid", "wiped", "graded", "resold",
    "dismantled", "rejected", "auto_return", "return_shipping", "returned", "lost_in_transit", "hazard_hold",
    "expired", "cancelled",
)  # fmt: skip
NEW_STATES = ("return_refused", "compensated")
SAFE = (
    "coalesce(way, 'post') <> 'post' OR hazards = '[]' OR state IN"
    " ('draft', 'quoted', 'expired', 'cancelled')"
)


def upgrade() -> None:
    _know_states(STATES + NEW_STATES)
    orders = "recycling_orders"
    op.add_column(orders, sa.Column("hazards", JSONB(), nullable=False, server_default="[]"))
    op.alter_column(orders, "hazards", server_default=None)
    op.add_column(orders, sa.Column("way", _kind("way", "post", "courier", "carry"), nullable=True))
    op.add_column(orders, sa.Column("payout", _kind("payout", "points", "yuan"), nullable=True))
    op.add_column(orders, sa.Column("drop_off", sa.Text(), nullable=True))
    op.add_column(orders, sa.Column("address_id", sa.UUID(), nullable=True))
    op.add_column(orders, sa.Column("label_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(orders, sa.Column("charged_fen", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_recycling_orders_address_id", orders, "addresses", ["address_id"], ["id"])
    op.create_check_constraint(op.f("ck_recycling_orders_post_is_safe"), orders, SAFE)
    op.create_check_constraint(op.f("ck_recycling_orders_charged_as_paid"), orders, "charged_fen = paid_fen")
    op.create_index("ix_recycling_orders_county_code_state", orders, ["county_code", "state"])
    # Until now every order went by post and was paid in points.
    op.execute(
        "UPDATE recycling_orders SET way = 'post', payout = 'points' WHERE state NOT IN ('draft', 'quoted')"
    )
    op.execute(
        "UPDATE recycling_orders SET label_until = state_since + interval '14 days'"
        " WHERE state IN ('label_issued', 'awaiting_pickup')"
    )
    _parcels()
    _freight()
    op.create_table(
        "recycling_bank_payouts",
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("number_sealed", sa.Text(), nullable=False),
        sa.Column("tail", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.Column("paid_by_id", sa.UUID(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        _check("recycling_bank_payouts", "amount", "amount_fen > 0"),
        _check(
            "recycling_bank_payouts", "paid_whole", "num_nulls(bank_reference, paid_by_id, paid_at) IN (0, 3)"
        ),
        _check(
            "recycling_bank_payouts",
            "owed_before_paid",
            "(paid_at IS NOT NULL) <= (amount_fen IS NOT NULL)",
        ),
        _fk("recycling_bank_payouts", "order_id", "recycling_orders.id"),
        _fk("recycling_bank_payouts", "county_code", "counties.code"),
        _fk("recycling_bank_payouts", "paid_by_id", "accounts.id"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_recycling_bank_payouts")),
        sa.UniqueConstraint(
            "county_code", "bank_reference", name=op.f("uq_recycling_bank_payouts_county_code_bank_reference")
        ),
    )


def _parcels() -> None:
    op.create_table(
        "recycling_parcels",
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        _fk("recycling_parcels", "order_id", "recycling_orders.id"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_recycling_parcels")),
        sa.UniqueConstraint("number", name=op.f("uq_recycling_parcels_number")),
    )
    scans = _kind("scankind", "picked_up", "at_depot", "departed", "out_for_delivery", "delivered", "lost")
    op.create_table(
        "recycling_parcel_scans",
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", scans, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        _fk("recycling_parcel_scans", "order_id", "recycling_orders.id"),
        sa.PrimaryKeyConstraint("order_id", "event_id", name=op.f("pk_recycling_parcel_scans")),
    )


def _freight() -> None:
    op.create_table(
        "freight_campaigns",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("per_person", "budget_fen", "held_fen", "committed_fen", "paid_fen")
        ),
        sa.Column("opened_by_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _check("freight_campaigns", "validity", "valid_from < valid_to"),
        _check("freight_campaigns", "per_person", "per_person > 0"),
        _check("freight_campaigns", "not_negative", "least(held_fen, committed_fen, paid_fen) >= 0"),
        _check("freight_campaigns", "within_budget", "held_fen + committed_fen + paid_fen <= budget_fen"),
        _fk("freight_campaigns", "county_code", "counties.code"),
        _fk("freight_campaigns", "opened_by_id", "accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freight_campaigns")),
    )
    op.create_index(
        "ix_freight_campaigns_county_code_valid_to", "freight_campaigns", ["county_code", "valid_to"]
    )
    op.create_table(
        "freight_uses",
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        _check("freight_uses", "within_cap", "used BETWEEN 0 AND most"),
        _fk("freight_uses", "campaign_id", "freight_campaigns.id"),
        _fk("freight_uses", "account_id", "accounts.id"),
        sa.PrimaryKeyConstraint("campaign_id", "account_id", name=op.f("pk_freight_uses")),
    )
    op.create_table(
        "freight_grants",
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", _kind("freightstate", "held", "committed", "paid", "released"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _check("freight_grants", "amount", "amount_fen > 0"),
        _fk("freight_grants", "order_id", "recycling_orders.id"),
        _fk("freight_grants", "campaign_id", "freight_campaigns.id"),
        _fk("freight_grants", "account_id", "accounts.id"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_freight_grants")),
    )
    op.create_index("ix_freight_grants_campaign_id_state", "freight_grants", ["campaign_id", "state"])


def downgrade() -> None:
    for table in (
        "recycling_bank_payouts",
        "freight_grants",
        "freight_uses",
        "freight_campaigns",
        "recycling_parcel_scans",
        "recycling_parcels",
    ):
        op.drop_table(table)
    orders = "recycling_orders"
    op.drop_index("ix_recycling_orders_county_code_state", orders)
    for check in ("post_is_safe", "charged_as_paid", "way", "payout"):
        op.drop_constraint(op.f(f"ck_recycling_orders_{check}"), orders, type_="check")
    for column in ("charged_fen", "label_until", "address_id", "drop_off", "payout", "way", "hazards"):
        op.drop_column(orders, column)
    # What custody has written stays as written: the states it names stay known to it.
    op.execute("UPDATE recycling_orders SET state = 'return_shipping' WHERE state = 'return_refused'")
    op.execute("UPDATE recycling_orders SET state = 'lost_in_transit' WHERE state = 'compensated'")
    _know_states(STATES, tables=("recycling_orders",))


def _know_states(
    states: tuple[str, ...], tables: tuple[str, ...] = ("recycling_orders", "custody_events")
) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    for table in tables:
        name = op.f(f"ck_{table}_recyclingstate")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"state IN ({listed})")


def _kind(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
