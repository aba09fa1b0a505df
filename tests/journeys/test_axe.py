"""axe-core finds nothing of any severity on any page, nor is anything else there to stumble over.

Each page is visited here in one language and size; `python -m tests.journeys.every_page` visits all in all.
"""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext

from market import create_app
from tests.journeys import everything
from tests.journeys.conftest import PHONE
from tests.journeys.county_of_everything import Someone, fill
from tests.journeys.inspecting import Reading, inspect
from tests.journeys.stack import Stack, running_stack

# One worker has the county of everything: it is a market of its own.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("everything")]

READINGS = (Reading("zh"), Reading("en"), Reading("zh", 22), Reading("en", 22))


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


@pytest.fixture(scope="module")
def filled(browser: Browser) -> Iterator[tuple[Stack, dict[str, Someone]]]:
    """The county of everything, and who looks at it; where there is no browser it is not built."""
    with running_stack() as stack:
        yield stack, fill(stack)


@pytest.fixture
def new_context(
    browser: Browser, filled: tuple[Stack, dict[str, Someone]]
) -> Callable[[str], BrowserContext]:
    stack, _ = filled
    return lambda locale: a_context(browser, stack, locale)


def a_context(browser: Browser, stack: Stack, locale: str, *, is_dark: bool = False) -> BrowserContext:
    """A phone whose browser asks for pages in `locale`, and may ask for dark colors."""
    return browser.new_context(
        base_url=stack.url,
        viewport=PHONE,
        locale=locale,
        timezone_id="Asia/Shanghai",
        service_workers="block",
        color_scheme="dark" if is_dark else "light",
    )


def test_every_page_is_seen_by_somebody_or_excused(app: Flask) -> None:
    known = set(everything.patterns(app))
    seen, excused = everything.listed(), set(everything.EXCUSED)
    assert known - seen - excused == set()
    assert (seen | excused) - known == set()
    assert seen & excused == set()


@pytest.mark.parametrize("number", range(len(READINGS)), ids=[reading.name for reading in READINGS])
def test_no_page_has_anything_to_stumble_over(
    app: Flask,
    filled: tuple[Stack, dict[str, Someone]],
    new_context: Callable[[str], BrowserContext],
    number: int,
) -> None:
    stack, people = filled
    pages = everything.addresses(app, stack, people)
    dealt = sorted(pages, key=lambda it: (it.endpoint, it.path, it.who))[number :: len(READINGS)]
    done = inspect(stack, people, new_context, dealt, READINGS[number])
    assert done.wrong == {}
