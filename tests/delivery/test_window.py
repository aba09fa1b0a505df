"""When to be at home: two hours either way at first, minutes at last, and never in the past."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from market.delivery.drive import fail_stop, start_run
from market.delivery.live import expected_at
from market.delivery.models import Courier
from market.delivery.plan_batch import release_batch
from market.delivery.queries import stop_for
from market.delivery.rules import arrival_window
from market.places.rules import Position
from tests.builders.delivery import a_courier, a_planned_batch, a_ready_job

MOMENTS = st.integers(0, 365 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(at=MOMENTS, stops=st.integers(0, 60), underway=st.booleans())
def test_the_truck_is_expected_within_its_window_which_is_told_in_tens(
    at: datetime, stops: int, underway: bool
) -> None:
    start, end = arrival_window(at, stops, underway)
    assert start <= at <= end
    assert (start.minute % 10, start.second, end.minute % 10, end.second) == (0, 0, 0, 0)
    assert end - start <= timedelta(hours=4, minutes=20)


@given(at=MOMENTS, stops=st.integers(0, 60))
def test_the_window_never_widens_as_the_truck_nears(at: datetime, stops: int) -> None:
    far, near = arrival_window(at, stops + 1, True), arrival_window(at, stops, True)
    assert far[0] <= near[0] <= near[1] <= far[1]
    planned = arrival_window(at, stops, False)
    assert planned[0] <= near[0] <= near[1] <= planned[1]


def test_she_sees_two_hours_then_what_is_before_her_then_a_quarter_of_an_hour(
    session: Session, now: datetime
) -> None:
    a_courier(session, now)
    for n in range(3):
        at = Position(32.55 + n / 100, 108.46)
        a_ready_job(session, now, recipient_phone=f"1391234567{n}", position=at, reference=f"her:{n}")
    batch = a_planned_batch(session, now)
    assert stop_for(session, "her:0") is None
    release_batch(session, batch.county_code, batch.id, now)
    (run,) = batch.runs
    last, leave = run.stops[2], run.depart_at
    two_hours = timedelta(hours=2)
    start, end = expected_at(run, last.id, now) or (now, now)
    assert start == max(arrival_window(last.arrive_at, 2, False)[0], leave)
    assert end >= last.arrive_at + two_hours
    courier = session.get_one(Courier, run.courier_id)
    start_run(session, courier, run.id, leave)
    assert expected_at(run, last.id, leave) == arrival_window(last.arrive_at, 2, True)
    first = run.stops[0]
    late = first.leave_at + timedelta(minutes=30)
    fail_stop(session, courier, first.id, "nobody_home", late)
    assert expected_at(run, first.id, late) is None
    assert expected_at(run, last.id, late) == arrival_window(last.arrive_at + timedelta(minutes=30), 1, True)
    hours_later = last.arrive_at + timedelta(hours=5)
    start, end = expected_at(run, last.id, hours_later) or (now, now)
    assert end > hours_later
    assert start >= hours_later - timedelta(minutes=10)
