"""What a shop's clerk does at the shop's door."""

from playwright.sync_api import Page

from tests.builders.catalog import a_scan
from tests.journeys.visits import go, submit

HEAT_PUMP = {
    "brand": "岭暖",
    "model": "LN-KR12",
    "name_zh": "岭暖 12 千瓦 低温空气源热泵",
    "net_weight_grams": "98",
    "packed_length_mm": "110",
    "packed_width_mm": "46",
    "packed_height_mm": "92",
    "record_number": "20260310-610924-00000000000000077",
    "price": "8600",
    "stock": "3",
}


def list_heat_pump(page: Page) -> str:
    """Put the heat pump on sale with its label of grade 1. The listing's id."""
    go(page, "/shop/listings/new/heat_pump")
    for name, value in HEAT_PUMP.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=grade]", "1")
    label = {"name": "label.png", "mimeType": "image/png", "buffer": a_scan()}
    page.set_input_files("[name=scan]", files=[label])
    assert page.locator("[name=people_required][value='2']").is_checked()
    assert page.input_value("[name=install_skill]") == "electric"
    with page.expect_navigation() as navigation:
        page.locator("main form button[type=submit]").last.click()
    assert navigation.value.ok, page.locator("main").inner_text()
    return page.url.rstrip("/").split("/")[-1]


def confirm_and_hand_over(page: Page, serials: str = "") -> None:
    """Do what the desk says: every order is confirmed, then every one goes to the hub with its `serials`."""
    for path in _orders(page, "placed"):
        go(page, path)
        submit(page, "/confirm")
    for path in _orders(page, "confirmed"):
        go(page, path)
        page.fill("[name=serials]", serials)
        submit(page, "/hand-over")


def _orders(page: Page, tab: str) -> list[str]:
    go(page, f"/shop/orders?tab={tab}")
    found = page.eval_on_selector_all("main a[href]", "all => all.map(a => new URL(a.href).pathname)")
    return sorted({path for path in found if path.startswith("/shop/orders/")})


def take_in(page: Page, listing_id: str, serial: str) -> None:
    """One more piece into stock, with the number on its plate."""
    go(page, f"/shop/listings/{listing_id}/stock")
    form = page.locator("form[action$='/stock/receive']")
    form.locator("[name=quantity]").fill("1")
    form.locator("[name=serials]").fill(serial)
    submit(page, "/stock/receive")
