"""Placed orders for tests, through the cart and the checkout as a buyer places them."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.kernel.ids import new_id
from market.orders import cart as carts
from market.orders.cart import Owner
from market.orders.checkout import Choices, checkout
from market.orders.models import Order, PaymentMethod, Place
from market.orders.quote import Options, price_entries
from market.people.models import Account
from tests.builders.people import an_account, an_address


def a_cash_order(
    session: Session, listings: list[Listing], now: datetime, buyer: Account | None = None
) -> Order:
    """One piece of each listing, ordered to the door and to be paid in cash."""
    buyer = buyer or an_account(session, now)
    address = an_address(session, buyer, now)
    address.lat, address.lon, address.position_source = 32.4731, 108.4517, "estimated"
    for listing in listings:
        carts.put(session, Owner(account_id=buyer.id), listing.id, 1, now)
    entries = carts.entries(session, carts.find(session, Owner(account_id=buyer.id)))
    priced = price_entries(session, entries, Options(address.county_code, buyer.id), now)
    choices = Choices(address.id, Place.door, PaymentMethod.cash, priced.payable_fen)
    return checkout(session, buyer, choices, str(new_id()), now)
