from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import case, event

from market.catalog.browse import FALLING, Counted, Facets, Order, browse
from market.catalog.edit_listing import set_state
from market.catalog.models import ListingState
from market.catalog.queries import categories
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
    counts = browse(session, COUNTY, today, zone=True, count=Counted.on_sale).counts
    assert [(it.code, it.count) for it in counts if it.count] == [("washer", 1)]


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
    by_id = sorted(made, key=lambda listing: listing.id, reverse=order in FALLING)
    by_price = sorted(by_id, key=lambda listing: listing.price_fen, reverse=order in FALLING)
    assert seen == (by_price if order in (Order.price_up, Order.price_down) else by_id)


@pytest.mark.parametrize("after", ["", "x", "9:9", "1:2:3", "-1:018f0000-0000-7000-8000-000000000000"])
def test_a_strange_cursor_starts_from_the_beginning(session, now, shop, today, after):
    listing = named(session, shop, now, "甲")
    for order in Order:
        assert browse(session, COUNTY, today, order=order, after=after).listings == [listing]


def test_a_page_takes_one_statement_however_long(session, now, shop, today):
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
    assert len(statements) == 1


def in_zone(session, shop, now, name, *, price_fen=100_000, grade=1, category="washer", load=None):
    specs = {"洗涤容量": "10 kg"} if load else {}
    listing = named(session, shop, now, name, price_fen, category, specs=specs)
    figures = {"kwh_per_cycle_kg": Decimal(load)} if load else {}
    standard = {"washer": "GB 12021.4-2013", "range_hood": "GB 29539-2013"}[category]
    a_verified_label(
        session,
        listing,
        now,
        grade=grade,
        standard_number=standard,
        variant="front_load" if load else None,
        measured=figures,
    )
    return listing


def a_tenth(category, grade, price_fen):
    """A subsidy of a tenth of the price for grade 1."""
    return case((grade == 1, price_fen // 10), else_=0)


@pytest.fixture
def shelf(session, now, shop):
    """Four in the zone; the second's running cost is unknown."""
    return [
        in_zone(session, shop, now, "甲", price_fen=100_000, load="0.10"),
        in_zone(session, shop, now, "乙", price_fen=95_000, grade=2),
        in_zone(session, shop, now, "丙", price_fen=300_000, load="0.05"),
        in_zone(session, shop, now, "丁", price_fen=80_000, grade=2, category="range_hood"),
    ]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (Order.price_up, "丁甲乙丙"),  # after the subsidy: 800, 900, 950, 2700
        (Order.price_down, "丙乙甲丁"),
        (Order.cost_up, "丙甲乙丁"),  # what is unknown comes last
        (Order.subsidy_down, "丙甲丁乙"),
        (Order.grade_up, "甲丙乙丁"),
        (Order.newest, "丁丙乙甲"),
    ],
)
def test_the_zone_is_sorted_by_what_a_buyer_pays_now_and_later(session, today, shelf, order, names):
    seen, after = "", None
    while True:
        page = browse(
            session,
            COUNTY,
            today,
            zone=True,
            subsidy=a_tenth,
            order=order,
            after=after,
            limit=1,
            count=Counted.found,
        )
        seen += "".join(listing.product.name_zh for listing in page.listings)
        assert sum(found.count for found in page.counts) == 4
        if (after := page.after) is None:
            break
    assert seen == names


@pytest.mark.parametrize(
    ("facets", "names"),
    [
        (Facets(grade=1), "丙甲"),
        (Facets(grade=2), "丁丙乙甲"),
        (Facets(price_from_fen=90_000, price_upto_fen=95_000), "乙甲"),
        (Facets(price_upto_fen=89_999), "丁"),
        (Facets(cost_upto_fen=6050), "丙"),  # 110 kWh at 0.55 yuan
        (Facets(cost_upto_fen=6049), ""),
        (Facets(subsidy_from_fen=1), "丙甲"),
        (Facets(subsidy_from_fen=10_001), "丙"),
    ],
)
def test_the_zone_is_bounded_by_grade_price_running_cost_and_subsidy(session, today, shelf, facets, names):
    page = browse(session, COUNTY, today, zone=True, subsidy=a_tenth, facets=facets, count=Counted.found)
    assert "".join(listing.product.name_zh for listing in page.listings) == names
    assert sum(found.count for found in page.counts) == len(names)


def test_counts_are_of_every_category_whatever_category_is_shown(session, today, shelf):
    for category, names in (("washer", "丙乙甲"), ("range_hood", "丁"), ("tv", "")):
        page = browse(session, COUNTY, today, zone=True, category=category, count=Counted.found)
        assert "".join(listing.product.name_zh for listing in page.listings) == names
        counted = {found.code: found.count for found in page.counts if found.count}
        assert counted == {"washer": 3, "range_hood": 1}
        assert len(page.counts) == len(categories(session))
