"""After the delivery: the steps, the review, and what it does to the shop's rating."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.credit.models import Review
from market.delivery.drive import complete_stop
from market.delivery.models import Job
from market.kernel.ids import new_id
from market.orders import deliver
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import OrderLine, ShopOrder
from market.people.models import Account
from tests.builders.delivery import a_courier, a_ready_job, a_run_underway
from tests.builders.life import left_at
from tests.builders.people import an_account, an_address
from tests.builders.web import Browser, hidden


@pytest.fixture
def part(client: Browser, session: Session, buyer: Account, washer: Listing, now: datetime) -> ShopOrder:
    """A washer that she ordered for cash."""
    an_address(session, buyer, now)
    client.submit("/cart", {"listing_id": washer.id, "quantity": 1})
    client.submit("/checkout/payment", {"payment_method": "cash", "points": 0})
    client.submit("/checkout", hidden(client.get("/checkout").text, "expected_payable_fen"))
    return session.scalars(select(ShopOrder)).one()


@pytest.fixture
def line(session: Session, part: ShopOrder, now: datetime) -> OrderLine:
    """The same, delivered."""
    county_code = part.order.county_code
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    receive_at_hub(session, county_code, part.id, now)
    deliver.job_scheduled(session, part.reference, now)
    deliver.job_departed(session, part.reference, now)
    deliver.job_done(session, part.reference, new_id(), now, now)
    return part.lines[0]


def test_each_step_is_on_the_order_page(client: Browser, part: ShopOrder, line: OrderLine) -> None:
    page = client.get(f"/orders/{part.order_id}").text
    assert page.count('class="done"') == 7
    assert "已送达" in page
    assert f'href="/review/{line.id}"' in page
    assert "送达" in client.get("/notices").text


def test_points_are_on_their_way(client: Browser, line: OrderLine) -> None:
    points = line.paid_fen * 2 // 100
    assert f"+{points:,} 买家电" in client.get("/points").text


def test_a_review_is_public_and_moves_the_rating(client: Browser, line: OrderLine, part: ShopOrder) -> None:
    answer = client.submit(f"/review/{line.id}", {"stars": 4, "text": "师傅当天就装好了"})
    assert answer.location == f"/orders/{part.order_id}"
    shop = Browser(client.application).get(f"/shops/{part.shop_id}").text
    assert "师傅当天就装好了" in shop
    assert "评价较少" in shop
    assert "已评价：4 星" in client.get(f"/orders/{part.order_id}").text


def test_a_second_review_and_a_missing_star_are_refused_beside_the_field(
    client: Browser, session: Session, line: OrderLine
) -> None:
    unstarred = client.submit(f"/review/{line.id}", {"text": "不错"})
    assert unstarred.status_code == 422
    assert "请选几颗星" in unstarred.text
    assert "不错" in unstarred.text
    assert client.submit(f"/review/{line.id}", {"stars": 5}).status_code == 303
    assert "已经评价过" in client.submit(f"/review/{line.id}", {"stars": 1}).text
    assert session.scalars(select(Review.stars)).all() == [5]


def test_nobody_else_rates_it(client: Browser, session: Session, line: OrderLine, now: datetime) -> None:
    stranger = Browser(client.application)
    stranger.become(an_account(session, now))
    assert stranger.submit(f"/review/{line.id}", {"stars": 1}).status_code == 404
    assert session.scalars(select(Review)).all() == []


def test_there_is_no_photo_where_none_was_taken(client: Browser, part: ShopOrder, line: OrderLine) -> None:
    assert client.get(f"/orders/{part.order_id}/photo/{part.id}").status_code == 404


def test_the_proof_shows_what_was_hers_at_a_stop_that_others_had_too(
    client: Browser, session: Session, part: ShopOrder, now: datetime
) -> None:
    courier = a_courier(session, now, part.order.county_code)
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    receive_at_hub(session, part.order.county_code, part.id, now)
    others = a_ready_job(session, now, cash_due_fen=300_00)
    run = a_run_underway(session, courier, now)
    (stop,) = run.stops
    hers = session.scalars(select(Job).where(Job.reference == part.reference)).one()
    hers.state, hers.batch_id, hers.stop = others.state, others.batch_id, stop
    session.flush()
    deliver.job_scheduled(session, part.reference, now)
    deliver.job_departed(session, part.reference, now)
    left = replace(left_at(stop), serial_numbers=("HR-0001", "YS-0002"))
    complete_stop(session, courier, stop.id, left, now)
    deliver.job_done(session, part.reference, run.id, now, now)
    page = client.get(f"/orders/{part.order_id}").text
    due = f"{part.order.payable_fen / 100:,.2f}"
    assert left.cash_fen == part.order.payable_fen + 300_00
    assert f'<dt>收现金</dt><dd><span class="num">¥{due}</span></dd>' in page
    assert ("HR-0001" in page, "YS-0002" in page) == (True, False)
