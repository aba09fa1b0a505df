"""Scans come twice, late and in any order; the order ends where they say, and its clock asks on."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market.recycling import audit, clocks, custody, parcel, send_in
from market.recycling.carrier import SIMULATED, Scan, SimulatedCarrier
from market.recycling.parcel_models import ScanKind
from market.recycling.states import RecyclingState as S
from tests.builders.mail_in import a_campaign, a_quoted_phone
from tests.builders.recycling import a_labelled_phone, timers

K = ScanKind
STORY = (K.picked_up, K.at_depot, K.departed, K.lost, K.out_for_delivery, K.delivered)


@pytest.fixture
def booked(session, consumer, recycler, now):
    order = a_labelled_phone(session, consumer, now)
    parcel.book_parcel(session, SIMULATED, order.id, now)
    return order


def story(now):
    return [Scan(f"e{n}", kind, "县转运中心", now + timedelta(hours=n)) for n, kind in enumerate(STORY)]


def test_the_label_asks_for_its_number_and_gets_one_once(session, consumer, recycler, now):
    order = a_labelled_phone(session, consumer, now)
    assert timers(session, order)["recycling.parcel_wanted"] == now
    for _ in range(2):
        parcel.book_parcel(session, SIMULATED, order.id, now)
    assert parcel.parcel_of(session, order.id).number == SimulatedCarrier().book(order.code, 1)


def test_who_posts_before_the_carrier_answered_gets_the_number_all_the_same(session, consumer, recycler, now):
    order = a_labelled_phone(session, consumer, now)
    send_in.mark_posted(session, consumer.id, order.id, "", now)
    parcel.book_parcel(session, SIMULATED, order.id, now + timedelta(minutes=1))
    number = parcel.parcel_of(session, order.id).number
    assert (order.tracking_number, parcel.parcel_of(session, order.id).handed_over_at) == (number, now)


def test_a_booked_pick_up_sets_out_by_the_carriers_word_alone(session, consumer, booked, now):
    day = now.date() + timedelta(days=1)
    send_in.book_pickup(session, consumer.id, booked.id, day, now)
    comes_at = parcel.comes_at(day)
    assert timers(session, booked)["recycling.parcel_check_due"] == comes_at
    parcel.follow(session, SIMULATED, booked.id, comes_at - timedelta(minutes=1))
    assert booked.state is S.awaiting_pickup
    for _ in range(2):
        parcel.follow(session, SIMULATED, booked.id, comes_at)
    assert (booked.state, booked.tracking_number) == (
        S.in_transit, parcel.parcel_of(session, booked.id).number,
    )  # fmt: skip
    assert [scan.kind for scan in parcel.scans(session, booked.id)] == [K.picked_up]


def test_with_the_worker_dead_for_a_day_one_look_brings_the_whole_road(session, consumer, booked, now):
    send_in.mark_posted(session, consumer.id, booked.id, "", now)
    parcel.follow(session, SIMULATED, booked.id, now + timedelta(days=1))
    assert [scan.kind for scan in parcel.scans(session, booked.id)] == [
        K.picked_up, K.at_depot, K.departed, K.out_for_delivery, K.delivered,
    ]  # fmt: skip
    assert booked.state is S.in_transit  # until the recycler has weighed it


def test_the_simulated_carrier_reports_a_departure_late_and_repeats_itself(session, consumer, booked, now):
    send_in.mark_posted(session, consumer.id, booked.id, "", now)
    seen = []
    for minute in (0, 2, 4, 6, 8, 10):
        parcel.follow(session, SIMULATED, booked.id, now + timedelta(minutes=minute))
        seen.append(len(parcel.scans(session, booked.id)))
    assert seen == [1, 2, 2, 3, 4, 5]


def test_what_the_carrier_lost_and_found_again_is_on_its_way(session, consumer, booked, now):
    parts = story(now)
    parcel.take_scans(session, booked, parts[:4], now + timedelta(hours=9))
    assert booked.state is S.lost_in_transit
    parcel.take_scans(session, booked, parts[4:], now + timedelta(hours=10))
    assert booked.state is S.in_transit


def test_old_scans_do_not_bring_back_what_the_clock_gave_up(session, consumer, booked, now):
    parcel.take_scans(session, booked, story(now)[:2], now)
    clocks.miss_parcel(session, booked.id, now + timedelta(days=15))
    parcel.take_scans(session, booked, story(now)[:3], now + timedelta(days=16))
    assert booked.state is S.lost_in_transit


@given(st.permutations(list(range(len(STORY)))), st.lists(st.integers(0, len(STORY) - 1), max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_any_repetition_end_the_same(session, consumer, booked, now, order_of, repeated):
    savepoint = session.begin_nested()
    parts = story(now)
    for step, which in enumerate([*order_of, *repeated]):
        parcel.take_scans(session, booked, [parts[which]], now + timedelta(days=1, minutes=step))
    assert [scan.event_id for scan in parcel.scans(session, booked.id)] == [f"e{n}" for n in range(6)]
    assert booked.state is S.in_transit
    assert custody.broken_at(custody.trail(session, booked.id)) is None
    savepoint.rollback()
    session.expire_all()


def test_a_parcel_of_another_carrier_is_not_followed(session, consumer, booked, now):
    send_in.mark_posted(session, consumer.id, booked.id, "SF1234567890", now)
    assert "recycling.parcel_check_due" not in timers(session, booked)
    parcel.follow(session, SIMULATED, booked.id, now + timedelta(days=1))
    assert parcel.scans(session, booked.id) == []


def test_the_scan_commits_the_freight_that_the_label_held(session, consumer, recycler, now):
    campaign = a_campaign(session, now)
    order = a_quoted_phone(session, consumer, now)
    send_in.accept_quote(session, consumer.id, order.id, now)
    parcel.book_parcel(session, SIMULATED, order.id, now)
    parcel.take_scans(session, order, story(now)[:1], now)
    session.refresh(campaign)
    assert (campaign.held_fen, campaign.committed_fen) == (0, 800)
    assert list(audit.breaks(session)) == []
