"""A purchase over a bad line: what each page makes her wait for (the times: `benchmarks.slow_purchase`)."""

import pytest

from tests.journeys.conftest import Open
from tests.journeys.slow_purchase import first_view, purchase, slow_down
from tests.journeys.stack import Stack, accounts, balanced
from tests.journeys.test_pages import FIRST_FLIGHT_BYTES

pytestmark = pytest.mark.browser
COUNTY = "610728"
PAGES = ["home", "list", "search", "product", "cart", "sign in", "checkout", "order", "paid"]


def test_each_page_of_a_purchase_asks_for_itself_and_one_style_before_it_shows(
    stack: Stack, open_page: Open
) -> None:
    page, buyer = open_page(), accounts(stack, "consumer", COUNTY)[1]
    page.context.set_default_timeout(60_000)
    slow_down(page)
    views = {name: first_view(page, name) for name in purchase(page, buyer, "电饭煲")}
    assert list(views) == PAGES
    assert {name: it.size_bytes for name, it in views.items() if it.size_bytes > FIRST_FLIGHT_BYTES} == {}
    assert {it.blocking for it in views.values()} == {("/static/app.css",)}
    assert {name: it.redirects for name, it in views.items() if it.redirects} == {
        "cart": 1,
        "sign in": 1,
        "checkout": 1,
        "order": 1,
    }
    balanced(stack)
