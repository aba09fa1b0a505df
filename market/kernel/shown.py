"""One number that changes whenever something changes that public pages show.

A trigger on each of `TABLES` counts a statement in a row of its backend's own, in the same transaction: the
sum moves at the very moment at which others can see the change, and no writer waits for another. Whoever kept
a page asks for the sum first, and knows whether the page still holds.
"""

from sqlalchemy import text
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.kernel.db import Base

TABLES = (
    "categories", "certificates", "counties", "coupon_pools", "fair_stops", "fairs", "label_records",
    "listings", "picture_files", "pictures", "pots", "price_changes", "product_recalls", "products",
    "programmes", "rating_appeals", "rating_changes", "rating_events", "ratings", "regions",
    "review_answers", "review_edits", "review_masks", "review_photos", "review_votes", "review_weighings",
    "reviews", "scene_lines", "scene_sets", "search_entries", "search_rulings", "search_words", "shops",
    "standards", "stock", "zone_memberships",
)  # fmt: skip
SUM = "SELECT coalesce(sum(changes), 0)::bigint FROM shown_changes"
_FOLD = """
    WITH gone AS (
        DELETE FROM shown_changes
        WHERE backend_pid <> 0 AND backend_pid NOT IN (SELECT pid FROM pg_stat_activity)
        RETURNING changes
    )
    INSERT INTO shown_changes AS kept (backend_pid, changes) SELECT 0, coalesce(sum(changes), 0) FROM gone
    ON CONFLICT (backend_pid) DO UPDATE SET changes = kept.changes + excluded.changes
"""


class ShownChanges(Base):
    """How many statements of one backend have changed what is shown; row 0 is for those long gone."""

    __tablename__ = "shown_changes"

    backend_pid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changes: Mapped[int]


def fold(session: Session) -> None:
    """Move what backends that are gone have counted to row 0. The sum stays."""
    session.execute(text(_FOLD))
