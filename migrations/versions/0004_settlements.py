"""Settlement items, weekly sheets, bank files and the shops' bank accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_files",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("transfers", sa.BigInteger(), nullable=False),
        sa.Column("sum_fen", sa.BigInteger(), nullable=False),
        sa.Column("made_by_id", sa.UUID(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.UUID(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (bank_reference IS NULL)", name=op.f("ck_bank_files_confirmed")
        ),
        sa.CheckConstraint("sum_fen > 0 AND transfers > 0", name=op.f("ck_bank_files_not_empty")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["accounts.id"], name=op.f("fk_bank_files_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_bank_files_county_code")),
        sa.ForeignKeyConstraint(["made_by_id"], ["accounts.id"], name=op.f("fk_bank_files_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_files")),
        sa.UniqueConstraint("county_code", "number", name=op.f("uq_bank_files_county_code_number")),
    )
    op.create_table(
        "settlement_sheets",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("shop_name", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("goods_fen", sa.BigInteger(), nullable=False),
        sa.Column("commission_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "drawn_up",
                "checked",
                "payable",
                "paid",
                name="sheetstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("drawn_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_by_id", sa.UUID(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_by_id", sa.UUID(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_file_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "(state = 'drawn_up') = (first_by_id IS NULL)", name=op.f("ck_settlement_sheets_checked")
        ),
        sa.CheckConstraint(
            "(state = 'paid') <= (bank_file_id IS NOT NULL)", name=op.f("ck_settlement_sheets_paid")
        ),
        sa.CheckConstraint(
            "(state IN ('payable', 'paid')) = (second_by_id IS NOT NULL)",
            name=op.f("ck_settlement_sheets_approved"),
        ),
        sa.CheckConstraint("first_by_id <> second_by_id", name=op.f("ck_settlement_sheets_four_eyes")),
        sa.CheckConstraint(
            "net_fen > 0 AND net_fen = goods_fen - commission_fen", name=op.f("ck_settlement_sheets_net")
        ),
        sa.ForeignKeyConstraint(
            ["bank_file_id"], ["bank_files.id"], name=op.f("fk_settlement_sheets_bank_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_settlement_sheets_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_by_id"], ["accounts.id"], name=op.f("fk_settlement_sheets_first_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_by_id"], ["accounts.id"], name=op.f("fk_settlement_sheets_second_by_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_settlement_sheets_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_sheets")),
        sa.UniqueConstraint("county_code", "number", name=op.f("uq_settlement_sheets_county_code_number")),
        sa.UniqueConstraint("shop_id", "week", name=op.f("uq_settlement_sheets_shop_id_week")),
    )
    op.create_index(
        op.f("ix_settlement_sheets_bank_file_id"), "settlement_sheets", ["bank_file_id"], unique=False
    )
    op.create_table(
        "shop_bank_accounts",
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.UUID(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.UUID(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number ~ '^[0-9]{8,30}$'", name=op.f("ck_shop_bank_accounts_number")),
        sa.CheckConstraint("changed_by_id <> confirmed_by_id", name=op.f("ck_shop_bank_accounts_four_eyes")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["accounts.id"], name=op.f("fk_shop_bank_accounts_changed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["accounts.id"], name=op.f("fk_shop_bank_accounts_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shop_bank_accounts_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_shop_bank_accounts")),
    )
    op.create_table(
        "settlement_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("shop_order_id", sa.UUID(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "sale", "reduction", name="itemkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("goods_fen", sa.BigInteger(), nullable=False),
        sa.Column("commission_fen", sa.BigInteger(), nullable=False),
        sa.Column("delivery_fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("money_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("points_fen", sa.BigInteger(), nullable=False),
        sa.Column("trade_in_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("waits_for_cash", sa.Boolean(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "available",
                "settled",
                name="itemstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sheet_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'settled') <= (sheet_id IS NOT NULL)", name=op.f("ck_settlement_items_settled")
        ),
        sa.CheckConstraint(
            "kind <> 'reduction' OR goods_fen <= 0", name=op.f("ck_settlement_items_reduction")
        ),
        sa.CheckConstraint("kind <> 'sale' OR goods_fen >= 0", name=op.f("ck_settlement_items_sale")),
        sa.CheckConstraint("net_fen = goods_fen - commission_fen", name=op.f("ck_settlement_items_net")),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["settlement_sheets.id"], name=op.f("fk_settlement_items_sheet_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_settlement_items_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_order_id"], ["shop_orders.id"], name=op.f("fk_settlement_items_shop_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_items")),
        sa.UniqueConstraint("reference", name=op.f("uq_settlement_items_reference")),
    )
    op.create_index("ix_settlement_items_sheet_id", "settlement_items", ["sheet_id"], unique=False)
    op.create_index(
        "ix_settlement_items_shop_id_state", "settlement_items", ["shop_id", "state"], unique=False
    )
    op.create_index("ix_settlement_items_shop_order_id", "settlement_items", ["shop_order_id"], unique=False)

    # What was delivered before has its items made by the same handler as everything since.
    op.execute(
        "INSERT INTO outbox (id, kind, payload, state, attempts, due_at, created_at, dedupe_key) "
        "SELECT gen_random_uuid(), 'orders.shop_order_delivered', "
        "jsonb_build_object('shop_order_id', id), 'pending', 0, now(), now(), 'settle:' || id "
        "FROM shop_orders WHERE state = 'delivered'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind LIKE 'settlements.%' OR dedupe_key LIKE 'settle:%'")
    op.drop_index("ix_settlement_items_shop_order_id", table_name="settlement_items")
    op.drop_index("ix_settlement_items_shop_id_state", table_name="settlement_items")
    op.drop_index("ix_settlement_items_sheet_id", table_name="settlement_items")
    op.drop_table("settlement_items")
    op.drop_table("shop_bank_accounts")
    op.drop_index(op.f("ix_settlement_sheets_bank_file_id"), table_name="settlement_sheets")
    op.drop_table("settlement_sheets")
    op.drop_table("bank_files")
