"""What a shop's owner does until the first settlement: apply, hand in papers, list by sheet, pack."""

from pathlib import Path

from playwright.sync_api import Page

from tests.builders.catalog import a_scan
from tests.journeys.visits import go, press

PAPERS = ("business_licence", "contacts", "bank_account")
CSV = "text/csv"


def register(page: Page, phone: str, name: str) -> None:
    """Open an account and be signed in to it."""
    go(page, "/account/register")
    page.fill("[name=phone]", phone)
    page.fill("[name=name]", name)
    page.fill("[name=password]", "green-village-7")
    press(page, "同意并注册")


def apply(page: Page, county_code: str, name: str, licence_number: str, category_code: str) -> None:
    """Ask to open a shop that sells one category; the papers follow."""
    go(page, "/shop/apply")
    page.select_option("[name=county_code]", county_code)
    page.fill("[name=name]", name)
    page.fill("[name=licence_number]", licence_number)
    page.fill("[name=phone]", "09166710000")
    page.fill("[name=address]", "泾洋街道新街 1 号")
    page.check(f"[name=categories][value={category_code}]")
    press(page, "提交，去交材料")


def send_papers(page: Page) -> None:
    """A photo of everything that the checklist asks for."""
    for kind in PAPERS:
        go(page, f"/shop/papers/{kind}")
        photo = {"name": "paper.png", "mimeType": "image/png", "buffer": a_scan()}
        page.set_input_files("[name=photo]", files=[photo])
        if page.locator("[name=valid_to]").count():
            page.fill("[name=valid_to]", "2099-12-31")
        press(page, "交上去")


def send_sheet(page: Page, content: bytes) -> None:
    """Send in a list; what each row would do follows."""
    go(page, "/shop/listings/sheet")
    page.set_input_files("[name=sheet]", {"name": "list.csv", "mimeType": CSV, "buffer": content})
    press(page, "上传，先看看")


def wrong_rows(page: Page) -> list[str]:
    """What the preview says of every row that is wrong, page by page."""
    found = page.locator("main ul.lines > li").all_inner_texts()
    while (onward := page.locator("main").get_by_role("link", name="下一页")).count():
        with page.expect_navigation():
            onward.click()
        found += page.locator("main ul.lines > li").all_inner_texts()
    return found


def rest(page: Page) -> str:
    """The rows that were not applied, as they are downloaded."""
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    return Path(download.value.path()).read_text("utf-8-sig")


def pack_all(page: Page) -> list[str]:
    """Take every order that waits, pack each by its label and hand it to the hub. Their numbers."""
    go(page, "/shop/pack")
    press(page, "接下勾上的单")
    numbers = page.locator("main ul.lines [name=number]").evaluate_all("all => all.map(it => it.value)")
    scan(page, numbers, "包好了")
    go(page, "/shop/hand-over")
    scan(page, numbers, "交出")
    return numbers


def scan(page: Page, numbers: list[str], button: str) -> None:
    """What a scanner types, one label to a line."""
    page.fill("[name=scans]", "\n".join(numbers))
    press(page, button)
