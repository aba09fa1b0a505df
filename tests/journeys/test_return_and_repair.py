"""A washer goes back for its money, and another is fetched, mended and brought home; in a browser."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from market.kernel import clock
from tests.journeys import clerk, consumer, courier, operator
from tests.journeys.conftest import Open, signed_in
from tests.journeys.stack import Stack, accounts, balanced, eventually
from tests.journeys.visits import go, looks_wrong, press, sign_in, submit

pytestmark = pytest.mark.browser
COUNTY = "610728"


def test_one_goes_back_for_its_money_and_one_is_mended(stack: Stack, open_page: Open) -> None:
    county, other_desk = signed_in(open_page, *accounts(stack, "operator", COUNTY)[:2])
    washer = a_washer(stack)
    shop = clerk_of(stack, open_page, washer["shop_id"])
    # The buyer's phone runs no script: every page of hers works without.
    buyer = open_page(javascript=False)
    sign_in(buyer, accounts(stack, "consumer", COUNTY)[2])
    orders = [consumer.buy(buyer, [str(washer["id"])], cash=True) for _ in range(2)]
    clerk.confirm_and_hand_over(shop)
    operator.receive_all(county)
    carried(stack, open_page, county)
    eventually(lambda: [state(stack, order_id) for order_id in orders] == ["delivered"] * 2)

    given_back(stack, buyer, shop, county, orders[0])
    mended(stack, open_page, buyer, other_desk, orders[1])
    go(shop, "/shop/returns")
    assert [looks_wrong(page) for page in (shop, county)] == [[], []]
    balanced(stack)


def given_back(stack: Stack, buyer: Page, shop: Page, county: Page, order_id: str) -> None:
    """In three steps, with a photo; brought to the shop, looked at, and paid once the county agrees."""
    ask(buyer, order_id, "有毛病", "退货退款")
    buyer.fill("[name=words]", "甩干的时候响得厉害")
    buyer.set_input_files("[name=photos]", courier.photo())
    buyer.get_by_label("自己送来").check()
    press(buyer, "提出来")
    assert looks_wrong(buyer) == []
    path, code = buyer.url, case_code(buyer)

    go(shop, "/shop/returns")
    with shop.expect_navigation():
        shop.get_by_role("link", name=code).click()
    press(shop, "同意")
    press(shop, "已收到")
    shop.get_by_label("确有故障").first.check()
    shop.fill("[name=sellable]", "0")
    shop.fill("[name=write_off_reason]", "电机坏了，退回厂家")
    press(shop, "收下")
    assert looks_wrong(shop) == []

    paid = stack.rows("SELECT payable_fen FROM orders WHERE id = %s", order_id)[0]["payable_fen"]
    refund = stack.rows(
        "SELECT r.id, r.amount_fen FROM refunds r JOIN return_requests q ON q.refund_id = r.id"
        " WHERE q.code = %s",
        code,
    )[0]
    assert refund["amount_fen"] == paid
    go(county, "/county/refunds")
    submit(county, f"/refunds/{refund['id']}/approve")
    eventually(lambda: returned(stack, code) == "refunded")
    go(buyer, path)
    assert "退款已批准" in buyer.locator("main").inner_text()


def mended(stack: Stack, open_page: Open, buyer: Page, desk: Page, order_id: str) -> None:
    """Fetched on a pooled trip, found to be under warranty, and brought home for nothing."""
    ask(buyer, order_id, "有毛病", "报修")
    assert "整机三包到" in buyer.locator("main").inner_text()
    buyer.get_by_label("不制冷、不转、不加热").check()
    buyer.fill("[name=words]", "不脱水")
    press(buyer, "报修")
    path, code = buyer.url, case_code(buyer)
    assert looks_wrong(buyer) == []

    carried(stack, open_page, desk)
    eventually(lambda: repaired(stack, code) == "collected")
    go(desk, "/county/repairs")
    with desk.expect_navigation():
        desk.get_by_role("link", name=code).click()
    press(desk, "已到站")
    desk.fill("[name=found]", "皮带松了")
    press(desk, "定下")
    desk.get_by_label("修好了").check()
    desk.fill("#finish_note", "换了皮带")
    press(desk, "修完了")
    assert looks_wrong(desk) == []

    carried(stack, open_page, desk)
    eventually(lambda: repaired(stack, code) == "home")
    go(buyer, path)
    said = buyer.locator("main").inner_text()
    assert "这次免费修" in said
    assert "换了皮带" in said
    assert looks_wrong(buyer) == []


def ask(buyer: Page, order_id: str, what: str, remedy: str) -> None:
    """From the order's page to the last of the three steps."""
    go(buyer, f"/orders/{order_id}")
    for label in ("退换、报修", what, remedy):
        with buyer.expect_navigation():
            buyer.locator("main").get_by_role("link", name=label).last.click()
        assert looks_wrong(buyer) == []


def carried(stack: Stack, open_page: Open, county: Page) -> None:
    """Whatever waits goes out now, on one more batch, and every courier drives."""
    tomorrow = clock.local_date(clock.now()) + timedelta(days=1)
    stack.rows("UPDATE jobs SET promised_on = %s WHERE county_code = %s", tomorrow, COUNTY)
    operator.close_now(county)
    operator.release(county)
    for page in signed_in(open_page, *accounts(stack, "courier", COUNTY)):
        courier.drive(page)


def a_washer(stack: Stack) -> dict[str, Any]:
    """A washing machine of which there are some."""
    return stack.rows(
        "SELECT l.id, l.shop_id FROM listings l JOIN shops s ON s.id = l.shop_id"
        " JOIN products p ON p.id = l.product_id JOIN stock k ON k.listing_id = l.id"
        " WHERE s.county_code = %s AND p.category_code = 'washer' AND k.on_hand > 4"
        " AND l.state = 'active' ORDER BY l.price_fen LIMIT 1",
        COUNTY,
    )[0]


def clerk_of(stack: Stack, open_page: Open, shop_id: str) -> Page:
    who = next(row for row in accounts(stack, "clerk", COUNTY) if row["shop_id"] == str(shop_id))
    (page,) = signed_in(open_page, who)
    return page


def case_code(page: Page) -> str:
    """The code that the page of a case has in its title."""
    return page.title().split()[1]


def state(stack: Stack, order_id: str) -> Any:
    return stack.rows("SELECT state FROM shop_orders WHERE order_id = %s", order_id)[0]["state"]


def returned(stack: Stack, code: str) -> Any:
    return stack.rows("SELECT state FROM return_requests WHERE code = %s", code)[0]["state"]


def repaired(stack: Stack, code: str) -> Any:
    return stack.rows("SELECT state FROM repairs WHERE code = %s", code)[0]["state"]
