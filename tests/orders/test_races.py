"""Fifty buyers at once, each in a thread and a transaction of her own."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import audit
from market.inventory.models import Stock
from market.orders.cart import Owner, put
from market.orders.checkout import checkout
from market.orders.models import Order
from market.people.models import Account
from market.subsidies.models import Pot
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.life import at_once
from tests.builders.orders import choices_for
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.subsidies import GB_2026, a_funded_programme

BUYERS = 50
PIECES = 10

pytestmark = pytest.mark.race


@pytest.fixture
def carts(fresh_engine, now):
    """Fifty buyers with one piece of the same washer in their carts, and what each chose at checkout."""
    with Session(fresh_engine) as session:
        listing = a_listing(session, a_shop(session, now), now, stock=PIECES)
        a_funded_programme(session, listing.shop.county_code, now)
        a_verified_label(session, listing, now)
        chosen = []
        for _ in range(BUYERS):
            buyer = an_account(session, now)
            put(session, Owner(account_id=buyer.id), listing.id, 1, now)
            chosen.append((buyer.id, choices_for(session, buyer, now)))
        session.commit()
        return listing.id, chosen


def all_check_out(engine, chosen, now):
    """Everybody checks out at the same moment; what became of each."""

    def one(session, number):
        buyer_id, choices = chosen[number]
        checkout(session, session.get_one(Account, buyer_id), choices, "key", now)

    return at_once(engine, len(chosen), one)


def test_fifty_people_buying_the_last_ten_pieces_make_exactly_ten_orders(fresh_engine, carts, now):
    listing_id, chosen = carts
    assert all_check_out(fresh_engine, chosen, now) == {
        "done": PIECES,
        "inventory.short": BUYERS - PIECES,
    }
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(Order)) == PIECES
        stock = session.get_one(Stock, listing_id)
        assert (stock.on_hand, stock.reserved) == (PIECES, PIECES)
        assert session.scalars(select(Pot.held).where(Pot.programme_id == GB_2026)).all() == [PIECES * 389_85]
        assert audit.run(session, now) == []


def test_one_click_that_arrives_ten_times_is_one_order(fresh_engine, carts, now):
    _, chosen = carts
    assert all_check_out(fresh_engine, [chosen[0]] * 10, now) == {"done": 10}
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 1
        assert audit.run(session, now) == []
