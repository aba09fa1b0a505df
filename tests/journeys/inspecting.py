"""Looking at one page after the other: what axe finds, and what else a reader would stumble over."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

from market.web.language import LANGUAGES
from market.web.reading import COOKIE
from tests.journeys.county_of_everything import Someone
from tests.journeys.everything import Address
from tests.journeys.stack import Stack
from tests.journeys.visits import sign_in

_AXE = Axe()
_CATALOG = Path("market/translations/en/LC_MESSAGES/messages.po")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_TALL, _WIDTHS = 740, (360, 320)
# A sentence of the interface is longer than the names of goods and places that are data in any language.
_SENTENCE_CHARS = 5
_TEXTS = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    if (!at.closest('script, style, textarea, [lang^=zh]')) found.push(walk.currentNode.data.trim());
  }
  return found.filter(Boolean);
}"""
_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Reading:
    """How somebody reads: her locale, and the size of her letters where she chose large ones."""

    locale: str
    px: int | None = None

    @property
    def name(self) -> str:
        return f"{LANGUAGES[self.locale]}, {'large print' if self.px else 'normal print'}"


@dataclass
class Inspection:
    """What was found on which page; `titles` are every page's."""

    wrong: dict[Address, list[str]] = field(default_factory=dict)
    titles: dict[Address, str] = field(default_factory=dict)

    def shared_titles(self) -> dict[str, set[str]]:
        """Titles that pages of one person share although they are of different routes."""
        pages = {(address.who, title, address.endpoint) for address, title in self.titles.items()}
        times = Counter((who, title) for who, title, _ in pages)
        return {
            f"{who}: {title}": {endpoint for one, its, endpoint in pages if (one, its) == (who, title)}
            for (who, title), number in times.items()
            if number > 1
        }


def inspect(
    stack: Stack,
    people: dict[str, Someone],
    new_context: Callable[[str], BrowserContext],
    pages: Iterable[Address],
    reading: Reading,
    each: Callable[[Address, list[str]], object] = lambda address, wrong: None,
) -> Inspection:
    """Visit each of the pages as `reading`; `each` is told what was found on a page."""
    done = Inspection()
    for who, theirs in groupby(sorted(pages, key=lambda it: (it.who, it.path)), lambda it: it.who):
        with _reader(stack, people.get(who), new_context, reading) as page:
            for address in theirs:
                with _listening(page) as heard:
                    wrong = _stumbles(page, address, reading)
                wrong += heard
                if wrong:
                    done.wrong[address] = wrong
                done.titles[address] = page.title()
                each(address, wrong)
    return done


@contextmanager
def _reader(
    stack: Stack,
    someone: Someone | None,
    new_context: Callable[[str], BrowserContext],
    reading: Reading,
) -> Iterator[Page]:
    """The browser of somebody who reads so, signed in where she has an account."""
    context = new_context("zh-CN" if someone else LANGUAGES[reading.locale])
    page = context.new_page()
    if someone:
        sign_in(page, {"phone": someone.phone, "password": someone.password})
        _speak(stack, someone, reading.locale)
    if reading.px:
        context.add_cookies([{"name": COOKIE, "value": str(reading.px), "url": stack.url}])
    try:
        yield page
    finally:
        context.close()
        if someone:
            _speak(stack, someone, "zh")


def _speak(stack: Stack, someone: Someone, locale: str) -> None:
    stack.rows("UPDATE accounts SET locale = %s WHERE id = %s", locale, someone.id)


@contextmanager
def _listening(page: Page) -> Iterator[list[str]]:
    """What goes wrong beside the page: answers of 400 and more, and what the console says."""
    heard: list[str] = []

    def answered(response: Response) -> None:
        if response.status >= 400:
            heard.append(f"{response.status}: {response.url}")

    def said(message: ConsoleMessage) -> None:
        # What was not there is told by its answer.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            heard.append(f"console: {message.text}")

    page.on("response", answered)
    page.on("console", said)
    try:
        yield heard
    finally:
        page.remove_listener("response", answered)
        page.remove_listener("console", said)


def _stumbles(page: Page, address: Address, reading: Reading) -> list[str]:
    """What is wrong with the page itself: axe's findings of any severity, and more."""
    page.set_viewport_size({"width": _WIDTHS[0], "height": _TALL})
    response = page.goto(address.path)
    if response is None or response.status != 200 or "/sign-in" in page.url.removesuffix(address.path):
        return [f"not there: {response and response.status} {page.url}"]
    page.locator("main h1").first.wait_for()  # the courier's phone draws its own
    wrong = list(_by_axe(page))
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": _TALL})
        if page.evaluate(_SIDEWAYS):
            wrong.append(f"scrolls sideways at {width} px")
    if (language := page.get_attribute("html", "lang")) != LANGUAGES[reading.locale]:
        wrong.append(f"lang is {language}")
    if reading.px and not page.locator(f"html.elder.size-{reading.px}").count():
        wrong.append("its letters are not large")
    if not page.title().strip(" ·"):
        wrong.append("no title")
    if reading.locale == "en":
        wrong += [f"not translated: {text[:60]}" for text in page.evaluate(_TEXTS) if text in _sentences()]
    return wrong


def _by_axe(page: Page) -> Iterator[str]:
    found: list[dict[str, Any]] = _AXE.run(page).response["violations"]
    for rule in found:
        for node in rule["nodes"][:3]:
            yield f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:120]}"


@cache
def _sentences() -> frozenset[str]:
    """The Chinese sentences of the interface, without those that are the same in English."""
    with _CATALOG.open("rb") as file:
        messages = list(read_po(file))
    texts = {str(message.id) for message in messages if isinstance(message.id, str)}
    return frozenset(it for it in texts if len(it) >= _SENTENCE_CHARS and _CHINESE.search(it))
