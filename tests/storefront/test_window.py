"""The buyer waits for the truck: from when until when, and why it did not come."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.delivery.drive import fail_stop, start_run
from market.delivery.models import Courier, Run
from market.orders.models import Order
from market.people.models import Account
from tests.builders.delivery import a_courier
from tests.builders.life import react, released_run, to_the_hub
from tests.builders.orders import an_order
from tests.builders.web import Browser


@pytest.fixture
def order(session: Session, buyer: Account, washer: Listing, now: datetime) -> Order:
    a_courier(session, now)
    order = an_order(session, buyer, [(washer, 1)], now)
    to_the_hub(session, order, now)
    return order


@pytest.fixture
def run(session: Session, order: Order, now: datetime) -> Run:
    run = released_run(session, now)
    react(session, now)
    session.commit()
    return run


def test_before_there_is_a_plan_no_hour_is_named(client: Browser, order: Order) -> None:
    assert "到您家" not in client.get(f"/orders/{order.id}").text


def test_a_released_plan_names_the_hours_and_the_code(client: Browser, order: Order, run: Run) -> None:
    page = client.get(f"/orders/{order.id}").text
    assert "到您家" in page
    assert f'<b class="big code">{run.stops[0].jobs[0].pickup_code}</b>' in page


def test_what_went_wrong_is_said_in_words(
    client: Browser, session: Session, order: Order, run: Run, now: datetime
) -> None:
    courier = session.get_one(Courier, run.courier_id)
    start_run(session, courier, run.id, now)
    fail_stop(session, courier, run.stops[0].id, "road_closed", now)
    react(session, now)
    session.commit()
    page = client.get(f"/orders/{order.id}").text
    assert "这一趟没送成：路不通。" in page
    assert "到您家" not in page
