"""How a thing may go: dangers close ways, and each danger still has a way and a place that take it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.errors import NotFound, Refused
from market.recycling import choose, send_in
from market.recycling.drop_off import drop_off_places
from market.recycling.rules import Safety
from market.recycling.states import RecyclingState as S
from market.recycling.ways import BATTERIES, Hazard, Way, asked, ways_for
from tests.builders.mail_in import SEAL, a_quoted_fridge, a_quoted_phone
from tests.builders.people import an_account, an_address
from tests.builders.places import a_station

dangers = st.sets(st.sampled_from(list(Hazard)))
SWOLLEN = Safety(False, True, False)
POWER_BANK = Safety(False, False, True)


@given(st.booleans(), dangers)
def test_no_danger_ever_goes_by_post(accepts_mail_in, found):
    ways = ways_for(accepts_mail_in, found)
    assert (Way.post in ways) == (accepts_mail_in and not found)


@pytest.mark.parametrize("hazard", list(Hazard))
def test_each_danger_alone_has_another_way(hazard):
    fetched = hazard in (Hazard.refrigerant, Hazard.gas_residue)
    assert ways_for(True, [hazard]) == ((Way.courier,) if fetched else (Way.carry,))


def test_the_questions_are_those_that_the_category_may_have():
    assert asked("phone") == BATTERIES
    assert asked("fridge") == (Hazard.refrigerant,)
    assert asked("gas_cooker") == (Hazard.gas_residue,)
    assert asked("washer") == ()


def test_a_fridge_is_fetched_and_neither_posted_nor_carried(session, consumer, recycler, now):
    order = a_quoted_fridge(session, consumer, now)
    assert choose.open_ways(session, order) == (Way.courier,)
    for way, code in ((Way.post, "refrigerant"), (Way.carry, "way")):
        with pytest.raises(Refused, match=code):
            choose.choose_way(session, consumer.id, order.id, way, now)
    assert order.way is None


def test_a_swollen_battery_is_carried_to_the_yard_alone(session, consumer, recycler, now):
    station = a_station(session)
    order = a_quoted_phone(session, consumer, now, SWOLLEN)
    assert [place.key for place in drop_off_places(session, order)] == [f"recycler:{recycler.id}"]
    who = (session, consumer.id, order.id)
    with pytest.raises(Refused, match="drop_off"):
        choose.choose_way(*who, Way.carry, now, drop_off=f"station:{station.id}")
    choose.choose_way(*who, Way.carry, now, drop_off=f"recycler:{recycler.id}")
    send_in.accept_quote(*who, now)
    assert (order.state, order.recycler_id) == (S.label_issued, recycler.id)
    send_in.mark_posted(*who, "", now)
    assert (order.state, order.tracking_number) == (S.in_transit, None)


def test_a_power_bank_may_be_left_at_a_village_station(session, consumer, recycler, now):
    station = a_station(session)
    order = a_quoted_phone(session, consumer, now, POWER_BANK)
    keys = [place.key for place in drop_off_places(session, order)]
    assert keys == [f"station:{station.id}", f"recycler:{recycler.id}"]


def test_the_courier_needs_one_of_her_own_addresses_in_the_county(session, consumer, recycler, now):
    order = a_quoted_phone(session, consumer, now)
    who = (session, consumer.id, order.id, Way.courier, now)
    strangers = an_address(session, an_account(session, now), now)
    elsewhere = an_address(session, consumer, now, "610728101200")
    with pytest.raises(Refused, match="address"):
        choose.choose_way(*who)
    with pytest.raises(Refused, match="address"):
        choose.choose_way(*who, address_id=elsewhere.id)
    with pytest.raises(NotFound):
        choose.choose_way(*who, address_id=strangers.id)
    assert order.way is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [(("", "信用社", "62170001"), "holder"), (("王秀英", " ", "62170001"), "bank"),
     (("王秀英", "信用社", "6217-abc"), "account_number")],
)  # fmt: skip
def test_a_bank_account_is_whole_or_refused(session, consumer, recycler, now, typed, code):
    order = a_quoted_phone(session, consumer, now)
    with pytest.raises(Refused, match=code):
        choose.choose_yuan(session, consumer.id, order.id, *typed, SEAL)
    assert order.payout is None


def test_nothing_is_chosen_any_more_once_the_quote_was_taken(session, consumer, recycler, now):
    order = a_quoted_phone(session, consumer, now)
    send_in.accept_quote(session, consumer.id, order.id, now)
    with pytest.raises(Refused, match="illegal_move"):
        choose.choose_way(session, consumer.id, order.id, Way.post, now)
    with pytest.raises(Refused, match="illegal_move"):
        choose.choose_points(session, consumer.id, order.id)
    assert (order.way, order.payout) == ("post", "points")
