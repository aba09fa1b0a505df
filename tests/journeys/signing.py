"""How old things go from hand to hand in a browser: one side shows a code, the other signs for it."""

from playwright.sync_api import Page

from tests.journeys.visits import go, press, submit


def hand_over_all(giver: Page, way: str, taker: Page) -> int:
    """Offer everything that can go this `way`, and have `taker` sign for it. How many there were."""
    go(giver, "/custody")
    form = f"form[action$='/custody/{way}/offer']"
    boxes = giver.locator(f"{form} [name=devices]").all()
    if not boxes:
        return 0
    for box in boxes:
        box.check()
    if giver.locator(f"{form} [name=taker]").count():
        giver.locator(f"{form} [name=taker]").first.check()
    submit(giver, f"/custody/{way}/offer")
    sign_for(taker, shown_code(giver))
    return len(boxes)


def shown_code(page: Page) -> str:
    """The code on the page of an offer."""
    return page.locator(".label .code").inner_text()


def sign_for(page: Page, code: str) -> None:
    """Type the code, look, and take it."""
    go(page, "/custody")
    page.fill("[name=code]", code)
    with page.expect_navigation():
        page.get_by_role("button", name="查看").click()
    press(page, "对过了，收下")
