"""Change what a listing costs, and keep the record of it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing, PriceChange
from market.catalog.queries import listing_of
from market.catalog.rules import price_flaw
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id

COMPARED_FOR = timedelta(days=7)


def change_price(
    session: Session,
    shop_id: uuid.UUID,
    listing_id: uuid.UUID,
    list_price_fen: int,
    price_fen: int,
    account_id: uuid.UUID | None,
    now: datetime,
) -> Listing:
    """Set the filed price and the price of one of the shop's listings; the same prices again change nothing.

    Raises NotFound where it is another shop's; Refused as `price_flaw` says.
    """
    listing = listing_of(session, shop_id, listing_id, lock=True)
    if listing is None:
        raise NotFound
    if (listing.list_price_fen, listing.price_fen) == (list_price_fen, price_fen):
        return listing
    check_new_prices(session, listing, list_price_fen, price_fen, now)
    listing.list_price_fen, listing.price_fen, listing.updated_at = list_price_fen, price_fen, now
    record_prices(session, [listing], account_id, now)
    return listing


def check_new_prices(
    session: Session, listing: Listing, list_price_fen: int, price_fen: int, now: datetime
) -> None:
    """Raises Refused where the listing may not ask these prices now."""
    check_prices(list_price_fen, price_fen, _recent_list_prices(session, listing.id, now))


def check_prices(list_price_fen: int, price_fen: int, recent_list_fen: list[int]) -> None:
    """Raises Refused where the prices may not be asked."""
    if flaw := price_flaw(list_price_fen, price_fen, recent_list_fen):
        raise Refused(flaw.code, field=flaw.field, lowest_fen=min(recent_list_fen, default=0))


def record_prices(
    session: Session, listings: Iterable[Listing], account_id: uuid.UUID | None, now: datetime
) -> None:
    """Write down what the listings cost from `now` on."""
    session.add_all(
        PriceChange(
            id=new_id(),
            listing_id=listing.id,
            list_price_fen=listing.list_price_fen,
            price_fen=listing.price_fen,
            changed_by=account_id,
            changed_at=now,
        )
        for listing in listings
    )
    session.flush()


def _recent_list_prices(session: Session, listing_id: uuid.UUID, now: datetime) -> list[int]:
    """The filed prices that stood at some time in the last seven days."""
    of_listing = select(PriceChange.list_price_fen).where(PriceChange.listing_id == listing_id)
    since = now - COMPARED_FOR
    within = session.scalars(of_listing.where(PriceChange.changed_at > since)).all()
    before = session.scalars(
        of_listing.where(PriceChange.changed_at <= since).order_by(PriceChange.changed_at.desc()).limit(1)
    ).all()
    return [*within, *before]
