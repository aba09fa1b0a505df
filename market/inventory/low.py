"""Tell a shop what runs low, once for each time it was filled up."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from market.catalog.models import Listing, ListingState
from market.inventory.models import Movement, Stock
from market.notices.notify import notify
from market.shops.models import Shop, ShopStaff, ShopState


def tell_low(session: Session, now: datetime) -> int:
    """A notice to everybody of the shop for each listing on sale that has `low_at` pieces or fewer; how many.

    Not again before pieces came in: the notice's key is the last movement that brought some. A listing
    without any such movement never had stock, and is left alone, as is one whose `low_at` is 0.
    """
    left = Stock.on_hand - Stock.reserved - Stock.allocated
    filled = (
        select(func.max(Movement.moved_at))
        .where(Movement.listing_id == Stock.listing_id, Movement.quantity > 0)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Listing, left, filled)
        .join(Stock, Stock.listing_id == Listing.id)
        .join(Listing.shop)
        .options(joinedload(Listing.product))
        .where(
            Listing.state == ListingState.active,
            Shop.state == ShopState.open,
            Listing.low_at > 0,
            left <= Listing.low_at,
            filled.is_not(None),
        )
        .order_by(Listing.id)
    ).all()
    staff = _staff(session, {listing.shop_id for listing, *_ in rows})
    for listing, pieces, filled_at in rows:
        for account_id in staff[listing.shop_id]:
            key = f"low:{listing.id}:{filled_at.timestamp()}:{account_id}"
            params = {"product": listing.product.name_zh, "pieces": pieces}
            notify(session, account_id, "inventory.low", params, now, f"listing:{listing.id}", key)
    return len(rows)


def _staff(session: Session, shop_ids: set[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    of_shops = select(ShopStaff.shop_id, ShopStaff.account_id).where(ShopStaff.shop_id.in_(shop_ids))
    for shop_id, account_id in session.execute(of_shops.order_by(ShopStaff.account_id)):
        found[shop_id].append(account_id)
    return found
