"""A shop's first weeks in a browser: it applies and is opened, lists by sheet, packs ten and is settled."""

import csv
import io
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.kernel import clock
from market.orders.cart import Owner, entries, find, put
from market.orders.checkout import Choices, checkout
from market.orders.models import PaymentMethod, Place
from market.orders.quote import Options, price_entries
from market.people.models import Account
from tests.builders.people import an_account, an_address
from tests.bulk.test_a_large_sheet import rows
from tests.bulk.test_sheets import ROW, a_sheet
from tests.journeys import consumer, operator, seller
from tests.journeys.conftest import DESKTOP, PHONE, Open, signed_in
from tests.journeys.stack import Stack, accounts, balanced, eventually, url_of
from tests.journeys.test_return_and_repair import COUNTY, carried
from tests.journeys.visits import go, looks_wrong, press

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("JOURNEY_SHOTS")  # a folder, for whoever wants to look at the pages
NAME = "泾河小家电"
COOKER = ROW | {
    "品类": "电饭煲",
    "商品名称": "禾润 4 升电饭煲",
    "净重（公斤）": "4.2",
    "包装长（厘米）": "36",
    "包装宽（厘米）": "32",
    "包装高（厘米）": "30",
    "主要参数": "容量：4 升",
    "售价（元）": "299",
    "备案价（元）": "329",
    "谁来安装": "不用安装",
}
SAID = {"售价（元）": "例如", "净重（公斤）": "大于 0", "条码": "13 位", "品类": "请填"}


def test_a_shop_comes_in_lists_five_hundred_packs_ten_and_is_settled(stack: Stack, open_page: Open) -> None:
    county = signed_in(open_page, accounts(stack, "operator", COUNTY)[0])[0]
    owner, buyer = open_page(DESKTOP), open_page()
    shop_id = opened(stack, owner, county)

    listed_by_sheet(owner)
    listing_ids = [
        str(row["id"]) for row in stack.rows("SELECT id FROM listings WHERE shop_id = %s", shop_id)
    ]
    assert len(listing_ids) == 460

    seller.register(buyer, "13916000002", "柳大姐")
    has_address(stack, "13916000002")
    paid = [consumer.buy(buyer, [listing_id]) for listing_id in listing_ids[:2]]
    eventually(lambda: settled_payments(stack, paid) == 2)
    ordered(stack, listing_ids[2:10])

    go(owner, "/shop")
    shoot(owner, "5-desk")
    go(owner, "/shop/pack")
    shoot(owner, "6-pack")
    assert len(seller.pack_all(owner)) == 10
    shoot(owner, "7-handed-over")
    operator.receive_all(county)
    carried(stack, open_page, county)
    eventually(lambda: states(stack, shop_id) == {"delivered": 10})

    settlement_is_read(stack, owner, county, shop_id)
    balanced(stack)


def opened(stack: Stack, owner: Page, county: Page) -> Any:
    """The shop applies and is looked at: two papers are good, one is not needed. Its id."""
    seller.register(owner, "13916000001", "何老板")
    seller.apply(owner, COUNTY, NAME, "92610728MA99999998", "rice_cooker")
    shoot(owner, "1-papers")
    seller.send_papers(owner)
    (shop,) = stack.rows("SELECT id, state FROM shops WHERE name = %s", NAME)
    operator.decide_papers(county, shop["id"], {"bank_account": "当面看过存折"})
    shoot(county, "2-county")
    operator.open_shop(county, shop["id"])
    assert stack.rows("SELECT state FROM shops WHERE name = %s", NAME) == [{"state": "open"}]
    return shop["id"]


def listed_by_sheet(owner: Page) -> None:
    """Of 500 rows exactly the 40 planted are wrong, in their cell; 460 go in, and the rest comes back."""
    seller.send_sheet(owner, a_sheet(*rows(COOKER)))
    shoot(owner, "3-preview")
    wrong = seller.wrong_rows(owner)
    planted = [n * 12 + 5 for n in range(40)]
    assert [int(text.split()[1]) for text in wrong] == [number + 2 for number in planted]
    cells = Counter(title for text in wrong for title in SAID if title in text)
    assert cells == dict.fromkeys(SAID, 10)
    assert all(any(title in text and SAID[title] in text for title in SAID) for text in wrong)
    owner.set_default_timeout(60_000)  # 460 listings, on a machine that may be busy with other tests
    press(owner, "确认，改 460 行")
    shoot(owner, "4-applied")
    back = list(csv.DictReader(io.StringIO(seller.rest(owner), newline="")))
    assert [row["店内编号"] for row in back] == [f"B-{number}" for number in planted]
    assert all(row["错误"] for row in back)


def has_address(stack: Stack, phone: str) -> None:
    with Session(create_engine(url_of(stack))) as session, session.begin():
        account = session.query(Account).filter_by(phone=phone).one()
        an_address(session, account, clock.now(), a_village(stack))


def ordered(stack: Stack, listing_ids: list[str]) -> None:
    """An order of each by a neighbor, to the door, for cash."""
    village = a_village(stack)
    with Session(create_engine(url_of(stack))) as session, session.begin():
        now = clock.now()
        buyer = an_account(session, now, name="冯婶", phone="13916000003")
        address = an_address(session, buyer, now, village)
        for listing_id in listing_ids:
            put(session, Owner(account_id=buyer.id), session.get_one(Listing, listing_id).id, 1, now)
            options = Options(COUNTY, buyer.id, Place.door, 0, None)
            goods = entries(session, find(session, Owner(account_id=buyer.id)))
            payable_fen = price_entries(session, goods, options, now).payable_fen
            choices = Choices(address.id, Place.door, PaymentMethod.cash, payable_fen)
            checkout(session, buyer, choices, f"desk-{listing_id}", now)


def a_village(stack: Stack) -> str:
    known = "SELECT village_code FROM addresses WHERE county_code = %s LIMIT 1"
    return str(stack.rows(known, COUNTY)[0]["village_code"])


def settlement_is_read(stack: Stack, owner: Page, county: Page, shop_id: Any) -> None:
    """Two weeks later what was paid by card is on a sheet; what was paid in cash waits for the bank."""
    eventually(lambda: items(stack, shop_id) == {"pending": 10})
    a_fortnight_passes(stack, shop_id)
    eventually(lambda: items(stack, shop_id) == {"pending": 8, "available": 2}, seconds=60)
    go(county, "/county/settlements")
    press(county, "做上周的结算单")
    go(owner, "/shop/settlements")
    assert "等现金存进银行" in owner.locator("main").inner_text()
    shoot(owner, "8-settlements")
    with owner.expect_navigation():
        owner.locator("main ul.lines a[href*='/shop/settlements/']").first.click()
    (sheet,) = stack.rows("SELECT goods_fen, net_fen FROM settlement_sheets WHERE shop_id = %s", shop_id)
    assert sheet["goods_fen"] == 2 * 299_00
    text = owner.locator("main").inner_text()
    assert "¥598.00" in text
    assert f"¥{sheet['net_fen'] / 100:,.2f}" in text
    shoot(owner, "9-sheet")


def a_fortnight_passes(stack: Stack, shop_id: Any) -> None:
    """The shop's items were sold two weeks ago, and their timers are due."""
    stack.rows(
        "UPDATE settlement_items SET available_at = now() - interval '7 days', created_at = now()"
        " - interval '14 days' WHERE shop_id = %s",
        shop_id,
    )
    stack.rows(
        "UPDATE outbox SET due_at = now() WHERE state = 'pending' AND dedupe_key IN"
        " (SELECT 'settlement:due:' || id FROM settlement_items WHERE shop_id = %s)",
        shop_id,
    )


def items(stack: Stack, shop_id: Any) -> dict[str, int]:
    known = "SELECT state, count(*) AS n FROM settlement_items WHERE shop_id = %s AND kind = 'sale'"
    return {row["state"]: row["n"] for row in stack.rows(f"{known} GROUP BY state", shop_id)}


def states(stack: Stack, shop_id: Any) -> dict[str, int]:
    known = "SELECT state, count(*) AS n FROM shop_orders WHERE shop_id = %s GROUP BY state"
    return {row["state"]: row["n"] for row in stack.rows(known, shop_id)}


def settled_payments(stack: Stack, order_ids: list[str]) -> int:
    known = "SELECT 1 FROM orders WHERE id = ANY(%s::uuid[]) AND payment_state = 'paid'"
    return len(stack.rows(known, order_ids))


def shoot(page: Page, name: str) -> None:
    """Nothing on the page is out of place, on a phone and on a desk; a picture where somebody asked."""
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        assert looks_wrong(page) == [], (name, size)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size['width']}.png", full_page=True)
