"""A purchase at 400 kbit/s, 400 ms and a quarter of the processor: ``python -m benchmarks.slow_purchase``.

A market of its own is started and seeded, with every part that `make run` starts, and Chromium buys from it
on a phone's screen: first with an empty cache from the home page to the paid order, then, *cold*, each public
page as somebody opens it who got its address by itself. Chromium delays answers and no handshakes:
`--handshakes 2` adds what TCP and TLS 1.3 would cost each first page. Bytes are HTML and CSS as they travel;
*before* counts what came in before the first paint besides the page itself; *line* is when the page and its
style were there. All three have in them what else the machine did. *Reckoned* has not: trips and bytes on
such a line, and all the time that the main thread had the slow processor until the page was complete; the
server's few milliseconds are not in it. The bar of each first view is 2.5 s.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.journeys.conftest import PHONE, QUIET, chromium
from tests.journeys.slow_purchase import (
    LATENCY_MS,
    LINE_KBIT,
    FirstView,
    first_view,
    purchase,
    slow_down,
    worked_ms,
)
from tests.journeys.stack import Stack, accounts, running_stack
from tests.journeys.visits import go

BAR_MS = 2500
COUNTY = "610728"
WORDS = "电饭煲"


@dataclass(frozen=True, slots=True)
class Row:
    """A page's first view and how long its main thread worked."""

    view: FirstView
    worked_ms: float

    @property
    def reckoned_ms(self) -> float:
        """What the first view takes where nothing else runs, at most."""
        trips = 1 + self.view.redirects + (self.view.came_bytes > self.view.html_bytes)
        return trips * LATENCY_MS + self.view.came_bytes * 8 / LINE_KBIT + self.worked_ms


@contextmanager
def slow_page(browser: Browser, stack: Stack) -> Iterator[tuple[Page, CDPSession]]:
    """A page on a bad line with nothing in its cache."""
    context = browser.new_context(base_url=stack.url, viewport=PHONE, locale="zh-CN", service_workers="block")
    context.set_default_timeout(60_000)
    page = context.new_page()
    yield page, slow_down(page)
    context.close()


def walk(browser: Browser, stack: Stack, number: int) -> Iterator[Row]:
    """One purchase of the consumer `number`, then each public page by itself."""
    with slow_page(browser, stack) as (page, line):
        before = 0.0
        for name in purchase(page, accounts(stack, "consumer", COUNTY)[number], WORDS):
            view, after = first_view(page, name), worked_ms(line)
            yield Row(view, after - before if after > before else after)
            before = after
    listing = stack.accounts["listings"][0]["id"]
    cold = {
        "home": "/", "list": "/category/rice_cooker", "zone": "/zone", "search": f"/search?q={WORDS}",
        "product": f"/listing/{listing}", "cart": "/cart", "sign in": "/account/sign-in",
    }  # fmt: skip
    for name, path in cold.items():
        with slow_page(browser, stack) as (page, line):
            go(page, path)
            yield Row(first_view(page, f"{name}, cold"), worked_ms(line))


def report(walks: list[list[Row]], handshakes: int) -> None:
    """The table, in Markdown; times are medians of the walks."""
    print(
        "| page | bytes | redirects | before | line ms | FCP ms | LCP ms | reckoned ms | that within 2.5 s |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|")
    for rows in zip(*walks, strict=True):
        views = [row.view for row in rows]
        one = views[0]
        is_new = one.name == "home" or one.name.endswith("cold")
        more = handshakes * LATENCY_MS if is_new else 0
        times = [median(getattr(it, name) for it in views) + more for name in ("line_ms", "fcp_ms", "lcp_ms")]
        times.append(median(row.reckoned_ms for row in rows) + more)
        print(
            f"| {one.name} | {one.size_bytes:,} | {one.redirects} | {len(one.before)}"
            f" | {' | '.join(f'{it:,.0f}' for it in times)} | {'yes' if times[-1] <= BAR_MS else 'NO'} |"
        )


def main() -> None:
    """Start, buy, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--walks", type=int, default=3)
    parser.add_argument("--handshakes", type=int, default=0, help="round trips before a first page's request")
    asked = parser.parse_args()
    with running_stack() as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        report([list(walk(browser, stack, number)) for number in range(asked.walks)], asked.handshakes)
        browser.close()


if __name__ == "__main__":
    main()
