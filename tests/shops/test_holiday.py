from datetime import date, time, timedelta

import pytest

from market.catalog.queries import for_sale
from market.inventory.on_offer import with_others
from market.kernel.clock import at, local_date
from market.kernel.errors import Refused
from market.shops.holiday import end_holiday, plan_holiday, turn_holiday
from market.shops.models import ShopState
from tests.builders.catalog import a_listing
from tests.builders.shops import a_shop, an_owner

WORDS = "回乡过年，初八开门"


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


def rest(session, shop, first, last, now, words=WORDS):
    return plan_holiday(session, shop.id, an_owner(session, shop).id, first, last, words, now)


def test_a_holiday_from_today_shows_the_goods_and_sells_none(session, shop, now):
    listing = a_listing(session, shop, now)
    today = local_date(now)
    rest(session, shop, today, today, now)
    assert (shop.state, shop.state_reason) == (ShopState.holiday, WORDS)
    assert with_others(session, listing.id).own.listing == listing
    assert for_sale(session, listing.id) is None


@pytest.mark.parametrize("late", [timedelta(), timedelta(hours=23)])
def test_a_planned_holiday_begins_and_ends_at_midnight(session, shop, now, late):
    first = local_date(now) + timedelta(days=3)
    rest(session, shop, first, first + timedelta(days=1), now)
    begins, ends = at(first, time()), at(first + timedelta(days=2), time())
    turn_holiday(session, shop.id, begins - timedelta(minutes=1))
    assert shop.state is ShopState.open
    for _ in range(2):
        turn_holiday(session, shop.id, begins + late)
    assert shop.state is ShopState.holiday
    turn_holiday(session, shop.id, ends - timedelta(minutes=1))
    assert shop.state is ShopState.holiday
    for _ in range(2):
        turn_holiday(session, shop.id, ends + late)
    assert (shop.state, shop.state_reason, shop.holiday_until) == (ShopState.open, None, None)


def test_a_holiday_that_passed_while_nobody_looked_is_over(session, shop, now):
    first = local_date(now) + timedelta(days=1)
    rest(session, shop, first, first, now)
    turn_holiday(session, shop.id, now + timedelta(days=5))
    assert (shop.state, shop.holiday_from) == (ShopState.open, None)


def test_a_shop_ends_its_holiday_itself_and_twice_is_once(session, shop, now):
    today = local_date(now)
    rest(session, shop, today, today + timedelta(days=9), now)
    for _ in range(2):
        end_holiday(session, shop.id, an_owner(session, shop).id, now)
    assert (shop.state, shop.holiday_until) == (ShopState.open, None)


@pytest.mark.parametrize(("first", "last"), [(-2, -1), (3, 2), (0, 60)])
def test_days_that_are_past_crossed_or_too_many_are_refused(session, shop, now, first, last):
    today = local_date(now)
    with pytest.raises(Refused, match=r"shops\.holiday_days"):
        rest(session, shop, today + timedelta(days=first), today + timedelta(days=last), now)
    assert (shop.state, shop.holiday_from) == (ShopState.open, None)


def test_a_suspended_shop_takes_no_holiday(session, shop, now):
    shop.state, shop.state_reason = ShopState.suspended, "检查"
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        rest(session, shop, date(2026, 12, 1), date(2026, 12, 2), now)
    assert shop.holiday_from is None
