"""Mass balance: received = resold + dismantled + returned + stock, whatever everybody does; and it shows."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from market.kernel.errors import NotFound, Refused
from market.recycling import custody, custody_audit, hand_on, handover
from market.recycling.answer_trade_in import accept_reoffer, decline_reoffer
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.custody_models import CustodyEvent, Device
from market.recycling.held import party_of
from market.recycling.mass_balance import Balance, Mass, balance_of, by_recycler, on_the_way, total
from market.recycling.models import DeviceGrade
from market.recycling.parties import Party, Role
from market.recycling.settle_trade_in import give_back
from market.recycling.states import TradeInState
from market.recycling.trade_in import open_trade_in, trade_in_collected
from tests.builders.custody import a_dismantler, a_taken_over_fridge, to_the_dismantler, to_the_recycler
from tests.builders.delivery import a_courier
from tests.builders.people import an_operator
from tests.builders.recycling import a_photo, price_tables

COUNTY = "610924"
PHOTO = a_photo()
masses = st.builds(Mass, st.integers(0, 99), st.integers(0, 9_999_999), st.integers(0, 9))


@given(st.lists(st.builds(Balance, masses, masses, masses, masses, masses)))
def test_a_total_is_the_sum_of_its_parts(parts):
    whole = total(parts)
    assert whole.received.grams == sum(part.received.grams for part in parts)
    assert whole.accounted.count == sum(part.accounted.count for part in parts)


def test_one_of_each_end_is_accounted_for(session, consumer, recycler, clerk, now):
    sold, scrapped, kept = (a_taken_over_fridge(session, consumer, recycler, clerk, now) for _ in range(3))
    hand_on.grade(session, recycler, clerk.id, sold.id, DeviceGrade.b, now)
    hand_on.resell(session, recycler, clerk.id, sold.id, "SN-1", 100_00, 3, now)
    hand_on.grade(session, recycler, clerk.id, scrapped.id, DeviceGrade.scrap, now)
    to_the_dismantler(session, recycler, clerk, [scrapped.id], now)
    found = balance_of(session, recycler.id)
    assert found.received == Mass(3, 184_500)
    assert (found.resold, found.dismantled, found.stock) == (Mass(1, 61_500),) * 3
    assert (found.returned, found.holds, kept.state.value) == (Mass(), True, "confirmed")


def test_what_is_not_weighed_yet_counts_and_weighs_nothing(session, consumer, recycler, now):
    price_tables(session)
    old = open_trade_in(session, consumer.id, COUNTY, "order:1", "fridge", 9, True, True, now)
    trade_in_collected(session, f"trade_in:{old.id}", now, a_courier(session, now).id)
    assert on_the_way(session, COUNTY) == {Role.courier: 1}
    to_the_recycler(session, old, recycler, now)
    found = balance_of(session, recycler.id)
    assert (found.received, found.stock, found.holds) == (Mass(1, 0, 1), Mass(1, 0, 1), True)
    assert on_the_way(session, COUNTY) == {}


@pytest.mark.parametrize("fault", ["lost", "lighter", "appeared"])
def test_a_planted_fault_shows(session, consumer, recycler, clerk, now, fault):
    old = a_taken_over_fridge(session, consumer, recycler, clerk, now)
    changes = {
        "lost": {"holder": "hub:610924"},
        "lighter": {"weight_grams": 40_000},
        "appeared": {"holder": f"recycler:{recycler.id}"},
    }
    if fault == "appeared":
        other = open_trade_in(session, consumer.id, COUNTY, "order:9", "fridge", 9, True, True, now)
        session.execute(update(Device).where(Device.id == other.id).values(changes[fault]))
        known = "received 1 things of 61500 g, accounted for are 2 of 61500 g"
    else:
        session.execute(update(Device).where(Device.id == old.id).values(changes[fault]))
        left = "0 of 0 g" if fault == "lost" else "1 of 40000 g"
        known = f"received 1 things of 61500 g, accounted for are {left}"
    session.expire_all()
    breaks = list(custody_audit.breaks(session))
    assert f"recycler {recycler.licence_number}: {known}" in breaks
    assert len(breaks) == 2
    assert not balance_of(session, recycler.id).holds


def test_a_row_that_was_changed_breaks_the_chain_of_a_trade_in(session, consumer, recycler, clerk, now):
    old = a_taken_over_fridge(session, consumer, recycler, clerk, now)
    row = session.get_one(CustodyEvent, (old.id, 2))
    session.expunge(row)
    row.by = "somebody"
    events = list(custody.trail(session, old.id))
    events[2] = row
    assert custody.broken_at(events) == 2


def _worse(session, recycler, clerk, old, now):
    assess_trade_in(session, recycler, clerk.id, old.id, 60_000, 3, ["not_working"], "", PHOTO, now)


def _back_to_the_hub(session, recycler, clerk, old, now):
    hub = Party(Role.hub, COUNTY)
    offered = handover.offer(session, party_of(recycler), clerk.id, COUNTY, hub, [old.id], now)
    handover.take(session, an_operator(session, now).id, offered.code, now)


MOVES = {
    "collect": lambda s, r, c, o, n: trade_in_collected(s, f"trade_in:{o.id}", n),
    "to_recycler": lambda s, r, c, o, n: to_the_recycler(s, o, r, n),
    "as_told": lambda s, r, c, o, n: assess_trade_in(s, r, c.id, o.id, 61_000, 3, [], "", None, n),
    "worse": _worse,
    "accept": lambda s, r, c, o, n: accept_reoffer(s, o.account_id, o.id, n),
    "decline": lambda s, r, c, o, n: decline_reoffer(s, o.account_id, o.id, n),
    "back_to_hub": _back_to_the_hub,
    "give_back": lambda s, r, c, o, n: give_back(s, COUNTY, o.id, n),
    "grade": lambda s, r, c, o, n: hand_on.grade(s, r, c.id, o.id, DeviceGrade.c, n),
    "scrap": lambda s, r, c, o, n: hand_on.grade(s, r, c.id, o.id, DeviceGrade.scrap, n),
    "resell": lambda s, r, c, o, n: hand_on.resell(s, r, c.id, o.id, f"SN-{o.code}", 100_00, 3, n),
    "dismantle": lambda s, r, c, o, n: to_the_dismantler(s, r, c, [o.id], n),
}
ROAD = ("collect", "to_recycler", "as_told", "grade", "resell")


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(sorted(MOVES)) | st.sampled_from(ROAD)), max_size=40
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_moves_keep_the_mass_balance(session, consumer, recycler, clerk, now, moves):
    price_tables(session)
    a_dismantler(session, now)
    whole = session.begin_nested()
    things = [
        open_trade_in(session, consumer.id, COUNTY, f"order:{n}", "fridge", 3, True, True, now)
        for n in range(3)
    ]
    for minute, (number, name) in enumerate(moves):
        step = session.begin_nested()
        try:
            MOVES[name](session, recycler, clerk, things[number], now + timedelta(minutes=minute))
            step.commit()
        except (Refused, NotFound):
            step.rollback()
        session.expire_all()
    assert list(custody_audit.breaks(session)) == []
    ((_, found),) = by_recycler(session, COUNTY)
    ended = [it.state for it in things]
    assert found.holds
    assert found.resold.count == ended.count(TradeInState.resold)
    assert found.dismantled.count == ended.count(TradeInState.dismantled)
    whole.rollback()
    session.expire_all()
