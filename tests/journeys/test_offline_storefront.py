"""Without a signal the storefront shows what was seen last, with its age, and keeps nobody's secrets."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.stack import Stack
from tests.journeys.test_pages import account
from tests.journeys.visits import go, sign_in

pytestmark = pytest.mark.browser


def keeping(open_page: Open) -> Page:
    """A page whose worker is there."""
    page = open_page(offline=True)
    go(page, "/")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page


def seen(page: Page, path: str) -> None:
    """Look at a page until the phone has it."""
    go(page, path)
    page.wait_for_function(
        "async () => (await (await caches.open('pages-1')).match(location.href)) !== undefined"
    )


def test_pages_that_were_seen_are_shown_with_their_age(stack: Stack, open_page: Open) -> None:
    page, listing = keeping(open_page), f"/listing/{stack.accounts['listings'][0]['id']}"
    seen(page, listing)
    title = page.locator("h1").inner_text()
    page.context.set_offline(True)
    page.goto(listing)
    expect(page.locator("[data-kept]")).to_contain_text(re.compile("没有信号。这是 .+ 看过的页面"))
    expect(page.locator("h1")).to_have_text(title)
    page.goto("/zone")
    expect(page.locator(".notice")).to_contain_text("这一页还没有看过")
    expect(page.get_by_role("link", name=title.split("\n")[0])).to_have_count(1)
    page.context.set_offline(False)
    page.goto(listing)
    expect(page.locator("[data-kept]")).to_have_count(0)


def test_orders_can_be_read_on_the_way_and_are_gone_after_signing_out(stack: Stack, open_page: Open) -> None:
    page = keeping(open_page)
    sign_in(page, account(stack, "consumer"))
    seen(page, "/orders")
    page.context.set_offline(True)
    page.goto("/orders")
    expect(page.locator("[data-kept]")).to_have_count(1)
    page.context.set_offline(False)
    go(page, "/account")
    page.get_by_role("button", name="退出").click()
    page.wait_for_load_state()
    page.context.set_offline(True)
    page.goto("/orders")
    expect(page.locator("[data-kept]")).to_have_count(0)
    expect(page.locator(".notice")).to_contain_text("这一页还没有看过")
