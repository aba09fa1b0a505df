"""长辈版 in a real browser: the ministry's figures on pages near a consumer, and a purchase step by step."""

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Open
from tests.journeys.consumer import put_in_cart
from tests.journeys.stack import Stack
from tests.journeys.test_pages import PUBLIC, account
from tests.journeys.visits import go, links, looks_wrong, press, sign_in

pytestmark = pytest.mark.browser
SIZES_PX = (22, 30)
WORKPLACES = {
    "owner": ("/shop", "/shop/listings/new/fridge", "/shop/groups/new", "/shop/scenes/new"),
    "courier": ("/courier",),
    "station": ("/station",),
    "recycler": ("/recycler",),
    "operator": ("/county", "/county/fairs/new", "/county/recyclers/new", "/county/collection-points/new"),
}


def enlarge(page: Page, px: int) -> None:
    """Switch to the large pages, and to letters of `px`."""
    go(page, "/")
    page.get_by_role("button", name="长辈版").click()
    go(page, "/reading")
    page.locator(f"button[name=px][value='{px}']").first.click()
    page.wait_for_selector(f"html.elder.size-{px}")


@pytest.mark.parametrize("px", SIZES_PX)
def test_the_public_pages_keep_the_ministrys_figures(stack: Stack, open_page: Open, px: int) -> None:
    page, wrong = open_page(), {}
    enlarge(page, px)
    for path in (*PUBLIC, "/reading", f"/listing/{stack.accounts['listings'][0]['id']}"):
        go(page, path)
        wrong[path] = looks_wrong(page)
    assert {path: found for path, found in wrong.items() if found} == {}


def test_a_consumers_own_pages_keep_them_too(stack: Stack, open_page: Open) -> None:
    page, wrong = open_page(), {}
    sign_in(page, account(stack, "consumer"))
    enlarge(page, 30)
    for door in ("/account", "/orders", "/points", "/recycle", "/subsidies"):
        go(page, door)
        for path in [door, *links(page, f"{door}/")[:8]]:
            go(page, path)
            wrong[path] = looks_wrong(page)
    assert {path: found for path, found in wrong.items() if found} == {}


@pytest.mark.parametrize("role", WORKPLACES)
def test_where_people_work_the_pages_keep_them_too(stack: Stack, open_page: Open, role: str) -> None:
    page, wrong = open_page(), {}
    sign_in(page, account(stack, role))
    enlarge(page, 30)
    door, *forms = WORKPLACES[role]
    go(page, door)
    for path in [door, *links(page, f"{door}/")[:8], *forms]:
        go(page, path)
        wrong[path] = looks_wrong(page)
    assert {path: found for path, found in wrong.items() if found} == {}


def test_checkout_asks_one_thing_on_each_screen(stack: Stack, open_page: Open) -> None:
    page = open_page()
    sign_in(page, [row for row in stack.accounts["accounts"] if row["role"] == "consumer"][-1])
    enlarge(page, 22)
    put_in_cart(page, stack.accounts["listings"][0]["id"])
    go(page, "/cart")
    page.get_by_role("link", name="去结算").click()
    asked = []
    while "steps=1" in page.url:
        asked.append(page.url.split("/checkout/")[1].split("?")[0])
        assert looks_wrong(page) == []
        skip = page.locator("main button[name=without]")
        (skip if skip.count() else page.locator("main form button.btn-primary")).first.click()
        page.wait_for_load_state()
    assert asked == ["address", "delivery", "trade-in", "payment"]
    assert page.url.endswith("/checkout")
    assert "元" in page.locator("dd.total .words").inner_text()
    go(page, "/cart")
    press(page, "删除")  # other journeys buy with carts that hold what they put there


def test_the_page_reads_itself_out_and_stops(stack: Stack, open_page: Open) -> None:
    page = open_page()
    page.add_init_script(
        "window.said = []; Object.defineProperty(window, 'speechSynthesis', {value: "
        "{speak: (s) => window.said.push([s.lang, s.text]), cancel: () => window.said.push('stopped')}});"
    )
    enlarge(page, 22)
    page.get_by_role("button", name="朗读").click()
    said = page.evaluate("window.said")
    assert said[0] == "stopped"
    assert said[1][0] == "zh-CN"
    assert len(said) > 5
    page.get_by_role("button", name="停").click()
    assert page.evaluate("window.said.at(-1)") == "stopped"
    assert page.get_by_role("button", name="朗读").is_visible()
