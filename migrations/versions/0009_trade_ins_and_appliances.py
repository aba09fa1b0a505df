"""Trade-ins to the end, with dues that a buyer can pay; people's appliances, and notices they do not want."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES_BEFORE = ("awaiting_pickup", "collected", "confirmed", "cancelled")
STATES = (
    "awaiting_pickup", "not_handed_in", "kept", "collected", "reoffer", "disputed", "unanswered", "confirmed",
    "going_home", "returned", "cancelled",
)  # fmt: skip
SUMS = ("withdrawn_fen", "topped_up_fen", "waived_fen")
WORTH_KNOWN = (
    "(state IN ('not_handed_in', 'kept', 'confirmed', 'going_home', 'returned')) = (worth_fen IS NOT NULL)"
)
# Credit was never more than the order had room for, and went with the parts that were undone.
BACKFILL = (
    "UPDATE trade_ins SET credit_fen = orders.trade_in_fen FROM orders"
    " WHERE trade_ins.reference = 'order:' || orders.id AND orders.trade_in_fen > 0",
    "UPDATE trade_ins SET withdrawn_fen = least(trade_ins.credit_fen, undone.fen) FROM"
    " (SELECT order_id, sum(trade_in_fen) AS fen FROM shop_orders"
    "  WHERE state IN ('declined', 'canceled', 'refused', 'returned_to_hub', 'returned') GROUP BY order_id) undone"
    " WHERE trade_ins.reference = 'order:' || undone.order_id",
    "UPDATE trade_ins SET worth_fen = credit_fen - withdrawn_fen WHERE state = 'confirmed'",
    "INSERT INTO ledger_accounts (code, unit, normal_side)"
    " SELECT DISTINCT concat('recycler:', recycler_id, '\\:due'), 'CNY', 'debit' FROM trade_ins WHERE worth_fen > 0"
    " ON CONFLICT DO NOTHING",
    "INSERT INTO ledger_entries (id, kind, reference, key, phase, occurred_at, created_at)"
    " SELECT gen_random_uuid(), 'trade_in.taken', 'trade_in:' || id, 'trade_in_taken:' || id, 'posted',"
    "  confirmed_at, confirmed_at FROM trade_ins WHERE worth_fen > 0",
    "INSERT INTO ledger_postings (entry_id, line, account_code, amount)"
    " SELECT e.id, side.line, CASE side.line WHEN 0 THEN concat('recycler:', t.recycler_id, '\\:due')"
    "  ELSE 'tradein:' || t.county_code END, CASE side.line WHEN 0 THEN t.worth_fen ELSE -t.worth_fen END"
    " FROM trade_ins t JOIN ledger_entries e ON e.key = 'trade_in_taken:' || t.id"
    " CROSS JOIN (VALUES (0), (1)) AS side(line) WHERE t.worth_fen > 0",
)
BEFORE_DOWN = (
    "UPDATE trade_ins SET state = 'awaiting_pickup' WHERE state IN ('not_handed_in', 'kept')",
    "UPDATE trade_ins SET state = 'cancelled' WHERE state IN ('going_home', 'returned')",
    "UPDATE trade_ins SET state = 'collected' WHERE state IN ('reoffer', 'disputed', 'unanswered')",
    "UPDATE trade_ins SET confirmed_weight_grams = NULL WHERE state <> 'confirmed'",
    "DELETE FROM text_messages WHERE template LIKE 'trade_in.%' OR template LIKE 'savings.%'",
    "DELETE FROM notices WHERE kind LIKE 'trade_in.%' OR kind LIKE 'savings.%'",
)


def _one_of(name: str, *kinds: str) -> sa.Enum:
    return sa.Enum(*kinds, name=name, native_enum=False, create_constraint=True, length=32)


def _states(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_trade_ins_tradeinstate"), "trade_ins", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_trade_ins_tradeinstate"), "trade_ins", f"state IN ({allowed})")


def _weighed(weighed: str) -> None:
    op.drop_constraint(op.f("ck_trade_ins_weighed"), "trade_ins", type_="check")
    op.create_check_constraint(op.f("ck_trade_ins_weighed"), "trade_ins", weighed)


def upgrade() -> None:
    _states(STATES)
    _weighed("(state = 'confirmed') <= (confirmed_weight_grams IS NOT NULL)")
    for name in SUMS:
        op.add_column("trade_ins", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        op.alter_column("trade_ins", name, server_default=None)
    op.add_column("trade_ins", sa.Column("offer_fen", sa.BigInteger(), nullable=True))
    op.add_column("trade_ins", sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("trade_ins", sa.Column("worth_fen", sa.BigInteger(), nullable=True))
    op.add_column("trade_ins", sa.Column("dispute", sa.Text(), nullable=True))
    decisions = _one_of("decision", "county_bears", "recycler_bears", "give_back")
    op.add_column("trade_ins", sa.Column("decision", decisions, nullable=True))
    op.add_column("trade_ins", sa.Column("decision_note", sa.Text(), nullable=True))
    op.add_column("trade_ins", sa.Column("decided_by_id", sa.UUID(), nullable=True))
    op.add_column("trade_ins", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_trade_ins_decided_by_id"), "trade_ins", "accounts", ["decided_by_id"], ["id"]
    )
    for statement in BACKFILL:
        op.execute(statement)
    # The book's deferred checks have to be through before the tables may be changed further.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name, check in (
        ("withdrawn", "withdrawn_fen BETWEEN 0 AND credit_fen"),
        ("amounts", "least(worth_fen, topped_up_fen, waived_fen) >= 0 AND offer_fen > 0"),
        ("answer_by", "(state = 'reoffer') = (answer_by IS NOT NULL)"),
        ("worth_known", WORTH_KNOWN),
        ("decided_by", "(decision IS NULL) = (decided_by_id IS NULL)"),
    ):
        op.create_check_constraint(op.f(f"ck_trade_ins_{name}"), "trade_ins", check)
    op.create_table(
        "trade_in_assessments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("trade_in_id", sa.UUID(), nullable=False),
        sa.Column("assessor_id", sa.UUID(), nullable=False),
        sa.Column("age_years", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("reasons", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value_fen > 0", name=op.f("ck_trade_in_assessments_value")),
        sa.CheckConstraint("octet_length(jpeg) <= 1000000", name=op.f("ck_trade_in_assessments_size")),
        sa.ForeignKeyConstraint(
            ["trade_in_id"], ["trade_ins.id"], name=op.f("fk_trade_in_assessments_trade_in_id")
        ),
        sa.ForeignKeyConstraint(
            ["assessor_id"], ["accounts.id"], name=op.f("fk_trade_in_assessments_assessor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_in_assessments")),
        sa.UniqueConstraint("trade_in_id", name=op.f("uq_trade_in_assessments_trade_in_id")),
    )
    op.create_table(
        "trade_in_dues",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("trade_in_id", sa.UUID(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "reason", _one_of("duereason", "lower_worth", "given_back", "not_handed_in"), nullable=False
        ),
        sa.Column("state", _one_of("duestate", "open", "paid", "void"), nullable=False),
        sa.Column("paid_by", _one_of("paidby", "online", "desk"), nullable=True),
        sa.Column("slip_number", sa.Text(), nullable=True),
        sa.Column("received_by_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_trade_in_dues_amount")),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_by IS NOT NULL) AND (state = 'open') = (settled_at IS NULL)",
            name=op.f("ck_trade_in_dues_settled_whole"),
        ),
        sa.CheckConstraint(
            "coalesce(paid_by = 'desk', false) = (num_nonnulls(slip_number, received_by_id) = 2)",
            name=op.f("ck_trade_in_dues_desk_whole"),
        ),
        sa.ForeignKeyConstraint(["trade_in_id"], ["trade_ins.id"], name=op.f("fk_trade_in_dues_trade_in_id")),
        sa.ForeignKeyConstraint(
            ["received_by_id"], ["accounts.id"], name=op.f("fk_trade_in_dues_received_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_in_dues")),
        sa.UniqueConstraint("slip_number", name=op.f("uq_trade_in_dues_slip_number")),
    )
    op.create_index("ix_trade_in_dues_trade_in_id", "trade_in_dues", ["trade_in_id"])
    op.create_index(
        "ix_trade_in_dues_one_open", "trade_in_dues", ["trade_in_id"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.add_column("payments", sa.Column("due_id", sa.UUID(), nullable=True))
    op.create_foreign_key(op.f("fk_payments_due_id"), "payments", "trade_in_dues", ["due_id"], ["id"])
    op.drop_index("ix_payments_one_open", table_name="payments")
    op.create_index(
        "ix_payments_one_open", "payments", ["order_id"], unique=True,
        postgresql_where=sa.text("state = 'open' AND due_id IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_payments_one_open_due", "payments", ["due_id"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.create_table(
        "appliances",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=True),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("declared_life_years", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("declared_life_years BETWEEN 1 AND 40", name=op.f("ck_appliances_declared_life")),
        sa.CheckConstraint("installed_on >= bought_on", name=op.f("ck_appliances_installed_later")),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 60", name=op.f("ck_appliances_name_length")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_appliances_account_id")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["categories.code"], name=op.f("fk_appliances_category_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appliances")),
        sa.UniqueConstraint("reference", name=op.f("uq_appliances_reference")),
    )
    op.create_index("ix_appliances_account_id", "appliances", ["account_id"])
    op.create_table(
        "notice_opt_outs",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_notice_opt_outs_account_id")),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_notice_opt_outs")),
    )


def downgrade() -> None:
    op.drop_table("notice_opt_outs")
    op.drop_table("appliances")
    op.drop_index("ix_payments_one_open_due", table_name="payments")
    op.drop_index("ix_payments_one_open", table_name="payments")
    op.execute("UPDATE payments SET state = 'expired' WHERE state = 'open' AND due_id IS NOT NULL")
    op.drop_constraint(op.f("fk_payments_due_id"), "payments", type_="foreignkey")
    op.drop_column("payments", "due_id")
    op.create_index(
        "ix_payments_one_open", "payments", ["order_id"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.drop_table("trade_in_dues")
    op.drop_table("trade_in_assessments")
    for name in ("withdrawn", "amounts", "answer_by", "worth_known", "decided_by"):
        op.drop_constraint(op.f(f"ck_trade_ins_{name}"), "trade_ins", type_="check")
    for statement in BEFORE_DOWN:
        op.execute(statement)
    for name in (
        *SUMS, "offer_fen", "answer_by", "worth_fen", "dispute", "decision", "decision_note", "decided_by_id",
        "returned_at",
    ):  # fmt: skip
        op.drop_column("trade_ins", name)
    _states(STATES_BEFORE)
    _weighed("(state = 'confirmed') = (confirmed_weight_grams IS NOT NULL)")
