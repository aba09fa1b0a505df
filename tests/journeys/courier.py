"""What a courier does on the day's sheet, on a phone."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image
from PIL.ExifTags import GPS, IFD
from playwright.sync_api import FilePayload, Page

from tests.journeys.visits import go, press


@dataclass(frozen=True, slots=True)
class Found:
    """What stands on the machine, and who takes it."""

    serial: str = "SN20260001"
    label_code: str = ""
    recipient: str = "本人"


def photo(lat: float | None = None, lon: float | None = None) -> FilePayload:
    """A picture as a phone takes it, with where it stood if that is given (degrees north and east)."""
    exif = Image.Exif()
    if lat is not None and lon is not None:
        exif.get_ifd(IFD.GPSInfo).update(
            {
                GPS.GPSLatitudeRef: "N",
                GPS.GPSLatitude: (lat, 0.0, 0.0),
                GPS.GPSLongitudeRef: "E",
                GPS.GPSLongitude: (lon, 0.0, 0.0),
            }
        )
    taken = BytesIO()
    Image.new("RGB", (640, 480), (92, 128, 84)).save(taken, "JPEG", exif=exif)
    return {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": taken.getvalue()}


def drive(page: Page, found: Found | None = None) -> int:
    """Start every released run and end each of its stops with all that is asked for. The cash, in fen."""
    go(page, "/courier/")
    while page.get_by_role("button", name="装好车，出发").count():
        press(page, "装好车，出发")
    return sum(_deliver(page, path, found or Found()) for path in _stops(page))


def _stops(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "main a[href*='/courier/stops/']", "all => all.map(a => new URL(a.href).pathname)"
    )
    return found


def _deliver(page: Page, path: str, found: Found) -> int:
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
        page.fill("[name=serial_numbers]", found.serial)
        page.fill("[name=label_codes]", found.label_code)
        page.check("[name=is_confirmed]")
    page.set_input_files("[name=photo]", photo(*_place(page)))
    page.fill("[name=recipient_name]", found.recipient)
    press(page, "确认送到")
    return due_fen


def _place(page: Page) -> tuple[float, float]:
    """Where the stop is, as its link to a map says."""
    lat, lon = page.get_attribute("main a[href^='geo:']", "href").removeprefix("geo:").split(",")
    return float(lat), float(lon)
