"""Offers: how often a listing was looked at on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listing_views",
        sa.Column("listing_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("views > 0", name=op.f("ck_listing_views_views")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_listing_views_listing_id")),
        sa.PrimaryKeyConstraint("listing_id", "day", name=op.f("pk_listing_views")),
    )


def downgrade() -> None:
    op.drop_table("listing_views")
