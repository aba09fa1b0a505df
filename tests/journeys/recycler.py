"""What the recycler does with a parcel, and with what the couriers brought."""

from playwright.sync_api import Page

from tests.journeys.courier import photo
from tests.journeys.visits import go, press, submit


def receive(page: Page, code: str) -> None:
    """Weigh, seal and photograph the parcel that carries `code`."""
    go(page, f"/recycler?code={code}")
    page.fill("form[action$='/receive'] [name=weight_grams]", "182")
    page.fill("form[action$='/receive'] [name=seal_number]", "F-20261124-7")
    page.set_input_files("form[action$='/receive'] [name=photo]", photo())
    submit(page, "/receive")


def find_as_told(page: Page) -> None:
    """Assess the parcel whose page is open: it is what its owner said it was."""
    submit(page, "/assess")


def weigh_trade_ins(page: Page) -> int:
    """Put every old appliance at the hub onto the scale. How many there were."""
    go(page, "/recycler")
    paths = page.eval_on_selector_all(
        "main a[href*='/trade-ins/']", "all => all.map(a => new URL(a.href).pathname)"
    )
    for path in paths:
        go(page, path)
        page.fill("[name=weight_grams]", "42000")
        press(page, "过秤登记")
    return len(paths)
