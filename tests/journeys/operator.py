"""What the county's operator does, and its auditor with a claim."""

from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.visits import go, links, press, submit


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


def release(page: Page, seconds: int = 120) -> None:
    """Wait on the batch's page, which renews itself, until it is planned; then give the runs out."""
    page.get_by_role("button", name="下发给送货员").wait_for(timeout=seconds * 1000)
    press(page, "下发给送货员")


def draft(page: Page, name: str, **fields: str) -> None:
    """Write the next version of the programme of this name; what it would have changed follows."""
    go(page, "/county/programmes")
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()
    press(page, "写新的一版")
    for field, value in fields.items():
        page.fill(f"[name={field}]", value)
    press(page, "保存草稿，看看会怎样")


def ask_for_coupons(page: Page, category: str, places: int) -> None:
    """On the page of a programme that is open: coupons first, and so many of them."""
    press(page, "改为先领资格")
    form = page.locator(f"form[action$='/places']:has([name=category][value='{category}'])")
    form.locator("[name=total]").fill(str(places))
    with page.expect_navigation() as navigation:
        form.locator("button").click()
    assert navigation.value.ok


def decide(page: Page, order_number: str, decision: str, reason: str) -> None:
    """Decide on the claim of an order, from the work list."""
    go(page, "/county/claims")
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=order_number).click()
    page.get_by_label(decision, exact=True).check()
    page.fill("[name=reason]", reason)
    press(page, "记下决定")


def download(page: Page, label: str) -> bytes:
    """The file behind a link of this name."""
    with page.expect_download() as download:
        page.get_by_role("link", name=label).click()
    return Path(download.value.path()).read_bytes()


def upload_answers(page: Page, content: bytes) -> None:
    """Give the desk the treasury's table; what would become of its rows follows."""
    go(page, "/county/treasury")
    page.set_input_files("[name=file]", {"name": "answers.csv", "mimeType": "text/csv", "buffer": content})
    press(page, "先看一看")


def decide_papers(page: Page, shop_id: object, waived: dict[str, str]) -> None:
    """Accept every paper that the shop sent in, but for those that it need not have, with the reason."""
    go(page, f"/county/shops/{shop_id}")
    for path in links(page, f"/county/shops/{shop_id}/papers/"):
        go(page, path)
        kind = path.rpartition("/")[2]
        page.locator(f"[name=to][value={'waived' if kind in waived else 'accepted'}]").check()
        page.fill("[name=reason]", waived.get(kind, ""))
        press(page, "记下")


def open_shop(page: Page, shop_id: object) -> None:
    """Let the shop sell."""
    go(page, f"/county/shops/{shop_id}")
    page.locator("[name=to][value=open]").check()
    press(page, "确定")
