"""Finding an appliance without signing in."""

from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState
from market.kernel.ids import new_id
from market.shops.models import Shop
from market.subsidies import programmes
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label
from tests.builders.places import a_county
from tests.builders.shops import a_shop
from tests.builders.web import Browser


def test_the_home_page_shows_what_is_sold_and_the_helpline(client: FlaskClient, washer: Listing) -> None:
    page = client.get("/").text
    assert "洗衣机" in page
    assert washer.product.name_zh in page
    assert 'href="tel:09150000000"' in page


def test_an_empty_county_says_so(client: FlaskClient, session: Session) -> None:
    a_county(session)
    assert "店铺正在上架" in client.get("/").text


def test_a_market_without_a_county_is_not_ready(client: FlaskClient, session: Session) -> None:
    assert client.get("/").status_code == 503


def test_the_zone_holds_only_what_is_proven_green(
    client: FlaskClient, session: Session, shop: Shop, washer: Listing, now: datetime
) -> None:
    unproven = a_listing(session, shop, now, product=a_product_draft(name_zh="没有标识的洗衣机"))
    assert washer.product.name_zh in client.get("/zone").text
    assert unproven.product.name_zh not in client.get("/zone").text
    assert unproven.product.name_zh in client.get("/category/washer").text


def test_a_word_of_two_characters_finds_it(client: FlaskClient, washer: Listing) -> None:
    assert washer.product.name_zh in client.get("/search?q=滚筒").text
    assert "没有找到合适的" in client.get("/search?q=拖拉机").text
    assert "没有找到合适的" in client.get("/search?q=").text
    assert "没有找到合适的" in client.get("/search?q=%00").text


def test_what_is_typed_comes_back_as_text_only(client: FlaskClient, washer: Listing) -> None:
    page = client.get("/search?q=<script>alert(1)</script>").text
    assert "<script>" not in page


def test_a_cursor_of_nobody_starts_from_the_beginning(client: FlaskClient, washer: Listing) -> None:
    for cursor in ("x", "1:2", str(new_id()) + ":", "9" * 40 + f":{new_id()}"):
        assert client.get(f"/category/washer?order=price_up&after={cursor}").status_code == 200


def test_an_unknown_category_and_listing_are_not_found(client: FlaskClient, washer: Listing) -> None:
    assert client.get("/category/spaceship").status_code == 404
    assert client.get(f"/listing/{new_id()}").status_code == 404


def test_a_paused_listing_is_gone_from_every_page(
    client: FlaskClient, session: Session, washer: Listing, now: datetime
) -> None:
    set_state(session, washer.shop_id, washer.id, ListingState.paused, now)
    assert client.get(f"/listing/{washer.id}").status_code == 404
    assert washer.product.name_zh not in client.get("/zone").text


def test_the_product_page_shows_four_numbers_and_the_record(client: FlaskClient, washer: Listing) -> None:
    page = client.get(f"/listing/{washer.id}").text
    for part in ("初始价格", "¥2,799.00", "店铺优惠", "¥200.00", "政府补贴", "补贴后实付"):
        assert part in page
    assert washer.product.labels[0].record_number in page
    assert "县里已核实" in page


def test_a_visitor_sees_the_county_she_picked(
    client: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    other = a_shop(session, now, "610728", "镇巴电器")
    theirs = a_listing(session, other, now, product=a_product_draft(name_zh="镇巴的洗衣机"))
    for county, here, elsewhere in (("610924", washer, theirs), ("610728", theirs, washer)):
        assert client.submit("/region", {"county": county, "next": "/zone"}).location == "/zone"
        page = client.get("/category/washer").text
        assert here.product.name_zh in page
        assert elsewhere.product.name_zh not in page


def test_the_product_page_names_the_programme_and_how_sure_it_is(
    client: FlaskClient, session: Session, shop: Shop, now: datetime
) -> None:
    data = next(row for row in programmes.shipped() if row["id"] == "GB-2026")
    whenever = data | {"valid_from": "2020-01-01T00:00:00+08:00", "valid_to": "2099-12-31T23:59:59+08:00"}
    programmes.fund(session, programmes.publish(session, whenever), shop.county_code, 1_000_000, now)
    washer = a_listing(session, shop, now)
    a_verified_label(session, washer, now)
    page = client.get(f"/listing/{washer.id}").text
    assert data["name_zh"] in page
    assert "¥389.85" in page
    assert "¥2,209.15" in page


def test_a_listing_states_the_fee_that_checkout_asks_for(
    client: FlaskClient, session: Session, shop: Shop, now: datetime
) -> None:
    """By the packed weight: 96 kg are 105.6 in their package, and a step dearer to carry."""
    small = {"packed_length_mm": 300, "packed_width_mm": 300, "packed_height_mm": 300}
    heavy = a_listing(session, shop, now, product=a_product_draft(net_weight_grams=96_000, **small))
    assert '送到家门口</dt><dd><span class="num">¥45.00' in client.get(f"/listing/{heavy.id}").text
