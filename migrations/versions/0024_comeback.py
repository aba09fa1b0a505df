"""What comes back: memories destroyed before a witness; places of custody; statements; claims on makers."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ROLES = ("consumer", "post", "courier", "hub", "recycler", "dismantler", "buyer")
# The value lists that grow: constraint, table, column, the values before, the values added.
GROWN = (
    ("wipemethod", "wipe_certificates", "method", ("overwrite", "block_erase"), ("shredded", "drilled")),
    ("role", "handovers", "taker_role", ROLES, ("station", "point")),
    ("transferstate", "transfers", "state", ("planned", "collected", "canceled"), ("signed",)),
)
# What cannot be said in the older lists is said as near as they can.
BEFORE_DOWN = (
    "UPDATE wipe_certificates SET method = 'block_erase' WHERE method IN ('shredded', 'drilled')",
    "UPDATE transfers SET state = 'collected' WHERE state = 'signed'",
)


def _kinds(name: str, *kinds: str) -> sa.Enum:
    return sa.Enum(*kinds, name=name, native_enum=False, create_constraint=True, length=32)


def _check_values(name: str, table: str, column: str, kinds: tuple[str, ...]) -> None:
    values = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({values})")


def upgrade() -> None:
    for name, table, column, before, added in GROWN:
        _check_values(name, table, column, (*before, *added))
    _destructions()
    _arrivals()
    _statements()
    _claims()
    _made_to_order()
    _bills()


def _destructions() -> None:
    op.add_column("wipe_certificates", sa.Column("witness_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_wipe_certificates_witness_id"), "wipe_certificates", "accounts", ["witness_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_wipe_certificates_destroyed_before_a_witness"),
        "wipe_certificates",
        "(method IN ('shredded', 'drilled')) = (witness_id IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("ck_wipe_certificates_witness_is_another"), "wipe_certificates", "witness_id <> operator_id"
    )
    op.create_table(
        "destructions",
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=False),
        sa.Column(
            "method", _kinds("wipemethod", "overwrite", "block_erase", "shredded", "drilled"), nullable=False
        ),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.UUID(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("method IN ('shredded', 'drilled')", name=op.f("ck_destructions_destroys")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_destructions_device_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["accounts.id"], name=op.f("fk_destructions_operator_id")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_destructions")),
    )


ARRIVALS = (
    ("found_units", sa.BigInteger()),
    ("found_grams", sa.BigInteger()),
    ("differs", sa.Boolean()),
    ("signed_by_id", sa.UUID()),
    ("signed_at", sa.DateTime(timezone=True)),
    ("explained", sa.Text()),
    ("explained_by_id", sa.UUID()),
    ("explained_at", sa.DateTime(timezone=True)),
)
ARRIVAL_CHECKS = {
    "collected_at": "(state IN ('collected', 'signed')) = (collected_at IS NOT NULL)",
    "signed_whole": "num_nonnulls(found_units, found_grams, signed_by_id, signed_at, differs)"
    " = CASE WHEN state = 'signed' THEN 5 ELSE 0 END",
    "found": "found_units >= 0 AND found_grams >= 0",
    "explained": "num_nonnulls(explained, explained_by_id, explained_at) IN (0, 3)",
}


def _arrivals() -> None:
    op.drop_constraint(op.f("ck_transfers_collected_at"), "transfers", type_="check")
    for name, kind in ARRIVALS:
        op.add_column("transfers", sa.Column(name, kind, nullable=True))
    for name in ("signed_by_id", "explained_by_id"):
        op.create_foreign_key(op.f(f"fk_transfers_{name}"), "transfers", "accounts", [name], ["id"])
    for name, rule in ARRIVAL_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_transfers_{name}"), "transfers", rule)


def _undo_arrivals() -> None:
    for name in ARRIVAL_CHECKS:
        op.drop_constraint(op.f(f"ck_transfers_{name}"), "transfers", type_="check")
    for name, _ in ARRIVALS:
        op.drop_column("transfers", name)


def _statements() -> None:
    op.create_table(
        "recycler_statements",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("recycler_id", sa.UUID(), nullable=False),
        sa.Column("recycler_name", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", _kinds("statementstate", "due", "paid"), nullable=False),
        sa.Column("drawn_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.Column("confirmed_by_id", sa.UUID(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_recycler_statements_owes")),
        sa.CheckConstraint(
            "num_nonnulls(bank_reference, confirmed_by_id, paid_at)"
            " = CASE WHEN state = 'paid' THEN 3 ELSE 0 END",
            name=op.f("ck_recycler_statements_paid_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["recycler_id"], ["recyclers.id"], name=op.f("fk_recycler_statements_recycler_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_recycler_statements_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["accounts.id"], name=op.f("fk_recycler_statements_confirmed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recycler_statements")),
        sa.UniqueConstraint("recycler_id", "month", name=op.f("uq_recycler_statements_recycler_id_month")),
        sa.UniqueConstraint("county_code", "number", name=op.f("uq_recycler_statements_county_code_number")),
        sa.UniqueConstraint(
            "county_code", "bank_reference", name=op.f("uq_recycler_statements_county_code_bank_reference")
        ),
    )
    op.create_table(
        "recycler_statement_lines",
        sa.Column("entry_id", sa.UUID(), nullable=False),
        sa.Column("statement_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_recycler_statement_lines_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["recycler_statements.id"],
            name=op.f("fk_recycler_statement_lines_statement_id"),
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_recycler_statement_lines")),
    )
    op.create_index(
        op.f("ix_recycler_statement_lines_statement_id"), "recycler_statement_lines", ["statement_id"]
    )


def _claims() -> None:
    op.add_column(
        "recall_units",
        sa.Column("borne_by", _kinds("bearer", "maker", "shop"), nullable=False, server_default="maker"),
    )
    op.alter_column("recall_units", "borne_by", server_default=None)
    op.create_table(
        "recall_payments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("recall_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("booked_by", sa.UUID(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_recall_payments_amount")),
        sa.ForeignKeyConstraint(["booked_by"], ["accounts.id"], name=op.f("fk_recall_payments_booked_by")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_recall_payments_county_code")
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_recall_payments_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_payments")),
        sa.UniqueConstraint(
            "county_code", "bank_reference", name=op.f("uq_recall_payments_county_code_bank_reference")
        ),
    )
    op.create_index(op.f("ix_recall_payments_recall_id"), "recall_payments", ["recall_id"])
    op.execute(
        "CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON recall_payments"
        " FOR EACH ROW EXECUTE FUNCTION recalls_keep_as_written()"
    )


MADE_TO_ORDER_CHECKS = {
    "made_to_order_told": "(made_to_order = 'no') = (made_to_order_words IS NULL)",
    "made_to_order_rejected": "(made_to_order = 'rejected') = (made_to_order_reason IS NOT NULL)",
}


def _made_to_order() -> None:
    kinds = _kinds("madetoorder", "no", "asked", "approved", "rejected")
    op.add_column("listings", sa.Column("made_to_order", kinds, nullable=False, server_default="no"))
    op.alter_column("listings", "made_to_order", server_default=None)
    op.add_column("listings", sa.Column("made_to_order_words", sa.Text(), nullable=True))
    op.add_column("listings", sa.Column("made_to_order_reason", sa.Text(), nullable=True))
    for name, rule in MADE_TO_ORDER_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_listings_{name}"), "listings", rule)


BILL_CHECKS = {
    "for_one_thing": "due_id IS NULL OR bill IS NULL",
    "credited": "(credited_at IS NOT NULL) <= (bill IS NOT NULL)",
}


def _bills() -> None:
    op.add_column("payments", sa.Column("bill", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("credited_at", sa.DateTime(timezone=True), nullable=True))
    for name, rule in BILL_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_payments_{name}"), "payments", rule)
    _one_open("state = 'open' AND due_id IS NULL AND bill IS NULL")
    op.create_index(
        "ix_payments_one_open_bill", "payments", ["bill"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip


def _one_open(where: str) -> None:
    op.drop_index("ix_payments_one_open", table_name="payments")
    op.create_index(
        "ix_payments_one_open", "payments", ["order_id"], unique=True, postgresql_where=sa.text(where)
    )


def downgrade() -> None:
    # What was paid for a bill has no place in the older table: a person has to look.
    op.execute("UPDATE payments SET state = 'expired' WHERE state = 'open' AND bill IS NOT NULL")
    op.drop_index("ix_payments_one_open_bill", table_name="payments")
    _one_open("state = 'open' AND due_id IS NULL")
    for name in BILL_CHECKS:
        op.drop_constraint(op.f(f"ck_payments_{name}"), "payments", type_="check")
    op.drop_column("payments", "credited_at")
    op.drop_column("payments", "bill")
    for name in MADE_TO_ORDER_CHECKS:
        op.drop_constraint(op.f(f"ck_listings_{name}"), "listings", type_="check")
    for name in ("made_to_order_reason", "made_to_order_words", "made_to_order"):
        op.drop_column("listings", name)
    op.drop_table("recall_payments")
    op.drop_column("recall_units", "borne_by")
    op.drop_table("recycler_statement_lines")
    op.drop_table("recycler_statements")
    _undo_arrivals()
    _undo_destructions()
    for statement in BEFORE_DOWN:
        op.execute(statement)
    for name, table, column, before, _ in GROWN:
        _check_values(name, table, column, before)
    op.create_check_constraint(
        op.f("ck_transfers_collected_at"), "transfers", "(state = 'collected') = (collected_at IS NOT NULL)"
    )


def _undo_destructions() -> None:
    op.drop_table("destructions")
    op.drop_constraint(
        op.f("ck_wipe_certificates_destroyed_before_a_witness"), "wipe_certificates", type_="check"
    )
    op.drop_constraint(op.f("ck_wipe_certificates_witness_is_another"), "wipe_certificates", type_="check")
    op.drop_column("wipe_certificates", "witness_id")
