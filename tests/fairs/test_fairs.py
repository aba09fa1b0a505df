"""Fairs and vans: goods are set aside, sold on the spot, and the rest goes back by itself."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit
from market.catalog.models import Listing
from market.fairs.models import Fair, FairGoods, FairKind, FairState
from market.fairs.plan_fair import FairDraft, cancel_fair, end_fair, plan_fair
from market.fairs.queries import NEAR_AS_JSON, coming, near_stops, near_values, next_near
from market.fairs.rules import StopDraft, are_in_order
from market.fairs.take_part import arrive, bring
from market.fairs.visit import buy, count_visitor, entry_of
from market.inventory.queries import left
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.notices.models import Notice
from market.orders.checkout import Choices
from market.orders.models import Order, PaymentMethod, Place
from market.orders.quote import Options, price_entries
from market.people.models import Account
from market.shops.models import Shop
from tests.builders.catalog import a_listing
from tests.builders.fairs import NEIGHBOR, TOWNSHIP, VILLAGE, a_fair, a_stop
from tests.builders.life import COUNTY, at_once, react
from tests.builders.people import an_account, an_address
from tests.builders.places import a_region
from tests.builders.shops import a_clerk, a_shop

DAY = timedelta(days=1)


@pytest.fixture
def shop(session: Session, now: datetime) -> Shop:
    return a_shop(session, now)


@pytest.fixture
def washer(session: Session, shop: Shop, now: datetime) -> Listing:
    """Ten pieces at 2,599 yuan."""
    return a_listing(session, shop, now)


@pytest.fixture
def fair(session: Session, now: datetime) -> Fair:
    """Tomorrow at this hour, for three hours."""
    return a_fair(session, now)


@pytest.fixture
def goods(session: Session, fair: Fair, shop: Shop, washer: Listing, now: datetime) -> FairGoods:
    """Four washers of the ten."""
    found = bring(session, shop, fair.id, washer.id, 4, now)
    assert found is not None
    return found


def choices(session: Session, buyer: Account, goods: FairGoods, pieces: int, now: datetime) -> Choices:
    address = an_address(session, buyer, now)
    priced = price_entries(session, [entry_of(goods, pieces)], Options(COUNTY, buyer.id), now)
    return Choices(address.id, Place.door, PaymentMethod.cash, priced.payable_fen)


def bought(session: Session, goods: FairGoods, pieces: int, now: datetime) -> Order:
    buyer = an_account(session, now)
    return buy(session, buyer, goods.id, pieces, choices(session, buyer, goods, pieces, now), "key", now)


def breaks(session: Session, now: datetime) -> list[audit.Break]:
    session.flush()
    session.expire_all()
    return [row for row in audit.run(session, now) if row.book != "outbox"]


def test_what_is_set_aside_nobody_else_can_buy(session, goods, washer, now):
    assert left(session, [washer.id]) == {washer.id: 6}
    assert breaks(session, now) == []


def test_a_shop_brings_more_or_less_or_nothing(session, goods, fair, shop, washer, now):
    for pieces, rest in ((9, 1), (2, 8), (2, 8), (0, 10)):
        bring(session, shop, fair.id, washer.id, pieces, now)
        assert left(session, [washer.id]) == {washer.id: rest}
        assert breaks(session, now) == []
    assert session.scalars(select(FairGoods)).all() == []


@pytest.mark.parametrize(
    ("code", "pieces"), [("inventory.short", 11), ("fair.pieces", 100), ("fair.pieces", -1)]
)
def test_more_than_there_is_is_not_set_aside(session, fair, shop, washer, now, code, pieces):
    with pytest.raises(Refused, match=code):
        bring(session, shop, fair.id, washer.id, pieces, now)
    assert left(session, [washer.id]) == {washer.id: 10}


def test_what_is_another_countys_or_shops_is_not_found(session, fair, shop, washer, now):
    with pytest.raises(NotFound):
        bring(session, a_shop(session, now), fair.id, washer.id, 1, now)
    with pytest.raises(NotFound):
        bring(session, a_shop(session, now, county_code="610728"), fair.id, washer.id, 1, now)
    with pytest.raises(NotFound):
        cancel_fair(session, "610728", fair.id, "下雨", now)
    with pytest.raises(NotFound):
        arrive(session, shop, fair.id, now)


@pytest.mark.parametrize("late", [timedelta(0), DAY])
def test_what_was_not_sold_is_back_in_the_shop_once_the_last_stop_is_over(
    session, goods, fair, washer, now, late
):
    on = now + DAY
    bought(session, goods, 1, on)
    end_fair(session, fair.id, fair.ends_at - timedelta(minutes=1))
    assert fair.state is FairState.planned
    at = fair.ends_at + late
    for _ in range(2):
        react(session, at)
        end_fair(session, fair.id, at)
    assert (fair.state, left(session, [washer.id])) == (FairState.over, {washer.id: 9})
    assert breaks(session, at) == []


def test_a_sale_is_an_ordinary_order_of_what_is_there(session, goods, washer, now):
    on = now + DAY
    order = bought(session, goods, 3, on)
    assert (order.goods_fen, order.shop_orders[0].lines[0].quantity) == (779_700, 3)
    assert (goods.sold, goods.left, left(session, [washer.id])) == (3, 1, {washer.id: 6})
    with pytest.raises(Refused, match=r"fair\.short"):
        bought(session, goods, 2, on)
    bought(session, goods, 1, on)
    assert (goods.sold, goods.left) == (4, 0)
    assert breaks(session, on) == []


def test_one_key_is_one_order(session, goods, now):
    on, buyer = now + DAY, an_account(session, now)
    wish = choices(session, buyer, goods, 1, on)
    first = buy(session, buyer, goods.id, 1, wish, "key", on)
    assert buy(session, buyer, goods.id, 1, wish, "key", on).id == first.id
    assert goods.sold == 1


@pytest.mark.parametrize("minutes", [-1, 180])
def test_nothing_is_sold_before_or_after_the_hours(session, goods, now, minutes):
    at = now + DAY + timedelta(minutes=minutes)
    with pytest.raises(Refused, match="not_now"):
        bought(session, goods, 1, at)
    assert goods.sold == 0


def test_a_shop_cannot_take_back_what_was_sold(session, goods, fair, shop, washer, now):
    bought(session, goods, 2, now + DAY)
    with pytest.raises(Refused, match=r"fair\.sold"):
        bring(session, shop, fair.id, washer.id, 1, now + DAY)
    bring(session, shop, fair.id, washer.id, 2, now + DAY)
    assert (goods.left, left(session, [washer.id])) == (0, {washer.id: 8})


def test_a_fair_that_is_called_off_gives_all_back_and_tells_the_shops_once(
    session, goods, fair, shop, washer, now
):
    clerk = a_clerk(session, shop, now)
    with pytest.raises(Refused, match="reason"):
        cancel_fair(session, COUNTY, fair.id, " ", now)
    for _ in range(2):
        cancel_fair(session, COUNTY, fair.id, "下大雪封路", now)
    react(session, fair.ends_at)
    assert (fair.state, left(session, [washer.id])) == (FairState.canceled, {washer.id: 10})
    assert session.scalars(select(Notice.kind).where(Notice.account_id == clerk.id)).all() == [
        "fair.canceled"
    ]
    with pytest.raises(Refused, match="over"):
        bring(session, shop, fair.id, washer.id, 1, now)
    assert breaks(session, now) == []


def test_a_shop_says_it_is_there_once_from_two_hours_before(session, goods, fair, shop, now):
    early = now + DAY - timedelta(hours=2)
    with pytest.raises(Refused, match="not_now"):
        arrive(session, shop, fair.id, early - timedelta(minutes=1))
    arrive(session, shop, fair.id, early)
    arrive(session, shop, fair.id, early + timedelta(hours=1))
    session.refresh(fair)
    assert [row.arrived_at for row in fair.shops] == [early]


def test_visitors_are_counted_while_it_is_on_and_nobody_is_known(session, fair, now):
    stop = fair.stops[0]
    for at in (stop.starts_at - timedelta(minutes=1), stop.ends_at):
        with pytest.raises(Refused, match="not_now"):
            count_visitor(session, stop.id, at)
    for _ in range(3):
        count_visitor(session, stop.id, stop.starts_at)
    session.refresh(stop)
    assert stop.visitors == 3
    with pytest.raises(NotFound):
        count_visitor(session, fair.id, stop.starts_at)


@pytest.mark.parametrize(
    ("code", "stops"),
    [
        ("stops", ()),
        ("times", ((25, 25),)),
        ("times", ((24, 27), (26, 28))),
        ("times", ((-1, 2),)),
        ("times", ((24, 39),)),
        ("times", ((24 * 181, 24 * 181 + 1),)),
    ],
)
def test_what_cannot_be_planned(session, fair, now, code, stops):
    drafts = [
        StopDraft(VILLAGE, "村委会门口", now + timedelta(hours=first), now + timedelta(hours=last))
        for first, last in stops
    ]
    with pytest.raises(Refused, match=f"fair.{code}"):
        plan_fair(session, COUNTY, FairDraft(FairKind.van, "进村", drafts), now)
    assert session.scalars(select(Fair)).all() == [fair]


def test_a_region_of_another_county_is_none(session, fair, now):
    a_region(session, "610728100")
    with pytest.raises(Refused, match="region"):
        plan_fair(session, COUNTY, FairDraft(FairKind.fair, "展销", [a_stop(now, "610728100")]), now)


def test_a_van_may_go_on_in_the_minute_it_leaves(now: datetime) -> None:
    first = a_stop(now)
    second = a_stop(now, starts_at=first.ends_at, ends_at=first.ends_at + timedelta(hours=1))
    assert are_in_order([first, second], now)


def test_what_is_next_is_ones_own_village_then_the_township_then_the_county(session, now):
    far, near, own = a_stop(now, "610924100", 20), a_stop(now, NEIGHBOR, 30), a_stop(now, VILLAGE, 40)
    a_fair(session, now, far, near, own, kind=FairKind.van)
    canceled = a_fair(session, now, a_stop(now, VILLAGE, 2), title="不办了")
    cancel_fair(session, COUNTY, canceled.id, "下雪", now)
    day = local_date(now)

    def regions(code: str, limit: int = 3) -> list[str]:
        return [stop.region_code for stop in next_near(session, code, day, limit)]

    assert regions(VILLAGE) == [VILLAGE, NEIGHBOR, "610924100"]
    assert regions(TOWNSHIP) == [NEIGHBOR, VILLAGE, "610924100"]
    assert regions(COUNTY) == ["610924100", NEIGHBOR, VILLAGE]
    assert regions(VILLAGE, 1) == [VILLAGE]
    assert next_near(session, "610728", day) == []
    told = near_stops(session.scalar(select(NEAR_AS_JSON), near_values(VILLAGE, day)))
    assert [(it.id, it.title, it.kind, it.starts_at) for it in told] == [
        (it.id, "冬季展销", "van", it.starts_at) for it in next_near(session, VILLAGE, day, 2)
    ]
    assert near_stops(session.scalar(select(NEAR_AS_JSON), near_values("610728", day))) == []
    assert [stop.region_code for stop in coming(session, COUNTY, now + timedelta(hours=23))] == [
        NEIGHBOR,
        VILLAGE,
    ]


@pytest.mark.race
def test_of_six_who_want_the_last_two_on_the_van_two_have_them(fresh_engine, now):
    with Session(fresh_engine, expire_on_commit=False) as session:
        shop = a_shop(session, now)
        washer = a_listing(session, shop, now, stock=2)
        found = bring(session, shop, a_fair(session, now).id, washer.id, 2, now)
        on = now + DAY
        buyers = [an_account(session, now) for _ in range(6)]
        wishes = [choices(session, buyer, found, 1, on) for buyer in buyers]
        ids = [buyer.id for buyer in buyers]
        session.commit()

    def act(session, number):
        buyer = session.get_one(Account, ids[number])
        buy(session, buyer, found.id, 1, wishes[number], "key", on)

    assert at_once(fresh_engine, 6, act) == {"done": 2, "fair.short": 4}
    with Session(fresh_engine) as session:
        assert (session.get_one(FairGoods, found.id).left, len(session.scalars(select(Order)).all())) == (
            0,
            2,
        )
        assert breaks(session, on) == []
