"""A shop comes in through its pages: it applies, hands in papers, is looked at and opened."""

import io

import pytest
from sqlalchemy import select

from market.kernel.clock import local_date
from market.orders.models import Fulfillment
from market.orders.shop_closed import give_up_orders
from market.shops.models import Shop, ShopState
from market.shops.queries import papers_of
from tests.builders.catalog import a_listing, a_scan, categories
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county
from tests.builders.shops import a_shop, an_owner
from tests.builders.web import Browser

TYPED = {
    "county_code": "610924",
    "name": "新来电器",
    "licence_number": "92610924MA99999999",
    "phone": "09154420000",
    "address": "城关镇新街 1 号",
    "categories": "washer",
}


@pytest.fixture
def browsers(app, session, now):
    a_county(session)
    categories(session)
    owner, operator = an_account(session, now, name="店主"), an_operator(session, now)
    session.commit()
    found = Browser(app), Browser(app)
    for browser, account in zip(found, (owner, operator), strict=True):
        browser.become(account)
    return found


def test_a_shop_applies_hands_in_its_papers_and_is_opened(session, browsers, now):
    shop_door, county_door = browsers
    assert "来开店" in shop_door.get("/shop/apply").text
    assert shop_door.submit("/shop/apply", TYPED).location == "/shop/papers"
    shop = session.scalars(select(Shop)).one()
    assert shop_door.get("/shop/apply").location == "/shop/papers"
    for kind in ("business_licence", "contacts", "bank_account"):
        typed = {"photo": (io.BytesIO(a_scan()), "../a.png"), "valid_to": "2099-12-31"}
        assert shop_door.submit(f"/shop/papers/{kind}", typed).location == "/shop/papers"
    assert shop_door.get("/shop/papers/contacts/photo").mimetype == "image/jpeg"
    page = f"/county/shops/{shop.id}"
    assert "3 份材料等您看" in county_door.get("/county/shops").text
    assert county_door.get(f"{page}/papers/contacts/photo").mimetype == "image/jpeg"
    refused = county_door.submit(f"{page}/state", {"to": "open"})
    assert (refused.status_code, "还有 3 份材料没有通过" in refused.text) == (422, True)
    silent = county_door.submit(f"{page}/papers/contacts", {"to": "rejected", "reason": ""})
    assert (silent.status_code, "请写明原因" in silent.text) == (422, True)
    for kind in ("business_licence", "contacts"):
        assert county_door.submit(f"{page}/papers/{kind}", {"to": "accepted"}).location == page
    waived = {"to": "waived", "reason": "当面看过存折"}
    assert county_door.submit(f"{page}/papers/bank_account", waived).location == page
    assert county_door.submit(f"{page}/state", {"to": "open"}).location == page
    session.refresh(shop)
    assert (shop.state, shop.categories) == (ShopState.open, ["washer"])
    assert "当面看过存折" in shop_door.get("/shop/papers").text


def test_a_fault_in_the_application_stands_by_its_field_and_keeps_what_was_typed(session, browsers):
    answer = browsers[0].submit("/shop/apply", TYPED | {"licence_number": "123"})
    assert (answer.status_code, "统一社会信用代码是 18 位" in answer.text) == (422, True)
    assert 'value="新来电器"' in answer.text
    assert session.scalars(select(Shop)).all() == []


def test_another_countys_shop_and_an_unknown_paper_are_not_found(session, browsers, now):
    other = a_shop(session, now, county_code="610728")
    session.commit()
    for path in ("", "/papers/contacts", "/papers/contacts/photo"):
        assert browsers[1].get(f"/county/shops/{other.id}{path}").status_code == 404
    for path, typed in (
        ("/state", {"to": "closed", "reason": "x"}),
        ("/papers/contacts", {"to": "accepted"}),
    ):
        assert browsers[1].submit(f"/county/shops/{other.id}{path}", typed).status_code == 404
    session.expire_all()
    assert (other.state, papers_of(session, other.id)["contacts"].state) == ("open", "waived")
    browsers[0].submit("/shop/apply", TYPED)
    assert browsers[0].get("/shop/papers/spaceship").status_code == 404
    assert browsers[0].submit("/shop/papers/spaceship").status_code == 404


def test_a_shop_on_holiday_shows_its_goods_and_takes_no_order(app, session, client, now):
    categories(session)
    shop = a_shop(session, now)
    listing = a_listing(session, shop, now)
    session.commit()
    client.become(an_owner(session, shop))
    from_today = {"first": "2026-01-01", "last": "2026-01-01", "words": "回乡过年"}
    assert "请从今天或以后选起" in client.submit("/shop/holiday", from_today).text
    today = local_date(now).isoformat()
    page = client.get("/shop/papers").text
    assert "休息几天" in page
    far = {"first": today, "last": "2099-01-01", "words": "回乡过年"}
    assert client.submit("/shop/holiday", far).status_code == 422
    shop.state, shop.state_reason, shop.holiday_words = ShopState.holiday, "回乡过年", "回乡过年"
    shop.holiday_from = shop.holiday_until = local_date(now)
    session.commit()
    shown = client.get(f"/listing/{listing.id}").text
    assert ("回乡过年" in shown, "加入购物车" in shown) == (True, False)
    assert client.get(f"/shops/{shop.id}").status_code == 200
    put = client.submit("/cart", {"listing_id": str(listing.id), "quantity": "1"})
    assert put.status_code != 303 or "cart" not in (put.location or "")


def test_what_a_closed_shop_had_not_handed_over_goes_back_to_its_buyers(session, now):
    categories(session)
    shop = a_shop(session, now)
    listing = a_listing(session, shop, now, stock=3)
    order = an_order(session, an_account(session, now), [(listing, 1)], now)
    for _ in range(2):
        give_up_orders(session, shop.id, now)
    (part,) = order.shop_orders
    assert (part.state, part.decline_code) == (Fulfillment.declined, "shop_closed")
