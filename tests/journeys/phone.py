"""What a courier does on the phone's own pages, with or without a signal."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.courier import photo

_KEPT = Path(__file__).with_name("kept.js").read_text()


def ready(page: Page) -> None:
    """The sheet from the phone itself, which takes over once its worker is there and has the day."""
    page.goto("/courier/")
    page.locator("#page h1").wait_for(timeout=30_000)


def start(page: Page) -> None:
    """Leave the hub: the button goes as soon as that is written down."""
    page.get_by_role("button", name="装好车，出发").click()
    expect(page.get_by_role("button", name="装好车，出发")).to_have_count(0)


def begin(page: Page, number: int, stop_id: str) -> None:
    """Open the stop and note all that is found there, but do not end it."""
    open_stop(page, stop_id)
    for box in page.locator("[name=checks]").all():
        box.check()
    page.fill("#serial", f"SN-{number}")
    page.press("#serial", "Enter")
    page.get_by_text(f"SN-{number}", exact=True).wait_for()
    page.set_input_files("#photo", photo())
    page.locator("#page img").wait_for()


def finish(page: Page) -> None:
    """Take the cash that is due, say who took the goods, and end the stop."""
    cash = page.locator("[name=cash]")
    if cash.count():
        cash.check()
    page.locator("[name=recipient][value=self]").check()
    page.locator("[name=confirmed]").check()
    page.get_by_role("button", name="确认送到").click()
    page.wait_for_url("**/courier/")


def open_stop(page: Page, stop_id: str) -> None:
    """From the sheet to the stop."""
    page.locator(f"#page a[href='/courier/stops/{stop_id}']").first.click()
    page.locator("#serial").wait_for()


def queued(page: Page) -> int:
    """How many events the phone still has to send, as it says at its top."""
    text = page.locator("#queue").inner_text()
    digits = "".join(letter for letter in text if letter.isdigit())
    return int(digits) if "未上传" in text else 0


def sent(page: Page, seconds: float = 60) -> None:
    """Wait until everything has been sent."""
    expect(page.locator("#queue")).to_have_text("都已上传", timeout=seconds * 1000)


def kept(page: Page) -> dict[str, Any]:
    """Everything that the browser keeps of the courier's: rows of its database, and text of its caches."""
    found: dict[str, Any] = page.evaluate(_KEPT)
    return found
