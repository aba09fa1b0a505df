"""A subsidy's whole way in a browser: from the rules of it to the treasury's money, on real parts."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.journeys import clerk, consumer, courier, operator
from tests.journeys.conftest import Open, signed_in
from tests.journeys.stack import Stack, accounts, balanced, eventually
from tests.journeys.visits import go, looks_wrong, press

pytestmark = pytest.mark.browser
COUNTY = "610728"
PROGRAMME = "家电以旧换新（2026）"
WASHER = "XQG80-A1"  # grade 1; filed at 1,879.00, sold at 1,799.00
SERIAL = "SN-610728-0001"
EXAMPLE_NUMBER = "11010519491231002X"  # printed in GB 11643-1999
RESULTS = "申报号,结果,金额（元）,付款流水号,原因"


def test_a_subsidy_goes_from_its_rules_to_the_treasurys_money(stack: Stack, open_page: Open) -> None:
    first, second = signed_in(open_page, *accounts(stack, "operator", COUNTY))
    (auditor,) = signed_in(open_page, accounts(stack, "auditor", COUNTY)[0])
    who, neighbor = accounts(stack, "consumer", COUNTY)[:2]
    buyer, other = signed_in(open_page, who, neighbor)
    washer = washing_machine(stack)
    shop = clerk_of(stack, open_page, washer["shop_id"])
    listing_id = str(washer["id"])

    the_next_version_is_published(first, second, other, listing_id)
    order_id, number = bought_with_a_coupon(stack, first, buyer, listing_id)

    clerk.take_in(shop, listing_id, SERIAL)
    clerk.confirm_and_hand_over(shop, SERIAL)
    operator.receive_all(first)
    operator.close_now(first)
    operator.release(first)
    found = courier.Found(SERIAL, washer["record_number"], who["name"])
    for page in signed_in(open_page, *accounts(stack, "courier", COUNTY)):
        courier.drive(page, found)
    proven_by_itself(stack, number, shop)

    operator.decide(auditor, number, "审计通过", "材料齐全，照片和地点对得上")
    operator.decide(first, number, "同意", "与订单一致")
    operator.decide(second, number, "同意", "复核无误")
    the_treasury_pays(first)

    assert claim(stack, number)["state"] == "paid_out"
    go(buyer, f"/orders/{order_id}")
    assert "国家已把补贴付给店家这一方" in main(buyer)
    go(shop, "/shop/claims")
    assert "财政已付" in shop.locator("main li", has_text=number).inner_text()
    assert [looks_wrong(page) for page in (buyer, shop)] == [[], []]
    balanced(stack)


def the_next_version_is_published(first: Page, second: Page, neighbor: Page, listing_id: str) -> None:
    """15 % become 20 %, after a look at what that would have cost, and by two people."""
    assert consumer.price(neighbor, listing_id) == ["¥1,879.00", "−¥80.00", "−¥269.85", "¥1,529.15"]
    before = consumer.buy(neighbor, [listing_id], cash=True)

    operator.draft(first, PROGRAMME, rate_one="20", cap_one="2000", source="县财政局通知（试算）")
    assert figure(first, "实际补了") == "¥269.85"
    assert figure(first, "会补") == "¥359.80"
    assert figure(first, "多拿的人") == "1"
    assert first.get_by_role("button", name="核对无误，发布").count() == 0
    assert looks_wrong(first) == []
    consumer.cancel(neighbor, before)
    assert consumer.price(neighbor, listing_id)[2] == "−¥269.85"

    go(second, first.url)
    press(second, "核对无误，发布")
    assert consumer.price(neighbor, listing_id) == ["¥1,879.00", "−¥80.00", "−¥359.80", "¥1,439.20"]


def bought_with_a_coupon(stack: Stack, county: Page, buyer: Page, listing_id: str) -> tuple[str, str]:
    """The county asks for coupons, she has one and buys. The order's id, and its shop order's number."""
    go(county, county.url)
    operator.ask_for_coupons(county, "washer", places=5)
    assert "已领 0 个" in main(county)
    assert looks_wrong(county) == []

    consumer.price(buyer, listing_id)
    assert "先领这一类的补贴资格，再下单" in main(buyer)
    consumer.check_name(buyer, EXAMPLE_NUMBER)
    consumer.claim_coupon(buyer, "洗衣机")
    assert "还有 4 个名额" in main(buyer)
    assert looks_wrong(buyer) == []
    assert consumer.price(buyer, listing_id) == ["¥1,879.00", "−¥80.00", "−¥359.80", "¥1,439.20"]
    assert looks_wrong(buyer) == []

    order_id = consumer.buy(buyer, [listing_id])
    (part,) = stack.rows("SELECT number FROM shop_orders WHERE order_id = %s", order_id)
    eventually(lambda: claim(stack, part["number"])["state"] == "committed")
    assert claim(stack, part["number"])["amount_fen"] == 359_80
    return order_id, part["number"]


def proven_by_itself(stack: Stack, number: str, shop: Page) -> None:
    """Nobody brings anything: what was left at the door, the invoice and the payment are enough."""
    eventually(lambda: claim(stack, number)["state"] == "under_review")
    claim_id = claim(stack, number)["id"]
    there = stack.rows("SELECT kind, value FROM claim_evidence WHERE claim_id = %s", claim_id)
    assert [row["kind"] for row in there if "by" in row["value"]] == []
    assert stack.rows("SELECT rule FROM claim_flags WHERE claim_id = %s", claim_id) == []
    go(shop, f"/shop/claims/{claim_id}")
    assert "要的材料都齐了" in main(shop)
    assert "+00:00" not in main(shop)
    assert looks_wrong(shop) == []


def the_treasury_pays(county: Page) -> None:
    """A batch goes out as two files of the same text, and the answer to it comes back."""
    go(county, "/county/treasury")
    press(county, "做一个申报批次")
    assert looks_wrong(county) == []
    (header, line, total) = rows = csv_rows(operator.download(county, "下载 CSV"))
    asked = dict(zip(header, line, strict=True))
    assert asked["申报补贴（元）"] == "359.80"
    assert asked["序列号"] == SERIAL
    assert total[-2:] == ["359.80", "0.00"]
    assert sheet_rows(operator.download(county, "下载表格")) == rows

    operator.upload_answers(county, f"{RESULTS}\n{asked['申报号']},已付,359.80,CZ-2026-0001,\n".encode())
    assert "¥359.80" in main(county)
    assert "CZ-2026-0001" in main(county)
    assert looks_wrong(county) == []
    press(county, "入账 1 行")
    assert "已入账 1 行" in main(county)


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_rows(content: bytes) -> list[list[str]]:
    """The workbook's cells, every one of them text."""
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows())
    assert {cell.number_format for row in rows for cell in row} == {"@"}
    assert {cell.data_type for row in rows for cell in row if cell.value} == {"s"}
    return [[cell.value or "" for cell in row] for row in rows]


def claim(stack: Stack, number: str) -> dict[str, Any]:
    """The claim of a shop order."""
    (row,) = stack.rows(
        "SELECT c.* FROM claims c JOIN order_lines l ON c.reference = 'order_line:' || l.id"
        " JOIN shop_orders s ON s.id = l.shop_order_id WHERE s.number = %s",
        number,
    )
    return row


def washing_machine(stack: Stack) -> dict[str, Any]:
    (row,) = stack.rows(
        "SELECT l.id, l.shop_id, r.record_number FROM listings l JOIN shops s ON s.id = l.shop_id"
        " JOIN products p ON p.id = l.product_id JOIN label_records r ON r.product_id = p.id"
        " WHERE s.county_code = %s AND p.model = %s",
        COUNTY,
        WASHER,
    )
    return row


def clerk_of(stack: Stack, open_page: Open, shop_id: Any) -> Page:
    """The page of the shop's clerk."""
    (who,) = (row for row in accounts(stack, "clerk", COUNTY) if row["shop_id"] == str(shop_id))
    return signed_in(open_page, who)[0]


def figure(page: Page, label: str) -> str:
    """The figure under `label` on the page of a draft."""
    return page.locator("main .stat", has_text=label).locator("b").inner_text()


def main(page: Page) -> str:
    return page.locator("main").inner_text()
