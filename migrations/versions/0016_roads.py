"""A county's roads from its OpenStreetMap extract, and by which roads a batch was planned."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COUNTS = ("nodes", "arcs", "components", "apart_nodes", "beyond_reach", "barriers", "shut")


def upgrade() -> None:
    op.create_table(
        "county_roads",
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("extract_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        sa.Column("skipped", JSONB(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("nodes > 0", name=op.f("ck_county_roads_somewhere_to_drive")),
        sa.ForeignKeyConstraint(["county_code"], ["counties.code"], name=op.f("fk_county_roads_county_code")),
        sa.PrimaryKeyConstraint("county_code", name=op.f("pk_county_roads")),
    )
    op.create_table(
        "batch_roads",
        sa.Column("batch_id", sa.UUID(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("extract_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detour_factor", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("speed_kmh", sa.BigInteger(), nullable=False),
        sa.Column("off_road", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_roads_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch_roads")),
    )


def downgrade() -> None:
    op.drop_table("batch_roads")
    op.drop_table("county_roads")
