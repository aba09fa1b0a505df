"""A real browser on a real market. Where no browser can be had, these tests are skipped and say so."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.stack import Stack, running_stack
from tests.journeys.visits import sign_in

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NO_BROWSER = (
    "No Chromium here (on Debian: apt-get install -y chromium fonts-noto-cjk), so no browser test ran."
)

Open = Callable[..., Page]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack() as stack:
        yield stack


@pytest.fixture(scope="session")
def browsers() -> Iterator[Callable[..., Browser]]:
    """Launches Chromium with more switches than usual: one thread can hold one driver only."""
    path = chromium()
    if path is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        yield lambda *more: playwright.chromium.launch(executable_path=path, args=[*QUIET, *more])


@pytest.fixture(scope="session")
def browser(browsers: Callable[..., Browser]) -> Iterator[Browser]:
    browser = browsers()
    yield browser
    browser.close()


@pytest.fixture
def open_page(browser: Browser, stack: Stack) -> Iterator[Open]:
    """A page of somebody's own: its cookies are no one else's. Phone-sized and Chinese unless told.

    Couriers see the plain pages, which every browser can show, unless the page is to be kept `offline`.
    """
    contexts = []

    def open_page(
        viewport: Any = None, javascript: bool = True, locale: str = "zh-CN", offline: bool = False
    ) -> Page:
        context = browser.new_context(
            base_url=stack.url,
            viewport=viewport or PHONE,
            java_script_enabled=javascript,
            locale=locale,
            timezone_id="Asia/Shanghai",
            service_workers="allow" if offline else "block",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def signed_in(open_page: Open, *people: dict[str, Any]) -> list[Page]:
    """A page of each person's own: desks have a screen, couriers a phone."""
    pages = [open_page(None if who["role"] in ("courier", "consumer") else DESKTOP) for who in people]
    for page, who in zip(pages, people, strict=True):
        sign_in(page, who)
    return pages
