"""Invoices with numbers that have no gap."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEEP_FUNCTION = """
CREATE FUNCTION invoice_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'tax_number' <> to_jsonb(OLD) - 'tax_number' THEN
    RAISE EXCEPTION 'an invoice is never changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
KEEP_TRIGGER = """
CREATE TRIGGER invoice_is_kept BEFORE UPDATE OR DELETE ON invoices
FOR EACH ROW EXECUTE FUNCTION invoice_is_kept()
"""


def upgrade() -> None:
    op.create_table(
        "invoice_series",
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_invoice_series_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "year", name=op.f("pk_invoice_series")),
    )
    op.create_table(
        "invoices",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("blue", "red", name="invoicekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("blue_id", sa.UUID(), nullable=True),
        sa.Column("shop_order_id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("money_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'blue' AND total_fen > 0) OR (kind = 'red' AND total_fen < 0)",
            name=op.f("ck_invoices_sign"),
        ),
        sa.CheckConstraint(
            "(kind = 'red') = (blue_id IS NOT NULL)", name=op.f("ck_invoices_red_names_its_blue")
        ),
        sa.CheckConstraint("tax_number ~ '^[0-9]{8,20}$'", name=op.f("ck_invoices_tax_number")),
        sa.CheckConstraint("total_fen = money_fen + subsidy_fen", name=op.f("ck_invoices_total")),
        sa.ForeignKeyConstraint(["blue_id"], ["invoices.id"], name=op.f("fk_invoices_blue_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_invoices_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_order_id"], ["shop_orders.id"], name=op.f("fk_invoices_shop_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("reference", name=op.f("uq_invoices_reference")),
        sa.UniqueConstraint("shop_id", "year", "number", name=op.f("uq_invoices_shop_id_year_number")),
        sa.UniqueConstraint("tax_number", name=op.f("uq_invoices_tax_number")),
    )
    op.create_index("ix_invoices_blue_id", "invoices", ["blue_id"], unique=False)
    op.create_index("ix_invoices_shop_order_id", "invoices", ["shop_order_id"], unique=False)

    op.execute(KEEP_FUNCTION)
    op.execute(KEEP_TRIGGER)
    # What was delivered before gets its invoice from the same handler as everything since.
    op.execute(
        "INSERT INTO outbox (id, kind, payload, state, attempts, due_at, created_at, dedupe_key) "
        "SELECT gen_random_uuid(), 'orders.shop_order_delivered', "
        "jsonb_build_object('shop_order_id', id), 'pending', 0, now(), now(), 'invoice:' || id "
        "FROM shop_orders WHERE state = 'delivered'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE dedupe_key LIKE 'invoice:%'")
    op.drop_index("ix_invoices_shop_order_id", table_name="invoices")
    op.drop_index("ix_invoices_blue_id", table_name="invoices")
    op.drop_table("invoices")
    op.drop_table("invoice_series")
    op.execute("DROP FUNCTION invoice_is_kept()")
