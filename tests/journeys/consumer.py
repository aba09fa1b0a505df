"""What a villager does in the storefront."""

import re
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Page

from tests.journeys.courier import photo
from tests.journeys.visits import go, press, submit


def put_in_cart(page: Page, listing_id: str) -> None:
    go(page, f"/listing/{listing_id}")
    press(page, "加入购物车")


def choose_station(page: Page) -> None:
    """Have it left at the nearest village station."""
    go(page, "/checkout/delivery")
    page.get_by_label("送到村服务站").check()
    page.select_option("[name=station_id]", index=1)
    page.get_by_label("我同意把货放在").check()
    press(page, "就这样收货")


def choose_cash(page: Page) -> None:
    go(page, "/checkout/payment")
    page.get_by_label("货到付款").check()
    press(page, "就这样付款")


def hand_in(page: Page, category_code: str, age_years: int) -> None:
    """Give an old appliance, whole and working, with the order."""
    go(page, "/checkout/trade-in")
    page.select_option("[name=category_code]", category_code)
    page.fill("[name=age_years]", str(age_years))
    page.get_by_label("通电还能用").check()
    page.get_by_label("主要零件都在").check()
    press(page, "算一算，交旧家电")


def place_order(page: Page, button: str) -> str:
    """Confirm what the review page shows. The new order's id."""
    go(page, "/checkout")
    press(page, button)
    found = re.search(r"/orders/([0-9a-f-]{36})", page.url)
    assert found, page.url
    return found[1]


def pay_by_alipay(page: Page) -> None:
    """From the order's page to the hosted one, and back as somebody who has paid."""
    press(page, "去付款")
    assert "/c/pay/cs_test_" in page.url, page.url
    page.get_by_label("支付宝").check()
    with page.expect_navigation(url=re.compile("/orders/")):
        page.locator("button[value=pay]").click()


def buy(page: Page, listing_ids: Iterable[str], **choices: Any) -> str:
    """An order of one piece of each listing: to the door and paid by Alipay unless `cash` or `station`."""
    for listing_id in listing_ids:
        put_in_cart(page, listing_id)
    if choices.get("station"):
        choose_station(page)
    if choices.get("trade_in"):
        hand_in(page, *choices["trade_in"])
    if choices.get("cash"):
        choose_cash(page)
        return place_order(page, "下单，货到付款")
    order_id = place_order(page, "下单，去付款")
    pay_by_alipay(page)
    return order_id


def review(page: Page, order_id: str, stars: int, text: str) -> None:
    """Rate the shop of the order's first line that was delivered."""
    go(page, f"/orders/{order_id}")
    with page.expect_navigation():
        page.locator("main a[href*='/review/']").first.click()
    page.locator(f"[name=stars][value='{stars}']").check()
    page.fill("[name=text]", text)
    press(page, "公开评价")


def send_in_phone(page: Page) -> tuple[str, str]:
    """Describe an old phone, take the quote and post the parcel. The order's path and the label's code."""
    path, code = quote_phone(page)
    press(page, "寄快递")
    submit(page, "/accept")
    page.fill("[name=tracking_number]", "YT2026112400001")
    submit(page, "/posted")
    return path, code


def quote_phone(page: Page) -> tuple[str, str]:
    """Answer for its safety and describe an old phone; its estimate follows. The order's path and code."""
    go(page, "/recycle/new/phone")
    for question in ("swollen_or_leaking", "power_bank", "loose_battery", "e_bike_battery"):
        page.locator(f"[name={question}][value=no]").check()
    press(page, "下一步")
    page.fill("[name=model]", "山岚 S9 128G")
    page.fill("[name=age_years]", "3")
    page.set_input_files("[name=photos]", [photo(), photo()])
    press(page, "看估价")
    return page.url, page.locator("main .code").first.inner_text()


def price(page: Page, listing_id: str) -> list[str]:
    """The four numbers on the listing's page: first price, the shop's part, the state's, what is left."""
    go(page, f"/listing/{listing_id}")
    return page.locator("section[aria-labelledby=price] .sums dd").all_inner_texts()


def check_name(page: Page, number: str) -> None:
    """Have the account's own name checked with an ID number."""
    go(page, "/subsidies")
    page.fill("[name=number]", number)
    page.check("[name=agrees]")
    press(page, "核验实名")


def claim_coupon(page: Page, kind: str) -> None:
    go(page, "/subsidies")
    press(page, f"领 {kind} 的补贴资格")


def cancel(page: Page, order_id: str) -> None:
    go(page, f"/orders/{order_id}")
    press(page, "取消订单")
