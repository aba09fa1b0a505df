"""Listings: variants, own numbers, pictures, edits that wait for review, and sheets sent in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# What every listing that is there gets.
COLUMNS = (
    ("variant", sa.Text(), "''"),
    ("photos", postgresql.JSONB(), "'[]'"),
    ("low_at", sa.BigInteger(), "2"),
)
CHECKS = (
    ("gtin_shape", "gtin ~ '^[0-9]{13}$'"),
    ("own_number_length", "char_length(own_number) BETWEEN 1 AND 40"),
    ("variant_length", "char_length(variant) <= 20"),
    ("low_at", "low_at BETWEEN 0 AND 9999"),
)
EDIT_STATES = ("waiting", "accepted", "rejected", "withdrawn")
IMPORT_STATES = ("read", "applying", "applied")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _widen_listings()
    _make_pictures()
    op.create_table(
        "listing_edits",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("listing_id", sa.UUID(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("state", _states("editstate", EDIT_STATES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.UUID(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_listing_edits_looked_at")
        ),
        sa.CheckConstraint(
            "(state = 'rejected') = (reason IS NOT NULL)", name=op.f("ck_listing_edits_reasoned")
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_listing_edits_listing_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_listing_edits_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_listing_edits_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_edits")),
    )
    op.create_index("ix_listing_edits_listing_id", "listing_edits", ["listing_id"])
    op.create_index(
        "uq_listing_edits_waiting",
        "listing_edits",
        ["listing_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "sheet_imports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("flaws", postgresql.JSONB(), nullable=False),
        sa.Column("state", _states("importstate", IMPORT_STATES), nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.CheckConstraint("done >= 0", name=op.f("ck_sheet_imports_done")),
        sa.CheckConstraint(
            "(state = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_sheet_imports_applied_whole")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_sheet_imports_shop_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_sheet_imports_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_imports")),
    )
    op.create_index("ix_sheet_imports_shop_id", "sheet_imports", ["shop_id"])


def _widen_listings() -> None:
    for name, kind, value in COLUMNS:
        op.add_column("listings", sa.Column(name, kind, nullable=False, server_default=sa.text(value)))
        op.alter_column("listings", name, server_default=None)
    op.add_column("listings", sa.Column("own_number", sa.Text(), nullable=True))
    op.add_column("listings", sa.Column("gtin", sa.Text(), nullable=True))
    op.drop_constraint("uq_listings_shop_id_product_id", "listings", type_="unique")
    op.create_unique_constraint(
        op.f("uq_listings_shop_id_product_id_variant"), "listings", ["shop_id", "product_id", "variant"]
    )
    op.create_unique_constraint(op.f("uq_listings_shop_id_own_number"), "listings", ["shop_id", "own_number"])
    op.create_unique_constraint(op.f("uq_listings_shop_id_gtin"), "listings", ["shop_id", "gtin"])
    for name, rule in CHECKS:
        op.create_check_constraint(op.f(f"ck_listings_{name}"), "listings", rule)


def _make_pictures() -> None:
    op.create_table(
        "pictures",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width_px", sa.BigInteger(), nullable=False),
        sa.Column("height_px", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_pictures_sha256_shape")),
        sa.CheckConstraint("least(width_px, height_px) > 0", name=op.f("ck_pictures_sides")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_pictures")),
    )
    op.create_table(
        "picture_files",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width_px", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("format IN ('webp', 'avif')", name=op.f("ck_picture_files_format")),
        sa.CheckConstraint("octet_length(data) > 0", name=op.f("ck_picture_files_not_empty")),
        sa.ForeignKeyConstraint(["sha256"], ["pictures.sha256"], name=op.f("fk_picture_files_sha256")),
        sa.PrimaryKeyConstraint("sha256", "width_px", "format", name=op.f("pk_picture_files")),
    )


def _states(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def downgrade() -> None:
    op.drop_table("sheet_imports")
    op.drop_table("listing_edits")
    op.drop_table("picture_files")
    op.drop_table("pictures")
    for name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_listings_{name}"), "listings", type_="check")
    for columns in ("shop_id_gtin", "shop_id_own_number", "shop_id_product_id_variant"):
        op.drop_constraint(op.f(f"uq_listings_{columns}"), "listings", type_="unique")
    op.create_unique_constraint(op.f("uq_listings_shop_id_product_id"), "listings", ["shop_id", "product_id"])
    for name in ("gtin", "own_number", "low_at", "photos", "variant"):
        op.drop_column("listings", name)
