"""A purchase over a bad line on a cheap phone, and what each page needs before something of it is seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from tests.journeys.consumer import pay_by_alipay
from tests.journeys.visits import go, press, sign_in_here

LINE_KBIT = 400
LATENCY_MS = 400
CPU_SLOWDOWN = 4
_FIRST_VIEW = Path(__file__).with_name("first_view.js").read_text()


@dataclass(frozen=True, slots=True)
class FirstView:
    """What one page took. `size_bytes` are its HTML and CSS as they travel; of them `came_bytes` came now.

    `before` are the parts that came in before the first paint, `blocking` those that held it back. In
    milliseconds from the tap: `line_ms` until the page and its style were there, the first and the largest
    contentful paint.
    """

    name: str
    size_bytes: int
    html_bytes: int
    came_bytes: int
    redirects: int
    before: tuple[str, ...]
    blocking: tuple[str, ...]
    line_ms: float
    fcp_ms: float
    lcp_ms: float


def slow_down(page: Page) -> CDPSession:
    """Give `page` a line of 400 kbit/s and 400 ms, and a processor at a quarter of this one's speed."""
    line = page.context.new_cdp_session(page)
    throughput = LINE_KBIT * 1000 / 8
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": throughput,
            "uploadThroughput": throughput,
        },
    )
    line.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    line.send("Performance.enable", {"timeDomain": "threadTicks"})
    return line


def worked_ms(line: CDPSession) -> float:
    """How long the page's main thread has had the (slow) processor so far, whatever else this machine did."""
    metrics = line.send("Performance.getMetrics")["metrics"]
    return float(next(it["value"] for it in metrics if it["name"] == "TaskDuration")) * 1000


def first_view(page: Page, name: str) -> FirstView:
    """What the page that is open took, once all of it is there."""
    page.wait_for_load_state("load")
    found: dict[str, Any] = page.evaluate(_FIRST_VIEW)
    lists = {key: tuple(found.pop(key)) for key in ("before", "blocking")}
    return FirstView(name, **lists, **found)


def purchase(page: Page, buyer: dict[str, Any], words: str) -> Iterator[str]:
    """From the home page to a paid order; yields the name of each page of ours as it comes up."""
    go(page, "/")
    yield "home"
    with page.expect_navigation():
        page.locator(".kinds a").first.click()
    yield "list"
    page.fill("#q", words)
    with page.expect_navigation():
        page.get_by_role("button", name="搜索", exact=True).click()
    yield "search"
    with page.expect_navigation():
        page.locator("main .card a").first.click()
    yield "product"
    press(page, "加入购物车")
    yield "cart"
    with page.expect_navigation():
        page.get_by_role("link", name="去结算").click()
    yield "sign in"
    sign_in_here(page, buyer)
    yield "checkout"
    press(page, "下单，去付款")
    yield "order"
    pay_by_alipay(page)
    yield "paid"
