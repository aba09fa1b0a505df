"""Buyers at one moment, through checkout: the pot pays exactly what it has, one person gets exactly one."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import audit
from market.kernel.errors import Refused
from market.orders.cart import Owner, entries, put
from market.orders.checkout import checkout
from market.orders.models import Order
from market.orders.quote import Options, price_entries
from market.people.models import Account
from market.subsidies.models import Claim, Pot, Quota
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.life import at_once
from tests.builders.orders import choices_for
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.subsidies import a_funded_programme

BUYERS = 100
PAID_FOR = 10
SUBSIDY_FEN = 389_85
PRICE_FEN = 2599_00

pytestmark = pytest.mark.race


def a_washer(session, now, budget_fen):
    """A hundred washers of grade 1, and a pot."""
    listing = a_listing(session, a_shop(session, now), now, stock=BUYERS)
    a_funded_programme(session, listing.shop.county_code, now, budget_fen)
    a_verified_label(session, listing, now)
    return listing


def buy(session, account_id, choices, now):
    """As a person does: order what was shown, and where that has changed, look at the new price and order."""
    account = session.get_one(Account, account_id)
    for _ in range(3):
        try:
            checkout(session, account, choices, "key", now)
            return
        except Refused as refused:
            session.rollback()
            if refused.code not in ("subsidy.pot_empty", "subsidy.quota_used", "checkout.price_changed"):
                raise
        mine = entries(session, Owner(account_id=account.id))
        priced = price_entries(session, mine, Options("610924", account.id, choices.place), now)
        choices = type(choices)(choices.address_id, choices.place, choices.payment_method, priced.payable_fen)
    raise AssertionError("no price held")


def test_a_hundred_buyers_at_a_pot_that_pays_for_ten(fresh_engine, now):
    with Session(fresh_engine) as session:
        listing = a_washer(session, now, PAID_FOR * SUBSIDY_FEN)
        chosen = []
        for _ in range(BUYERS):
            buyer = an_account(session, now)
            put(session, Owner(account_id=buyer.id), listing.id, 1, now)
            chosen.append((buyer.id, choices_for(session, buyer, now)))
        session.commit()
    assert len({choices.expected_payable_fen for _, choices in chosen}) == 1

    def one(session, number):
        buy(session, *chosen[number], now)

    assert at_once(fresh_engine, BUYERS, one) == {"done": BUYERS}
    with Session(fresh_engine) as session:
        paid = Order.payable_fen - Order.delivery_fee_fen
        orders = session.execute(select(paid, func.count()).group_by(paid))
        assert dict(orders.all()) == {
            PRICE_FEN - SUBSIDY_FEN: PAID_FOR,
            PRICE_FEN: BUYERS - PAID_FOR,
        }
        pot = session.scalars(select(Pot)).one()
        assert (pot.budget, pot.held, pot.committed) == (PAID_FOR * SUBSIDY_FEN, PAID_FOR * SUBSIDY_FEN, 0)
        assert audit.run(session, now) == []


def test_one_person_with_twenty_devices_has_one_subsidised_washer(fresh_engine, now):
    with Session(fresh_engine) as session:
        listing = a_washer(session, now, BUYERS * SUBSIDY_FEN)
        listing_id, buyer_id = listing.id, an_account(session, now).id
        put(session, Owner(account_id=buyer_id), listing_id, 1, now)
        choices = choices_for(session, session.get_one(Account, buyer_id), now)
        session.commit()

    def one(session, number):
        """Each phone puts a washer into the cart that they share, and orders it."""
        account = session.get_one(Account, buyer_id)
        try:
            put(session, Owner(account_id=buyer_id), listing_id, 1, now)
            session.commit()
            mine = entries(session, Owner(account_id=buyer_id))
            priced = price_entries(session, mine, Options("610924", buyer_id, choices.place), now)
            shown = type(choices)(
                choices.address_id, choices.place, choices.payment_method, priced.payable_fen
            )
            checkout(session, account, shown, f"key-{number}", now)
        except Refused as refused:
            session.rollback()
            if refused.code not in ("subsidy.quota_used", "checkout.price_changed", "cart.empty"):
                raise

    assert at_once(fresh_engine, 20, one) == {"done": 20}
    with Session(fresh_engine) as session:
        assert session.scalars(select(Claim.units)).all() == [1]
        assert session.scalars(select(Quota.used)).all() == [1]
        assert session.scalar(select(func.sum(Order.subsidy_fen))) == SUBSIDY_FEN
        assert audit.run(session, now) == []
