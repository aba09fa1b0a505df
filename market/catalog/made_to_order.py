"""Made to order: a shop says that a thing is made to the buyer's own wish, and the county looks at it.

Who buys it has no seven days to think it over (Consumer Protection Law art. 25), so a false word takes a
right away. Standard colors or sizes to choose from are no wish of one's own (facts §6.3).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from market.catalog.edit_listing import own_listing
from market.catalog.models import MADE_TO_ORDER_STATES, Listing, MadeToOrder
from market.kernel.errors import NotFound, Refused
from market.notices.notify import notify
from market.shops.models import Shop, ShopStaff

WORDS_CHARS = range(4, 201)
DECIDED = {
    MadeToOrder.approved: "catalog.made_to_order_approved",
    MadeToOrder.rejected: "catalog.made_to_order_rejected",
}


def ask_made_to_order(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, words: str, now: datetime
) -> Listing:
    """The shop says what of it is made to the buyer's wish; until the county agrees nothing changes.

    Raises NotFound where it is another shop's; Refused(``catalog.made_to_order``, field words),
    ``state.illegal_move`` where it was asked or approved before.
    """
    listing = own_listing(session, shop_id, listing_id)
    if len(words.strip()) not in WORDS_CHARS:
        raise Refused("catalog.made_to_order", field="words")
    MADE_TO_ORDER_STATES.step(listing.made_to_order, MadeToOrder.asked)
    listing.made_to_order, listing.made_to_order_words = MadeToOrder.asked, words.strip()
    listing.made_to_order_reason, listing.updated_at = None, now
    session.flush()
    return listing


def take_back_made_to_order(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, now: datetime
) -> Listing:
    """It is made for stock after all; whoever buys it from now on has seven days. Raises NotFound."""
    listing = own_listing(session, shop_id, listing_id)
    if listing.made_to_order is not MadeToOrder.no:
        listing.made_to_order, listing.updated_at = MadeToOrder.no, now
        listing.made_to_order_words = listing.made_to_order_reason = None
        session.flush()
    return listing


def decide_made_to_order(
    session: Session,
    county_code: str,
    listing_id: uuid.UUID,
    approved: bool,
    reason: str,
    now: datetime,
) -> Listing:
    """The county agrees, or says why not; what it approved it may take back. Orders keep what they say.

    Raises NotFound where it is another county's; Refused(``catalog.made_to_order_reason``, field reason),
    ``state.illegal_move``.
    """
    listing = session.get(Listing, listing_id, with_for_update=True, populate_existing=True)
    if listing is None or listing.shop.county_code != county_code:
        raise NotFound
    to = MadeToOrder.approved if approved else MadeToOrder.rejected
    if not approved and not reason.strip():
        raise Refused("catalog.made_to_order_reason", field="reason")
    MADE_TO_ORDER_STATES.step(listing.made_to_order, to)
    listing.made_to_order, listing.updated_at = to, now
    listing.made_to_order_reason = None if approved else reason.strip()
    session.flush()
    _tell(session, listing, now)
    return listing


def made_to_order_in(session: Session, county_code: str) -> Sequence[Listing]:
    """The county's listings that are asked for or approved, those that wait first."""
    return session.scalars(
        select(Listing)
        .join(Shop, Shop.id == Listing.shop_id)
        .where(
            Shop.county_code == county_code,
            Listing.made_to_order.in_((MadeToOrder.asked, MadeToOrder.approved)),
        )
        .options(joinedload(Listing.product), joinedload(Listing.shop))
        .order_by(Listing.made_to_order != MadeToOrder.asked, Listing.updated_at)
    ).all()


def _tell(session: Session, listing: Listing, now: datetime) -> None:
    staff = select(ShopStaff.account_id).where(ShopStaff.shop_id == listing.shop_id)
    kind = DECIDED[listing.made_to_order]
    params = {"title": listing.product.name_zh, "reason": listing.made_to_order_reason or ""}
    for account_id in session.scalars(staff.order_by(ShopStaff.account_id)):
        key = f"{kind}:{listing.id}:{account_id}:{now.isoformat()}"
        notify(session, account_id, kind, params, now, f"listing:{listing.id}", key)
