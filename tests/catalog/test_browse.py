from datetime import date, timedelta

import pytest
from sqlalchemy import event

from market.catalog.browse import Order, browse
from market.catalog.edit_listing import set_state
from market.catalog.models import ListingState
from market.catalog.queries import category_counts
from market.kernel.clock import local_date
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label, an_offer_draft
from tests.builders.shops import a_shop

COUNTY = "610924"


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


@pytest.fixture
def today(now) -> date:
    return local_date(now)


def named(session, shop, now, name, price_fen=100_000, category="washer", **product):
    offer = an_offer_draft(list_price_fen=price_fen, price_fen=price_fen)
    draft = a_product_draft(name_zh=name, **product)
    return a_listing(session, shop, now, category=category, product=draft, offer=offer, stock=0)


def test_only_what_is_for_sale_in_the_county_is_found(session, now, shop, today):
    shown = named(session, shop, now, "甲")
    paused = named(session, shop, now, "乙")
    set_state(session, shop.id, paused.id, ListingState.paused, now)
    named(session, a_shop(session, now, "610728", "镇巴家电"), now, "丙")
    assert browse(session, COUNTY, today).listings == [shown]
    assert [(c.code, n) for c, n in category_counts(session, COUNTY)] == [("washer", 1)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("冰箱", ["三门冰箱", "对开门大冰箱"]),
        ("三门 冰箱", ["三门冰箱"]),
        ("箱", ["三门冰箱", "对开门大冰箱"]),
        ("门冰", ["三门冰箱"]),
        ("空调", ["一级变频挂机"]),
        ("hr-k26", ["一级变频挂机"]),
        ("100%", []),
        ("冰_箱", []),
        ("  ", ["三门冰箱", "对开门大冰箱", "一级变频挂机"]),
    ],
)
def test_words_find_titles_brands_models_and_categories(session, now, shop, today, query, found):
    named(session, shop, now, "三门冰箱", 100, "fridge")
    named(session, shop, now, "对开门大冰箱", 200, "fridge")
    named(session, shop, now, "一级变频挂机", 300, "ac", model="HR-K26")
    page = browse(session, COUNTY, today, q=query, order=Order.price_up)
    assert [listing.product.name_zh for listing in page.listings] == found


@pytest.mark.parametrize(
    ("grade", "valid_days", "admitted"), [(1, 0, True), (2, 30, True), (3, 30, False), (1, -1, False)]
)
def test_the_zone_shows_what_is_proven_green_today(session, now, shop, today, grade, valid_days, admitted):
    listing = named(session, shop, now, "甲")
    named(session, shop, now, "没有标识")
    a_verified_label(session, listing, now, grade=grade, expires_on=today + timedelta(days=valid_days))
    assert browse(session, COUNTY, today, zone=True).listings == ([listing] if admitted else [])


@pytest.mark.parametrize("order", list(Order))
def test_pages_show_everything_once_in_order(session, now, shop, today, order):
    made = [named(session, shop, now, f"{n}", price) for n, price in enumerate((300, 100, 200, 100, 100))]
    seen, after = [], None
    while True:
        page = browse(session, COUNTY, today, order=order, after=after, limit=2)
        seen += page.listings
        if (after := page.after) is None:
            break
    by_id = sorted(made, key=lambda listing: listing.id, reverse=order is not Order.price_up)
    by_price = sorted(by_id, key=lambda listing: listing.price_fen, reverse=order is Order.price_down)
    assert seen == (by_id if order is Order.newest else by_price)


@pytest.mark.parametrize("after", ["", "x", "9:9", "1:2:3", "-1:018f0000-0000-7000-8000-000000000000"])
def test_a_strange_cursor_starts_from_the_beginning(session, now, shop, today, after):
    listing = named(session, shop, now, "甲")
    for order in Order:
        assert browse(session, COUNTY, today, order=order, after=after).listings == [listing]


def test_a_page_takes_two_statements_however_long(session, now, shop, today):
    for n in range(5):
        a_verified_label(session, named(session, shop, now, f"{n}"), now)
    session.expunge_all()
    statements = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
    page = browse(session, COUNTY, today)
    assert [(one.shop.name, one.product.category.code, len(one.product.labels)) for one in page.listings] == [
        ("青禾电器行", "washer", 1)
    ] * 5
    assert len(statements) == 2
