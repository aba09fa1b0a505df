"""One page for a model that several shops sell: offers side by side, in an order that is told."""

import re
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.inventory.freeze import freeze
from market.inventory.receive import adjust
from market.kernel.ids import new_id
from market.shops.models import Shop
from market.subsidies import programmes
from tests.builders.catalog import a_listing, a_product_draft, an_offer_draft
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.web import Browser

GTIN = "2900000000018"


def another(
    session: Session, of: Listing, name: str, price_fen: int, now: datetime, left: int = 10
) -> Listing:
    """The same model in another shop of the county."""
    shop = a_shop(session, now, name=name)
    product = a_product_draft(brand=of.product.brand, model=of.product.model)
    offer = an_offer_draft(price_fen=price_fen)
    return a_listing(session, shop, now, product=product, offer=offer, stock=left)


def shops_on(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/listing/[^"]+">([^<]+)</a>', page)


def rate(session: Session, shop: Shop, kind: str, times: int, now: datetime) -> None:
    for number in range(times):
        record_event(session, SubjectKind.shop, shop.id, kind, f"{kind}:{number}", now)


@pytest.fixture
def path(washer: Listing) -> str:
    return f"/p/{washer.product_id}"


def test_offers_stand_in_the_order_of_what_the_buyer_pays_and_the_page_says_so(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime
) -> None:
    another(session, washer, "远山家电", 255_000, now)
    another(session, washer, "河口家电", 269_900, now)
    page = client.get(path).text
    assert shops_on(page) == ["远山家电", "青禾电器行", "河口家电"]
    assert "按您实付从低到高" in page
    assert "排位不卖" in page
    assert ("紫阳县有 3 家店在卖" in page, "¥2,550.00" in page) == (True, True)


def test_of_two_that_cost_the_same_the_better_rated_comes_first(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime
) -> None:
    good = another(session, washer, "远山家电", washer.price_fen, now)
    rate(session, washer.shop, "dispute_lost", 8, now)
    rate(session, good.shop, "order_completed", 30, now)
    rate(session, good.shop, "handed_over_on_time", 30, now)
    assert shops_on(client.get(path).text) == ["远山家电", "青禾电器行"]
    cheaper = another(session, washer, "河口家电", washer.price_fen - 100, now)
    assert shops_on(client.get(path).text)[0] == cheaper.shop.name


def test_a_link_changes_the_order_and_an_unknown_one_does_not(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime
) -> None:
    another(session, washer, "远山家电", 255_000, now, left=3)
    by_stock = client.get(f"{path}?order=stock").text
    assert shops_on(by_stock) == ["青禾电器行", "远山家电"]
    assert "按库存从多到少" in by_stock
    assert shops_on(client.get(f"{path}?order=paid").text) == ["远山家电", "青禾电器行"]


@pytest.mark.parametrize("order", ["pays", "rating", "stock"])
def test_what_is_sold_out_or_called_back_comes_last_and_cannot_be_bought(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime, order: str
) -> None:
    gone = another(session, washer, "远山家电", 200_000, now, left=1)
    back = another(session, washer, "河口家电", 210_000, now)
    adjust(session, gone.id, -1, "搬运损坏", now)
    freeze(session, [back.id])
    page = client.get(f"{path}?order={order}").text
    assert shops_on(page)[0] == "青禾电器行"
    assert page.count("没货</dd>") == 2
    assert page.count('name="listing_id"') == 1


def test_a_paused_offer_is_not_there_and_a_model_nobody_sells_is_not_found(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime
) -> None:
    other = another(session, washer, "远山家电", 255_000, now)
    set_state(session, other.shop_id, other.id, ListingState.paused, now)
    assert shops_on(client.get(path).text) == ["青禾电器行"]
    set_state(session, washer.shop_id, washer.id, ListingState.paused, now)
    assert client.get(path).status_code == 404
    assert client.get(f"/p/{new_id()}").status_code == 404


def test_each_offer_shows_its_own_price_after_the_subsidy(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime
) -> None:
    data = next(row for row in programmes.shipped() if row["id"] == "GB-2026")
    whenever = data | {"valid_from": "2020-01-01T00:00:00+08:00", "valid_to": "2099-12-31T23:59:59+08:00"}
    programmes.fund(session, programmes.publish(session, whenever), "610924", 1_000_000, now)
    another(session, washer, "远山家电", 269_900, now)
    page = client.get(path).text
    # 15 % of 2,599.00 and of 2,699.00, rounded down to the fen.
    for part in ("389.85", "2,209.15", "404.85", "2,294.15"):
        assert part in page


def test_in_a_county_where_nobody_sells_it_the_page_says_where_it_is_sold(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime
) -> None:
    a_shop(session, now, "610728", "镇巴电器")
    client.submit("/region", {"county": "610728", "next": "/"})
    page = client.get(path).text
    assert "镇巴县暂时没有店在卖这一款" in page
    assert "在卖的县：紫阳县" in page


def test_lists_and_the_listings_page_lead_to_it_once_a_second_shop_sells_it(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime
) -> None:
    places = ("/category/washer", "/search?q=滚筒", "/zone", "/", f"/listing/{washer.id}")
    assert [path in client.get(place).text for place in places] == [False] * 5
    another(session, washer, "远山家电", 255_000, now)
    assert [path in client.get(place).text for place in places] == [True] * 5
    assert "2 家店有售" in client.get("/category/washer").text
    assert "另有 1 家店也卖" in client.get(f"/listing/{washer.id}").text


def test_from_the_page_an_offer_goes_into_the_cart(client: Browser, washer: Listing, path: str) -> None:
    answer = client.submit("/cart", {"listing_id": str(washer.id), "quantity": "1"})
    assert (answer.status_code, answer.location) == (303, "/cart")
    assert washer.product.name_zh in client.get("/cart").text


def test_a_barcode_leads_to_its_model(client: Browser, session: Session, shop: Shop, now: datetime) -> None:
    listing = a_listing(session, shop, now, product=a_product_draft(gtin=GTIN))
    assert client.get(f"/p/{GTIN}").location == f"/p/{listing.product_id}"
    assert [client.get(f"/p/{code}").status_code for code in ("2900000000025", "12", "洗衣机")] == [404] * 3


def test_who_is_signed_in_sees_the_same_order(
    client: Browser, session: Session, washer: Listing, path: str, now: datetime
) -> None:
    another(session, washer, "远山家电", 255_000, now)
    before = shops_on(client.get(path).text)
    client.become(an_account(session, now))
    assert shops_on(client.get(path).text) == before
