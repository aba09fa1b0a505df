"""What the county's operator does."""

from playwright.sync_api import Page

from tests.journeys.visits import go, press, submit


def verify_labels(page: Page) -> None:
    """Find every declared label in the public register."""
    go(page, "/county/labels")
    while page.locator("form[action$='/verify']").count():
        submit(page, "/verify")


def receive_all(page: Page) -> None:
    """Take in at the hub whatever the shops have handed over."""
    go(page, "/county/hub")
    while page.locator("form[action$='/receive']").count():
        submit(page, "/receive")


def close_now(page: Page) -> None:
    """Close the batch before the cut-off; the page of the batch follows."""
    go(page, "/county/batches")
    press(page, "现在就截单、排车")


def open_batch(page: Page) -> None:
    """The newest batch's page."""
    go(page, "/county/batches")
    with page.expect_navigation():
        page.locator("main table a[href*='/county/batches/']").first.click()


def release(page: Page, seconds: int = 60) -> None:
    """Wait on the batch's page, which renews itself, until it is planned; then give the runs out."""
    page.get_by_role("button", name="下发给送货员").wait_for(timeout=seconds * 1000)
    press(page, "下发给送货员")
