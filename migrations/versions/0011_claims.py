"""What follows once a claim is paid: evidence, review, the treasury, clawbacks, one serial number once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CLAIM_STATES_BEFORE = ("held", "committed", "delivered", "released", "returned")
CLAIM_STATES = (
    "held", "committed", "delivered", "installed", "evidence_complete", "under_review", "approved",
    "rejected", "refund_pending", "paid_out", "clawback_due", "clawback_done", "released", "expired",
    "withdrawn", "returned",
)  # fmt: skip
# name of the check, table, column, before, after
GROWN = (
    ("claimstate", "claims", "state", CLAIM_STATES_BEFORE, CLAIM_STATES),
    ("itemkind", "settlement_items", "kind", ("sale", "reduction"),
     ("sale", "reduction", "clawback", "disallowed")),
    ("viewerrole", "data_accesses", "role", ("county", "courier", "recycler", "shop"),
     ("auditor", "county", "courier", "recycler", "shop")),
    ("viewpurpose", "data_accesses", "purpose", ("collection", "delivery", "order", "recycling"),
     ("collection", "delivery", "order", "recycling", "subsidy")),
)  # fmt: skip
KEEP_FUNCTION = """
CREATE FUNCTION claim_record_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a claim''s trail and evidence are never changed' USING ERRCODE = 'restrict_violation';
END $$
"""
KEEP_TRIGGER = """
CREATE TRIGGER claim_record_is_kept BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION claim_record_is_kept()
"""
KEPT = ("claim_steps", "claim_evidence")
REVOKE = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'market_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON claim_steps, claim_evidence FROM market_app;
  END IF;
END $$
"""
# What was paid before is about what its order line says.
BACKFILL = """
UPDATE claims SET shop_id = s.shop_id, about = jsonb_build_object(
  'shop_id', s.shop_id, 'shop_name', s.shop_name, 'order_number', s.number, 'listing_id', l.listing_id,
  'product_id', l.snapshot->>'product_id', 'title', l.snapshot->>'title', 'brand', l.snapshot->>'brand',
  'model', l.snapshot->>'model', 'gtin', l.snapshot->>'gtin',
  'labels', coalesce(jsonb_path_query_array(l.snapshot, '$.labels[*].record_number'), '[]'),
  'quantity', l.quantity, 'price_fen', (l.list_fen - l.shop_promotion_fen - l.coupon_fen) / l.quantity,
  'filed_price_fen', (l.snapshot->>'list_price_fen')::bigint, 'money_fen', l.paid_fen,
  'claimant', a.name, 'ordered_at', to_char(o.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
  'needs_install', l.snapshot->>'install_skill' <> 'none',
  'lat', (o.address->>'lat')::float, 'lon', (o.address->>'lon')::float)
FROM order_lines l
JOIN shop_orders s ON s.id = l.shop_order_id JOIN orders o ON o.id = s.order_id
JOIN accounts a ON a.id = o.account_id
WHERE claims.reference = 'order_line:' || l.id AND claims.state IN ('committed', 'delivered')
"""
# Payment and invoice of what was delivered before are found by the same handlers as everything since.
GATHER = (
    """
    INSERT INTO outbox (id, kind, payload, state, attempts, due_at, created_at, dedupe_key)
    SELECT gen_random_uuid(), 'orders.paid', jsonb_build_object('order_id', id), 'pending',
           0, now(), now(), 'evidence:' || id
      FROM orders WHERE payment_method = 'stripe' AND payment_state = 'paid' AND subsidy_fen > 0
    """,
    """
    INSERT INTO outbox (id, kind, payload, state, attempts, due_at, created_at, dedupe_key)
    SELECT gen_random_uuid(), 'orders.shop_order_delivered', jsonb_build_object('shop_order_id', s.id), 'pending',
           0, now(), now(), 'evidence:' || s.id
      FROM shop_orders s WHERE s.state = 'delivered' AND s.subsidy_fen > 0
    """,
    """
    INSERT INTO outbox (id, kind, payload, state, attempts, due_at, created_at, dedupe_key)
    SELECT gen_random_uuid(), 'cash.banked', jsonb_build_object('reference', reference), 'pending',
           0, now(), now(), 'evidence:' || reference
      FROM cash_collections WHERE deposit_id IS NOT NULL
    """,
)
# Before, a delivered claim was all there was; what the treasury has paid becomes committed again.
BEFORE_DOWN = (
    "DELETE FROM outbox WHERE dedupe_key LIKE 'evidence:%' OR kind LIKE 'subsidies.%'",
    "UPDATE claims SET state = 'released' WHERE state IN ('expired', 'withdrawn')",
    "UPDATE claims SET state = 'delivered' WHERE state NOT IN ('held', 'committed', 'released', 'returned')",
    "UPDATE pots SET committed = committed + paid, paid = 0",
    "UPDATE settlement_items SET kind = CASE WHEN goods_fen > 0 THEN 'sale' ELSE 'reduction' END "
    "WHERE kind IN ('clawback', 'disallowed')",
    "DELETE FROM data_accesses WHERE role = 'auditor' OR purpose = 'subsidy'",
)


def may_be(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    """Let `column` of `table` hold just these values."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    allowed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({allowed})")


def reductions_may_be(law: str) -> None:
    op.drop_constraint(op.f("ck_settlement_items_reduction"), "settlement_items", type_="check")
    op.create_check_constraint(op.f("ck_settlement_items_reduction"), "settlement_items", law)


def upgrade() -> None:
    for name, table, column, _, after in GROWN:
        may_be(table, column, name, after)
    reductions_may_be("kind NOT IN ('reduction', 'clawback') OR goods_fen <= 0")
    op.create_table(
        "subsidy_auditors",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_subsidy_auditors_account_id")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_subsidy_auditors_county_code")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_subsidy_auditors")),
    )
    op.create_index(
        op.f("ix_subsidy_auditors_county_code"), "subsidy_auditors", ["county_code"], unique=False
    )
    op.create_table(
        "treasury_batches",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("claims_fen", sa.BigInteger(), nullable=False),
        sa.Column("clawbacks_fen", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.UUID(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "claims_fen >= 0 AND clawbacks_fen >= 0 AND size > 0", name=op.f("ck_treasury_batches_sums")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_treasury_batches_county_code")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["accounts.id"], name=op.f("fk_treasury_batches_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treasury_batches")),
        sa.UniqueConstraint("county_code", "number", name=op.f("uq_treasury_batches_county_code_number")),
    )
    op.create_table(
        "treasury_imports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by_id", sa.UUID(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_rows", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_code"], ["counties.code"], name=op.f("fk_treasury_imports_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["accounts.id"], name=op.f("fk_treasury_imports_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treasury_imports")),
        sa.UniqueConstraint("county_code", "sha256", name=op.f("uq_treasury_imports_county_code_sha256")),
    )
    op.create_table(
        "claim_flags",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("claim_id", sa.UUID(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "block", "hold", "flag", name="severity", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by_id", sa.UUID(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lift_reason IS NULL)", name=op.f("ck_claim_flags_lifted_for")
        ),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_id IS NULL)", name=op.f("ck_claim_flags_lifted_by")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_flags_claim_id")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["accounts.id"], name=op.f("fk_claim_flags_lifted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_flags")),
        sa.UniqueConstraint("claim_id", "rule", name=op.f("uq_claim_flags_claim_id_rule")),
    )
    op.create_table(
        "claim_reviews",
        sa.Column("claim_id", sa.UUID(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audited_by_id", sa.UUID(), nullable=True),
        sa.Column("audited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_by_id", sa.UUID(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_by_id", sa.UUID(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_rejected", sa.Boolean(), nullable=False),
        sa.Column("rejected_by_id", sa.UUID(), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("appeals", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(first_at IS NULL) OR (audited_at IS NOT NULL)", name=op.f("ck_claim_reviews_audited_first")
        ),
        sa.CheckConstraint(
            "(second_at IS NULL) OR (first_at IS NOT NULL)", name=op.f("ck_claim_reviews_first_before_second")
        ),
        sa.CheckConstraint(
            "NOT is_rejected OR reason IS NOT NULL", name=op.f("ck_claim_reviews_rejected_for_a_reason")
        ),
        sa.CheckConstraint(
            "audited_by_id <> first_by_id AND audited_by_id <> second_by_id",
            name=op.f("ck_claim_reviews_audited_by_another"),
        ),
        sa.CheckConstraint("first_by_id <> second_by_id", name=op.f("ck_claim_reviews_four_eyes")),
        sa.CheckConstraint(
            "rejected_by_id <> audited_by_id OR is_rejected",
            name=op.f("ck_claim_reviews_appeal_audited_by_another"),
        ),
        sa.CheckConstraint(
            "rejected_by_id <> first_by_id OR is_rejected",
            name=op.f("ck_claim_reviews_appeal_by_another_first"),
        ),
        sa.CheckConstraint(
            "rejected_by_id <> second_by_id OR is_rejected",
            name=op.f("ck_claim_reviews_appeal_by_another_second"),
        ),
        sa.ForeignKeyConstraint(
            ["audited_by_id"], ["accounts.id"], name=op.f("fk_claim_reviews_audited_by_id")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_reviews_claim_id")),
        sa.ForeignKeyConstraint(["first_by_id"], ["accounts.id"], name=op.f("fk_claim_reviews_first_by_id")),
        sa.ForeignKeyConstraint(
            ["rejected_by_id"], ["accounts.id"], name=op.f("fk_claim_reviews_rejected_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_by_id"], ["accounts.id"], name=op.f("fk_claim_reviews_second_by_id")
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_reviews")),
    )
    op.create_table(
        "claim_serials",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "free",
                "claimed",
                "released",
                name="claimserialstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("claim_id", sa.UUID(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'claimed') = (claim_id IS NOT NULL)", name=op.f("ck_claim_serials_claimed_by_one")
        ),
        sa.CheckConstraint(
            "serial = upper(serial) AND char_length(serial) BETWEEN 4 AND 40",
            name=op.f("ck_claim_serials_serial"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_serials_claim_id")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_claim_serials")),
    )
    op.create_index("ix_claim_serials_claim_id", "claim_serials", ["claim_id"], unique=False)
    op.create_table(
        "claim_signals",
        sa.Column("claim_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_claim_signals_account_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_signals_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "kind", name=op.f("pk_claim_signals")),
    )
    op.create_index("ix_claim_signals_kind_digest", "claim_signals", ["kind", "digest"], unique=False)
    op.create_table(
        "claim_steps",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("claim_id", sa.UUID(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "moved",
                "brought",
                "audited",
                "approved",
                "rejected",
                "lifted",
                "appealed",
                "closed",
                "serial",
                "returned",
                "treasury",
                name="stepkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_id", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_claim_steps_by_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_steps_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_steps")),
    )
    op.create_index("ix_claim_steps_claim_id", "claim_steps", ["claim_id"], unique=False)
    op.create_table(
        "clawbacks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("claim_id", sa.UUID(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "due",
                "netted",
                "repaid",
                "void",
                name="clawbackstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("netted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_clawbacks_amount")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_clawbacks_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawbacks")),
        sa.UniqueConstraint("reference", name=op.f("uq_clawbacks_reference")),
    )
    op.create_index("ix_clawbacks_claim_id", "clawbacks", ["claim_id"], unique=False)
    op.create_table(
        "treasury_lines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("batch_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.UUID(), nullable=False),
        sa.Column("clawback_id", sa.UUID(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "paid",
                "rejected",
                name="linestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (settled_at IS NULL)", name=op.f("ck_treasury_lines_settled")),
        sa.CheckConstraint(
            "state <> 'paid' OR bank_reference IS NOT NULL", name=op.f("ck_treasury_lines_paid_by")
        ),
        sa.CheckConstraint(
            "state <> 'rejected' OR reason IS NOT NULL", name=op.f("ck_treasury_lines_rejected_for")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_treasury_lines_amount")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["treasury_batches.id"], name=op.f("fk_treasury_lines_batch_id")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_treasury_lines_claim_id")),
        sa.ForeignKeyConstraint(
            ["clawback_id"], ["clawbacks.id"], name=op.f("fk_treasury_lines_clawback_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treasury_lines")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_treasury_lines_batch_id_position")),
        sa.UniqueConstraint("clawback_id", name=op.f("uq_treasury_lines_clawback_id")),
        sa.UniqueConstraint("number", name=op.f("uq_treasury_lines_number")),
    )
    op.create_index(
        "uq_treasury_lines_claim_id",
        "treasury_lines",
        ["claim_id"],
        unique=True,
        postgresql_where=sa.text("clawback_id IS NULL AND state <> 'rejected'"),
    )

    op.add_column("claims", sa.Column("clawback_fen", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("claims", "clawback_fen", server_default=None)
    op.add_column("claims", sa.Column("shop_id", sa.UUID(), nullable=True))
    op.add_column("claims", sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.create_foreign_key(op.f("fk_claims_shop_id"), "claims", "shops", ["shop_id"], ["id"])
    op.create_index("ix_claims_county_code_state", "claims", ["county_code", "state"])
    op.create_index("ix_claims_shop_id_state", "claims", ["shop_id", "state"])
    op.create_check_constraint(
        op.f("ck_claims_clawback"), "claims", "clawback_fen BETWEEN 0 AND returned_fen"
    )
    op.add_column(
        "proofs",
        sa.Column(
            "label_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]"
        ),
    )
    op.add_column(
        "proofs", sa.Column("is_confirmed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for name in ("label_codes", "is_confirmed"):
        op.alter_column("proofs", name, server_default=None)
    op.execute(KEEP_FUNCTION)
    for table in KEPT:
        op.execute(KEEP_TRIGGER.format(table=table))
    op.execute(REVOKE)
    op.execute(BACKFILL)
    for statement in GATHER:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER claim_record_is_kept ON claim_evidence")
    for name, table, _, _, _ in GROWN:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for statement in BEFORE_DOWN:
        op.execute(statement)
    for name, table, column, before, _ in GROWN:
        allowed = ", ".join(f"'{value}'" for value in before)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({allowed})")
    reductions_may_be("kind <> 'reduction' OR goods_fen <= 0")
    op.drop_constraint(op.f("ck_claims_clawback"), "claims", type_="check")

    op.drop_column("proofs", "is_confirmed")
    op.drop_column("proofs", "label_codes")
    op.drop_constraint(op.f("fk_claims_shop_id"), "claims", type_="foreignkey")
    op.drop_index("ix_claims_shop_id_state", table_name="claims")
    op.drop_index("ix_claims_county_code_state", table_name="claims")
    op.drop_column("claims", "about")
    op.drop_column("claims", "shop_id")
    op.drop_column("claims", "clawback_fen")
    op.drop_index(
        "uq_treasury_lines_claim_id",
        table_name="treasury_lines",
        postgresql_where=sa.text("clawback_id IS NULL AND state <> 'rejected'"),
    )
    op.drop_table("treasury_lines")
    op.drop_index("ix_clawbacks_claim_id", table_name="clawbacks")
    op.drop_table("clawbacks")
    op.drop_index("ix_claim_steps_claim_id", table_name="claim_steps")
    op.drop_table("claim_steps")
    op.drop_index("ix_claim_signals_kind_digest", table_name="claim_signals")
    op.drop_table("claim_signals")
    op.drop_index("ix_claim_serials_claim_id", table_name="claim_serials")
    op.drop_table("claim_serials")
    op.drop_table("claim_reviews")
    op.drop_table("claim_flags")
    op.drop_table("treasury_imports")
    op.drop_table("treasury_batches")
    op.drop_index(op.f("ix_subsidy_auditors_county_code"), table_name="subsidy_auditors")
    op.drop_table("subsidy_auditors")
    op.execute("DROP FUNCTION claim_record_is_kept()")
