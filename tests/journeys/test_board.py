"""The operator's board in a real browser: the map is zoomed, a stop is dragged, and nothing needs scripts."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

import market
from market.delivery.models import Vehicle
from market.embedded import APP, Postgres
from market.kernel import clock
from market.places.rules import Position
from tests.builders.delivery import a_courier, a_ready_job
from tests.journeys import operator
from tests.journeys.conftest import DESKTOP, Open
from tests.journeys.stack import Stack, accounts, eventually
from tests.journeys.visits import go, looks_wrong, press, sign_in

pytestmark = pytest.mark.browser
COUNTY = "610728"  # whose runs no other journey counts
DOORS = 5


@contextmanager
def rows_of(stack: Stack) -> Iterator[Session]:
    market.load_models()
    engine = create_engine(Postgres(stack.data / "postgres", stack.data / "postgres.log").url(APP))
    with Session(engine) as session, session.begin():
        yield session
    engine.dispose()


@pytest.fixture
def another_truck(stack: Stack) -> Iterator[Callable[[], str]]:
    """Buys one that has no run, as the county's own may have from other journeys; in the end it is sold."""
    bought: list[uuid.UUID] = []

    def buy() -> str:
        with rows_of(stack) as session:
            vehicle_id = a_courier(session, clock.now(), COUNTY).vehicle_id
        assert vehicle_id is not None
        bought.append(vehicle_id)
        return str(vehicle_id)

    yield buy
    with rows_of(stack) as session:
        session.execute(update(Vehicle).where(Vehicle.id.in_(bought)).values(active=False))


def goods_at_the_hub(stack: Stack) -> None:
    with rows_of(stack) as session:
        for n in range(DOORS):
            a_ready_job(
                session,
                clock.now(),
                county_code=COUNTY,
                reference=f"board:{n}",
                recipient_phone=f"1391234560{n}",
                position=Position(32.50 + n / 100, 107.93),
                address_text=f"镇巴县渔渡镇渔渡坝村{n + 1}组 1 号",
                promised_on=clock.local_date(clock.now()),
            )


def a_plan(stack: Stack, page: Page) -> str:
    """The address of a board with a plan on it."""
    goods_at_the_hub(stack)
    operator.close_now(page)
    page.get_by_role("button", name="下发给送货员").wait_for(timeout=60_000)
    return page.url


def stops_of(stack: Stack, vehicle_id: str) -> int:
    (row,) = stack.rows(
        "SELECT count(*) FROM stops JOIN runs ON runs.id = run_id"
        " WHERE vehicle_id = %s AND runs.state = 'planned'",
        vehicle_id,
    )
    return int(row["count"])


def drag(page: Page, stop: str, vehicle_id: str) -> None:
    """With the mouse, slowly enough for the page to follow."""
    target = page.locator(f"[data-vehicle='{vehicle_id}']").last
    target.scroll_into_view_if_needed()
    item = page.locator(f"li:has(> div > a[data-stop='{stop}'])")
    there, here = target.bounding_box(), item.bounding_box()
    assert there is not None
    assert here is not None
    with page.expect_navigation():
        page.mouse.move(here["x"] + here["width"] - 20, here["y"] + here["height"] - 6)
        page.mouse.down()
        page.mouse.move(here["x"] + 30, here["y"] + 30, steps=4)
        page.mouse.move(there["x"] + 20, there["y"] + 10, steps=8)
        page.mouse.up()


def test_a_plan_is_looked_at_changed_by_mouse_and_by_form_and_planned_again(
    stack: Stack, open_page: Open, another_truck: Callable[[], str]
) -> None:
    who = accounts(stack, "operator", COUNTY)[0]
    page = open_page({"width": DESKTOP["width"], "height": 3_000})
    sign_in(page, who)
    another_truck()
    board = a_plan(stack, page)
    idle = another_truck()
    page.reload()
    assert looks_wrong(page) == []

    drawn = page.locator(".map svg")
    expect(drawn).to_have_attribute("viewBox", "0.0 0.0 720.0 480.0")
    drawn.hover()
    page.mouse.wheel(0, -300)
    expect(drawn).not_to_have_attribute("viewBox", "0.0 0.0 720.0 480.0")

    first = page.locator("a[data-stop]").first.get_attribute("data-stop") or ""
    drag(page, first, idle)
    assert f"/move?stop={first}&vehicle={idle}&trip=1&position=1" in page.url
    expect(page.locator("#preview")).to_contain_text("多花")
    expect(page.locator(".notice.bad")).to_have_count(0)
    press(page, "就这样改")
    assert (page.url, stops_of(stack, idle)) == (board, 1)

    phone = open_page(javascript=False)
    sign_in(phone, who)
    go(phone, board)
    assert looks_wrong(phone) == []
    phone.locator(".map-ways a").first.click()
    assert "zoom=2" in phone.url
    phone.locator("a[data-stop]").last.click()
    phone.get_by_label("放到哪辆车").select_option(idle)
    phone.get_by_label("第几趟").fill("1")
    phone.get_by_label("这一趟的第几站").fill("9")
    phone.get_by_role("button", name="看看会怎样").click()
    assert "次序请填 1 到" in phone.content()
    phone.get_by_label("这一趟的第几站").fill("1")
    phone.get_by_role("button", name="看看会怎样").click()
    assert looks_wrong(phone) == []
    press(phone, "就这样改")
    press(phone, "没锁住的重新排")
    number = board.rsplit("/", 1)[1]
    planned = "SELECT 1 FROM batches WHERE id = %s AND state = 'planned' AND plan_number = 4"
    eventually(lambda: stack.rows(planned, number), 60)
