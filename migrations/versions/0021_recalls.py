"""Recalls with their pieces, duties and shelf checks; what is called back; the trace of each machine; calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

CALLSTATE = ("waiting", "reached")
SCOPEKIND = ("model", "gtin", "batch", "serials")
RECALLSTATE = (
    "signal",
    "investigating",
    "confirmed",
    "listing_frozen",
    "notice_sent",
    "remedy",
    "progress",
    "closed",
    "dismissed",
)
TRACEKIND = (
    "received",
    "sold",
    "taken_back",
    "delivered",
    "installed",
    "subsidized",
    "repaired",
    "recalled",
    "remedied",
    "wiped",
    "resold",
    "dismantled",
)
DUTYKIND = ("report", "plan", "progress", "summary")
UNITSTATE = ("listed", "told", "reached", "chosen", "remedied", "unreachable", "not_affected", "pulled")
REMEDY = ("repair", "replacement", "refund", "collect")
KEPT = (
    ("trace_keep_as_written", "a trace is kept as written", {"trace_events": "UPDATE OR DELETE"}),
    (
        "recalls_keep_as_written",
        "the records of a recall are kept",
        {
            "recalls": "DELETE",
            "recall_units": "DELETE",
            "recall_duties": "DELETE",
            "recall_shelf_checks": "DELETE",
            "recall_steps": "UPDATE OR DELETE",
        },
    ),
)
KEEP_FUNCTION = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{says}' USING ERRCODE = 'restrict_violation'; END $$
"""
KEEP_TRIGGER = """
CREATE TRIGGER keep_as_written BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()
"""
TABLES = (
    "recall_units",
    "recall_shelf_checks",
    "recall_steps",
    "recall_duties",
    "trace_events",
    "recalls",
    "recalled_serials",
    "recall_scopes",
    "call_attempts",
    "calls",
    "call_wishes",
)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _listing_states(*states: str) -> None:
    name = op.f("ck_listings_listingstate")
    op.drop_constraint(name, "listings", type_="check")
    op.create_check_constraint(name, "listings", f"state IN ({', '.join(repr(state) for state in states)})")


def upgrade() -> None:
    op.create_table(
        "call_wishes",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_call_wishes_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_call_wishes")),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("state", _one_of("callstate", CALLSTATE), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'reached') = (reached_at IS NOT NULL)", name=op.f("ck_calls_reached")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_calls_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("account_id", "reference", name=op.f("uq_calls_account_id_reference")),
    )
    op.create_index("ix_calls_reference", "calls", ["reference"], unique=False)
    op.create_table(
        "call_attempts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("call_id", sa.UUID(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tried_by", sa.UUID(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_attempts_call_id")),
        sa.ForeignKeyConstraint(["tried_by"], ["accounts.id"], name=op.f("fk_call_attempts_tried_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempts")),
    )
    op.create_index(op.f("ix_call_attempts_call_id"), "call_attempts", ["call_id"], unique=False)
    op.create_table(
        "recall_scopes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("kind", _one_of("scopekind", SCOPEKIND), nullable=False),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("first_serial", sa.Text(), nullable=True),
        sa.Column("last_serial", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'batch') = (batch IS NOT NULL)", name=op.f("ck_recall_scopes_batch_named")
        ),
        sa.CheckConstraint(
            "num_nonnulls(first_serial, last_serial) = CASE WHEN kind = 'serials' THEN 2 ELSE 0 END",
            name=op.f("ck_recall_scopes_serials_named"),
        ),
        sa.CheckConstraint("ended_at >= since", name=op.f("ck_recall_scopes_ended_later")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_recall_scopes_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_scopes")),
        sa.UniqueConstraint("reference", name=op.f("uq_recall_scopes_reference")),
    )
    op.create_index(
        "ix_recall_scopes_open",
        "recall_scopes",
        ["product_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "recalled_serials",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cleared_at >= since", name=op.f("ck_recalled_serials_cleared_later")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_recalled_serials_product_id")),
        sa.PrimaryKeyConstraint("reference", "serial", name=op.f("pk_recalled_serials")),
    )
    op.create_index("ix_recalled_serials_serial", "recalled_serials", ["serial"], unique=False)
    op.create_table(
        "recalls",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("state", _one_of("recallstate", RECALLSTATE), nullable=False),
        sa.Column("kind", _one_of("scopekind", SCOPEKIND), nullable=False),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("first_serial", sa.Text(), nullable=True),
        sa.Column("last_serial", sa.Text(), nullable=True),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("remedies", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.UUID(), nullable=False),
        sa.Column("confirmed_by", sa.UUID(), nullable=True),
        sa.Column("published_by", sa.UUID(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rate_bp", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(kind = 'batch') = (batch IS NOT NULL)", name=op.f("ck_recalls_batch_named")),
        sa.CheckConstraint(
            "(state = 'closed') = (num_nonnulls(closed_at, rate_bp) = 2) AND num_nonnulls(closed_at, rate_bp) IN (0, 2)",
            name=op.f("ck_recalls_closed_whole"),
        ),
        sa.CheckConstraint(
            "(state IN ('signal', 'investigating', 'confirmed', 'dismissed')) = (published_at IS NULL)",
            name=op.f("ck_recalls_published"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(first_serial, last_serial) = CASE WHEN kind = 'serials' THEN 2 ELSE 0 END",
            name=op.f("ck_recalls_serials_named"),
        ),
        sa.CheckConstraint("confirmed_by <> published_by", name=op.f("ck_recalls_four_eyes")),
        sa.CheckConstraint(
            "num_nonnulls(published_by, published_at) IN (0, 2)", name=op.f("ck_recalls_published_whole")
        ),
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name=op.f("ck_recalls_rate")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["accounts.id"], name=op.f("fk_recalls_confirmed_by")),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_recalls_county_code")),
        sa.ForeignKeyConstraint(["opened_by"], ["accounts.id"], name=op.f("fk_recalls_opened_by")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_recalls_product_id")),
        sa.ForeignKeyConstraint(["published_by"], ["accounts.id"], name=op.f("fk_recalls_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
        sa.UniqueConstraint("code", name=op.f("uq_recalls_code")),
    )
    op.create_index("ix_recalls_county_code_state", "recalls", ["county_code", "state"], unique=False)
    op.create_index("ix_recalls_product_id", "recalls", ["product_id"], unique=False)
    op.create_table(
        "trace_events",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", _one_of("tracekind", TRACEKIND), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_trace_events_seq")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_trace_events_product_id")),
        sa.PrimaryKeyConstraint("serial", "seq", name=op.f("pk_trace_events")),
    )
    op.create_table(
        "recall_duties",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("recall_id", sa.UUID(), nullable=False),
        sa.Column("kind", _one_of("dutykind", DUTYKIND), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_by", sa.UUID(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(filed_at, filed_by, note) IN (0, 3)", name=op.f("ck_recall_duties_filed_whole")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_recall_duties_number")),
        sa.ForeignKeyConstraint(["filed_by"], ["accounts.id"], name=op.f("fk_recall_duties_filed_by")),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_recall_duties_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_duties")),
        sa.UniqueConstraint(
            "recall_id", "kind", "number", name=op.f("uq_recall_duties_recall_id_kind_number")
        ),
    )
    op.create_index(
        "ix_recall_duties_due_at",
        "recall_duties",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("filed_at IS NULL"),
    )
    op.create_table(
        "recall_steps",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("recall_id", sa.UUID(), nullable=False),
        sa.Column("state", _one_of("recallstate", RECALLSTATE), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.UUID(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_recall_steps_by_id")),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_recall_steps_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_steps")),
    )
    op.create_index("ix_recall_steps_recall_id", "recall_steps", ["recall_id"], unique=False)
    op.create_table(
        "recall_shelf_checks",
        sa.Column("recall_id", sa.UUID(), nullable=False),
        sa.Column("listing_id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.UUID(), nullable=True),
        sa.Column("pieces", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(answered_at, answered_by, pieces) IN (0, 3)",
            name=op.f("ck_recall_shelf_checks_answered_whole"),
        ),
        sa.CheckConstraint("pieces >= 0", name=op.f("ck_recall_shelf_checks_pieces")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["accounts.id"], name=op.f("fk_recall_shelf_checks_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_recall_shelf_checks_listing_id")
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_recall_shelf_checks_recall_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_recall_shelf_checks_shop_id")),
        sa.PrimaryKeyConstraint("recall_id", "listing_id", name=op.f("pk_recall_shelf_checks")),
    )
    op.create_index(op.f("ix_recall_shelf_checks_shop_id"), "recall_shelf_checks", ["shop_id"], unique=False)
    op.create_table(
        "recall_units",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("recall_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("listing_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=True),
        sa.Column("order_line_id", sa.UUID(), nullable=True),
        sa.Column("state", _one_of("unitstate", UNITSTATE), nullable=False),
        sa.Column("remedy", _one_of("remedy", REMEDY), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remedied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("failed_by", sa.UUID(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'remedied') = (remedied_at IS NOT NULL)", name=op.f("ck_recall_units_remedied_at")
        ),
        sa.CheckConstraint(
            "(state = 'unreachable') <= (failed_by IS NOT NULL)", name=op.f("ck_recall_units_failed_by")
        ),
        sa.CheckConstraint(
            "(state IN ('chosen', 'remedied')) <= (remedy IS NOT NULL)",
            name=op.f("ck_recall_units_remedy_chosen"),
        ),
        sa.CheckConstraint(
            "(account_id IS NULL) = (order_line_id IS NULL)", name=op.f("ck_recall_units_sold_whole")
        ),
        sa.CheckConstraint("cost_fen >= 0", name=op.f("ck_recall_units_cost")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_recall_units_account_id")),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_recall_units_county_code")),
        sa.ForeignKeyConstraint(["failed_by"], ["accounts.id"], name=op.f("fk_recall_units_failed_by")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_recall_units_listing_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_recall_units_order_line_id")
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_recall_units_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_units")),
        sa.UniqueConstraint("recall_id", "key", name=op.f("uq_recall_units_recall_id_key")),
    )
    op.create_index("ix_recall_units_account_id", "recall_units", ["account_id"], unique=False)
    op.create_index("ix_recall_units_recall_id_state", "recall_units", ["recall_id", "state"], unique=False)
    op.add_column(
        "carts", sa.Column("recalled_titles", sa.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("serial_numbers", sa.Column("batch", sa.Text(), nullable=True))
    op.add_column("stock", sa.Column("frozen", sa.Boolean(), server_default="false", nullable=False))
    op.alter_column("stock", "frozen", server_default=None)
    op.create_check_constraint(
        op.f("ck_serial_numbers_batch_length"), "serial_numbers", "char_length(batch) BETWEEN 1 AND 40"
    )
    _listing_states("draft", "active", "paused", "recalled")
    for function, says, tables in KEPT:
        op.execute(KEEP_FUNCTION.format(function=function, says=says))
        for table, when in tables.items():
            op.execute(KEEP_TRIGGER.format(function=function, table=table, when=when))


def downgrade() -> None:
    op.execute("UPDATE listings SET state = 'paused' WHERE state = 'recalled'")
    _listing_states("draft", "active", "paused")
    op.drop_constraint(op.f("ck_serial_numbers_batch_length"), "serial_numbers", type_="check")
    op.drop_column("stock", "frozen")
    op.drop_column("serial_numbers", "batch")
    op.drop_column("carts", "recalled_titles")
    for table in TABLES:
        op.drop_table(table)
    for function, _says, _tables in KEPT:
        op.execute(f"DROP FUNCTION {function}()")
