"""Points take things in up to what they have room for, and the truck empties them."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from market.collection import audit, queries
from market.collection.bring import book, drop_off, lapse, route, take_in
from market.collection.close_point import DATE_OVER, close_point, end, reopen_point
from market.collection.empty import empty_nearly_full, plan_emptying
from market.collection.events import PointEnds
from market.collection.keep_point import edit_point
from market.collection.models import PointItem, PointRoom, Transfer
from market.collection.states import ItemState, PointState, TransferState, Why
from market.collection.transfers import reassign, transfer_collected
from market.delivery.models import Job, JobState
from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.models import Notice
from market.places.rules import Position
from market.recycling.suspend import suspend
from tests.builders.collection import a_draft, a_point
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import a_recycler

COUNTY = "610924"
HERE = Position(32.59, 108.46)
WIDE = ["phone", "fridge", "battery"]


@pytest.fixture
def villager(session, now):
    return an_account(session, now)


@pytest.fixture
def keeper(session, now):
    return an_account(session, now, name="收货人")


@pytest.fixture
def point(session, now):
    return a_point(session, now)


@pytest.fixture
def recycler(session, now):
    found = a_recycler(session, now)
    found.scope = WIDE
    session.flush()
    return found


def units(session, point, kind):
    return session.get_one(PointRoom, (point.id, kind), populate_existing=True).load_units


def load(session, point):
    session.refresh(point)
    return point.load_cm3


def jobs(session):
    return session.scalars(select(Job).where(Job.reference.startswith("hand_on:")).order_by(Job.id)).all()


def refused(code, act, *args):
    with pytest.raises(Refused) as caught:
        act(*args)
    assert caught.value.code == code


def test_a_booking_takes_room_and_the_keeper_scans_it_in_once(session, point, villager, keeper, now):
    item = book(session, point, villager.id, "phone", now)
    assert (load(session, point), units(session, point, "phone")) == (1_200, 1)
    assert drop_off(session, point, keeper.id, f" {item.code.lower()} ", now).state is ItemState.held
    later = now + timedelta(minutes=5)
    assert drop_off(session, point, keeper.id, item.code, later).held_at == now
    assert (load(session, point), units(session, point, "phone")) == (1_200, 1)
    assert list(audit.breaks(session)) == []


def test_the_eleventh_phone_is_refused_and_takes_nothing(session, point, keeper, now):
    for _ in range(10):
        take_in(session, point, keeper.id, "phone", "", now)
    refused("collection.full", take_in, session, point, keeper.id, "phone", "", now)
    assert (load(session, point), units(session, point, "phone")) == (12_000, 10)


def test_what_does_not_fit_by_volume_is_refused_though_its_kind_has_room(session, keeper, now):
    point = a_point(session, now, capacity_cm3=1_000_000)
    take_in(session, point, keeper.id, "fridge", "", now)
    refused("collection.full", take_in, session, point, keeper.id, "fridge", "", now)
    assert (load(session, point), units(session, point, "fridge")) == (700_000, 1)


def test_a_kind_it_does_not_take_is_refused(session, point, keeper, now):
    refused("collection.kind", take_in, session, point, keeper.id, "washer", "", now)
    refused("recycling.category_not_taken", take_in, session, point, keeper.id, "car", "", now)
    assert load(session, point) == 0


def test_a_point_takes_in_from_its_first_minute_to_its_last(session, point, keeper):
    before = datetime(2026, 10, 31, 23, 59, tzinfo=SHANGHAI)
    after = datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI)
    refused("collection.not_open", take_in, session, point, keeper.id, "phone", "", before)
    refused("collection.not_open", take_in, session, point, keeper.id, "phone", "", after)
    take_in(session, point, keeper.id, "phone", "", before + timedelta(minutes=1))
    take_in(session, point, keeper.id, "phone", "", after - timedelta(minutes=1))
    assert units(session, point, "phone") == 2


def test_one_label_is_taken_in_once(session, point, keeper, now):
    take_in(session, point, keeper.id, "phone", "h-7k3m-9qxd", now)
    refused("collection.brought_already", take_in, session, point, keeper.id, "phone", "H-7K3M-9QXD", now)
    assert (load(session, point), units(session, point, "phone")) == (1_200, 1)


def test_a_code_of_another_point_is_not_known_here(session, point, villager, keeper, now):
    other = a_point(session, now, name="蒿坪镇收集点")
    item = book(session, other, villager.id, "phone", now)
    refused("collection.code", drop_off, session, point, keeper.id, item.code, now)
    assert item.state is ItemState.booked


def test_the_nearest_with_room_is_booked_and_then_the_next(session, villager, now):
    near = a_point(session, now, name="近", units={"fridge": 1})
    far = a_point(session, now, name="远", lat=32.52, lon=108.53)
    closed = a_point(session, now, name="关", lat=32.5901)
    close_point(session, COUNTY, closed.id, "修路", now)
    first, second = (route(session, COUNTY, villager.id, "fridge", HERE, now) for _ in range(2))
    assert (first.point_id, second.point_id) == (near.id, far.id)
    found = queries.nearest_open(session, COUNTY, "phone", HERE, now)
    assert [it.id for it, _ in found] == [far.id]
    route(session, COUNTY, villager.id, "fridge", HERE, now)
    refused("collection.no_point", route, session, COUNTY, villager.id, "fridge", HERE, now)


def test_a_booking_lapses_at_its_minute_and_not_before(session, point, villager, now):
    item = book(session, point, villager.id, "phone", now)
    lapse(session, item.id, now + timedelta(days=7) - timedelta(minutes=1))
    assert item.state is ItemState.booked
    lapse(session, item.id, now + timedelta(days=7))
    lapse(session, item.id, now + timedelta(days=8))
    assert (item.state, load(session, point), units(session, point, "phone")) == (ItemState.lapsed, 0, 0)
    assert session.scalars(select(Notice.kind)).all() == ["collection.lapsed"]


def test_a_lapsed_code_is_refused_by_the_keeper(session, point, villager, keeper, now):
    item = book(session, point, villager.id, "phone", now)
    lapse(session, item.id, now + timedelta(days=8))
    refused("collection.code", drop_off, session, point, keeper.id, item.code, now + timedelta(days=8))
    assert load(session, point) == 0


def test_eighty_percent_alarms_once_and_asks_for_the_truck(session, point, keeper, recycler, now):
    an_operator(session, now)
    for n in range(8):
        assert (point.alarmed_at is None) is True, n
        take_in(session, point, keeper.id, "phone", "", now)
        session.refresh(point)
    assert point.alarmed_at == now
    for _ in range(2):
        empty_nearly_full(session, point.id, now)
    assert session.scalars(select(Notice.kind)).all() == ["collection.nearly_full"]
    (job,) = jobs(session)
    assert (job.kind, job.state, job.party) == ("collect", JobState.ready, "county")
    assert (job.weight_grams, job.volume_cm3, job.items) == (1_600, 9_600, [["phone", 8]])
    assert (job.lat, job.lon) == (point.lat, point.lon)


def test_the_load_goes_off_when_the_courier_has_it_and_not_before(session, point, keeper, recycler, now):
    take_in(session, point, keeper.id, "fridge", "", now)
    take_in(session, point, keeper.id, "fridge", "", now)
    (made,) = plan_emptying(session, point.id, Why.asked, now)
    assert plan_emptying(session, point.id, Why.asked, now) == []
    assert (load(session, point), made.units, made.recycler_id) == (1_400_000, 2, recycler.id)
    for _ in range(2):
        transfer_collected(session, f"hand_on:{made.id}", now)
    assert (load(session, point), units(session, point, "fridge"), point.alarmed_at) == (0, 0, None)
    assert (made.state, made.collected_at) == (TransferState.collected, now)
    assert {item.state for item in made.items} == {ItemState.gone}


def test_the_job_of_another_room_is_none_of_a_points_business(session, now):
    transfer_collected(session, "shop_order:1", now)
    assert [*session.new, *session.dirty] == []


def test_what_nobody_is_licensed_for_stays_until_somebody_is(session, point, keeper, now):
    take_in(session, point, keeper.id, "battery", "", now)
    assert plan_emptying(session, point.id, Why.asked, now) == []
    a_recycler(session, now).scope = WIDE
    session.flush()
    assert len(plan_emptying(session, point.id, Why.asked, now)) == 1


def test_a_point_closes_at_the_midnight_after_its_last_day(session, point, villager, keeper, recycler, now):
    held = take_in(session, point, keeper.id, "phone", "", now)
    booked = book(session, point, villager.id, "fridge", now)
    over = datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI)
    timer = session.scalars(select(OutboxRow).where(OutboxRow.kind == PointEnds.kind)).one()
    assert timer.due_at == over
    end(session, point.id, over - timedelta(minutes=1))
    assert point.state is PointState.open
    end(session, point.id, over)
    assert (point.state, point.closed_reason) == (PointState.closing, DATE_OVER)
    assert (booked.state, held.state, point.load_cm3) == (ItemState.lapsed, ItemState.awaiting_truck, 1_200)
    made = session.scalars(select(Transfer)).one()
    assert made.why is Why.closing
    transfer_collected(session, f"hand_on:{made.id}", over + timedelta(days=1))
    assert (point.state, point.load_cm3) == (PointState.closed, 0)
    assert list(audit.breaks(session)) == []


def test_with_the_worker_dead_for_a_day_nothing_comes_in_meanwhile(session, point, keeper, now):
    late = datetime(2027, 1, 2, 0, 0, tzinfo=SHANGHAI)
    refused("collection.not_open", take_in, session, point, keeper.id, "phone", "", late)
    end(session, point.id, late)
    end(session, point.id, late)
    assert point.state is PointState.closed


def test_a_prolonged_point_does_not_close_on_the_old_date(session, point, now):
    edit_point(session, COUNTY, point.id, a_draft(closes_on=date(2027, 1, 31)), "", None, now)
    end(session, point.id, datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI))
    assert point.state is PointState.open
    end(session, point.id, datetime(2027, 2, 1, 0, 0, tzinfo=SHANGHAI))
    assert point.state is PointState.closed


def test_a_closed_point_may_open_again(session, point, keeper, now):
    close_point(session, COUNTY, point.id, "修路", now)
    refused("collection.dates", reopen_point, session, COUNTY, point.id, date(2026, 11, 22), now)
    reopen_point(session, COUNTY, point.id, date(2026, 12, 1), now)
    take_in(session, point, keeper.id, "phone", "", now)
    assert (point.state, point.closed_reason) == (PointState.open, None)


def test_room_cannot_become_less_than_what_is_there(session, point, keeper, now):
    take_in(session, point, keeper.id, "phone", "", now)
    take_in(session, point, keeper.id, "phone", "", now)
    one = a_draft(units={"phone": 1})
    refused("collection.above", edit_point, session, COUNTY, point.id, one, "", None, now)
    assert session.get_one(PointRoom, (point.id, "phone")).capacity_units == 10


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"closes_on": date(2026, 11, 22)}, "collection.dates"),
        ({"township_code": "610728101"}, "collection.township"),
        ({"capacity_cm3": 0}, "collection.capacity"),
        ({"units": {"phone": 0}}, "collection.capacity"),
        ({"units": {"car": 1}}, "collection.capacity"),
    ],
)
def test_a_point_that_cannot_be_is_refused(session, point, now, change, code):
    draft = replace(a_draft(), **change)
    refused(code, edit_point, session, COUNTY, point.id, draft, "", None, now)
    session.refresh(point)
    assert (point.closes_on, point.capacity_cm3) == (date(2026, 12, 31), 2_000_000)


def test_another_countys_point_is_not_found(session, point, now):
    with pytest.raises(NotFound):
        close_point(session, "610728", point.id, "修路", now)


def test_a_suspended_recyclers_transfers_go_to_another(session, point, keeper, recycler, now):
    operator, other = an_operator(session, now), a_recycler(session, now, name="另一家")
    other.scope = WIDE
    take_in(session, point, keeper.id, "phone", "", now)
    (made,) = plan_emptying(session, point.id, Why.asked, now)
    first, second = (recycler, other) if made.recycler_id == recycler.id else (other, recycler)
    suspend(session, COUNTY, operator.id, first.id, "私自拆解", now)
    reassign(session, first.id, now)
    assert (made.recycler_id, made.state) == (second.id, TransferState.planned)
    suspend(session, COUNTY, operator.id, second.id, "私自拆解", now)
    reassign(session, second.id, now)
    assert made.state is TransferState.canceled
    assert (jobs(session)[0].state, load(session, point)) == (JobState.canceled, 1_200)
    assert session.scalars(select(PointItem.state)).all() == [ItemState.held]
    assert list(audit.breaks(session)) == []


def test_the_audit_says_a_load_that_its_items_do_not_bear_out(session, point, keeper, now):
    take_in(session, point, keeper.id, "phone", "", now)
    point.load_cm3 = 5_000
    session.flush()
    assert list(audit.breaks(session)) == ["point 焕古镇收集点: load 5000 cm3, its items 1200 cm3"]
    assert session.scalar(select(func.count()).select_from(Transfer)) == 0
