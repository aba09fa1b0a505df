"""A piece that is called back while it is on the truck, and the courier has no signal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

import market
from market.catalog.models import Listing
from market.delivery.models import Stop
from market.embedded import APP, Postgres
from market.kernel import clock
from market.people.models import Account
from market.shops.models import Shop
from tests.builders.catalog import a_listing
from tests.builders.truck import bought, put_on_truck, recall_run
from tests.journeys import phone
from tests.journeys.conftest import Open
from tests.journeys.stack import Stack, accounts, eventually
from tests.journeys.test_courier_offline import COUNTY, a_day, a_phone, courier, fail
from tests.journeys.visits import looks_wrong

pytestmark = pytest.mark.browser
KNOWN, NEW = "TRUCK-A-0005", "TRUCK-B-0005"
TOLD = f"{KNOWN} 在召回，不能交"


@contextmanager
def market_of(stack: Stack) -> Iterator[tuple[Session, datetime]]:
    """The market's own rooms, on the stack's database; committed at the end."""
    market.load_models()
    engine = create_engine(Postgres(stack.data / "postgres", stack.data / "postgres.log").url(APP))
    with Session(engine) as session, session.begin():
        yield session, clock.now()
    engine.dispose()


def an_account_of(session: Session, who: dict[str, Any]) -> Account:
    return session.scalars(select(Account).where(Account.phone == who["phone"])).one()


def call_back(stack: Stack, listing_id: object, first: str, last: str) -> None:
    with market_of(stack) as (session, now):
        recall_run(session, session.get_one(Listing, listing_id), first, last, now)


def test_a_recalled_number_is_told_and_refused_without_a_signal_and_again_when_the_phone_is_heard(
    stack: Stack, open_page: Open
) -> None:
    who = courier(stack, 1)
    first, second = a_day(stack, who, 2)
    with market_of(stack) as (session, now):
        shop = session.scalars(select(Shop).where(Shop.county_code == COUNTY).order_by(Shop.name)).first()
        assert shop is not None
        washer, other = (a_listing(session, shop, now) for _ in range(2))
        buyer = an_account_of(session, accounts(stack, "consumer", COUNTY)[-1])
        order = bought(session, buyer, washer, now)
        put_on_truck(session, order, session.get_one(Stop, first), now)
        washer_id, other_id, order_id = washer.id, other.id, order.id
    page = a_phone(open_page, who)
    phone.start(page)
    phone.sent(page)
    eventually(lambda: states(stack, order_id) == ["out_for_delivery"])
    call_back(stack, washer_id, "TRUCK-A-0001", "TRUCK-A-0010")
    phone.ready(page)
    expect(page.get_by_text("去这一站").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)

    scan(page, first, KNOWN)
    expect(page.locator("#page .error", has_text=TOLD)).to_be_visible()
    assert looks_wrong(page) == []
    leave(page)
    expect(page.locator("[role=alert] .notice", has_text=TOLD)).to_be_visible()
    assert page.url.endswith(f"/courier/stops/{first}"), "it was not ended"
    page.go_back()
    page.wait_for_url("**/courier/")

    call_back(stack, other_id, "TRUCK-B-0001", "TRUCK-B-0010")
    scan(page, second, NEW)
    expect(page.locator("#page .error")).to_have_count(0)
    leave(page)
    page.wait_for_url("**/courier/")
    assert phone.queued(page) > 0
    page.context.set_offline(False)
    phone.sent(page)
    assert endings(stack, second) == [("done", "refused", "delivery.serial_recalled")]
    assert stack.rows("SELECT FROM proofs WHERE stop_id = ANY(%s::uuid[])", [first, second]) == []
    phone.open_stop(page, second)
    expect(page.locator("#page .notice.bad", has_text=NEW)).to_be_visible()
    assert looks_wrong(page) == []

    page.goto("/courier/")
    for stop_id in (first, second):
        fail(page, stop_id, "路不通")
    phone.sent(page)
    page.get_by_role("button", name="现在就定下来").first.click()
    phone.sent(page)
    eventually(lambda: states(stack, order_id) == ["undelivered"])
    eventually(lambda: stack.market("audit").returncode == 0)


def scan(page: Page, stop_id: str, number: str) -> None:
    """Note all that is found at the stop, and that number."""
    phone.open_stop(page, stop_id)
    for box in page.locator("[name=checks]").all():
        box.check()
    page.fill("#serial", number)
    page.press("#serial", "Enter")
    page.get_by_text(number, exact=True).wait_for()


def leave(page: Page) -> None:
    """Say that the goods were handed over."""
    if page.locator("[name=cash]").count():
        page.locator("[name=cash]").check()
    page.locator("[name=recipient][value=self]").check()
    page.locator("[name=confirmed]").check()
    page.get_by_role("button", name="确认送到").click()


def states(stack: Stack, order_id: object) -> list[str]:
    rows = stack.rows("SELECT state FROM shop_orders WHERE order_id = %s", str(order_id))
    return [row["state"] for row in rows]


def endings(stack: Stack, stop_id: str) -> list[tuple[str, str, str]]:
    rows = stack.rows(
        "SELECT kind, outcome, reason FROM courier_events WHERE stop_id = %s AND kind = 'done'", stop_id
    )
    return [(row["kind"], row["outcome"], row["reason"]) for row in rows]
