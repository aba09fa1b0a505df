"""A phone from the estimate by post to the money and the proof that it was wiped: three people's pages."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from market.kernel import clock
from tests.journeys import consumer, recycler
from tests.journeys.conftest import Open, signed_in
from tests.journeys.courier import photo
from tests.journeys.stack import Stack, accounts, balanced, eventually
from tests.journeys.test_journey import points
from tests.journeys.visits import go, looks_wrong, press, submit

pytestmark = pytest.mark.browser
COUNTY = "610924"


def test_a_phone_goes_by_post_on_the_countys_freight_and_is_paid_and_wiped(
    stack: Stack, open_page: Open
) -> None:
    sender, yard, county = signed_in(
        open_page,
        accounts(stack, "consumer", COUNTY)[2],
        accounts(stack, "recycler", COUNTY)[0],
        accounts(stack, "operator", COUNTY)[0],
    )
    open_campaign(county, "年底寄旧机")
    before = points(sender, "现在能用")

    go(sender, "/recycle")
    picture(sender, "home")
    path, code = consumer.quote_phone(sender)
    assert "第 2 步，共 3 步" in text(sender)
    picture(sender, "step2")
    press(sender, "寄快递")
    picture(sender, "step3")
    press(sender, "就按这个价")
    assert "由县里出，您不用付" in text(sender)

    go(sender, f"{path}/label")
    eventually(lambda: "LX" in text(go_and(sender, f"{path}/label")))
    picture(sender, "label")
    with sender.expect_download() as download:
        sender.get_by_role("link", name="存成 PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")

    go(sender, path)
    submit(sender, "/posted")
    eventually(lambda: "快递已收件" in text(go_and(sender, path)))
    picture(sender, "tracking")
    assert looks_wrong(sender) == []

    recycler.receive(yard, code)
    recycler.find_as_told(yard)
    quote = stack.rows("SELECT quote_fen FROM recycling_orders WHERE code = %s", code)[0]["quote_fen"]
    eventually(lambda: points(sender, "现在能用") == before + quote)

    go(yard, f"/recycler?code={code}")
    yard.fill("[name=serial_number]", "SN-2026-0007")
    yard.locator("[name=method][value=overwrite]").check()
    yard.fill("[name=verification]", "抽读 5 处，都是 0")
    press(yard, "核验通过，开凭证")
    go(sender, path)
    assert "GB 46864-2025" in text(sender)
    picture(sender, "wiped")

    pay_the_carrier(county)
    balanced(stack)


def test_a_worse_phone_is_sold_for_yuan_that_the_county_transfers(stack: Stack, open_page: Open) -> None:
    sender, yard, county = signed_in(
        open_page,
        accounts(stack, "consumer", COUNTY)[3],
        accounts(stack, "recycler", COUNTY)[0],
        accounts(stack, "operator", COUNTY)[0],
    )
    path, code = consumer.quote_phone(sender)
    press(sender, "寄快递")
    sender.get_by_label("元，转到银行卡").check()
    press(sender, "就按这个价", refused=True)
    assert "请写开户行" in text(sender)
    picture(sender, "bank-refused")
    sender.fill("[name=bank]", "信用社紫阳支行")
    sender.fill("[name=number]", "6217 0001 2345 6789")
    press(sender, "就按这个价")
    submit(sender, "/posted")

    recycler.receive(yard, code)
    yard.get_by_label("屏幕破裂或显示异常").check()
    yard.set_input_files("form[action$='/assess'] [name=photo]", photo())
    submit(yard, "/assess")
    go(sender, path)
    assert "新报价" in text(sender)
    picture(sender, "reoffer")
    submit(sender, "/accept-reoffer")

    eventually(lambda: "6217000123456789" in text(go_and(county, "/county/mail-in")))
    picture(county, "county-mail-in")
    county.locator("form[action$='/transfer'] input[id^=bank_reference]").fill("HD20261126001")
    press(county, "银行已转")
    go(sender, path)
    assert "已转到您的银行卡" in text(sender)
    picture(sender, "paid-yuan")
    balanced(stack)


def open_campaign(county: Page, name: str) -> None:
    """Pay freight from today to the end of the month after."""
    today = clock.local_date(clock.now())
    go(county, "/county/freight")
    county.fill("[name=name]", name)
    county.fill("[name=first_day]", today.isoformat())
    county.fill("[name=last_day]", today.isoformat())
    county.fill("[name=budget_fen]", "500")
    county.fill("[name=per_person]", "2")
    press(county, "开活动")
    assert "还剩 ¥500.00" in text(county)


def pay_the_carrier(county: Page) -> None:
    """The campaign that ends first has one parcel on its bill."""
    go(county, "/county/freight")
    picture(county, "county-freight")
    county.locator("form[action$='/bill'] input[id^=slip_number]").first.fill("YD20261126001")
    press(county, "付了快递公司 ¥8.00")
    assert "还剩 ¥492.00" in text(county)


def go_and(page: Page, path: str) -> Page:
    go(page, path)
    return page


def text(page: Page) -> str:
    return page.locator("main").inner_text()


def picture(page: Page, name: str) -> None:
    """Keep a screenshot where MARKET_SCREENSHOTS names a folder to look at."""
    folder = os.environ.get("MARKET_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/mail-in-{name}.png", full_page=True)
