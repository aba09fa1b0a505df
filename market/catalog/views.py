"""How often a listing was looked at on a day. A number and no more: nothing says by whom."""

import uuid
from collections.abc import Mapping
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.catalog.models import Listing
from market.kernel.db import Base
from market.kernel.ids import parse_id

TALLY = "views"


class ListingViews(Base):
    """The views of one listing's page on one day in China; bots and the shop's own people are not counted."""

    __tablename__ = "listing_views"
    __table_args__ = (CheckConstraint("views > 0", name="views"),)

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int]


def keep_views(session: Session, day: date, counts: Mapping[str, int]) -> None:
    """Write down the day's counts by listing id. A count only grows: told again or late it changes nothing.

    Keys that are no listing's are left out.
    """
    ids = [found for key in counts if (found := parse_id(key))]
    known = session.scalars(select(Listing.id).where(Listing.id.in_(ids)).order_by(Listing.id)).all()
    rows = [{"listing_id": id_, "day": day, "views": counts[str(id_)]} for id_ in known]
    if not rows:
        return
    told = insert(ListingViews)
    session.execute(
        told.on_conflict_do_update(
            index_elements=["listing_id", "day"],
            set_={"views": func.greatest(ListingViews.views, told.excluded.views)},
        ),
        rows,
    )
