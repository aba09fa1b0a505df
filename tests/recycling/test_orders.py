"""A thing sent in by post: paid, re-offered, sent home, or stopped."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from market.credit import queries as credit
from market.credit.models import SubjectKind
from market.kernel.errors import NotFound, Refused
from market.notices.models import Notice
from market.points.queries import balance
from market.recycling import answer, audit, clocks, custody, hand_on, send_in, wipe
from market.recycling.assess import assess
from market.recycling.models import DeviceGrade, RecyclerState, WipeMethod
from market.recycling.pay_out import pay_out
from market.recycling.receive import hold_as_hazard, receive
from market.recycling.rules import Safety
from market.recycling.states import RecyclingState as S
from tests.builders.custody import to_the_dismantler
from tests.builders.people import an_account
from tests.builders.recycling import (
    SAFE,
    a_described_phone,
    a_labelled_phone,
    a_photo,
    a_recycler,
    timers,
)


@pytest.fixture
def received(session, consumer, recycler, clerk, now):
    """The phone of 382.50 yuan, at the recycler's."""
    order = a_labelled_phone(session, consumer, now)
    send_in.mark_posted(session, consumer.id, order.id, "SF1234567890", now)
    receive(session, recycler, clerk.id, order.id, 198, "F-0001", a_photo(), now)
    return order


@pytest.fixture
def reoffered(session, recycler, clerk, received, now):
    """The screen turned out to be cracked: 210.37 yuan are offered."""
    faults = ["battery_weak", "screen_broken"]
    assess(session, recycler, clerk.id, received.id, 2, faults, "", a_photo(), now)
    return received


def kinds(session, account):
    return [notice.kind for notice in session.scalars(select(Notice).where(Notice.account_id == account.id))]


def test_a_quote_names_its_price_and_the_day_it_ends(session, consumer, recycler, now):
    order = a_described_phone(session, consumer, now)
    valuation = send_in.quote(session, consumer.id, order.id, SAFE, now)
    assert (order.state, order.quote_fen, valuation.value_fen) == (S.quoted, 38_250, 38_250)
    assert order.valid_until == now + timedelta(days=7)
    assert timers(session, order) == {"recycling.quote_expires": order.valid_until}


def test_a_power_bank_is_priced_and_gets_no_label_for_the_post(session, consumer, recycler, now):
    order = a_described_phone(session, consumer, now)
    send_in.quote(session, consumer.id, order.id, Safety(False, False, True), now)
    with pytest.raises(Refused, match="power_bank"):
        send_in.accept_quote(session, consumer.id, order.id, now)
    session.expire_all()
    assert (order.state, order.quote_fen, order.hazards) == (S.quoted, 38_250, ["power_bank"])
    assert (order.label_until, order.recycler_id) == (None, None)


def test_what_nobody_prices_is_not_taken(session, consumer, now):
    a_described_phone(session, consumer, now)
    with pytest.raises(Refused, match="category_not_taken"):
        send_in.describe(session, consumer.id, "610924", "heat_pump", "雪岭 200", 9, [], now)


def test_a_quote_that_has_ended_is_not_taken(session, consumer, recycler, now):
    order = a_described_phone(session, consumer, now)
    send_in.quote(session, consumer.id, order.id, SAFE, now)
    with pytest.raises(Refused, match="quote_expired"):
        send_in.accept_quote(session, consumer.id, order.id, now + timedelta(days=7))
    assert order.state is S.quoted


@pytest.mark.parametrize("lapse", ["suspended", "licence over", "other county", "out of scope"])
def test_only_a_licensed_recycler_of_the_county_gets_a_label(session, consumer, recycler, now, lapse):
    order = a_described_phone(session, consumer, now)
    send_in.quote(session, consumer.id, order.id, SAFE, now)
    if lapse == "suspended":
        recycler.state = RecyclerState.suspended
    elif lapse == "licence over":
        recycler.valid_to = recycler.valid_from + timedelta(days=1)
    elif lapse == "out of scope":
        recycler.scope = ["fridge"]
    else:
        session.delete(recycler)
        a_recycler(session, now, county_code="610728")
    session.flush()
    with pytest.raises(Refused, match="no_recycler"):
        send_in.accept_quote(session, consumer.id, order.id, now)
    assert (order.state, order.recycler_id) == (S.quoted, None)


def test_a_phone_that_is_as_told_is_paid_in_points_once(session, consumer, recycler, clerk, received, now):
    assess(session, recycler, clerk.id, received.id, 2, ["battery_weak"], "", None, now)
    assert received.state is S.payout_pending
    for _ in range(2):
        pay_out(session, received.id, now)
    assert (received.state, received.paid_fen) == (S.paid, 38_250)
    assert balance(session, consumer.id, now).available == 38_250
    assert kinds(session, consumer) == ["recycling.received", "recycling.paid"]
    assert list(audit.breaks(session)) == []


def test_a_phone_better_than_told_is_paid_as_quoted(session, recycler, clerk, received, now):
    assess(session, recycler, clerk.id, received.id, 1, [], "", None, now)
    assert (received.state, received.offer_fen) == (S.payout_pending, 38_250)


def test_a_worse_phone_needs_a_photo(session, recycler, clerk, received, now):
    with pytest.raises(Refused, match="photo_needed"):
        assess(session, recycler, clerk.id, received.id, 2, ["screen_broken"], "", None, now)
    assert received.state is S.received


def test_a_lower_offer_waits_seven_days_for_an_answer(session, consumer, reoffered, now):
    assert (reoffered.state, reoffered.offer_fen) == (S.reoffer, 21_037)
    assert reoffered.answer_by == now + timedelta(days=7)
    assert timers(session, reoffered)["recycling.answer_due"] == reoffered.answer_by
    assert kinds(session, consumer)[-1] == "recycling.reoffer"
    assert balance(session, consumer.id, now).available == 0


def test_a_lower_offer_that_is_taken_is_paid(session, consumer, reoffered, now):
    answer.accept_reoffer(session, consumer.id, reoffered.id, now)
    pay_out(session, reoffered.id, now)
    assert (reoffered.paid_fen, balance(session, consumer.id, now).available) == (21_037, 21_037)


def test_silence_sends_the_device_home_and_never_accepts(session, consumer, reoffered, now):
    clocks.return_unanswered(session, reoffered.id, now + timedelta(days=7) - timedelta(minutes=1))
    assert reoffered.state is S.reoffer
    for _ in range(2):
        clocks.return_unanswered(session, reoffered.id, now + timedelta(days=7))
    assert (reoffered.state, reoffered.paid_fen) == (S.auto_return, None)
    assert kinds(session, consumer).count("recycling.auto_return") == 1


def test_an_answer_that_comes_at_the_deadline_is_too_late(session, consumer, reoffered, now):
    for late in (answer.accept_reoffer, answer.decline):
        with pytest.raises(Refused, match="answer_late"):
            late(session, consumer.id, reoffered.id, now + timedelta(days=7))
    assert reoffered.state is S.reoffer


def test_a_declined_device_goes_home(session, consumer, recycler, clerk, reoffered, now):
    answer.decline(session, consumer.id, reoffered.id, now)
    hand_on.ship_back(session, recycler, clerk.id, reoffered.id, "YT99", now)
    answer.confirm_returned(session, consumer.id, reoffered.id, now)
    assert reoffered.state is S.returned
    assert balance(session, consumer.id, now).available == 0


def test_a_locked_phone_waits_for_its_owner_and_is_looked_at_again(
    session, consumer, recycler, clerk, received, now
):
    faults = ["battery_weak", "locked"]
    assess(session, recycler, clerk.id, received.id, 2, faults, "", a_photo(), now)
    assert received.state is S.locked_device
    with pytest.raises(Refused, match="illegal_move"):  # she has not unlocked it yet
        assess(session, recycler, clerk.id, received.id, 2, ["battery_weak"], "", None, now)
    assert (received.state, received.answer_by) == (S.locked_device, now + timedelta(days=7))
    answer.unlocked(session, consumer.id, received.id, now)
    assess(session, recycler, clerk.id, received.id, 2, ["battery_weak"], "", None, now)
    assert received.state is S.payout_pending


def test_a_phone_is_wiped_before_it_is_graded_and_graded_before_it_is_sold(
    session, consumer, recycler, clerk, received, now
):
    who = (session, recycler, clerk.id, received.id)
    assess(*who, 2, ["battery_weak"], "", None, now)
    pay_out(session, received.id, now)
    with pytest.raises(Refused, match="not_wiped"):
        hand_on.grade(*who, DeviceGrade.b, now)
    wipe.report_failed_wipe(*who, now)
    assert received.state is S.paid
    wipe.certify_wipe(*who, "SN-77", WipeMethod.overwrite, "抽读 5 处", now)
    with pytest.raises(Refused, match="illegal_move"):
        hand_on.resell(*who, "SN-77", 300_00, 3, now)
    session.refresh(received)
    hand_on.grade(*who, DeviceGrade.b, now, "山雀")
    hand_on.resell(*who, "SN-77", 300_00, 3, now)
    assert received.state is S.resold
    assert list(audit.breaks(session)) == []


def test_scrap_is_dismantled_and_never_sold(session, recycler, clerk, received, now):
    who = (session, recycler, clerk.id, received.id)
    assess(*who, 2, ["battery_weak"], "", None, now)
    pay_out(session, received.id, now)
    wipe.certify_wipe(*who, "SN-77", WipeMethod.block_erase, "抽读 5 处", now)
    hand_on.grade(*who, DeviceGrade.scrap, now)
    with pytest.raises(Refused, match="scrap"):
        hand_on.resell(*who, "SN-77", 300_00, 3, now)
    to_the_dismantler(session, recycler, clerk, [received.id], now)
    assert received.state is S.dismantled


def test_a_swollen_battery_is_held_apart_and_only_dismantled(session, recycler, clerk, received, now):
    hold_as_hazard(session, recycler, clerk.id, received.id, now)
    with pytest.raises(Refused, match="illegal_move"):
        hand_on.ship_back(session, recycler, clerk.id, received.id, "YT1", now)
    to_the_dismantler(session, recycler, clerk, [received.id], now)
    assert received.state is S.dismantled


def test_clocks_end_quotes_labels_and_parcels_and_remind_once(session, consumer, recycler, now):
    quoted = a_described_phone(session, consumer, now)
    send_in.quote(session, consumer.id, quoted.id, SAFE, now)
    labelled, posted = (a_labelled_phone(session, consumer, now) for _ in range(2))
    send_in.mark_posted(session, consumer.id, posted.id, "", now)
    clocks.expire_quote(session, quoted.id, now + timedelta(days=7))
    for _ in range(2):
        clocks.remind_to_post(session, labelled.id, now + timedelta(days=3))
    clocks.expire_label(session, labelled.id, now + timedelta(days=14))
    clocks.miss_parcel(session, posted.id, now + timedelta(days=15))
    assert [quoted.state, labelled.state, posted.state] == [S.expired, S.expired, S.lost_in_transit]
    assert sorted(kinds(session, consumer)) == [
        "recycling.label_expired",
        "recycling.lost",
        "recycling.quote_expired",
        "recycling.remind",
    ]


def test_a_lost_parcel_that_turns_up_is_received(session, consumer, recycler, clerk, now):
    order = a_labelled_phone(session, consumer, now)
    send_in.mark_posted(session, consumer.id, order.id, "", now)
    clocks.miss_parcel(session, order.id, now + timedelta(days=15))
    assert order.state is S.lost_in_transit
    receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), now)
    assert order.state is S.received


def test_an_assessment_that_is_late_counts_against_the_recycler(session, consumer, recycler, received, now):
    due = now + timedelta(hours=48)
    assert timers(session, received)["recycling.assessment_due"] == due
    clocks.note_late_assessment(session, received.id, due - timedelta(minutes=1))
    assert credit.rating(session, SubjectKind.recycler, recycler.id) is None
    for _ in range(2):
        clocks.note_late_assessment(session, received.id, due)
    changes = credit.changes(session, SubjectKind.recycler, recycler.id)
    assert [change.event.kind for change in changes] == ["assessed_late"]


def test_somebody_elses_order_is_not_found(session, consumer, recycler, clerk, received, now):
    stranger = an_account(session, now)
    neighbor = a_recycler(session, now, name="另一家")
    with pytest.raises(NotFound):
        answer.decline(session, stranger.id, received.id, now)
    with pytest.raises(NotFound):
        assess(session, neighbor, clerk.id, received.id, 2, [], "", None, now)
    assert received.state is S.received


def test_custody_is_kept_as_written(session, received):
    assert custody.broken_at(custody.trail(session, received.id)) is None
    with pytest.raises(DatabaseError, match="kept as written"):
        session.execute(text("UPDATE custody_events SET by = 'somebody'"))


def test_the_audit_finds_points_that_were_paid_otherwise(session, received):
    received.offer_fen = received.paid_fen = 100
    session.flush()
    assert list(audit.breaks(session)) == [
        f"recycling order {received.code}: 100 fen paid, other points granted"
    ]
