"""News of the truck, in whatever order it comes."""

from itertools import permutations

import pytest
from sqlalchemy.orm import Session

from market import audit
from market.kernel.ids import new_id
from market.orders import deliver
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import Fulfillment, Order, ShopOrder
from tests.builders.catalog import a_listing
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.shops import a_shop


@pytest.fixture
def part(session, now):
    """A cash order's one part, on the hub's floor."""
    a_county(session)
    listing = a_listing(session, a_shop(session, now), now)
    order = an_order(session, an_account(session, now), [(listing, 1)], now)
    [part] = order.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    receive_at_hub(session, order.county_code, part.id, now)
    session.commit()
    return part


def test_scheduled_departed_and_done_end_the_same_in_any_order(session, connection, part, now):
    courier_id, reference, part_id, order_id = new_id(), part.reference, part.id, part.order_id
    news = (
        lambda own: deliver.job_scheduled(own, reference, now),
        lambda own: deliver.job_departed(own, reference, now),
        lambda own: deliver.job_done(own, reference, courier_id, now, now),
    )
    for arrived in permutations(news):
        attempt = connection.begin_nested()
        with Session(connection, join_transaction_mode="create_savepoint") as own:
            for tell in arrived:
                tell(own)
            for tell in news:
                tell(own)
            kept = own.get_one(ShopOrder, part_id)
            assert kept.state is Fulfillment.delivered
            assert [step.state for step in kept.steps[-3:]] == ["scheduled", "out_for_delivery", "delivered"]
            assert own.get_one(Order, order_id).state == "completed"
        attempt.rollback()


def test_a_failure_overtakes_the_departure_and_stays_a_failure(session, part, now):
    deliver.job_failed(session, part.reference, "nobody_home", now)
    assert (part.state, part.reason) == (Fulfillment.undelivered, "nobody_home")
    for _ in range(2):
        deliver.job_departed(session, part.reference, now)
        deliver.job_failed(session, part.reference, "nobody_home", now)
    assert part.state is Fulfillment.undelivered
    deliver.job_scheduled(session, part.reference, now)
    assert part.state is Fulfillment.scheduled
    assert [it for it in audit.run(session, now) if it.book != "outbox"] == []
