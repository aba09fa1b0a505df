"""What proves a product green: versions of standards, scans, certificates, recalls, and the zone's members."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
REASONS = (
    "recalled", "no_label", "unverified", "label_rejected", "label_expired", "grade_too_low", "ccc_lapsed",
)  # fmt: skip
# The zone was a question asked of the labels; from here on it is rows, and these are its first.
FIRST_MEMBERS = """
INSERT INTO zone_memberships (id, product_id, since, last_day)
SELECT gen_random_uuid(), product_id, max(verified_at),
       CASE WHEN bool_and(expires_on IS NOT NULL) THEN max(expires_on) END
FROM label_records
WHERE state = 'verified' AND grade <= 2
  AND (expires_on IS NULL OR expires_on >= (now() AT TIME ZONE 'Asia/Shanghai')::date)
GROUP BY product_id
"""
# A record that was declared again after it had been rejected keeps its later row.
DROP_REPEATED = """
DELETE FROM label_records AS old USING label_records AS new
WHERE old.record_number = new.record_number AND old.id <> new.id AND old.state = 'rejected'
  AND (new.state <> 'rejected' OR new.id > old.id)
"""


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "product_scans",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(jpeg) > 0", name=op.f("ck_product_scans_not_empty")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_product_scans_sha256_shape")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_scans_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_scans")),
    )
    op.create_index("ix_product_scans_product_id", "product_scans", ["product_id"])
    op.create_table(
        "certificates",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column(
            "scheme",
            _one_of("scheme", "ccc", "cqc_energy", "china_green", "environmental", "water_efficiency"),
            nullable=False,
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("model_scope", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("scan_id", sa.UUID(), nullable=False),
        sa.Column(
            "state",
            _one_of("certificatestate", "declared", "valid", "suspended", "withdrawn", "rejected"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "expires_on IS NULL OR expires_on > issued_on", name=op.f("ck_certificates_expires_later")
        ),
        sa.CheckConstraint(
            "(state = 'declared') = (decided_at IS NULL)", name=op.f("ck_certificates_looked_at")
        ),
        sa.CheckConstraint(
            "state NOT IN ('suspended', 'withdrawn', 'rejected') OR reason IS NOT NULL",
            name=op.f("ck_certificates_reasoned"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_certificates_product_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["product_scans.id"], name=op.f("fk_certificates_scan_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_certificates_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
    )
    op.create_index("ix_certificates_product_id", "certificates", ["product_id"])
    op.create_index(
        "uq_certificates_standing",
        "certificates",
        ["product_id", "scheme", "number"],
        unique=True,
        postgresql_where=sa.text("state <> 'rejected'"),
    )
    op.create_table(
        "product_recalls",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.UUID(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("lifted_by", sa.UUID(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(lifted_by, lifted_at, lift_reason) IN (0, 3)",
            name=op.f("ck_product_recalls_lifted_whole"),
        ),
        sa.CheckConstraint("lifted_at >= opened_at", name=op.f("ck_product_recalls_lifted_later")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_recalls_product_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["accounts.id"], name=op.f("fk_product_recalls_opened_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["accounts.id"], name=op.f("fk_product_recalls_lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_recalls")),
    )
    op.create_index(
        "uq_product_recalls_open",
        "product_recalls",
        ["product_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "zone_memberships",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", _one_of("zonereason", *REASONS), nullable=True),
        sa.CheckConstraint("(until IS NULL) = (reason IS NULL)", name=op.f("ck_zone_memberships_left_whole")),
        sa.CheckConstraint("until >= since", name=op.f("ck_zone_memberships_left_later")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_zone_memberships_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_memberships")),
    )
    op.create_index(
        "uq_zone_memberships_open",
        "zone_memberships",
        ["product_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    _change_products_and_labels()
    _change_standards()
    op.execute(FIRST_MEMBERS)


def _change_products_and_labels() -> None:
    for name in ("interop", "badges"):
        op.add_column("products", sa.Column(name, JSON, nullable=False, server_default="[]"))
        op.alter_column("products", name, server_default=None)
    op.add_column("products", sa.Column("yearly_kwh", sa.Numeric(10, 1), nullable=True))
    op.create_check_constraint(op.f("ck_products_yearly_kwh"), "products", "yearly_kwh > 0")
    op.add_column("label_records", sa.Column("produced_on", sa.Date(), nullable=True))
    op.add_column("label_records", sa.Column("scan_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_label_records_scan_id"), "label_records", "product_scans", ["scan_id"], ["id"]
    )
    op.drop_constraint(op.f("uq_label_records_record_number"), "label_records", type_="unique")
    op.create_index(
        "uq_label_records_standing",
        "label_records",
        ["record_number"],
        unique=True,
        postgresql_where=sa.text("state <> 'rejected'"),
    )


def _change_standards() -> None:
    op.add_column("standards", sa.Column("kinds", JSON, nullable=True))
    op.execute("UPDATE standards SET kinds = jsonb_build_array(kind)")
    op.alter_column("standards", "kinds", nullable=False)
    op.drop_column("standards", "kind")
    op.add_column("standards", sa.Column("variants", JSON, nullable=False, server_default="[]"))
    op.alter_column("standards", "variants", server_default=None)
    op.add_column("standards", sa.Column("label_from", sa.Date(), nullable=True))
    op.add_column("standards", sa.Column("old_stock_until", sa.Date(), nullable=True))
    op.alter_column("standards", "grades", nullable=True)


def downgrade() -> None:
    # Versions whose number of grades is unknown cannot be told in the old table; nothing cites their grades.
    op.execute(
        "DELETE FROM standards WHERE grades IS NULL "
        "AND number NOT IN (SELECT standard_number FROM label_records)"
    )
    op.execute("UPDATE standards SET grades = 5 WHERE grades IS NULL")
    op.alter_column("standards", "grades", nullable=False)
    for name in ("old_stock_until", "label_from", "variants"):
        op.drop_column("standards", name)
    op.add_column("standards", sa.Column("kind", _one_of("labelkind", "energy", "water"), nullable=True))
    op.execute("UPDATE standards SET kind = kinds ->> 0")
    op.alter_column("standards", "kind", nullable=False)
    op.drop_column("standards", "kinds")
    op.drop_index("uq_label_records_standing", "label_records")
    op.execute(DROP_REPEATED)
    op.create_unique_constraint(op.f("uq_label_records_record_number"), "label_records", ["record_number"])
    for name in ("scan_id", "produced_on"):
        op.drop_column("label_records", name)
    for name in ("yearly_kwh", "badges", "interop"):
        op.drop_column("products", name)
    for table in ("zone_memberships", "product_recalls", "certificates", "product_scans"):
        op.drop_table(table)
