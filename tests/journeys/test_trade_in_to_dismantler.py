"""An over-age fridge: traded in at the door, carried to the hub, weighed, and dismantled by who may do so."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys import consumer, signing
from tests.journeys.conftest import Open
from tests.journeys.stack import Stack, accounts, balanced
from tests.journeys.visits import go, looks_wrong, press, sign_in

pytestmark = pytest.mark.browser
COUNTY = "610924"
SHOTS = os.environ.get("JOURNEY_SHOTS")  # a folder, for whoever wants to look at the pages


def test_an_over_age_fridge_ends_at_the_dismantlers_and_its_owner_sees_it(
    stack: Stack, open_page: Open
) -> None:
    recyclers = accounts(stack, "recycler", COUNTY)
    who = (
        accounts(stack, "consumer", COUNTY)[2],
        accounts(stack, "courier", COUNTY)[0],
        accounts(stack, "operator", COUNTY)[0],
        recyclers[0],
        recyclers[-1],
    )
    buyer, courier, county, scale, dismantler = on_phones(open_page, *who)

    order_id = consumer.buy(buyer, [a_listing(stack)], trade_in=("fridge", 14))
    old = stack.rows("SELECT id, code FROM trade_ins WHERE reference = %s", f"order:{order_id}")[0]
    page_of_it = f"/trade-ins/{old['id']}"
    go(buyer, page_of_it)
    shoot(buyer, "1-before")
    press(buyer, "出示交接码")
    shoot(buyer, "2-code")
    signing.sign_for(courier, signing.shown_code(buyer))
    shoot(courier, "3-signed")

    assert signing.hand_over_all(courier, "courier-hub", county) == 1
    assert signing.hand_over_all(county, "hub-recycler", scale) >= 1

    go(scale, f"/recycler/trade-ins/{old['id']}")
    scale.fill("[name=weight_grams]", "58600")
    shoot(scale, "4-scale")
    press(scale, "过秤登记")
    go(scale, f"/recycler/trade-ins/{old['id']}")
    scale.fill("[name=brand]", "雪岭")
    scale.locator("[name=grade][value=scrap]").check()
    press(scale, "定下")
    shoot(scale, "5-scrap")
    go(scale, "/recycler/stock")
    assert "对得上" in scale.locator("main").inner_text()
    shoot(scale, "6-stock")

    go(scale, "/custody")
    shoot(scale, "7-desk")
    assert signing.hand_over_all(scale, "recycler-dismantler", dismantler) == 1
    assert "已签收" in dismantler.locator("main").inner_text()
    shoot(dismantler, "8-manifest")
    sheet = dismantler.request.get(dismantler.get_attribute("main a[href$='.pdf']", "href"))
    assert sheet.body().startswith(b"%PDF")

    go(buyer, page_of_it)
    told = buyer.locator("main").inner_text()
    assert "已交有资质的企业拆解" in told
    assert "家电拆解厂拆解，联单 LD-" in told
    shoot(buyer, "9-where-it-went")

    go(county, "/county/mass-balance")
    assert "对得上" in county.locator("main").inner_text()
    shoot(county, "10-balance")
    go(buyer, f"/open/{COUNTY}/producers")
    assert "雪岭" in buyer.locator("main").inner_text()
    shoot(buyer, "11-producers")
    balanced(stack)


def on_phones(open_page: Open, *people: dict[str, str]) -> list[Page]:
    """A page of each person's own, 360 px wide and without scripts."""
    pages = [open_page(javascript=False) for _ in people]
    for page, who in zip(pages, people, strict=True):
        sign_in(page, who)
    return pages


def a_listing(stack: Stack) -> str:
    """Something that one person can carry, with plenty in stock."""
    found = stack.rows(
        "SELECT l.id FROM listings l JOIN stock s ON s.listing_id = l.id JOIN shops p ON p.id = l.shop_id"
        " WHERE p.county_code = %s AND l.state = 'active' AND l.people_required = 1 AND s.on_hand > 2"
        " ORDER BY l.price_fen DESC",
        COUNTY,
    )
    return str(found[0]["id"])


def shoot(page: Page, name: str) -> None:
    """What is on the page looks right; it is kept as a picture where somebody asked for that."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert looks_wrong(page) == []
