"""`python -m tests.journeys.every_page`: every page in every language and size, and what is wrong with it."""

import argparse
import sys
import time
from functools import partial

from playwright.sync_api import sync_playwright

from market import create_app
from tests.journeys import everything
from tests.journeys.conftest import NO_BROWSER, QUIET, chromium
from tests.journeys.county_of_everything import fill
from tests.journeys.everything import Address
from tests.journeys.inspecting import Inspection, Reading, inspect
from tests.journeys.stack import running_stack
from tests.journeys.test_axe import READINGS, a_context

_LANGUAGES = {"zh-CN": "zh", "en": "en"}


def main() -> int:
    """Visit, print a table, and answer 1 where something is wrong."""
    options = _options()
    path = chromium()
    if path is None:
        print(NO_BROWSER)
        return 1
    with running_stack() as stack, sync_playwright() as playwright:
        people = fill(stack)
        pages = everything.addresses(create_app(), stack, people)
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        wrong = 0
        for reading in _chosen(options):
            began = time.monotonic()
            tell = partial(_tell, reading)
            context = partial(a_context, browser, stack, is_dark=options.dark)
            done = inspect(stack, people, context, pages, reading, tell)
            wrong += sum(map(len, done.wrong.values()))
            _sum_up(reading, len(pages), time.monotonic() - began, done)
        browser.close()
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.every_page", description=__doc__)
    parser.add_argument("--language", choices=sorted(_LANGUAGES))
    parser.add_argument("--print", choices=("normal", "large"))
    parser.add_argument("--dark", action="store_true", help="on a phone that is set to dark colors")
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> list[Reading]:
    return [
        reading
        for reading in READINGS
        if options.language in (None, _language(reading))
        and options.print in (None, "large" if reading.px else "normal")
    ]


def _language(reading: Reading) -> str:
    return next(tag for tag, locale in _LANGUAGES.items() if locale == reading.locale)


def _tell(reading: Reading, address: Address, wrong: list[str]) -> None:
    for what in wrong:
        print(f"{reading.name} | {address.who} | {address.path} | {what}", flush=True)


def _sum_up(reading: Reading, visited: int, seconds: float, done: Inspection) -> None:
    """How much was visited and found; and which titles tell two pages of one person not apart."""
    for title, endpoints in done.shared_titles().items():
        print(f"{reading.name} | {title} | also the title of: {', '.join(sorted(endpoints))}")
    found = sum(map(len, done.wrong.values()))
    print(f"{reading.name}: {visited} pages in {seconds:.0f} s, {found} things wrong", flush=True)


if __name__ == "__main__":
    sys.exit(main())
