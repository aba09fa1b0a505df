"""How a person moves through the market in a browser: sign in, fill in, follow, press."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Response

_LOOKS = Path(__file__).with_name("looks.js").read_text()


def sign_in(page: Page, account: dict[str, Any]) -> None:
    """Come in through the one sign-in page that all roles share."""
    go(page, "/account/sign-in")
    sign_in_here(page, account)


def sign_in_here(page: Page, account: dict[str, Any]) -> None:
    """Sign in on the page that asks for it, and go on from there."""
    page.fill("[name=phone]", account["phone"])
    page.fill("[name=password]", account["password"])
    press(page, "登录")


def go(page: Page, path: str) -> Response:
    """Open `path`, which must be there."""
    response = page.goto(path)
    assert response is not None
    assert response.ok, f"{path}: {response.status}"
    return response


def press(page: Page, label: str, refused: bool = False) -> None:
    """Press the page's own button of this name; what follows is good unless it is to be `refused`."""
    with page.expect_navigation() as navigation:
        page.locator("main").get_by_role("button", name=label).first.click()
    status = navigation.value.status
    assert (status == 422) if refused else (status < 400), f"{label}: {status} at {page.url}"


def looks_wrong(page: Page) -> list[str]:
    """What is wrong with how the page looks; empty where nothing is."""
    found: list[str] = page.evaluate(_LOOKS)
    return found


def links(page: Page, prefix: str) -> list[str]:
    """The addresses under `prefix` to which the page leads."""
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => new URL(a.href).pathname)")
    return sorted({path for path in found if path.startswith(prefix)})


def submit(page: Page, action: str) -> None:
    """Send the page's form that posts to an address ending in `action`."""
    with page.expect_navigation() as navigation:
        page.locator(f"form[action$='{action}'] button").first.click()
    assert navigation.value.status < 400, f"{action}: {navigation.value.status} at {page.url}"
