"""Every job is in one batch or waits for one reason; what is not due yet may wait for a fuller day."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_batch, close_due_batches
from market.delivery.closed_days import close_day, open_day
from market.delivery.jobs import cancel_job, create_job
from market.delivery.models import BatchState, Job, JobState
from market.delivery.plan_batch import plan_batch
from market.delivery.planner import Progress
from market.delivery.queries import next_day, progress, record_progress
from market.delivery.rules import delivery_day, prize_fen
from market.delivery.waiting import Why, why_waiting
from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.places.rules import Position
from tests.builders.delivery import DAY, a_courier, a_planned_batch, a_ready_job, a_request
from tests.builders.places import a_county

FAR = Position(32.25, 108.05)  # 55 km away as the crow flies
days = st.dates(date(2026, 1, 1), date(2030, 1, 1))


@given(promised_on=days, day=days, later=st.integers(0, 400))
def test_a_prize_never_falls_as_its_day_comes_nearer(promised_on: date, day: date, later: int) -> None:
    nearer = day + timedelta(days=later)
    assert 0 <= prize_fen(promised_on, day) <= prize_fen(promised_on, nearer) <= 300_000


def test_the_prize_is_full_on_the_promise_date_and_small_before() -> None:
    prizes = [prize_fen(DAY, DAY + timedelta(days=days)) for days in (-3, -2, -1, 0, 5)]
    assert prizes == [2_000, 3_000, 6_000, 300_000, 300_000]


def test_a_far_stop_goes_on_its_promise_date_and_before_it_waits_for_a_fuller_day(
    session: Session, now: datetime
) -> None:
    a_courier(session, now)
    due = a_ready_job(session, now, position=FAR)
    early = a_ready_job(
        session, now, position=FAR, recipient_phone="13912345679", promised_on=DAY + timedelta(days=2),
        address_text="紫阳县最远的村一组 1 号",
    )  # fmt: skip
    cancel_job(session, due.reference, now)
    batch = a_planned_batch(session, now)
    assert (batch.state, early.state, early.left_out_of) == (BatchState.done, JobState.ready, batch.id)
    assert why_waiting(early, DAY) == Why("fuller_day", "", "", DAY + timedelta(days=2))
    assert why_waiting(early, early.promised_on) == Why("not_worth_the_way", "", "", early.promised_on)
    full = close_batch(session, "610924", early.promised_on, 1, now)
    plan_batch(session, full.id, now, cpu_seconds=0.5)
    assert (early.state, early.batch_id, early.reason) == (JobState.batched, full.id, None)


def test_a_stop_that_is_not_due_goes_along_where_a_truck_passes_anyway(
    session: Session, now: datetime
) -> None:
    a_courier(session, now)
    a_ready_job(session, now, position=FAR)
    early = a_ready_job(
        session, now, position=FAR, recipient_phone="13912345679", promised_on=DAY + timedelta(days=1),
        service_seconds=600,
    )  # fmt: skip
    a_planned_batch(session, now)
    assert early.state is JobState.batched


def test_every_waiting_job_says_why(session: Session, now: datetime) -> None:
    a_courier(session, now)
    absent = create_job(session, a_request(), now)
    old = create_job(session, a_request(kind="collect"), now)
    ready = a_ready_job(session, now)
    heavy = a_ready_job(session, now, weight_grams=1_500_001, recipient_phone="13912345679")
    assert [job and job.code for job in (why_waiting(it, DAY) for it in (absent, old, ready, heavy))] == [
        "not_at_hub", "goods_not_at_hub", "next_batch", "next_batch",
    ]  # fmt: skip
    batch = a_planned_batch(session, now)
    assert why_waiting(heavy, DAY) == Why("too_heavy", "1500001", "1500000", DAY)
    assert (heavy.batch_id, heavy.left_out_of) == (None, batch.id)
    assert why_waiting(ready, DAY) is None


def test_a_closed_day_is_passed_over_and_its_batch_is_not_closed(session: Session, now: datetime) -> None:
    a_courier(session, now)
    county = a_county(session)
    job = a_ready_job(session, now)
    close_day(session, county.code, DAY, now)
    close_day(session, county.code, DAY, now)
    assert (county.closed_days, next_day(county, now)) == (["2026-11-24"], date(2026, 11, 25))
    assert close_due_batches(session, now + timedelta(hours=8)) == []
    assert why_waiting(job, date(2026, 11, 25), True) == Why("hub_closed", "", "", date(2026, 11, 25))
    (batch,) = close_due_batches(session, now + timedelta(hours=32))
    assert (batch.day, job.batch_id) == (date(2026, 11, 25), batch.id)
    open_day(session, county.code, DAY)
    assert (county.closed_days, next_day(county, now)) == ([], DAY)


def test_a_day_that_has_come_or_has_its_batch_is_not_closed(session: Session, now: datetime) -> None:
    a_courier(session, now)
    close_batch(session, "610924", DAY, 1, now)
    for day, code in ((now.date(), "day_past"), (DAY, "day_batched")):
        with pytest.raises(Refused, match=code):
            close_day(session, "610924", day, now)
    with pytest.raises(NotFound):
        close_day(session, "999999", DAY, now)
    assert a_county(session).closed_days == []


@given(today=days, hour=st.times(), off=st.sets(st.integers(0, 9)))
def test_what_is_promised_is_the_first_day_that_is_open(today: date, hour: time, off: set[int]) -> None:
    closed = {today + timedelta(days=n) for n in off}
    when = datetime.combine(today, hour, SHANGHAI)
    open_always, day = delivery_day(time(18), when), delivery_day(time(18), when, closed)
    assert day not in closed
    assert all(open_always + timedelta(days=n) in closed for n in range((day - open_always).days))


def test_the_database_lets_no_job_be_in_a_batch_and_wait(session: Session, now: datetime) -> None:
    a_courier(session, now)
    job = a_ready_job(session, now)
    batch = close_batch(session, "610924", DAY, 1, now)
    put = update(Job).where(Job.id == job.id)
    for state, batch_id in ((JobState.ready, batch.id), (JobState.batched, None)):
        with session.begin_nested() as attempt:
            with pytest.raises(IntegrityError, match="in_one_batch_or_waits"):
                session.execute(put.values(state=state, batch_id=batch_id))
            attempt.rollback()
    session.refresh(job)
    assert (job.state, job.batch_id) == (JobState.batched, batch.id)


def test_progress_keeps_each_better_plan(session: Session, now: datetime) -> None:
    batch_id = new_id()
    for share, cost_fen in ((0.1, 900), (0.2, 900), (0.5, 700)):
        record_progress(session, batch_id, Progress(share, cost_fen, 0), now)
    found = progress(session, batch_id)
    assert found is not None
    assert (found.percent, found.steps) == (50, [[10, 900], [50, 700]])
