"""On the road: planned against actual, and the rest of the day after a breakdown."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_batch, close_due_batches, close_next_wave
from market.delivery.drive import fail_stop, start_run
from market.delivery.fail_run import fail_run
from market.delivery.free_vehicles import free_vehicles
from market.delivery.live import back_at, behind, seen
from market.delivery.models import (
    Batch,
    Courier,
    CourierEvent,
    EventKind,
    EventOutcome,
    Job,
    JobState,
    Run,
    StopState,
    Vehicle,
    VehicleType,
)
from market.delivery.plan_batch import plan_batch, release_batch
from market.delivery.queries import shares_of
from market.delivery.rest_of_day import plan_rest, rest
from market.delivery.share_batch import share_batch
from market.kernel.clock import at
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.places.rules import Position
from tests.builders.delivery import DAY, a_courier, a_planned_batch, a_ready_job

COUNTY = "610924"
MORNING = at(DAY, time(8))


def _run(session: Session, now: datetime, count: int = 3) -> tuple[Courier, Run]:
    """A courier underway with so many stops; another truck stands in the yard."""
    a_courier(session, now)
    a_courier(session, now)
    for n in range(count):
        a_ready_job(
            session,
            now,
            recipient_phone=f"1391234567{n}",
            position=Position(32.55 + n / 100, 108.46),
        )
    batch = a_planned_batch(session, now)
    release_batch(session, COUNTY, batch.id, now)
    (run,) = batch.runs
    courier = session.get_one(Courier, run.courier_id)
    return courier, start_run(session, courier, run.id, run.depart_at)


def _breaks_down(session: Session, courier: Courier, run: Run, reason: str, now: datetime) -> None:
    session.add(
        CourierEvent(
            id=new_id(), courier_id=courier.id, event_id=new_id(), device_id=new_id(), sequence=1,
            kind=EventKind.run_failed, run_id=run.id, payload={"reason": reason}, recorded_at=now,
            received_at=now, outcome=EventOutcome.applied, details={},
        )
    )  # fmt: skip
    fail_run(session, courier, run.id, reason, now)


def test_a_run_is_as_late_as_its_last_stop_or_its_next(session: Session, now: datetime) -> None:
    courier, run = _run(session, now)
    first, second, third = run.stops
    assert behind(run, run.depart_at) == timedelta()
    assert behind(run, first.arrive_at + timedelta(minutes=20)) == timedelta(minutes=20)
    ended = first.leave_at + timedelta(minutes=25)
    fail_stop(session, courier, first.id, "nobody_home", ended)
    told = seen(run, ended)
    assert [it.minutes for it in told] == [25, 25, 25]
    assert [it.is_late for it in told] == [True, True, True]
    assert told[1].at == second.arrive_at + timedelta(minutes=25)
    assert seen(run, third.arrive_at)[2].at >= third.arrive_at
    assert back_at(run, ended) == run.return_at + timedelta(minutes=25)


def test_a_courier_ahead_of_the_plan_is_not_late(session: Session, now: datetime) -> None:
    courier, run = _run(session, now)
    ended = run.stops[0].leave_at - timedelta(minutes=10)
    fail_stop(session, courier, run.stops[0].id, "nobody_home", ended)
    assert [(it.minutes, it.is_late) for it in seen(run, ended)] == [(-10, False)] * 3


def test_a_released_run_that_has_not_left_is_late_from_its_departure(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    batch = a_planned_batch(session, now)
    release_batch(session, COUNTY, batch.id, now)
    (run,) = batch.runs
    assert behind(run, run.depart_at + timedelta(minutes=40)) == timedelta(minutes=40)


def test_the_rest_of_a_day_is_planned_on_the_truck_in_the_yard(session: Session, now: datetime) -> None:
    courier, run = _run(session, now)
    then = run.stops[0].leave_at
    fail_stop(session, courier, run.stops[0].id, "asked_later", then)
    _breaks_down(session, courier, run, "breakdown", then)
    assert len(rest(session, run.batch_id)) == 2
    wave = plan_rest(session, COUNTY, run.batch_id, then)
    assert (wave.day, wave.wave) == (DAY, 2)
    plan_batch(session, wave.id, then, cpu_seconds=0.5)
    (extra,) = wave.runs
    assert extra.vehicle_id != run.vehicle_id
    assert extra.depart_at >= then + timedelta(minutes=20)
    assert len(extra.stops) == 2
    later = session.scalars(select(Job).where(Job.reason == "asked_later")).one()
    assert (later.state, later.batch_id) == (JobState.ready, None)


def test_a_broken_truck_drives_for_nobody_alone_either(session: Session, now: datetime) -> None:
    """The cheap truck broke down: what each shop would pay alone is the dear one's price, too."""
    courier, run = _run(session, now, count=2)
    dear = session.scalars(select(Vehicle).where(Vehicle.id != run.vehicle_id)).one()
    session.merge(
        VehicleType(
            code="dear", name_zh="租来的车", name_en="Hired truck", capacity_grams=1_500_000,
            capacity_cm3=15_000_000, longest_side_mm=4_000, fixed_fen=900_00, fen_per_km=1_80,
            fen_per_hour=65_00,
        )
    )  # fmt: skip
    session.flush()
    dear.type_code = "dear"
    for shop, job in zip("ab", session.scalars(select(Job)), strict=True):
        job.party = shop
    session.flush()
    session.expire_all()
    _breaks_down(session, courier, run, "breakdown", run.depart_at)
    wave = plan_rest(session, COUNTY, run.batch_id, run.depart_at)
    plan_batch(session, wave.id, run.depart_at, cpu_seconds=0.5)
    share_batch(session, wave.id, run.depart_at, cpu_seconds=0.4)
    alone = {share.party: share.alone_fen for share in shares_of(session, wave.id)}
    assert alone.keys() == {"a", "b"}
    assert min(alone.values()) > 900_00


def test_the_rest_is_planned_once_and_by_its_own_county(session: Session, now: datetime) -> None:
    courier, run = _run(session, now)
    then = run.stops[0].leave_at
    with pytest.raises(Refused, match="nothing_left"):
        plan_rest(session, COUNTY, run.batch_id, then)
    _breaks_down(session, courier, run, "breakdown", then)
    with pytest.raises(NotFound):
        plan_rest(session, "610728", run.batch_id, then)
    plan_rest(session, COUNTY, run.batch_id, then)
    with pytest.raises(Refused, match="nothing_left"):
        plan_rest(session, COUNTY, run.batch_id, then)
    assert session.scalar(select(func.count()).select_from(Batch)) == 2


def test_after_the_shift_nothing_more_is_planned(session: Session, now: datetime) -> None:
    courier, run = _run(session, now)
    _breaks_down(session, courier, run, "breakdown", run.depart_at)
    for then in (at(DAY, time(18)), at(DAY, time(8)) + timedelta(days=1)):
        with pytest.raises(Refused, match="no_vehicle_left"), session.begin_nested():
            plan_rest(session, COUNTY, run.batch_id, then)
    assert session.scalar(select(func.count()).select_from(Batch)) == 1
    assert {stop.state for stop in run.stops} == {StopState.failed}


def test_a_second_wave_begins_when_the_truck_is_back(session: Session, now: datetime) -> None:
    courier = a_courier(session, now)
    a_ready_job(session, now)
    first = a_planned_batch(session, now)
    back = first.runs[0].return_at
    wave = Batch(county_code=COUNTY, day=DAY, wave=2, state="open")
    (free,) = free_vehicles(session, wave, now)
    assert MORNING + timedelta(seconds=free.from_second - 8 * 3600) == back
    assert (free.vehicle.id, first.runs[0].courier_id) == (courier.vehicle_id, courier.id)


def test_a_wave_that_is_planned_again_stays_before_the_one_after_it(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    first = a_planned_batch(session, now)
    a_ready_job(session, now, recipient_phone="13912345679")
    second = close_batch(session, COUNTY, DAY, 2, now)
    plan_batch(session, second.id, now, cpu_seconds=0.5)
    assert second.runs[0].depart_at >= first.runs[0].return_at + timedelta(minutes=20)
    (free,) = free_vehicles(session, first, now)
    leaves = second.runs[0].depart_at - timedelta(minutes=20)
    assert (free.from_second, at(DAY, time()) + timedelta(seconds=free.until_second)) == (0, leaves)
    (free,) = free_vehicles(session, second, now)
    assert at(DAY, time()) + timedelta(seconds=free.from_second) == first.runs[0].return_at


def test_the_cut_offs_batch_has_the_truck_after_one_that_was_closed_early(
    session: Session, now: datetime
) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    early = close_next_wave(session, COUNTY, DAY, now)
    plan_batch(session, early.id, now, cpu_seconds=0.5)
    a_ready_job(session, now, recipient_phone="13912345679")
    (late,) = close_due_batches(session, now + timedelta(hours=8))
    plan_batch(session, late.id, now, cpu_seconds=0.5)
    assert (early.wave, late.wave) == (2, 1)
    assert late.runs[0].depart_at >= early.runs[0].return_at + timedelta(minutes=20)


@pytest.mark.parametrize(("reason", "trucks"), [("breakdown", 1), ("unwell", 1), ("weather", 2)])
def test_a_broken_truck_is_out_for_the_day_and_one_stopped_by_the_road_is_not(
    session: Session, now: datetime, reason: str, trucks: int
) -> None:
    courier, run = _run(session, now)
    _breaks_down(session, courier, run, reason, run.depart_at)
    wave = Batch(county_code=COUNTY, day=DAY, wave=2, state="open")
    assert len(free_vehicles(session, wave, run.depart_at)) == trucks
