"""Returns and repairs, with the warranty terms of 三包; pieces that are written off keep their number."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STATES_BEFORE = ("in_stock", "sold")
STATES = (*STATES_BEFORE, "written_off")
# Their rows and what hangs on them are gone with the tables.
BEFORE_DOWN = (
    "UPDATE serial_numbers SET state = 'in_stock' WHERE state = 'written_off'",
    "DELETE FROM text_messages WHERE template LIKE 'return.%' OR template LIKE 'repair.%'",
    "DELETE FROM notices WHERE kind LIKE 'return.%' OR kind LIKE 'repair.%'",
    "DELETE FROM outbox WHERE kind LIKE 'aftersales.%' OR kind = 'payments.refund_decided'",
)


def _serial_states(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_serial_numbers_serialstate"), "serial_numbers", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(
        op.f("ck_serial_numbers_serialstate"), "serial_numbers", f"state IN ({allowed})"
    )


def upgrade() -> None:
    _serial_states(STATES)
    op.create_table(
        "aftersales_photos",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "by",
            sa.Enum(
                "buyer",
                "shop",
                "county",
                "courier",
                "clock",
                name="actor",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(jpeg) <= 1000000", name=op.f("ck_aftersales_photos_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aftersales_photos")),
    )
    op.create_index("ix_aftersales_photos_reference", "aftersales_photos", ["reference"], unique=False)
    op.create_table(
        "aftersales_steps",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "by",
            sa.Enum(
                "buyer",
                "shop",
                "county",
                "courier",
                "clock",
                name="actor",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aftersales_steps")),
    )
    op.create_index("ix_aftersales_steps_reference", "aftersales_steps", ["reference"], unique=False)
    op.create_table(
        "warranty_terms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("whole_months", sa.BigInteger(), nullable=False),
        sa.Column("main_part_months", sa.BigInteger(), nullable=False),
        sa.Column("main_parts", postgresql.JSONB(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "least(whole_months, main_part_months) > 0", name=op.f("ck_warranty_terms_months")
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_warranty_terms_validity")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["categories.code"], name=op.f("fk_warranty_terms_category_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warranty_terms")),
        sa.UniqueConstraint(
            "category_code", "valid_from", name=op.f("uq_warranty_terms_category_code_valid_from")
        ),
    )
    op.create_table(
        "repairs",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=False),
        sa.Column(
            "fault",
            sa.Enum(
                "no_power",
                "no_work",
                "noise",
                "leak",
                "display",
                "other",
                name="fault",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("pickup", "bring", name="way", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "collected",
                "at_station",
                "quoted",
                "repairing",
                "waiting_parts",
                "going_home",
                "home",
                "replaced",
                "withdrawn",
                name="repairstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms_id", sa.Text(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "whole",
                "main_part",
                "over",
                "unknown",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("warranty_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_covered", sa.Boolean(), nullable=True),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("parts_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "fixed",
                "not_fixed",
                "declined",
                "replaced",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("clock_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_number", sa.BigInteger(), nullable=False),
        sa.Column("out_refused", sa.Boolean(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slip_number", sa.Text(), nullable=True),
        sa.Column("received_by_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('going_home', 'home', 'replaced')) = (outcome IS NOT NULL)",
            name=op.f("ck_repairs_outcome_known"),
        ),
        sa.CheckConstraint(
            "state <> 'quoted' OR (fee_fen > 0 AND due_at IS NOT NULL)", name=op.f("ck_repairs_quoted")
        ),
        sa.CheckConstraint(
            "(slip_number IS NULL) = (received_by_id IS NULL)", name=op.f("ck_repairs_desk_whole")
        ),
        sa.CheckConstraint("clock_from <= clock_to", name=op.f("ck_repairs_clock")),
        sa.CheckConstraint("fee_fen >= 0", name=op.f("ck_repairs_fee")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_repairs_account_id")),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_repairs_county_code")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_repairs_order_line_id")),
        sa.ForeignKeyConstraint(["received_by_id"], ["accounts.id"], name=op.f("fk_repairs_received_by_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_repairs_shop_id")),
        sa.ForeignKeyConstraint(["terms_id"], ["warranty_terms.id"], name=op.f("fk_repairs_terms_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs")),
        sa.UniqueConstraint("code", name=op.f("uq_repairs_code")),
        sa.UniqueConstraint("county_code", "slip_number", name=op.f("uq_repairs_county_code_slip_number")),
    )
    op.create_index(op.f("ix_repairs_account_id"), "repairs", ["account_id"], unique=False)
    op.create_index("ix_repairs_county_code_state", "repairs", ["county_code", "state"], unique=False)
    op.create_index(op.f("ix_repairs_order_line_id"), "repairs", ["order_line_id"], unique=False)
    op.create_index(op.f("ix_repairs_shop_id"), "repairs", ["shop_id"], unique=False)
    op.create_table(
        "return_requests",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=False),
        sa.Column("repair_id", sa.UUID(), nullable=True),
        sa.Column(
            "ground",
            sa.Enum(
                "no_reason",
                "fault",
                "damaged",
                "wrong",
                "missing",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "remedy",
            sa.Enum(
                "refund",
                "exchange",
                "price_cut",
                name="remedy",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("pickup", "bring", name="way", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "approved",
                "refused",
                "disputed",
                "collected",
                "received",
                "exchanging",
                "settling",
                "going_home",
                "refunded",
                "exchanged",
                "home",
                "closed",
                "withdrawn",
                name="returnstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cut_fen", sa.BigInteger(), nullable=True),
        sa.Column("other_listing_id", sa.UUID(), nullable=True),
        sa.Column("freight_fen", sa.BigInteger(), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_quantity", sa.BigInteger(), nullable=True),
        sa.Column(
            "found",
            sa.Enum(
                "as_told",
                "faulty",
                "damaged",
                "incomplete",
                "wrong",
                "used",
                name="found",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("restocked", sa.BigInteger(), nullable=False),
        sa.Column("written_off", sa.BigInteger(), nullable=False),
        sa.Column("write_off_reason", sa.Text(), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "for_buyer", "for_shop", name="decision", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("decided_by_id", sa.UUID(), nullable=True),
        sa.Column("refund_id", sa.UUID(), nullable=True),
        sa.Column("out_number", sa.BigInteger(), nullable=False),
        sa.Column("out_refused", sa.Boolean(), nullable=False),
        sa.Column("late_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(remedy = 'price_cut') = (cut_fen IS NOT NULL) AND cut_fen > 0",
            name=op.f("ck_return_requests_cut"),
        ),
        sa.CheckConstraint(
            "other_listing_id IS NULL OR remedy = 'exchange'", name=op.f("ck_return_requests_other")
        ),
        sa.CheckConstraint(
            "state NOT IN ('received', 'exchanging', 'exchanged') OR received_at IS NOT NULL",
            name=op.f("ck_return_requests_received"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('settling', 'refunded') OR refund_id IS NOT NULL",
            name=op.f("ck_return_requests_documented"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_return_requests_decided_by")
        ),
        sa.CheckConstraint(
            "(written_off > 0) = (write_off_reason IS NOT NULL)",
            name=op.f("ck_return_requests_written_off_for_a_reason"),
        ),
        sa.CheckConstraint("freight_fen >= 0", name=op.f("ck_return_requests_freight")),
        sa.CheckConstraint(
            "least(restocked, written_off) >= 0 AND restocked + written_off <= coalesce(received_quantity, 0)",
            name=op.f("ck_return_requests_no_more_than_received"),
        ),
        sa.CheckConstraint(
            "quantity > 0 AND received_quantity BETWEEN 1 AND quantity",
            name=op.f("ck_return_requests_quantity"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_return_requests_account_id")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_return_requests_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_return_requests_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_return_requests_order_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_listing_id"], ["listings.id"], name=op.f("fk_return_requests_other_listing_id")
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_return_requests_refund_id")),
        sa.ForeignKeyConstraint(["repair_id"], ["repairs.id"], name=op.f("fk_return_requests_repair_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_return_requests_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_requests")),
        sa.UniqueConstraint("code", name=op.f("uq_return_requests_code")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_return_requests_refund_id")),
        sa.UniqueConstraint("repair_id", name=op.f("uq_return_requests_repair_id")),
    )
    op.create_index(op.f("ix_return_requests_account_id"), "return_requests", ["account_id"], unique=False)
    op.create_index(
        "ix_return_requests_county_code_state", "return_requests", ["county_code", "state"], unique=False
    )
    op.create_index(
        op.f("ix_return_requests_order_line_id"), "return_requests", ["order_line_id"], unique=False
    )
    op.create_index("ix_return_requests_shop_id_state", "return_requests", ["shop_id", "state"], unique=False)


def downgrade() -> None:
    for statement in BEFORE_DOWN:
        op.execute(statement)
    op.drop_index("ix_return_requests_shop_id_state", table_name="return_requests")
    op.drop_index(op.f("ix_return_requests_order_line_id"), table_name="return_requests")
    op.drop_index("ix_return_requests_county_code_state", table_name="return_requests")
    op.drop_index(op.f("ix_return_requests_account_id"), table_name="return_requests")
    op.drop_table("return_requests")
    op.drop_index(op.f("ix_repairs_shop_id"), table_name="repairs")
    op.drop_index(op.f("ix_repairs_order_line_id"), table_name="repairs")
    op.drop_index("ix_repairs_county_code_state", table_name="repairs")
    op.drop_index(op.f("ix_repairs_account_id"), table_name="repairs")
    op.drop_table("repairs")
    op.drop_table("warranty_terms")
    op.drop_index("ix_aftersales_steps_reference", table_name="aftersales_steps")
    op.drop_table("aftersales_steps")
    op.drop_index("ix_aftersales_photos_reference", table_name="aftersales_photos")
    op.drop_table("aftersales_photos")
    _serial_states(STATES_BEFORE)
