"""A number that changes with whatever public pages show."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# What pages showed when this was written; a later migration adds its own tables.
TABLES = (
    "categories", "certificates", "counties", "coupon_pools", "label_records", "listings", "picture_files",
    "pictures", "pots", "price_changes", "product_recalls", "products", "programmes", "rating_appeals",
    "rating_changes", "rating_events", "ratings", "regions", "review_answers", "review_edits", "review_masks",
    "review_photos", "review_votes", "review_weighings", "reviews", "scene_lines", "scene_sets",
    "search_entries", "search_rulings", "search_words", "shops", "standards", "stock", "zone_memberships",
)  # fmt: skip
COUNT = """
    CREATE FUNCTION count_shown_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO shown_changes AS mine (backend_pid, changes) VALUES (pg_backend_pid(), 1)
        ON CONFLICT (backend_pid) DO UPDATE SET changes = mine.changes + 1;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "shown_changes",
        sa.Column("backend_pid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("backend_pid", name=op.f("pk_shown_changes")),
    )
    op.execute(COUNT)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER count_shown_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION count_shown_change()"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TRIGGER count_shown_change ON {table}")
    op.execute("DROP FUNCTION count_shown_change()")
    op.drop_table("shown_changes")
