"""axe-core finds nothing of any severity on the pages near each door, in both sizes and languages."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.conftest import Open
from tests.journeys.stack import Stack
from tests.journeys.test_pages import DOORS, PUBLIC, account
from tests.journeys.visits import go, links, sign_in

pytestmark = pytest.mark.browser

_AXE = Axe()
READ = [("zh-CN", None), ("en", None), ("zh-CN", "22"), ("en", "22")]
NAMES = ["zh", "en", "zh-large", "en-large"]


def stumbles(page: Page) -> list[str]:
    """What axe finds: the rule, how bad it is, and where."""
    found: list[dict[str, Any]] = _AXE.run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


def reader(open_page: Open, locale: str, px: str | None) -> Page:
    """A phone whose owner reads that language, in letters of `px` where she chose them."""
    page = open_page(locale=locale)
    go(page, "/reading")
    if px:
        page.locator(f"button[name=px][value='{px}']").first.click()
        page.wait_for_selector(f"html.elder.size-{px}")
    return page


@pytest.mark.parametrize(("locale", "px"), READ, ids=NAMES)
def test_public_pages_have_nothing_to_stumble_over(
    stack: Stack, open_page: Open, locale: str, px: str | None
) -> None:
    page, wrong = reader(open_page, locale, px), {}
    listing = stack.accounts["listings"][0]
    more = ("/scenes", "/category/fridge", f"/listing/{listing['id']}", "/recycle", "/open/ratings")
    for path in (*PUBLIC, *more, "/reading"):
        go(page, path)
        wrong[path] = stumbles(page)
    assert {path: found for path, found in wrong.items() if found} == {}


@pytest.mark.parametrize(("locale", "px"), READ, ids=NAMES)
@pytest.mark.parametrize("role", DOORS)
def test_pages_behind_a_door_have_nothing_to_stumble_over(
    stack: Stack, open_page: Open, role: str, locale: str, px: str | None
) -> None:
    page, wrong = reader(open_page, "zh-CN", px), {}
    who = account(stack, role)
    sign_in(page, who)
    speak(page, locale)
    for door in DOORS[role]:
        go(page, door)
        for path in [door, *links(page, f"{door}/")[:8]]:
            go(page, path)
            wrong[path] = stumbles(page)
    speak(page, "zh-CN")
    assert {path: found for path, found in wrong.items() if found} == {}


def speak(page: Page, locale: str) -> None:
    """Switch the account's language; it stays until it is switched back."""
    button = page.locator("button[name=locale]").first
    if (button.get_attribute("value") == "en") is (locale == "en"):
        button.click()
        page.wait_for_load_state()
