"""A stocktake, the ledger with its running balance, and notes of what runs low."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from market.inventory import audit
from market.inventory.count import count_stock
from market.inventory.low import tell_low
from market.inventory.queries import running_low, stock, stock_ledger
from market.inventory.receive import receive
from market.inventory.reserve import reserve
from market.kernel.errors import Refused
from market.notices.models import Notice
from tests.builders.catalog import a_listing, an_offer_draft
from tests.builders.shops import a_clerk, a_shop
from tests.inventory.test_races import at_once


def test_a_count_books_the_difference_and_one_that_agrees_books_nothing(session, now):
    shop = a_shop(session, now)
    listing, clerk = a_listing(session, shop, now, stock=10), a_clerk(session, shop, now)
    assert count_stock(session, listing.id, 7, "盘点", now, clerk.id) == -3
    assert count_stock(session, listing.id, 7, "盘点", now, clerk.id) == 0
    assert count_stock(session, listing.id, 8, "柜子后面还有", now, clerk.id) == 1
    told = [(row.movement.quantity, row.balance, row.moved_by) for row in stock_ledger(session, listing.id)]
    assert told == [(1, 8, "店员"), (-3, 7, "店员"), (10, 10, None)]
    assert list(audit.breaks(session)) == []


def test_what_never_had_stock_can_be_counted_and_promised_pieces_cannot_be_counted_away(session, now):
    listing = a_listing(session, a_shop(session, now), now, stock=0)
    assert count_stock(session, listing.id, 0, "盘点", now) == 0
    assert count_stock(session, listing.id, 4, "盘点", now) == 4
    reserve(session, listing.id, 3, "line:1", now)
    for counted, reason, code in (
        (2, "盘点", "promised"),
        (-1, "盘点", "counted"),
        (5, " ", "reason_missing"),
    ):
        with pytest.raises(Refused, match=rf"inventory\.{code}"):
            count_stock(session, listing.id, counted, reason, now)
    assert stock(session, [listing.id])[listing.id].on_hand == 4
    assert len(stock_ledger(session, listing.id)) == 1


def test_the_ledger_goes_on_behind_a_movement_with_the_same_balances(session, now):
    listing = a_listing(session, a_shop(session, now), now, stock=5)
    for _ in range(4):
        receive(session, listing.id, 2, "进货", now)
    whole = stock_ledger(session, listing.id)
    assert [row.balance for row in whole] == [13, 11, 9, 7, 5]
    assert stock_ledger(session, listing.id, after=whole[1].movement.id, limit=2) == whole[2:4]


@pytest.mark.race
def test_buyers_and_a_count_at_once_leave_nothing_negative(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        listing_id: uuid.UUID = a_listing(session, a_shop(session, now), now, stock=10).id

    def act(own: Session, number: int) -> None:
        if number % 5:
            reserve(own, listing_id, 1, f"line:{number}", now)
        else:
            count_stock(own, listing_id, 6, "盘点", now)

    outcomes = at_once(fresh_engine, 20, act)
    assert all(outcome is None or isinstance(outcome, Refused) for outcome in outcomes)
    with Session(fresh_engine) as session:
        row = stock(session, [listing_id])[listing_id]
        assert 0 <= row.reserved <= row.on_hand
        assert list(audit.breaks(session)) == []


def test_what_runs_low_is_said_once_for_each_filling(session, now):
    shop = a_shop(session, now)
    clerk = a_clerk(session, shop, now)
    listing = a_listing(session, shop, now, stock=6, offer=an_offer_draft(low_at=5))
    a_listing(session, shop, now, stock=1, offer=an_offer_draft(low_at=0))
    a_listing(session, shop, now, stock=0)

    def told() -> list[int]:
        notices = session.query(Notice).filter_by(account_id=clerk.id, kind="inventory.low")
        return [notice.params["pieces"] for notice in notices.order_by(Notice.id)]

    assert (tell_low(session, now), told()) == (0, [])
    reserve(session, listing.id, 1, "line:1", now)
    for _ in range(2):
        tell_low(session, now + timedelta(days=1))
    assert told() == [5]
    assert listing in [found for found, _ in running_low(session, shop.id)]
    receive(session, listing.id, 3, "进货", now + timedelta(days=2))
    tell_low(session, now + timedelta(days=2))
    reserve(session, listing.id, 4, "line:2", now + timedelta(days=3))
    tell_low(session, now + timedelta(days=3))
    assert told() == [5, 4]
