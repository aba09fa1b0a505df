"""Offers: how often a listing was looked at on a day, and sets of things for one room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SCENES = ("kitchen", "sleep", "bath", "air", "security")
STATES = ("shown", "hidden")
MOMENT = sa.DateTime(timezone=True)


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
    _make_sets()
    scene_ids = postgresql.ARRAY(sa.UUID())
    op.add_column("carts", sa.Column("scene_ids", scene_ids, server_default="{}", nullable=False))


def _make_sets() -> None:
    op.create_table(
        "scene_sets",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shop_id", sa.UUID(), nullable=False),
        sa.Column("scene", _values("scene", SCENES), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("promotion_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", _values("setstate", STATES), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("promotion_fen >= 0", name=op.f("ck_scene_sets_promotion")),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 30", name=op.f("ck_scene_sets_name_length")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_scene_sets_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scene_sets")),
        sa.UniqueConstraint("shop_id", "name", name=op.f("uq_scene_sets_shop_id_name")),
    )
    op.create_index("ix_scene_sets_shop_id_state", "scene_sets", ["shop_id", "state"])
    op.create_table(
        "scene_lines",
        sa.Column("set_id", sa.UUID(), nullable=False),
        sa.Column("listing_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pieces BETWEEN 1 AND 9", name=op.f("ck_scene_lines_pieces")),
        sa.ForeignKeyConstraint(["set_id"], ["scene_sets.id"], name=op.f("fk_scene_lines_set_id")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_scene_lines_listing_id")),
        sa.PrimaryKeyConstraint("set_id", "listing_id", name=op.f("pk_scene_lines")),
    )
    op.create_index("ix_scene_lines_listing_id", "scene_lines", ["listing_id"])


def _values(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def downgrade() -> None:
    op.drop_column("carts", "scene_ids")
    op.drop_table("scene_lines")
    op.drop_table("scene_sets")
    op.drop_table("listing_views")
