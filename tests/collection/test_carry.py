"""A thing that is sent in is carried to a point or a station: room, signatures, and the scale at the end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from market.collection import arrive, audit, carry
from market.collection.bring import drop_off, lapse, take_in
from market.collection.empty import plan_emptying
from market.collection.models import PointItem
from market.collection.rules import differs, kinds_of
from market.collection.states import ItemState, TransferState, Why
from market.collection.transfers import transfer_collected
from market.kernel import clock
from market.kernel.errors import NotFound, Refused
from market.notices.models import Notice
from market.places.rules import Position
from market.recycling import carried, clocks, custody, custody_audit, send_in
from market.recycling.custody_models import Device
from market.recycling.parties import Party, Role
from market.recycling.receive import receive
from market.recycling.rules import Safety
from market.recycling.states import RecyclingState as S
from market.recycling.ways import Way
from tests.builders.collection import a_point
from tests.builders.delivery import a_courier
from tests.builders.mail_in import a_quoted_phone
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_station
from tests.builders.recycling import a_photo, a_recycler, a_recycler_clerk
from tests.builders.stations import a_keeper

HERE = Position(32.59, 108.46)
SWOLLEN = Safety(False, True, False)


@pytest.fixture
def villager(session, now):
    return an_account(session, now)


@pytest.fixture
def recycler(session, now):
    return a_recycler(session, now)


@pytest.fixture
def clerk(session, recycler, now):
    return a_recycler_clerk(session, recycler, now)


@pytest.fixture
def keeper(session, now):
    return an_account(session, now, name="收货人")


@pytest.fixture
def point(session, now):
    return a_point(session, now)


@pytest.fixture
def booked(session, villager, recycler, point, now):
    """A phone whose room is kept at the point, with its label."""
    order = a_quoted_phone(session, villager, now)
    carry.carry_to_point(session, villager.id, order.id, point.id, HERE, now)
    send_in.accept_quote(session, villager.id, order.id, now)
    return order


def holder(session, order):
    return session.get_one(Device, order.id).holder


def load(session, point):
    session.refresh(point)
    return point.load_cm3


def test_a_point_is_chosen_and_booked_in_one_step(session, villager, recycler, point, now):
    order = a_quoted_phone(session, villager, now)
    item = carry.carry_to_point(session, villager.id, order.id, point.id, HERE, now)
    again = carry.carry_to_point(session, villager.id, order.id, point.id, HERE, now)
    assert (order.way, order.drop_off, again) == (Way.carry, f"point:{point.id}", item)
    assert (item.brought_code, item.state, load(session, point)) == (order.code, ItemState.booked, 1_200)
    assert carry.place_of(session, order).name == "焕古镇收集点"


def test_another_point_gives_the_first_one_its_room_back(session, villager, recycler, point, now):
    order = a_quoted_phone(session, villager, now)
    other = a_point(session, now, name="蒿坪镇收集点", lat=32.6)
    carry.carry_to_point(session, villager.id, order.id, point.id, HERE, now)
    carry.carry_to_point(session, villager.id, order.id, other.id, HERE, now)
    assert (load(session, point), load(session, other)) == (0, 1_200)
    carry.give_up(session, order.code, now)
    assert (load(session, other), carry.booking(session, order.code)) == (0, None)
    assert list(audit.breaks(session)) == []


def test_a_full_point_is_neither_offered_nor_booked(session, villager, recycler, point, keeper, now):
    order = a_quoted_phone(session, villager, now)
    for _ in range(10):
        take_in(session, point, keeper.id, "phone", "", now)
    assert carry.points_for(session, order, HERE, now) == []
    with pytest.raises(Refused, match="full"):
        carry.carry_to_point(session, villager.id, order.id, point.id, HERE, now)
    assert (order.way, load(session, point)) == (None, 12_000)


def test_a_swollen_battery_needs_a_point_with_a_fire_box(session, villager, recycler, point, now):
    bare = a_point(session, now, name="没有电池箱", units={"phone": 10})
    order = a_quoted_phone(session, villager, now, SWOLLEN)
    assert [it.id for it, _ in carry.points_for(session, order, HERE, now)] == [point.id]
    with pytest.raises(Refused, match="full"):
        carry.carry_to_point(session, villager.id, order.id, bare.id, HERE, now)
    assert kinds_of("fridge", ["refrigerant"]) == ("fridge",)


def test_another_persons_order_is_not_found(session, recycler, point, booked, now):
    stranger = an_account(session, now)
    with pytest.raises(NotFound):
        carry.carry_to_point(session, stranger.id, booked.id, point.id, HERE, now)


def test_the_keeper_signs_by_the_label_and_it_stands_there_by_custody(session, point, booked, keeper, now):
    for _ in range(2):
        item = drop_off(session, point, keeper.id, booked.code.lower(), now)
    assert (item.state, booked.state) == (ItemState.held, S.in_transit)
    row = custody.trail(session, booked.id)[-1]
    assert (row.by, row.details["holder"]) == (f"keeper:{keeper.id}", f"point:{point.id}")
    assert row.details["signed_in"] == "焕古镇收集点"
    assert custody.broken_at(custody.trail(session, booked.id)) is None


def test_a_booking_that_lapsed_is_taken_in_all_the_same(session, point, booked, keeper, now):
    item = session.scalars(select(PointItem)).one()
    lapse(session, item.id, now + timedelta(days=7))
    assert item.state is ItemState.lapsed
    other = take_in(session, point, keeper.id, "phone", booked.code, now + timedelta(days=7))
    assert (other.state, booked.state) == (ItemState.held, S.in_transit)


def test_a_thing_that_was_called_off_is_not_taken_in(session, villager, point, booked, keeper, now):
    send_in.withdraw(session, villager.id, booked.id, now)
    for act in (lambda: drop_off(session, point, keeper.id, booked.code, now),
                lambda: take_in(session, point, keeper.id, "phone", booked.code, now)):  # fmt: skip
        with pytest.raises(Refused, match="not_carried"):
            act()
    assert session.scalars(select(PointItem.state)).all() == [ItemState.booked]


def test_what_stands_at_a_point_is_not_lost_however_long_the_worker_is_dead(
    session, point, booked, keeper, now
):
    drop_off(session, point, keeper.id, booked.code, now)
    clocks.miss_parcel(session, booked.id, now + timedelta(days=60))
    assert booked.state is S.in_transit


@pytest.fixture
def collected(session, point, booked, keeper, now):
    """The truck has it."""
    drop_off(session, point, keeper.id, booked.code, now)
    (made,) = plan_emptying(session, point.id, Why.asked, now)
    courier = a_courier(session, now)
    for _ in range(2):
        transfer_collected(session, f"hand_on:{made.id}", now, courier.id)
    assert holder(session, booked) == f"courier:{courier.id}"
    return made


def test_the_recycler_signs_for_a_transfer_and_then_for_each_thing(
    session, recycler, clerk, collected, booked, now
):
    grams = collected.weight_grams
    for _ in range(2):
        arrive.sign_transfer(session, recycler, clerk.id, collected.id, 1, grams + 10, now)
    assert (collected.state, collected.differs) == (TransferState.signed, False)
    assert holder(session, booked) == f"recycler:{recycler.id}"
    receive(session, recycler, clerk.id, booked.id, 198, "F-1", a_photo(), now)
    givers = [row.details["from"].partition(":")[0] for row in custody.trail(session, booked.id)
              if "holder" in row.details]  # fmt: skip
    assert givers == ["consumer", "point", "courier"]
    assert list(custody_audit.breaks(session)) == []


def test_a_difference_is_the_countys_to_find_out(session, recycler, clerk, collected, booked, now):
    operator = an_operator(session, now)
    arrive.sign_transfer(session, recycler, clerk.id, collected.id, 0, 0, now)
    assert (collected.differs, holder(session, booked).partition(":")[0]) == (True, "courier")
    told = session.scalars(select(Notice.kind).where(Notice.account_id == operator.id)).all()
    assert told == ["collection.differs"]
    assert arrive.differences(session, "610924") == [collected]
    with pytest.raises(NotFound):
        arrive.explain(session, "610728", collected.id, "落在车上了", operator.id, now)
    with pytest.raises(Refused, match="words"):
        arrive.explain(session, "610924", collected.id, " ", operator.id, now)
    arrive.explain(session, "610924", collected.id, "落在车上了，下一车补到", operator.id, now)
    assert collected.explained == "落在车上了，下一车补到"


def test_nobody_signs_for_what_is_anothers_or_was_not_fetched(
    session, recycler, clerk, point, booked, keeper, now
):
    drop_off(session, point, keeper.id, booked.code, now)
    (made,) = plan_emptying(session, point.id, Why.asked, now)
    with pytest.raises(Refused, match="illegal_move"):
        arrive.sign_transfer(session, recycler, clerk.id, made.id, 1, 200, now)
    neighbor = a_recycler(session, now, name="另一家")
    with pytest.raises(NotFound):
        arrive.sign_transfer(session, neighbor, clerk.id, made.id, 1, 200, now)
    assert (made.state, made.found_units) == (TransferState.planned, None)


@given(st.integers(1, 100), st.integers(1, 10**6))
def test_thirty_per_cent_of_weight_is_no_difference_and_a_unit_is_one(units, grams):
    told = (units, grams)
    assert not differs(told, told)
    assert differs(told, (units - 1, grams))
    assert not differs(told, (units, grams + grams * 3 // 10))
    assert differs(told, (units, grams + grams * 3 // 10 + 1))


def test_a_station_signs_for_what_is_carried_to_it(session, villager, recycler, now):
    station, order = a_station(session), a_quoted_phone(session, villager, now)
    keeper = a_keeper(session, station, now)
    with pytest.raises(Refused, match="not_carried"):
        sign(session, order, station, keeper, now)
    assert order.state is S.quoted
    send_in.accept_quote(session, villager.id, order.id, now)
    for _ in range(2):
        sign(session, order, station, keeper, now)
    assert (order.state, holder(session, order)) == (S.in_transit, f"station:{station.id}")
    assert [it.code for it in carried.standing_at(session, Party(Role.station, str(station.id)))] == [
        order.code
    ]


def sign(session, order, station, keeper, now):
    place = Party(Role.station, str(station.id))
    carried.sign_in(session, order, place, station.name, keeper.id, now)


def test_the_pages_lead_from_the_choice_to_the_signatures(client, session):
    moment = clock.now()
    villager, keeper = an_account(session, moment), an_account(session, moment, name="收货人")
    today = clock.local_date(moment)
    dates = {"opens_on": today, "closes_on": today + timedelta(days=20)}
    point = a_point(session, moment, keeper.phone, **dates)
    recycler = a_recycler(session, moment)
    clerk, operator = a_recycler_clerk(session, recycler, moment), an_operator(session, moment)
    order = a_quoted_phone(session, villager, moment)
    session.commit()
    client.become(villager)
    assert "公里 · 焕古镇收集点（焕古镇老街 5 号）" in client.get(f"/recycle/{order.id}").text
    chosen = {"way": "carry", "drop_off": f"point:{point.id}"}
    assert client.submit(f"/recycle/{order.id}/way", chosen).status_code == 303
    assert client.submit(f"/recycle/{order.id}/accept", {"payout": "points"}).status_code == 303
    page = client.get(f"/recycle/{order.id}").text
    assert ("收货人扫码签收" in page, "我已经交了" in page) == (True, False)
    client.become(keeper)
    assert client.submit(f"/keeper/{point.id}/drop-off", {"code": order.code}).status_code == 303
    (made,) = plan_emptying(session, point.id, Why.asked, moment)
    transfer_collected(session, f"hand_on:{made.id}", moment, a_courier(session, moment).id)
    session.commit()
    client.become(clerk)
    assert made.number in client.get("/recycler/arrivals").text
    wrong = client.submit(f"/recycler/arrivals/{made.id}", {"units": "0", "weight_grams": "200"})
    assert (wrong.status_code, "一件没到就件数、重量都填 0" in wrong.text) == (422, True)
    sent = {"units": "2", "weight_grams": "200"}
    assert client.submit(f"/recycler/arrivals/{made.id}", sent).status_code == 303
    client.become(operator)
    assert "待查" in client.get("/county/collection-points").text
    told = client.submit(f"/county/collection-points/transfers/{made.id}", {"words": "多了一件没登记的"})
    assert told.status_code == 303
    assert "多了一件没登记的" in client.get("/county/collection-points").text
    client.become(villager)
    assert "送到焕古镇收集点，收货人签收" in client.get(f"/recycle/{order.id}").text


def test_the_station_page_takes_in_a_label_and_keeps_a_wrong_one(client, session):
    moment = clock.now()
    villager = an_account(session, moment)
    a_recycler(session, moment)
    station, order = a_station(session), a_quoted_phone(session, villager, moment)
    keeper = a_keeper(session, station, moment)
    send_in.accept_quote(session, villager.id, order.id, moment)
    session.commit()
    client.become(keeper)
    wrong = client.submit("/station/old-things", {"code": "H-2222-2222"})
    assert (wrong.status_code, 'value="H-2222-2222"' in wrong.text) == (422, True)
    assert client.submit("/station/old-things", {"code": order.code.lower()}).status_code == 303
    assert order.code in client.get("/station").text
