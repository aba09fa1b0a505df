"""Publishing against checkouts and reservations, in real threads: nothing is sold once it is published."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import audit
from market.catalog.models import Listing, ListingState
from market.inventory.models import Reservation, ReservationState, SerialNumber, SerialState, Stock
from market.inventory.receive import receive
from market.inventory.reserve import reserve
from market.inventory.serials import add_serials, sell_serials
from market.kernel.errors import Refused
from market.orders.cart import Owner, put
from market.orders.checkout import checkout
from market.orders.models import CartLine, Order, OrderState
from market.people.models import Account
from market.recalls.models import Recall
from market.recalls.publish import publish
from tests.builders.catalog import a_listing
from tests.builders.life import at_once, react
from tests.builders.orders import an_order, choices_for
from tests.builders.people import an_account, an_operator
from tests.builders.recalls import COUNTY, a_confirmed_recall
from tests.builders.shops import a_shop

pytestmark = pytest.mark.race
BUYERS = 24


@pytest.fixture
def ready(fresh_engine, now):
    """Buyers with a washer in their carts, and a recall that a second operator is about to publish."""
    with Session(fresh_engine) as session:
        listing = a_listing(session, a_shop(session, now), now, stock=100)
        chosen = []
        for _ in range(BUYERS):
            buyer = an_account(session, now)
            put(session, Owner(account_id=buyer.id), listing.id, 1, now)
            chosen.append((buyer.id, choices_for(session, buyer, now)))
        recall = a_confirmed_recall(session, listing, now)
        operator = an_operator(session, now)
        session.commit()
        return listing.id, recall.id, operator.id, chosen


def together(engine, now, acts: list[Callable[[Session], object]]) -> list[str]:
    """Do `acts` at one moment, each in its thread and transaction; ``done`` or the refusal's code of each."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[Session], object]) -> str:
        with Session(engine) as session:
            barrier.wait()
            try:
                act(session)
                session.commit()
            except Refused as refused:
                return refused.code
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


@pytest.mark.parametrize("round_", range(3))
def test_publishing_against_checkouts_leaves_no_order_standing(fresh_engine, ready, now, round_):
    listing_id, recall_id, operator_id, chosen = ready

    def buy(buyer_id, choices):
        return lambda session: checkout(session, session.get_one(Account, buyer_id), choices, "key", now)

    acts = [buy(*one) for one in chosen]
    acts.insert(round_ * BUYERS // 2, lambda session: publish(session, COUNTY, recall_id, operator_id, now))
    codes = together(fresh_engine, now, acts)
    bought = codes.count("done") - 1
    assert set(codes) <= {"done", "inventory.frozen", "cart.gone", "cart.empty"}
    with Session(fresh_engine) as session:
        assert session.get_one(Listing, listing_id).state is ListingState.recalled
        stock = session.get_one(Stock, listing_id)
        assert (stock.frozen, stock.reserved) == (True, bought)
        react(session, now)
        session.commit()
    with Session(fresh_engine) as session:
        states = session.scalars(select(Order.state)).all()
        assert states == [OrderState.canceled] * bought
        assert session.get_one(Stock, listing_id).reserved == 0
        assert session.scalar(select(func.count()).select_from(CartLine)) == 0
        assert audit.run(session, now) == []


def test_publishing_against_reservations_and_deliveries_of_stock(fresh_engine, ready, now):
    listing_id, recall_id, operator_id, _ = ready

    def take(number):
        return lambda session: reserve(session, listing_id, 1, f"order_line:{number}", now)

    acts = [take(number) for number in range(20)]
    acts += [lambda session: receive(session, listing_id, 5, "进货", now) for _ in range(4)]
    acts.insert(10, lambda session: publish(session, COUNTY, recall_id, operator_id, now))
    codes = together(fresh_engine, now, acts)
    assert set(codes) <= {"done", "inventory.frozen"}
    with Session(fresh_engine) as session:
        kept = session.scalars(select(Reservation.state)).all()
        assert kept == [ReservationState.reserved] * (codes.count("done") - 5)
        stock = session.get_one(Stock, listing_id)
        assert (stock.frozen, stock.reserved, stock.on_hand) == (True, len(kept), 120)
        with pytest.raises(Refused, match=r"inventory\.frozen"):
            reserve(session, listing_id, 1, "order_line:late", now)


def test_two_operators_that_publish_at_once_publish_once(fresh_engine, ready, now):
    _, recall_id, operator_id, _ = ready
    done = at_once(fresh_engine, 4, lambda session, _: publish(session, COUNTY, recall_id, operator_id, now))
    assert done == {"done": 4}
    with Session(fresh_engine) as session:
        assert session.get_one(Recall, recall_id).published_by == operator_id
        react(session, now)
        assert audit.run(session, now) == []


def test_a_recalled_number_is_not_sold_by_whoever_scans_it_at_that_moment(fresh_engine, now):
    with Session(fresh_engine) as session:
        listing = a_listing(session, a_shop(session, now), now)
        add_serials(session, listing, ["HR26A0001"], now)
        order = an_order(session, an_account(session, now), [(listing, 1)], now)
        references = {line.listing_id: line.reference for line in order.shop_orders[0].lines}
        recall_id = a_confirmed_recall(session, listing, now).id
        operator_id = an_operator(session, now).id
        session.commit()
    acts = [
        lambda session: publish(session, COUNTY, recall_id, operator_id, now),
        lambda session: sell_serials(session, references, ["HR26A0001"], now),
    ]
    published, sold = together(fresh_engine, now, acts)
    assert (published, sold in ("done", "inventory.serial_recalled")) == ("done", True)
    with Session(fresh_engine) as session:
        react(session, now)
        piece = session.scalars(select(SerialNumber)).one()
        assert (piece.state is SerialState.sold) is (sold == "done")
        assert session.scalars(select(Order.state)).all() == [OrderState.canceled]
        with pytest.raises(Refused, match=r"inventory\.serial"):
            sell_serials(session, references, ["HR26A0001"], now)
