"""Old things change hands: by a one-time code, signed by both ends, and only to who may have them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from market.credit import queries as credit
from market.credit.models import SubjectKind
from market.kernel.errors import NotFound, Refused
from market.recycling import custody, custody_audit, hand_on, handover, queries, wipe
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.custody_models import Device, Handover, HandoverLine, Resale
from market.recycling.held import party_of
from market.recycling.models import DeviceGrade, RecyclerState, WipeMethod
from market.recycling.parties import CONSUMER, Party, Role
from market.recycling.states import HandoverState
from market.recycling.trade_in import not_handed_in, open_trade_in, trade_in_collected
from tests.builders.custody import (
    a_dismantler,
    a_taken_over_fridge,
    staff_of,
    to_the_dismantler,
    to_the_recycler,
)
from tests.builders.delivery import a_courier
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import a_recycler, price_tables

COUNTY = "610924"
HUB = Party(Role.hub, COUNTY)


@pytest.fixture
def old(session, consumer, recycler, now):
    """A fridge that still stands at its owner's."""
    price_tables(session)
    return open_trade_in(session, consumer.id, COUNTY, "order:1", "fridge", 12, True, True, now)


@pytest.fixture
def graded(session, consumer, recycler, clerk, now):
    """A fridge that is scrap, at the recycler's."""
    fridge = a_taken_over_fridge(session, consumer, recycler, clerk, now)
    hand_on.grade(session, recycler, clerk.id, fridge.id, DeviceGrade.scrap, now, "雪岭")
    session.commit()
    return fridge


def shown(session, old, consumer, now):
    return handover.offer(session, CONSUMER, consumer.id, COUNTY, Party(Role.courier), [old.id], now)


def to_dismantle(session, recycler, clerk, dismantler, old, now):
    to = party_of(dismantler)
    return handover.offer(session, party_of(recycler), clerk.id, COUNTY, to, [old.id], now)


def holder(session, old):
    return session.get_one(Device, old.id).holder


def test_the_courier_takes_the_fridge_by_the_code_its_owner_shows(session, consumer, old, now):
    courier = a_courier(session, now)
    offered = shown(session, old, consumer, now)
    for _ in range(2):
        taken = handover.take(session, courier.account_id, offered.code.lower(), now)
    assert (taken.state, taken.taker) == (HandoverState.taken, f"courier:{courier.id}")
    assert (old.state.value, holder(session, old)) == ("collected", f"courier:{courier.id}")
    row = custody.trail(session, old.id)[-1]
    assert row.by == f"courier:{courier.account_id}"
    assert row.details == {"from": "consumer", "holder": f"courier:{courier.id}", "handover": str(offered.id)}
    trade_in_collected(session, f"trade_in:{old.id}", now, courier.id)
    assert len(custody.trail(session, old.id)) == 2


def test_without_signal_the_proof_at_the_door_signs(session, old, now):
    courier = a_courier(session, now)
    trade_in_collected(session, f"trade_in:{old.id}", now, courier.id)
    row = custody.trail(session, old.id)[-1]
    assert (row.details["signed_by"], row.details["holder"]) == ("proof", f"courier:{courier.id}")


def test_a_code_is_for_one_courier(session, consumer, old, now):
    first, second = a_courier(session, now), a_courier(session, now)
    offered = shown(session, old, consumer, now)
    handover.take(session, first.account_id, offered.code, now)
    with pytest.raises(Refused, match="handover_taken"):
        handover.take(session, second.account_id, offered.code, now)
    assert holder(session, old) == f"courier:{first.id}"


def test_another_countys_courier_and_a_villager_take_nothing(session, consumer, old, now):
    offered = shown(session, old, consumer, now)
    for account_id in (a_courier(session, now, "610728").account_id, consumer.id):
        with pytest.raises(Refused, match="not_for_you"):
            handover.take(session, account_id, offered.code, now)
    with pytest.raises(Refused, match="code_unknown"):
        handover.take(session, consumer.id, "Q-2222-2222", now)
    assert (old.state.value, holder(session, old)) == ("awaiting_pickup", "consumer")


def test_a_code_is_good_for_a_day_to_the_minute(session, consumer, old, now):
    courier = a_courier(session, now)
    offered = shown(session, old, consumer, now)
    with pytest.raises(Refused, match="handover_over"):
        handover.take(session, courier.account_id, offered.code, now + timedelta(hours=24))
    assert old.state.value == "awaiting_pickup"
    handover.take(session, courier.account_id, offered.code, now + timedelta(hours=24, minutes=-1))
    assert old.state.value == "collected"


def test_what_was_offered_and_lapsed_may_be_offered_again(session, consumer, old, now):
    courier = a_courier(session, now)
    stale = shown(session, old, consumer, now)
    with pytest.raises(Refused, match="offered_already"):
        shown(session, old, consumer, now + timedelta(hours=23))
    later = now + timedelta(hours=25)
    fresh = shown(session, old, consumer, later)
    with pytest.raises(Refused, match="handover_over"):
        handover.take(session, courier.account_id, stale.code, later)
    handover.take(session, courier.account_id, fresh.code, later)
    assert old.state.value == "collected"


def test_an_offer_that_was_withdrawn_gives_nothing(session, consumer, old, now):
    courier = a_courier(session, now)
    offered = shown(session, old, consumer, now)
    with pytest.raises(NotFound):
        handover.withdraw(session, HUB, offered.id, now)
    handover.withdraw(session, CONSUMER, offered.id, now)
    with pytest.raises(Refused, match="handover_over"):
        handover.take(session, courier.account_id, offered.code, now)
    assert holder(session, old) == "consumer"


def test_nobody_gives_what_another_holds(session, consumer, old, now):
    with pytest.raises(NotFound):
        shown(session, old, an_account(session, now), now)
    with pytest.raises(NotFound):
        handover.offer(session, HUB, consumer.id, COUNTY, Party(Role.recycler), [old.id], now)
    with pytest.raises(NotFound):
        handover.offer(session, CONSUMER, consumer.id, COUNTY, HUB, [old.id], now)
    with pytest.raises(Refused, match="nothing_chosen"):
        handover.offer(session, CONSUMER, consumer.id, COUNTY, Party(Role.courier), [], now)
    assert session.scalar(select(func.count()).select_from(Handover)) == 0


def test_the_recycler_weighs_only_what_was_handed_to_it(session, consumer, recycler, clerk, old, now):
    trade_in_collected(session, f"trade_in:{old.id}", now, a_courier(session, now).id)
    weigh = (session, recycler, clerk.id, old.id, 61_500, 12, [], "", None, now)
    with pytest.raises(Refused, match="not_handed_over"):
        assess_trade_in(*weigh)
    to_the_recycler(session, old, recycler, now)
    assert assess_trade_in(*weigh).state.value == "confirmed"
    givers = [row.details.get("from") for row in custody.trail(session, old.id) if "holder" in row.details]
    assert [giver.partition(":")[0] for giver in givers] == ["consumer", "courier", "hub"]
    assert custody.broken_at(custody.trail(session, old.id)) is None


def test_a_fridge_goes_to_the_dismantler_with_a_numbered_manifest(session, recycler, clerk, graded, now):
    manifest = to_the_dismantler(session, recycler, clerk, [graded.id], now)
    assert manifest.number.startswith("LD-")
    line = session.scalars(select(HandoverLine).where(HandoverLine.handover_id == manifest.id)).one()
    assert (line.device_id, line.weight_grams) == (graded.id, 61_500)
    assert graded.state.value == "dismantled"
    assert custody.trail(session, graded.id)[-1].details["manifest"] == manifest.number
    assert list(custody_audit.breaks(session)) == []


@pytest.mark.parametrize("lapse", ["suspended", "expired", "not yet", "out of scope"])
def test_nothing_goes_to_who_has_no_licence_for_it(session, recycler, clerk, graded, now, lapse):
    dismantler = a_dismantler(session, now)
    offered = to_dismantle(session, recycler, clerk, dismantler, graded, now)
    if lapse == "suspended":
        dismantler.state = RecyclerState.suspended
    elif lapse == "expired":
        dismantler.valid_to = (now - timedelta(days=1)).date()
    elif lapse == "not yet":
        dismantler.valid_from = (now + timedelta(days=1)).date()
    else:
        dismantler.scope = ["phone"]
    session.commit()
    with pytest.raises(Refused, match="not_licensed"):
        handover.take(session, staff_of(session, dismantler), offered.code, now)
    session.rollback()
    handover.withdraw(session, party_of(recycler), offered.id, now)
    with pytest.raises(Refused, match="not_licensed"):
        to_dismantle(session, recycler, clerk, dismantler, graded, now)
    assert (graded.state.value, holder(session, graded)) == ("graded", f"recycler:{recycler.id}")


def test_the_hub_gives_nothing_to_a_suspended_recycler(session, recycler, old, now):
    trade_in_collected(session, f"trade_in:{old.id}", now)
    recycler.state = RecyclerState.suspended
    session.flush()
    with pytest.raises(Refused, match="not_licensed"):
        to_the_recycler(session, old, recycler, now)
    assert holder(session, old) == f"hub:{COUNTY}"


def test_what_is_not_graded_is_not_dismantled_and_a_collector_does_not_dismantle(
    session, consumer, recycler, clerk, now
):
    fridge = a_taken_over_fridge(session, consumer, recycler, clerk, now)
    with pytest.raises(Refused, match="not_ready"):
        to_dismantle(session, recycler, clerk, a_dismantler(session, now), fridge, now)
    neighbor = a_recycler(session, now, name="另一家")
    with pytest.raises(NotFound):
        to_dismantle(session, recycler, clerk, neighbor, fridge, now)


def test_a_traded_in_tv_is_wiped_before_it_is_graded(session, consumer, recycler, clerk, now):
    recycler.scope = [*recycler.scope, "tv"]
    price_tables(session)
    tv = open_trade_in(session, consumer.id, COUNTY, "order:2", "tv", 5, True, True, now)
    trade_in_collected(session, f"trade_in:{tv.id}", now)
    to_the_recycler(session, tv, recycler, now)
    assess_trade_in(session, recycler, clerk.id, tv.id, 14_000, 5, [], "", None, now)
    with pytest.raises(Refused, match="not_wiped"):
        hand_on.grade(session, recycler, clerk.id, tv.id, DeviceGrade.b, now)
    wipe.report_failed_wipe(session, recycler, clerk.id, tv.id, now)
    wipe.certify_wipe(session, recycler, clerk.id, tv.id, "TV-9", WipeMethod.block_erase, "抽读", now)
    changes = credit.changes(session, SubjectKind.recycler, recycler.id)
    assert sorted(change.event.kind for change in changes) == ["wipe_failed", "wipe_verified"]
    hand_on.grade(session, recycler, clerk.id, tv.id, DeviceGrade.b, now, "云雀")
    with pytest.raises(Refused, match="serial_differs"):
        hand_on.resell(session, recycler, clerk.id, tv.id, "TV-8", 200_00, 3, now)
    sold = hand_on.resell(session, recycler, clerk.id, tv.id, "TV-9", 200_00, 3, now)
    assert (sold.grade, sold.weight_grams, sold.recycler_id) == (DeviceGrade.b, 14_000, recycler.id)
    assert queries.certificate(session, tv.id).standard == "GB 46864-2025"
    assert (tv.state.value, holder(session, tv)) == ("resold", "buyer")


@pytest.mark.parametrize(
    ("serial", "price_fen", "months", "why"),
    [("", 1, 3, "serial"), ("SN-1", 0, 3, "sale_price"), ("SN-1", 1, 2, "warranty")],
)
def test_a_sale_that_is_not_whole_is_refused(
    session, consumer, recycler, clerk, now, serial, price_fen, months, why
):
    fridge = a_taken_over_fridge(session, consumer, recycler, clerk, now)
    hand_on.grade(session, recycler, clerk.id, fridge.id, DeviceGrade.c, now)
    with pytest.raises(Refused, match=why):
        hand_on.resell(session, recycler, clerk.id, fridge.id, serial, price_fen, months, now)
    assert fridge.state.value == "graded"
    assert session.scalar(select(func.count()).select_from(Resale)) == 0


def test_a_recalled_serial_is_not_sold_again(session, consumer, recycler, clerk, now, monkeypatch):
    fridge = a_taken_over_fridge(session, consumer, recycler, clerk, now)
    hand_on.grade(session, recycler, clerk.id, fridge.id, DeviceGrade.c, now)
    monkeypatch.setattr(hand_on, "is_recalled", lambda _, serial: serial == "SN-BAD")
    with pytest.raises(Refused, match=r"recycling\.recalled"):
        hand_on.resell(session, recycler, clerk.id, fridge.id, "SN-BAD", 100_00, 3, now)
    assert fridge.state.value == "graded"


def test_what_is_offered_to_the_dismantler_is_not_sold_meanwhile(session, consumer, recycler, clerk, now):
    fridge = a_taken_over_fridge(session, consumer, recycler, clerk, now)
    hand_on.grade(session, recycler, clerk.id, fridge.id, DeviceGrade.c, now)
    offered = to_dismantle(session, recycler, clerk, a_dismantler(session, now), fridge, now)
    with pytest.raises(Refused, match="offered_already"):
        hand_on.resell(session, recycler, clerk.id, fridge.id, "SN-1", 100_00, 3, now)
    handover.withdraw(session, party_of(recycler), offered.id, now)
    hand_on.resell(session, recycler, clerk.id, fridge.id, "SN-1", 100_00, 3, now)
    assert fridge.state.value == "resold"


@pytest.mark.parametrize("statement", ["UPDATE handovers SET taker = 'hub'", "DELETE FROM handover_lines",
                                       "DELETE FROM custody_events", "DELETE FROM handovers"])  # fmt: skip
def test_what_both_ends_signed_is_kept_as_written(session, recycler, clerk, graded, now, statement):
    to_the_dismantler(session, recycler, clerk, [graded.id], now)
    with pytest.raises(DatabaseError, match="kept as written"):
        session.execute(text(statement))


def test_what_was_not_handed_in_at_the_first_trip_may_be_handed_over_at_the_next(session, consumer, old, now):
    not_handed_in(session, f"trade_in:{old.id}", now)
    courier = a_courier(session, now)
    handover.take(session, courier.account_id, shown(session, old, consumer, now).code, now)
    assert (old.state.value, old.worth_fen) == ("collected", None)


def test_the_operator_behind_the_hub_signs_for_a_whole_truck(session, consumer, recycler, now):
    price_tables(session)
    courier, operator = a_courier(session, now), an_operator(session, now)
    truck = Party(Role.courier, str(courier.id))
    load = []
    for number in range(3):
        old = open_trade_in(session, consumer.id, COUNTY, f"order:{number}", "fridge", 9, True, True, now)
        trade_in_collected(session, f"trade_in:{old.id}", now, courier.id)
        load.append(old)
    offered = handover.offer(session, truck, courier.account_id, COUNTY, HUB, [it.id for it in load], now)
    handover.take(session, operator.id, offered.code, now)
    assert {holder(session, it) for it in load} == {f"hub:{COUNTY}"}
