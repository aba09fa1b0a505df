"""Carts and orders for tests."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.orders.cart import Owner, entries, find, put
from market.orders.checkout import Choices, checkout
from market.orders.models import Order, PaymentMethod, Place
from market.orders.quote import Options, TradeInAnswers, price_entries
from market.people.models import Account
from tests.builders.people import an_address


def choices_for(
    session: Session,
    buyer: Account,
    now: datetime,
    method: PaymentMethod = PaymentMethod.cash,
    points: int = 0,
    trade_in: TradeInAnswers | None = None,
) -> Choices:
    """Delivery to the door of an address of the buyer's, at the price her cart has now."""
    address = an_address(session, buyer, now)
    options = Options(address.county_code, buyer.id, Place.door, points, trade_in)
    cart = find(session, Owner(account_id=buyer.id))
    priced = price_entries(session, entries(session, cart), options, now)
    return Choices(address.id, Place.door, method, priced.payable_fen, points=points, trade_in=trade_in)


def an_order(
    session: Session,
    buyer: Account,
    goods: Sequence[tuple[Listing, int]],
    now: datetime,
    method: PaymentMethod = PaymentMethod.cash,
    points: int = 0,
    trade_in: TradeInAnswers | None = None,
    key: str = "key",
) -> Order:
    """The buyer's order of so many pieces of each listing."""
    for listing, quantity in goods:
        put(session, Owner(account_id=buyer.id), listing.id, quantity, now)
    choices = choices_for(session, buyer, now, method, points, trade_in)
    return checkout(session, buyer, choices, key, now)
