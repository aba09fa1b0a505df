"""What a courier does on the day's sheet, on a phone."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import FilePayload, Page

from tests.journeys.visits import go, press


def photo() -> FilePayload:
    """A picture as a phone takes it."""
    taken = BytesIO()
    Image.new("RGB", (640, 480), (92, 128, 84)).save(taken, "JPEG")
    return {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": taken.getvalue()}


def drive(page: Page) -> int:
    """Start every released run and end each of its stops with all that is asked for. The cash, in fen."""
    go(page, "/courier/")
    while page.get_by_role("button", name="装好车，出发").count():
        press(page, "装好车，出发")
    return sum(_deliver(page, path) for path in _stops(page))


def _stops(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "main a[href*='/courier/stops/']", "all => all.map(a => new URL(a.href).pathname)"
    )
    return found


def _deliver(page: Page, path: str) -> int:
    go(page, path)
    if not page.get_by_role("button", name="确认送到").count():
        return 0
    for box in page.locator("[name=checks]").all():
        box.check()
    cash = page.locator("[name=cash]")
    due = page.locator(".notice.warn b.big")
    due_fen = int(due.inner_text().strip("¥").replace(",", "").replace(".", "")) if due.count() else 0
    if cash.count():
        cash.check()
    if page.locator("[name=serial_numbers]").count():
        page.fill("[name=serial_numbers]", "SN20260001")
    page.set_input_files("[name=photo]", photo())
    page.fill("[name=recipient_name]", "本人")
    press(page, "确认送到")
    return due_fen
