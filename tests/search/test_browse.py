from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import case, event, literal, select

from market.catalog.edit_listing import set_state
from market.catalog.evidence import ZoneMembership, ZoneReason
from market.catalog.models import ListingState
from market.catalog.queries import categories
from market.kernel.clock import local_date
from market.search.browse import FALLING, Facets, Order, of_category, shelves, zone
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label, an_offer_draft
from tests.builders.shops import a_shop

COUNTY = "610924"


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


@pytest.fixture
def today(now) -> date:
    return local_date(now)


def ids(page):
    return [card.id for card in page.cards]


def on_shelves(session, today):
    every, beside = shelves(session, COUNTY, today, select(literal(7)).scalar_subquery())
    assert beside == 7
    return every


def names_of(page):
    return "".join(card.name_zh for card in page.cards)


def named(session, shop, now, name, price_fen=100_000, category="washer", **product):
    offer = an_offer_draft(list_price_fen=price_fen, price_fen=price_fen)
    draft = a_product_draft(name_zh=name, **product)
    return a_listing(session, shop, now, category=category, product=draft, offer=offer, stock=0)


def test_only_what_is_for_sale_in_the_county_is_found(session, now, shop, today):
    shown = named(session, shop, now, "甲")
    paused = named(session, shop, now, "乙")
    set_state(session, shop.id, paused.id, ListingState.paused, now)
    named(session, a_shop(session, now, "610728", "镇巴家电"), now, "丙")
    assert ids(of_category(session, COUNTY, today, "washer").page) == [shown.id]
    assert [it.code for it in on_shelves(session, today) if it.is_sold] == ["washer"]


@pytest.mark.parametrize(
    ("grade", "valid_days", "admitted"), [(1, 0, True), (2, 30, True), (3, 30, False), (1, -1, False)]
)
def test_the_zone_shows_what_is_proven_green_today(session, now, shop, today, grade, valid_days, admitted):
    listing = named(session, shop, now, "甲")
    named(session, shop, now, "没有标识")
    a_verified_label(session, listing, now, grade=grade, expires_on=today + timedelta(days=valid_days))
    assert ids(zone(session, COUNTY, today)) == ([listing.id] if admitted else [])


@pytest.mark.parametrize("order", [Order.newest, Order.price_up, Order.price_down])
def test_pages_show_everything_once_in_order(session, now, shop, today, order):
    made = [named(session, shop, now, f"{n}", price) for n, price in enumerate((300, 100, 200, 100, 100))]
    seen, after = [], None
    while True:
        page = of_category(session, COUNTY, today, "washer", order=order, after=after, limit=2).page
        seen += ids(page)
        if (after := page.after) is None:
            break
    by_id = sorted(made, key=lambda listing: listing.id, reverse=order in FALLING)
    by_price = sorted(by_id, key=lambda listing: listing.price_fen, reverse=order in FALLING)
    assert seen == [it.id for it in (by_id if order is Order.newest else by_price)]


@pytest.mark.parametrize("after", ["", "x", "9:9", "1:2:3", "-1:018f0000-0000-7000-8000-000000000000"])
def test_a_strange_cursor_starts_from_the_beginning(session, now, shop, today, after):
    listing = in_zone(session, shop, now, "甲")
    for order in Order:
        assert ids(of_category(session, COUNTY, today, "washer", order=order, after=after).page) == [
            listing.id
        ]
        assert ids(zone(session, COUNTY, today, order=order, after=after)) == [listing.id]


def test_a_page_takes_one_statement_however_long(session, now, shop, today):
    for n in range(5):
        a_verified_label(session, named(session, shop, now, f"{n}"), now)
    session.expunge_all()
    statements = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
    for look in (
        lambda: of_category(session, COUNTY, today, "washer").page,
        lambda: zone(session, COUNTY, today),
    ):
        statements.clear()
        page = look()
        shown = [(it.shop_name, it.category_code, it.grade, it.kind, it.shops) for it in page.cards]
        assert shown == [("青禾电器行", "washer", 1, "energy", 1)] * 5
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
        page = zone(session, COUNTY, today, subsidy=a_tenth, order=order, after=after, limit=1)
        seen += names_of(page)
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
    page = zone(session, COUNTY, today, subsidy=a_tenth, facets=facets)
    assert names_of(page) == names
    assert sum(found.count for found in page.counts) == len(names)


def test_counts_are_of_every_category_whatever_category_is_shown(session, today, shelf):
    for category, names in (("washer", "丙乙甲"), ("range_hood", "丁"), ("tv", "")):
        page = zone(session, COUNTY, today, category=category)
        assert names_of(page) == names
        counted = {found.code: found.count for found in page.counts if found.count}
        assert counted == {"washer": 3, "range_hood": 1}
        assert len(page.counts) == len(categories(session))


def test_a_category_that_is_none_is_not_found_and_an_empty_one_is(session, now, shop, today):
    named(session, shop, now, "甲")
    assert of_category(session, COUNTY, today, "typewriter") is None
    found = of_category(session, COUNTY, today, "tv")
    assert (found.name_zh, found.page.cards, found.page.after) == ("电视机", [], None)


def test_a_shelf_has_the_newest_of_its_category_that_is_green_today(session, now, shop, today):
    in_zone(session, shop, now, "甲")
    newest = in_zone(session, shop, now, "乙")
    named(session, shop, now, "丙")
    in_zone(session, shop, now, "丁", category="range_hood")
    by_code = {it.code: it for it in on_shelves(session, today)}
    assert by_code["washer"].newest.id == newest.id
    assert by_code["range_hood"].newest.name_zh == "丁"
    assert (by_code["tv"].is_sold, by_code["tv"].newest) == (False, None)


def test_who_leaves_the_zone_leaves_the_shelf_at_once(session, now, shop, today):
    listing = in_zone(session, shop, now, "甲")
    stay = session.scalars(select(ZoneMembership)).one()
    stay.last_day = today - timedelta(days=1)
    session.flush()
    assert ids(zone(session, COUNTY, today)) == []
    stay.last_day = None
    session.flush()
    assert ids(zone(session, COUNTY, today)) == [listing.id]
    stay.until, stay.reason = now, ZoneReason.recalled
    session.flush()
    assert ids(zone(session, COUNTY, today)) == []
    assert {it.code: it.newest for it in on_shelves(session, today)}["washer"] is None
    assert ids(of_category(session, COUNTY, today, "washer").page) == [listing.id]
