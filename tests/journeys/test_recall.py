"""A recall in a browser, on real parts: declared, published by another, told, remedied, and closed."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys import clerk, consumer, courier, operator
from tests.journeys.conftest import PHONE, Open, signed_in
from tests.journeys.stack import Stack, accounts, balanced, eventually
from tests.journeys.visits import go, looks_wrong, press, sign_in, submit

pytestmark = pytest.mark.browser
COUNTY = "610728"
SERIAL, ON_SHELF = "RC-610728-0001", "RC-610728-0002"
HAZARD, ADVICE = "电源线过热，可能起火", "请马上拔掉插头，不要再用"


def test_a_recall_goes_from_its_declaration_to_its_close(stack: Stack, open_page: Open) -> None:
    first, second = signed_in(open_page, *accounts(stack, "operator", COUNTY))
    buyer, waiting, late = signed_in(open_page, *accounts(stack, "consumer", COUNTY)[:3])
    goods = something(stack)
    (who,) = (row for row in accounts(stack, "clerk", COUNTY) if row["shop_id"] == str(goods["shop_id"]))
    shop = open_page(PHONE)
    sign_in(shop, who)
    listing_id = str(goods["id"])

    sold = delivered_with_its_number(stack, open_page, first, buyer, shop, listing_id)
    undelivered = consumer.buy(waiting, [listing_id], cash=True)
    consumer.put_in_cart(late, listing_id)

    recall_path = declared_and_confirmed(first, goods)
    go(second, recall_path)
    look(second, "preview")
    assert "停下的订单" in main(second)
    press(second, "发布召回")

    go(late, "/cart")
    assert "已从购物车拿走" in main(late)
    look(late, "cart")
    assert late.goto(f"/listing/{listing_id}") is not None
    assert late.get_by_role("button", name="加入购物车").count() == 0
    eventually(lambda: state(stack, undelivered) == ["canceled"])
    go(waiting, f"/orders/{undelivered}")
    look(waiting, "stopped")
    assert "这件在召回，已经停下" in main(waiting)
    eventually(lambda: stack.rows("SELECT state FROM recalls")[0]["state"] == "notice_sent")

    the_shop_looks_on_its_shelf(shop)
    the_buyer_chooses_a_refund(buyer, sold)
    she_is_called_too(first, recall_path)
    the_refund_is_paid_and_the_machine_taken_back(stack, first, second, recall_path)
    closed(first, recall_path)

    stranger = open_page(javascript=False)
    the_public_can_check_it(stranger)
    balanced(stack)


def delivered_with_its_number(
    stack: Stack, open_page: Open, county: Page, buyer: Page, shop: Page, listing_id: str
) -> str:
    """Two pieces with numbers come into stock, and one goes to the buyer's door."""
    for serial in (SERIAL, ON_SHELF):
        clerk.take_in(shop, listing_id, serial)
    order_id = consumer.buy(buyer, [listing_id], cash=True)
    clerk.confirm_and_hand_over(shop, SERIAL)
    operator.receive_all(county)
    operator.close_now(county)
    operator.release(county)
    for page in signed_in(open_page, *accounts(stack, "courier", COUNTY)):
        courier.drive(page, courier.Found(SERIAL))
    eventually(lambda: state(stack, order_id) == ["delivered"])
    return order_id


def declared_and_confirmed(county: Page, goods: dict[str, Any]) -> str:
    """The first operator finds the model, writes what is wrong and confirms it. The page's address."""
    go(county, "/county/recalls")
    county.fill("[name=q]", str(goods["model"]))
    press(county, "查找")
    with county.expect_navigation():
        county.get_by_role("link", name="登记一次召回").click()
    county.fill("[name=hazard]", HAZARD)
    county.fill("[name=advice]", ADVICE)
    press(county, "登记", refused=True)
    assert county.input_value("[name=hazard]") == HAZARD
    for remedy in ("repair", "refund"):
        county.locator(f"[name=remedies][value={remedy}]").check()
    county.fill("[name=maker]", "垄原电器公司")
    county.fill("[name=source]", "县市场监管局转来的缺陷通报")
    look(county, "declare")
    press(county, "登记")
    county.locator("#note-investigate").fill("送检")
    press(county, "开始调查")
    county.locator("#note-confirm").fill("检测属实")
    press(county, "确认危险")
    assert "要另一位同事来发布" in main(county)
    assert county.get_by_role("button", name="发布召回").count() == 0
    return county.url


def the_shop_looks_on_its_shelf(shop: Page) -> None:
    go(shop, "/shop/recalls")
    assert ON_SHELF in main(shop)
    assert SERIAL not in main(shop)
    look(shop, "shelf")
    shop.locator("[name=pieces]").fill("0")
    press(shop, "已查好", refused=True)
    assert "登记过的都要下架" in main(shop)
    shop.locator("[name=pieces]").fill("1")
    press(shop, "已查好")


def the_buyer_chooses_a_refund(buyer: Page, order_id: str) -> None:
    go(buyer, f"/orders/{order_id}")
    assert HAZARD in main(buyer)
    look(buyer, "order")
    with buyer.expect_navigation():
        buyer.get_by_role("link", name="看怎么办").first.click()
    assert ADVICE in main(buyer)
    look(buyer, "buyer")
    buyer.get_by_label("退钱").check()
    press(buyer, "就这样办")
    assert "县服务中心会联系您" in main(buyer)


def she_is_called_too(county: Page, recall_path: str) -> None:
    go(county, recall_path)
    with county.expect_navigation():
        county.get_by_role("link", name="电话名单").click()
    look(county, "calls")
    county.locator("[name=note]").first.fill("已拔插头")
    press(county, "打通了")
    assert "没有人等着打电话" in main(county)


def the_refund_is_paid_and_the_machine_taken_back(
    stack: Stack, first: Page, second: Page, recall_path: str
) -> None:
    go(second, "/county/refunds")
    submit(second, "/approve")
    go(first, recall_path)
    with first.expect_navigation():
        first.get_by_role("link", name="办理").first.click()
    look(first, "unit")
    first.fill("[name=cost]", "30")
    first.locator("[name=note]").first.fill("旧机已收回县中心")
    press(first, "已办好")
    assert "费用，向生产者要" in main(first)
    (unit,) = stack.rows("SELECT cost_fen FROM recall_units WHERE state = 'remedied'")
    (asked,) = stack.rows("SELECT amount_fen FROM refunds WHERE reference LIKE 'request:recall:%%'")
    assert unit["cost_fen"] == asked["amount_fen"] + 30_00


def closed(county: Page, recall_path: str) -> None:
    go(county, recall_path)
    for note in ("县市监〔2026〕31 号", "计划已交，〔2026〕32 号"):
        county.locator("details summary").first.click()
        county.locator("details[open] textarea").first.fill(note)
        with county.expect_navigation():
            county.locator("details[open] button").first.click()
    county.locator("#note-close").fill("全部退款收回")
    press(county, "了结召回")
    assert "处理率 100.00%" in main(county)
    look(county, "closed")


def the_public_can_check_it(page: Page) -> None:
    go(page, "/open/recalls")
    assert page.locator("main svg[role=img]").count() == 1
    assert "100.00%" in main(page)
    look(page, "public")
    go(page, "/open/trace")
    page.fill("[name=serial]", SERIAL.lower())
    press(page, "查")
    for words in ("进店", "卖出", "送到买家", "列入召回", "召回处理完", "没有改动", "召回过，不能再用"):
        assert words in main(page), words
    look(page, "trace")


def something(stack: Stack) -> dict[str, Any]:
    """What one person can carry and no other journey of the county's is about."""
    return stack.rows(
        "SELECT l.id, l.shop_id, p.model FROM listings l JOIN shops s ON s.id = l.shop_id"
        " JOIN products p ON p.id = l.product_id JOIN stock k ON k.listing_id = l.id"
        " WHERE s.county_code = %s AND l.state = 'active' AND l.people_required = 1 AND k.on_hand > 4"
        " AND p.model <> 'XQG80-A1' AND (SELECT count(*) FROM listings o WHERE o.product_id = p.id) = 1"
        " ORDER BY l.price_fen, l.id LIMIT 1",
        COUNTY,
    )[0]


def state(stack: Stack, order_id: str) -> list[str]:
    rows = stack.rows("SELECT state FROM shop_orders WHERE order_id = %s", order_id)
    return [row["state"] for row in rows]


def main(page: Page) -> str:
    return page.locator("main").inner_text()


def look(page: Page, name: str) -> None:
    """The page has nothing wrong at 360 px; where somebody wants to look too, it is kept as a picture."""
    size = page.viewport_size
    page.set_viewport_size(PHONE)
    assert looks_wrong(page) == [], name
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"recall-{name}.png", full_page=True)
    if size:
        page.set_viewport_size(size)
