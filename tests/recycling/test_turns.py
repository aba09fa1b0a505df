"""Every clock at its minute, run twice, and with the worker dead for a day; and whose turn it is."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from market.notices.models import Notice
from market.recycling import answer, clocks, send_in, turns
from market.recycling.assess import assess
from market.recycling.pay_out import pay_out
from market.recycling.receive import receive
from market.recycling.states import RecyclingState as S
from market.recycling.turns import Who
from tests.builders.mail_in import a_phone_for_the_courier, a_phone_for_yuan
from tests.builders.recycling import a_labelled_phone, a_photo, timers

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def kinds(session, account):
    return [notice.kind for notice in session.scalars(select(Notice).where(Notice.account_id == account.id))]


def fires_once_at(session, consumer, clock, order, due_at, kind, *, dead_for=timedelta(0)):
    """`clock` does nothing a minute early, and tells of `kind` once, then and ever after."""
    clock(session, order.id, due_at - MINUTE)
    assert kinds(session, consumer).count(kind) == 0
    for moment in (due_at + dead_for, due_at + dead_for + MINUTE):
        clock(session, order.id, moment)
    assert kinds(session, consumer).count(kind) == 1


@pytest.fixture
def labelled(session, consumer, recycler, now):
    return a_labelled_phone(session, consumer, now)


@pytest.fixture
def unpaid(session, consumer, recycler, clerk, now):
    """As told, and the yuan are not there yet."""
    order = a_phone_for_yuan(session, consumer, now)
    receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), now)
    assess(session, recycler, clerk.id, order.id, 2, ["battery_weak"], "", None, now)
    pay_out(session, order.id, now)
    return order


@pytest.fixture
def declined(session, consumer, recycler, clerk, labelled, now):
    receive(session, recycler, clerk.id, labelled.id, 198, "F-1", a_photo(), now)
    assess(session, recycler, clerk.id, labelled.id, 2, ["screen_broken"], "", a_photo(), now)
    answer.decline(session, consumer.id, labelled.id, now)
    return labelled


@pytest.mark.parametrize("dead_for", [timedelta(0), DAY])
def test_a_label_is_reminded_of_after_three_days_and_lapses_after_fourteen(
    session, consumer, labelled, now, dead_for
):
    due = timers(session, labelled)
    assert due["recycling.mail_in_reminder"] == now + 3 * DAY
    assert due["recycling.label_expires"] == labelled.label_until == now + 14 * DAY
    told = ("recycling.remind", "recycling.label_expired")
    for clock, days, kind in zip((clocks.remind_to_post, clocks.expire_label), (3, 14), told, strict=True):
        at = now + days * DAY
        fires_once_at(session, consumer, clock, labelled, at, kind, dead_for=dead_for)
    assert labelled.state is S.expired


def test_the_evening_before_the_carrier_comes_she_is_told(session, consumer, labelled, now):
    send_in.book_pickup(session, consumer.id, labelled.id, date(2026, 11, 25), now)
    evening = now.replace(day=24, hour=18)
    assert timers(session, labelled)["recycling.pickup_reminder"] == evening
    fires_once_at(session, consumer, clocks.remind_of_pickup, labelled, evening, "recycling.pickup_tomorrow")


def test_a_reminder_for_a_day_that_is_over_says_nothing(session, consumer, labelled, now):
    send_in.book_pickup(session, consumer.id, labelled.id, date(2026, 11, 25), now)
    clocks.remind_of_pickup(session, labelled.id, now.replace(day=26))
    assert kinds(session, consumer) == []


@pytest.mark.parametrize("dead_for", [timedelta(0), DAY])
def test_two_hours_after_the_offer_was_taken_the_money_is_late(session, consumer, unpaid, now, dead_for):
    due = now + timedelta(hours=2)
    assert timers(session, unpaid)["recycling.payout_due"] == due
    kind = "recycling.payout_late"
    fires_once_at(session, consumer, clocks.note_late_payout, unpaid, due, kind, dead_for=dead_for)


@pytest.mark.parametrize("dead_for", [timedelta(0), DAY])
def test_three_days_after_she_declined_the_device_should_be_on_its_way(
    session, consumer, declined, now, dead_for
):
    due = now + 3 * DAY
    assert timers(session, declined)["recycling.return_due"] == due
    kind = "recycling.return_late"
    fires_once_at(session, consumer, clocks.note_late_return, declined, due, kind, dead_for=dead_for)


def test_silence_starts_the_clock_of_the_way_home(session, recycler, clerk, labelled, now):
    receive(session, recycler, clerk.id, labelled.id, 198, "F-1", a_photo(), now)
    assess(session, recycler, clerk.id, labelled.id, 2, ["screen_broken"], "", a_photo(), now)
    clocks.return_unanswered(session, labelled.id, now + 8 * DAY)  # the worker was dead for a day
    assert timers(session, labelled)["recycling.return_due"] == now + 11 * DAY


def test_a_parcel_is_missed_at_its_minute(session, consumer, labelled, now):
    send_in.mark_posted(session, consumer.id, labelled.id, "SF1", now)
    fires_once_at(session, consumer, clocks.miss_parcel, labelled, now + 15 * DAY, "recycling.lost")


@pytest.mark.parametrize(
    ("state", "who", "hours"),
    [("labelled", Who.consumer, 14 * 24), ("unpaid", Who.county, 2), ("declined", Who.recycler, 3 * 24)],
)
def test_the_operator_sees_whose_turn_is_over_at_its_minute(request, session, now, state, who, hours):
    order = request.getfixturevalue(state)
    due = now + timedelta(hours=hours)
    assert turns.late(session, "610924", due - MINUTE) == []
    assert turns.late(session, "610728", due) == []
    assert [(late.id, turn.who, turn.due_at) for late, turn in turns.late(session, "610924", due)] == [
        (order.id, who, due)
    ]


def test_a_courier_is_late_when_the_day_is_over(session, consumer, recycler, now):
    order = a_phone_for_the_courier(session, consumer, now)
    midnight = now.replace(day=27, hour=0)
    assert turns.late(session, "610924", midnight - MINUTE) == []
    ((late, turn),) = turns.late(session, "610924", midnight)
    assert (late.id, turn.who) == (order.id, Who.courier)
