"""Every page near each door: legible, reachable by thumb, narrow and light enough."""

import gzip
import urllib.request
from typing import Any

import pytest

from tests.journeys.conftest import DESKTOP, PHONE, Open
from tests.journeys.stack import Stack
from tests.journeys.visits import go, links, looks_wrong, sign_in

pytestmark = pytest.mark.browser

FIRST_FLIGHT_BYTES = 14 * 1024
PUBLIC = ("/", "/zone", "/search?q=空调", "/cart", "/account/sign-in", "/account/register", "/open")
DOORS = {
    "consumer": ("/account", "/orders", "/points", "/recycle"),
    "owner": ("/shop",),
    "courier": ("/courier",),
    "operator": ("/county",),
    "recycler": ("/recycler",),
}


def account(stack: Stack, role: str) -> dict[str, Any]:
    """The first account of `role` that the seed made."""
    return next(row for row in stack.accounts["accounts"] if row["role"] == role)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_public_pages_are_legible_and_narrow(stack: Stack, open_page: Open, viewport: Any) -> None:
    page, wrong = open_page(viewport), {}
    for path in (*PUBLIC, f"/listing/{stack.accounts['listings'][0]['id']}"):
        go(page, path)
        wrong[path] = looks_wrong(page)
    assert {path: found for path, found in wrong.items() if found} == {}


@pytest.mark.parametrize("role", DOORS)
def test_every_page_one_step_behind_a_door_looks_right_on_a_phone(
    stack: Stack, open_page: Open, role: str
) -> None:
    page, wrong = open_page(), {}
    sign_in(page, account(stack, role))
    for door in DOORS[role]:
        go(page, door)
        for path in [door, *links(page, f"{door}/")[:8]]:
            go(page, path)
            wrong[path] = looks_wrong(page)
    assert {path: found for path, found in wrong.items() if found} == {}


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_written_to_the_console(
    stack: Stack, open_page: Open
) -> None:
    page = open_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for path in PUBLIC:
        go(page, path)
    assert [url for url in asked if not url.startswith(stack.url) and not url.startswith("data:")] == []
    assert said == []


def test_a_first_visit_fits_the_first_flight_of_packets(stack: Stack) -> None:
    """HTML and CSS of the first page, as they travel: about ten packets before the first acknowledgment."""
    html, markup = _travels(f"{stack.url}/")
    style = markup.split('rel="stylesheet" href="')[1].split('"')[0]
    css, _ = _travels(stack.url + style)
    assert html + css <= FIRST_FLIGHT_BYTES


def _travels(url: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip", "Accept-Language": "zh-CN"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        body = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
    return len(body), gzip.decompress(body).decode()


def test_staff_of_one_county_cannot_see_the_other(stack: Stack, open_page: Open) -> None:
    operators = [row for row in stack.accounts["accounts"] if row["role"] == "operator"]
    mine, theirs = operators[0], next(o for o in operators if o["county_code"] != operators[0]["county_code"])
    page, other = open_page(), open_page()
    sign_in(page, mine)
    sign_in(other, theirs)
    go(page, "/county")
    for path in [path for path in links(page, "/county/") if any(c.isdigit() for c in path)]:
        assert other.goto(path).status == 404, path
