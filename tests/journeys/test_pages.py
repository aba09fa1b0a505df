"""Every page near each door: legible, reachable by thumb, narrow and light enough."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import requests

from tests.drills.person import Person
from tests.journeys.conftest import DESKTOP, PHONE, Open
from tests.journeys.stack import Stack
from tests.journeys.visits import go, links, looks_wrong, sign_in

pytestmark = pytest.mark.browser

FIRST_FLIGHT_BYTES = 14 * 1024
# What differs between two pages of one kind: ids, codes, days, and what is asked.
_VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)[A-Z]+-[^/?]*|\d+|(?<=\?).*")
_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
_STYLE = re.compile(r'rel="stylesheet" href="([^"]*)"')
PUBLIC = ("/", "/zone", "/search?q=空调", "/cart", "/account/sign-in", "/account/register", "/open")
DOORS = {
    "consumer": ("/account", "/orders", "/points", "/recycle", "/subsidies"),
    "owner": ("/shop", "/shop/listings/new/fridge"),
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
    page = open_page(offline=True)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for path in PUBLIC:
        go(page, path)
    assert [url for url in asked if not url.startswith(stack.url) and not url.startswith("data:")] == []
    assert said == []


@pytest.mark.parametrize("role", ["visitor", *DOORS, "auditor"])
def test_every_page_that_a_person_can_reach_fits_the_first_flight_of_packets(stack: Stack, role: str) -> None:
    """HTML and CSS of a first visit, as they travel: about ten packets before the first acknowledgment."""
    if role == "visitor":
        http = requests.Session()
    else:
        who = account(stack, role)
        person = Person(stack, who["phone"], who["password"])
        person.get("/account")
        http = person.http
    http.headers["Accept-Encoding"] = "gzip"  # what the oldest phones ask for
    weights = dict(weigh(http, stack.url, (*PUBLIC, *DOORS.get(role, ()))))
    assert len(weights) > 20
    assert {path: size for path, size in weights.items() if size > FIRST_FLIGHT_BYTES} == {}


def weigh(http: requests.Session, url: str, doors: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Follow every link from `doors`, one of each kind: the page's path and what it and its styles weigh."""
    waiting, known, styles = list(doors), set[str](), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        kind = _VARIES.sub("*", path)
        if kind in known:
            continue
        known.add(kind)
        answer = http.get(url + path, timeout=20)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for style in _STYLE.findall(answer.text):
            if style not in styles:
                styles[style] = _travels(http.get(url + style, timeout=20))
        yield path, _travels(answer) + sum(styles[style] for style in _STYLE.findall(answer.text))
        waiting += [unescape(link) for link in _LINK.findall(answer.text)]


def _travels(answer: requests.Response) -> int:
    assert answer.headers["Content-Encoding"] == "gzip", answer.url
    return int(answer.headers["Content-Length"])
