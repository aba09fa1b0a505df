"""The courier fetches a thing: one job, and the order follows what becomes of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from market.delivery.models import Job, JobKind, JobState
from market.kernel.errors import Refused
from market.notices.models import Notice
from market.recycling import choose, custody, pick_up, send_in
from market.recycling.rules import Safety
from market.recycling.states import RecyclingState as S
from market.recycling.ways import Way
from tests.builders.mail_in import a_phone_for_the_courier, a_quoted_fridge
from tests.builders.people import an_address
from tests.builders.recycling import timers


@pytest.fixture
def booked(session, consumer, recycler, now):
    return a_phone_for_the_courier(session, consumer, now)


def job_of(session, order):
    return session.scalars(select(Job).where(Job.reference == f"recycling:{order.id}")).one()


def kinds(session, account):
    return [notice.kind for notice in session.scalars(select(Notice).where(Notice.account_id == account.id))]


def test_one_job_is_ready_at_once_and_knows_no_more_than_it_must(session, booked):
    job = job_of(session, booked)
    assert (job.kind, job.state, job.order_number) == (JobKind.collect, JobState.ready, booked.code)
    assert (job.weight_grams, job.people, job.skills, job.cash_due_fen) == (200, 1, [], 0)
    assert job.address_text.endswith("大连村三组 12 号")
    # Before the cut-off the first run is tomorrow's; it may wait two days for one that comes by.
    assert (job.promised_on, booked.pickup_on) == (date(2026, 11, 26), date(2026, 11, 26))
    assert booked.state is S.awaiting_pickup
    assert "recycling.label_expires" not in timers(session, booked)


def test_the_run_tells_the_day_once(session, consumer, booked, now):
    reference = f"recycling:{booked.id}"
    for _ in range(2):
        pick_up.pickup_scheduled(session, reference, date(2026, 11, 24), now)
    assert booked.pickup_on == date(2026, 11, 24)
    assert kinds(session, consumer) == ["recycling.pickup_scheduled"]


def test_what_the_courier_has_is_on_its_way_once(session, consumer, booked, now):
    for _ in range(2):
        pick_up.picked_up(session, f"recycling:{booked.id}", now, now + timedelta(days=1))
    assert booked.state is S.in_transit
    last = custody.trail(session, booked.id)[-1]
    assert (last.by, last.details["picked_up_at"]) == ("courier", now.isoformat())
    assert (last.details["from"], last.details["holder"]) == ("consumer", "courier")
    assert kinds(session, consumer) == ["recycling.picked_up"]
    assert timers(session, booked)["recycling.transit_overdue"] == now + timedelta(days=16)


def test_a_try_that_failed_waits_for_the_next_run(session, consumer, booked, now):
    for moment in (now, now, now + timedelta(days=1)):
        pick_up.pickup_failed(session, f"recycling:{booked.id}", "没人在家", moment)
    assert booked.state is S.awaiting_pickup
    assert kinds(session, consumer) == ["recycling.pickup_failed"] * 2
    assert custody.broken_at(custody.trail(session, booked.id)) is None


def test_jobs_of_others_do_nothing(session, booked, now):
    for use_case in (pick_up.picked_up, pick_up.pickup_scheduled, pick_up.pickup_failed):
        use_case(session, f"trade_in:{booked.id}", now, now)
    assert booked.state is S.awaiting_pickup


def test_who_thinks_better_of_it_calls_the_courier_off(session, consumer, booked, now):
    send_in.withdraw(session, consumer.id, booked.id, now)
    assert (booked.state, job_of(session, booked).state) == (S.cancelled, JobState.canceled)
    pick_up.picked_up(session, f"recycling:{booked.id}", now, now)
    assert booked.state is S.cancelled


def test_she_cannot_say_that_the_courier_has_it(session, consumer, booked, now):
    with pytest.raises(Refused, match="illegal_move"):
        send_in.mark_posted(session, consumer.id, booked.id, "", now)
    with pytest.raises(Refused, match="illegal_move"):
        send_in.book_pickup(session, consumer.id, booked.id, date(2026, 11, 25), now)
    session.expire_all()
    assert booked.state is S.awaiting_pickup


def test_a_fridge_takes_two_people_and_a_boiler_somebody_trained_for_gas(session, consumer, recycler, now):
    recycler.scope = [*recycler.scope, "wall_hung_boiler"]
    address = an_address(session, consumer, now)
    fridge = a_quoted_fridge(session, consumer, now)
    boiler = send_in.describe(session, consumer.id, "610924", "wall_hung_boiler", "雪岭 20", 9, [], now)
    send_in.quote(session, consumer.id, boiler.id, Safety(False, False, False, gas_residue=True), now)
    for order in (fridge, boiler):
        choose.choose_way(session, consumer.id, order.id, Way.courier, now, address_id=address.id)
        send_in.accept_quote(session, consumer.id, order.id, now)
    assert (job_of(session, fridge).people, job_of(session, fridge).skills) == (2, [])
    assert job_of(session, boiler).skills == ["gas"]
