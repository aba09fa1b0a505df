"""What helps a shop: what sells, what comes back and why, and how often its things are looked at."""

import itertools
from datetime import date, datetime, timedelta

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.aftersales.request_return import request_return
from market.catalog.models import Listing
from market.catalog.views import TALLY, ListingViews, keep_views
from market.insights.rules import columns
from market.insights.shop_figures import REFUSED, figures, first_monday
from market.kernel import clock, tally
from market.kernel.ids import new_id
from market.orders.models import Fulfillment, PaymentMethod
from market.people.models import Account
from market.shops.models import Shop
from tests.builders.aftersales import a_delivered_washer, a_faulty_wish
from tests.builders.catalog import a_listing
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser

PERSON = {"User-Agent": "Mozilla/5.0 (Linux; Android 9; JKM-AL00) AppleWebKit/537.36 Mobile Safari/537.36"}


def views_today(valkey: redis.Redis, listing: Listing) -> int:
    today = clock.local_date(clock.now())
    told = {key.decode(): int(times) for key, times in valkey.hgetall(f"tally:{TALLY}:{today}").items()}
    return told.get(str(listing.id), 0)


def kept(session: Session, listing: Listing) -> dict[date, int]:
    found = session.scalars(
        select(ListingViews)
        .where(ListingViews.listing_id == listing.id)
        .execution_options(populate_existing=True)
    )
    return {row.day: row.views for row in found}


@pytest.fixture
def washer(session: Session, shop: Shop, now: datetime) -> Listing:
    return a_listing(session, shop, now)


def test_what_is_sold_counts_by_the_week_of_the_order(
    session: Session, shop: Shop, washer: Listing, now: datetime
) -> None:
    monday = clock.at(date(2026, 11, 23), datetime.min.time())
    for number, (at, pieces) in enumerate(((monday, 2), (monday - timedelta(seconds=1), 1))):
        an_order(session, an_account(session, now), [(washer, pieces)], at, key=f"k{number}")
    found = figures(session, shop.id, now)
    assert [(week.monday, week.pieces, week.goods_fen) for week in found.weeks[-2:]] == [
        (date(2026, 11, 16), 1, 259_900),
        (date(2026, 11, 23), 2, 519_800),
    ]
    assert (len(found.weeks), found.pieces, found.goods_fen) == (12, 3, 779_700)
    assert [(item.listing_id, item.pieces, item.goods_fen) for item in found.items] == [
        (washer.id, 3, 779_700)
    ]


def test_what_is_unpaid_undone_old_or_another_shops_is_not_sold(
    session: Session, shop: Shop, washer: Listing, now: datetime
) -> None:
    other = a_listing(session, a_shop(session, now, name="远山家电"), now)
    before = clock.at(first_monday(now), datetime.min.time()) - timedelta(seconds=1)
    an_order(session, an_account(session, now), [(other, 1)], now, key="other")
    an_order(session, an_account(session, now), [(washer, 1)], before, key="old")
    an_order(session, an_account(session, now), [(washer, 1)], now, method=PaymentMethod.stripe, key="open")
    undone = an_order(session, an_account(session, now), [(washer, 1)], now, key="undone")
    undone.shop_orders[0].state = Fulfillment.canceled
    session.flush()
    assert figures(session, shop.id, now).pieces == 0


def test_what_comes_back_is_told_with_its_reason(session: Session, now: datetime) -> None:
    buyer = an_account(session, now)
    order = a_delivered_washer(session, buyer, now)
    (line,) = order.shop_orders[0].lines
    request_return(session, buyer.id, line.id, a_faulty_wish(), now)
    found = figures(session, order.shop_orders[0].shop_id, now)
    assert (found.back, found.items[0].title) == ({"fault": 1}, line.snapshot["title"])


def test_what_was_refused_at_the_door_came_back_too(
    session: Session, shop: Shop, washer: Listing, now: datetime
) -> None:
    order = an_order(session, an_account(session, now), [(washer, 2)], now)
    order.shop_orders[0].state = Fulfillment.returned_to_hub
    session.flush()
    assert (figures(session, shop.id, now).back, figures(session, shop.id, now).pieces) == ({REFUSED: 2}, 0)


def test_a_look_at_a_listing_counts_for_a_visitor_and_for_nobody_else(
    session: Session, client: Browser, valkey: redis.Redis, shop: Shop, washer: Listing, now: datetime
) -> None:
    path = f"/listing/{washer.id}"
    for agent in ("Googlebot/2.1", "curl/8.5", "python-requests/2", "HeadlessChrome/131", ""):
        client.get(path, headers={"User-Agent": agent})
    client.get(path, headers=PERSON | {"Sec-Purpose": "prefetch"})
    client.head(path, headers=PERSON)
    client.get(f"/listing/{new_id()}", headers=PERSON)
    assert views_today(valkey, washer) == 0
    client.get(path, headers=PERSON)
    client.become(an_account(session, now))
    client.get(path, headers=PERSON)
    assert views_today(valkey, washer) == 2
    client.become(a_clerk(session, shop, now))
    client.get(path, headers=PERSON)
    assert views_today(valkey, washer) == 2
    assert {key.decode() for key in valkey.scan_iter("tally:*")} == {
        f"tally:views:{clock.local_date(clock.now())}"
    }


def test_the_page_shows_while_valkey_is_gone(
    client: Browser, washer: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: object) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(tally, "count", gone)
    assert client.get(f"/listing/{washer.id}", headers=PERSON).status_code == 200


def test_counts_read_off_twice_late_or_after_a_loss_are_never_counted_double(
    session: Session, washer: Listing
) -> None:
    day = date(2026, 11, 23)
    for told in (3, 3, 5, 1, 5):
        keep_views(session, day, {str(washer.id): told, str(new_id()): 9, "nonsense": 1})
    keep_views(session, day + timedelta(days=1), {str(washer.id): 2})
    assert kept(session, washer) == {day: 5, day + timedelta(days=1): 2}


def test_a_day_without_a_worker_loses_no_view(valkey: redis.Redis, washer: Listing, session: Session) -> None:
    day = date(2026, 11, 22)
    for _ in range(4):
        tally.count(valkey, TALLY, day, str(washer.id))
    with redis.Redis(**valkey.get_connection_kwargs() | {"decode_responses": True}) as reader:
        for counted_day, counts in tally.counted(reader, TALLY, day + timedelta(days=1)):
            keep_views(session, counted_day, counts)
    assert kept(session, washer) == {day: 4}


def test_views_and_sales_stand_side_by_side(
    session: Session, shop: Shop, washer: Listing, now: datetime
) -> None:
    keep_views(session, date(2026, 11, 20), {str(washer.id): 30})
    an_order(session, an_account(session, now), [(washer, 2)], now)
    (item,) = figures(session, shop.id, now).items
    assert (item.views, item.pieces, item.sold_per_mille) == (30, 2, 66)


def test_the_page_tells_the_same_in_a_drawing_and_in_a_table(
    session: Session, client: Browser, clerk: Account, washer: Listing
) -> None:
    now = clock.now()
    keep_views(session, clock.local_date(now), {str(washer.id): 40})
    an_order(session, an_account(session, now), [(washer, 2)], now)
    page = client.get("/shop/figures").text
    assert page.count("<rect") == 13
    for part in ("¥5,198.00", "40 次", "5.0", "看结算", "看补贴缺什么"):
        assert part in page
    assert 'style="' not in page


def test_a_new_shop_reads_that_there_is_nothing_yet(client: Browser, clerk: Account) -> None:
    page = client.get("/shop/figures")
    assert (page.status_code, "还没有人看过" in page.text) == (200, True)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=60))
def test_columns_stay_in_the_drawing_and_none_that_sold_is_invisible(amounts: list[int]) -> None:
    drawn = columns(amounts, 600, 120)
    assert [bool(column.height) for column in drawn] == [amount > 0 for amount in amounts]
    assert all(it.x >= 0 and it.x + it.width <= 600 and it.y + it.height == 120 for it in drawn)
    assert max(it.height for it in drawn) == (120 if any(amounts) else 0)
    assert all(left.x + left.width <= right.x for left, right in itertools.pairwise(drawn))
