"""Breaks, overtime and agreed hours through the use cases: from a job to its stop, its run and its buyer."""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_batch, close_next_wave
from market.delivery.free_vehicles import Free, free_vehicles
from market.delivery.live import expected_at
from market.delivery.models import Courier, Job, JobState, Run, Stop, Vehicle
from market.delivery.on_day import while_free
from market.delivery.plan_batch import build_problem, plan_batch, release_batch
from market.delivery.planner import Matrices
from market.delivery.rules import arrival_window
from market.delivery.windows import DayPart, cut, window
from market.kernel.clock import at, local
from tests.builders.delivery import DAY, a_courier, a_planned_batch, a_ready_job
from tests.builders.planning import matrices

LONG = 3 * 3600


def _a_long_day(session: Session, now: datetime, jobs: int = 2) -> Run:
    """A run of so many stops with three hours of work at each."""
    for n in range(jobs):
        a_ready_job(session, now, recipient_phone=f"1391234567{n}", service_seconds=LONG)
    batch = a_planned_batch(session, now)
    (run,) = batch.runs
    return run


def test_a_long_day_has_its_break_in_its_hours_and_between_two_stops(session: Session, now: datetime) -> None:
    a_courier(session, now)
    run = _a_long_day(session, now)
    first, second = run.stops
    assert run.break_at is not None
    assert time(11) <= local(run.break_at).time() <= time(13, 30)
    assert run.break_at == first.leave_at
    assert second.arrive_at - first.leave_at >= timedelta(minutes=30)
    assert run.break_before == second.id


def test_a_short_day_has_none(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    (run,) = a_planned_batch(session, now).runs
    assert (run.break_at, run.break_before, run.overtime_seconds) == (None, None, 0)


def test_overtime_is_what_is_beyond_the_crews_hours_and_costs_more(session: Session, now: datetime) -> None:
    courier = a_courier(session, now)
    vehicle = session.get_one(Vehicle, courier.vehicle_id)
    vehicle.regular_seconds, vehicle.type.fen_per_overtime_hour = 6 * 3600, 32_50
    run = _a_long_day(session, now)
    assert run.overtime_seconds == run.seconds - 6 * 3600 > 0
    extra_fen = (run.overtime_seconds * 32_50 + 1_800) // 3_600
    by_length = 150_00 + (run.meters * 1_80 + 500) // 1_000 + (run.seconds * 65_00 + 1_800) // 3_600
    assert run.cost_fen == by_length + extra_fen


def test_jobs_of_one_address_that_share_no_hour_are_two_stops(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now, latest=time(12), earliest=time(8))
    a_ready_job(session, now, latest=time(18), earliest=time(13))
    a_ready_job(session, now)
    (run,) = a_planned_batch(session, now).runs
    morning, afternoon = run.stops
    assert [len(stop.jobs) for stop in run.stops] == [2, 1]
    assert local(morning.arrive_at).time() <= time(12)
    assert local(afternoon.leave_at).time() >= time(13, 5)


def test_hours_that_nobody_can_keep_are_the_reason(session: Session, now: datetime) -> None:
    a_courier(session, now)
    job = a_ready_job(session, now, earliest=time(6), latest=time(8))
    batch = close_batch(session, "610924", DAY, 1, now)
    plan_batch(session, batch.id, now, cpu_seconds=0.2)
    session.refresh(job)
    assert (job.state, job.reason) == (JobState.ready, "window_missed")
    assert job.reason_best == str(8 * 3600)
    assert int(job.reason_needed or 0) > 8 * 3600


def test_the_buyers_window_is_cut_to_the_hours_she_chose(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now, earliest=time(8), latest=time(12))
    batch = a_planned_batch(session, now)
    release_batch(session, "610924", batch.id, now)
    (stop,) = session.scalars(select(Stop))
    start, end = expected_at(stop.run, stop.id, now) or (now, now)
    planned = arrival_window(stop.arrive_at, 0, False)
    assert end == min(planned[1], at(DAY, time(12)))
    assert start >= at(DAY, time(8))


def test_a_window_that_misses_the_chosen_hours_is_told_as_it_is() -> None:
    job = Job(earliest=time(8), latest=time(12))
    late = at(DAY, time(14)), at(DAY, time(15))
    assert cut(*late, [job], DAY) == late
    assert cut(at(DAY, time(7)), at(DAY, time(15)), [job], DAY) == (at(DAY, time(8)), at(DAY, time(12)))
    assert cut(*late, [Job()], DAY) == late


def test_hours_in_common_are_where_all_overlap() -> None:
    jobs = [Job(earliest=time(8), latest=time(12)), Job(latest=time(11)), Job()]
    assert window(jobs) == (time(8), time(11))
    assert window([*jobs, Job(earliest=time(13))]) is None
    assert list(DayPart) == ["any", "morning", "afternoon"]


def test_what_a_crew_has_worked_and_rested_counts_on_its_next_run(session: Session, now: datetime) -> None:
    a_courier(session, now)
    run = _a_long_day(session, now)
    session.refresh(run)
    a_ready_job(session, now, recipient_phone="13812345678")
    wave = close_next_wave(session, "610924", DAY, now)
    (free,) = free_vehicles(session, wave, now)
    assert (free.worked_seconds, free.has_rested) == (run.seconds, True)


def test_who_comes_back_at_noon_without_a_break_rests_at_the_hub_first(
    session: Session, now: datetime
) -> None:
    courier: Courier = a_courier(session, now)
    vehicle = session.get_one(Vehicle, courier.vehicle_id)
    problem = build_problem({}, [vehicle], Matrices(*matrices([(0.0, 0.0)])))

    def out(**known: object) -> tuple[int, int, int]:
        (crew,) = while_free(problem, [Free(vehicle, 12 * 3600, 18 * 3600, **known)]).vehicles  # type: ignore[arg-type]
        return crew.shift_start, crew.regular_seconds, crew.break_latest

    assert out() == (12 * 3600, 8 * 3600, 13 * 3600 + 1_800)
    assert out(worked_seconds=3 * 3600) == (12 * 3600 + 1_800, 5 * 3600, 13 * 3600 + 1_800)
    assert out(worked_seconds=3 * 3600, has_rested=True) == (12 * 3600, 5 * 3600, 24 * 3600)
