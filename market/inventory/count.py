"""A stocktake: somebody counted the shelf, and the book follows."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recalled import is_whole
from market.inventory.models import Stock
from market.inventory.receive import MOST_PIECES, adjust
from market.kernel.errors import Refused


def count_stock(
    session: Session,
    listing_id: uuid.UUID,
    counted: int,
    reason: str,
    now: datetime,
    moved_by: uuid.UUID | None = None,
) -> int:
    """`counted` pieces are on the shelf: the difference to the book, which is adjusted by it.

    The row is locked between reading and writing, so that what is sold meanwhile waits and is not counted
    away. A count that agrees writes nothing. Raises Refused: ``inventory.counted`` and as `adjust`.
    """
    if not 0 <= counted <= MOST_PIECES:
        raise Refused("inventory.counted", field="counted", most=MOST_PIECES)
    session.execute(
        insert(Stock)
        .values(
            listing_id=listing_id,
            on_hand=0,
            reserved=0,
            allocated=0,
            frozen=_is_recalled(session, listing_id),
        )
        .on_conflict_do_nothing()
    )
    booked = session.scalars(
        select(Stock.on_hand).where(Stock.listing_id == listing_id).with_for_update()
    ).one()
    difference = counted - booked
    if difference:
        adjust(session, listing_id, difference, reason, now, moved_by)
    return difference


def _is_recalled(session: Session, listing_id: uuid.UUID) -> bool:
    product_id = session.scalars(select(Listing.product_id).where(Listing.id == listing_id)).one()
    return is_whole(session, product_id)
