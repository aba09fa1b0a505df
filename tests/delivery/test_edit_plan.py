"""Before its release an operator changes a plan: seen first, saved once, never infeasible."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from market.delivery.audit import breaks
from market.delivery.close_batch import close_batch
from market.delivery.draft import Change, MoveRun, MoveStop, TakeOut
from market.delivery.edit_plan import change_plan, lay_out, lock_run, lock_stop, plan_again, preview
from market.delivery.jobs import cancel_job
from market.delivery.models import Batch, BatchState, Job, JobState, Run, Stop
from market.delivery.plan_batch import plan_batch, release_batch
from market.delivery.planner import Progress
from market.delivery.timetable import Rule
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.places.rules import Position
from tests.builders.delivery import DAY, a_courier, a_planned_batch, a_ready_job
from tests.delivery.test_races import _at_once

COUNTY = "610924"
Shape = dict[str, list[list[str]]]


def _jobs(session: Session, now: datetime, count: int = 3, **changes: object) -> list[Job]:
    return [
        a_ready_job(
            session,
            now,
            recipient_phone=f"1391234567{n}",
            position=Position(32.55 + n / 100, 108.46),
            **changes,
        )
        for n in range(count)
    ]


def _shape(session: Session, batch: Batch) -> Shape:
    """Each plate's trips as the references on them, as the database has them."""
    session.expire_all()
    runs = session.scalars(select(Run).where(Run.batch_id == batch.id)).all()
    return {
        run.vehicle.plate: [
            [job.reference for stop in run.stops if stop.trip == trip for job in stop.jobs]
            for trip in sorted({stop.trip for stop in run.stops})
        ]
        for run in runs
    }


@pytest.fixture
def plates(session: Session, now: datetime) -> list[str]:
    """Two trucks."""
    couriers = [a_courier(session, now), a_courier(session, now)]
    return sorted(str(courier.vehicle_id) for courier in couriers)


def _plan(session: Session, now: datetime) -> tuple[Batch, Run, str]:
    """A planned batch, its only run, and the id of the vehicle that stays in the yard."""
    batch = a_planned_batch(session, now)
    (run,) = batch.runs
    desk = lay_out(session, COUNTY, batch.id, now)
    (idle,) = (str(vehicle.id) for vehicle in desk.vehicles if vehicle.id != run.vehicle_id)
    return batch, run, idle


def test_a_preview_says_the_new_cost_and_changes_nothing(
    session: Session, plates: list[str], now: datetime
) -> None:
    _jobs(session, now)
    batch, run, idle = _plan(session, now)
    before = _shape(session, batch)
    then = preview(
        session, lay_out(session, COUNTY, batch.id, now), MoveStop(str(run.stops[0].id), idle, 1, 1)
    )
    assert then.cost_before_fen == batch.cost_fen == run.cost_fen
    assert then.cost_after_fen == sum(it.cost_fen for it in then.runs.values())
    assert then.cost_after_fen > then.cost_before_fen + 150_00 - 1
    assert then.broken == ()
    assert (_shape(session, batch), batch.plan_number) == (before, 1)


def test_what_is_saved_is_what_was_seen(session: Session, plates: list[str], now: datetime) -> None:
    _jobs(session, now)
    batch, run, idle = _plan(session, now)
    first, *rest = [stop.jobs[0].reference for stop in run.stops]
    ids = [stop.id for stop in run.stops]
    change = MoveStop(str(ids[0]), idle, 1, 1)
    then = preview(session, lay_out(session, COUNTY, batch.id, now), change)
    change_plan(session, COUNTY, batch.id, 1, change, now)
    shape = _shape(session, batch)
    assert sorted(shape.values()) == sorted([[[first]], [rest]])
    assert (batch.cost_fen, batch.plan_number) == (then.cost_after_fen, 2)
    assert sum(run.cost_fen for run in batch.runs) == batch.cost_fen
    assert {stop.id for run in batch.runs for stop in run.stops} == set(ids)
    assert [stop.sequence for run in batch.runs for stop in run.stops] in ([1, 1, 2], [1, 2, 1])
    release_batch(session, COUNTY, batch.id, now)
    assert {job.state for job in session.scalars(select(Job))} == {JobState.scheduled}


def test_a_stop_goes_to_another_trip_and_back_to_another_place(
    session: Session, plates: list[str], now: datetime
) -> None:
    _jobs(session, now)
    batch, run, _ = _plan(session, now)
    vehicle, ids = str(run.vehicle_id), [str(stop.id) for stop in run.stops]
    refs = [stop.jobs[0].reference for stop in run.stops]
    change_plan(session, COUNTY, batch.id, 1, MoveStop(ids[0], vehicle, 2, 1), now)
    assert list(_shape(session, batch).values()) == [[refs[1:], refs[:1]]]
    change_plan(session, COUNTY, batch.id, 2, MoveStop(ids[0], vehicle, 1, 3), now)
    assert list(_shape(session, batch).values()) == [[[*refs[1:], refs[0]]]]


def test_a_run_is_driven_by_another_vehicle_and_its_courier(
    session: Session, plates: list[str], now: datetime
) -> None:
    _jobs(session, now)
    batch, run, idle = _plan(session, now)
    refs, first_courier = [stop.jobs[0].reference for stop in run.stops], run.courier_id
    change_plan(session, COUNTY, batch.id, 1, MoveRun(str(run.vehicle_id), idle), now)
    (moved,) = batch.runs
    assert str(moved.vehicle_id) == idle
    assert moved.courier_id not in (None, first_courier)
    assert list(_shape(session, batch).values()) == [[refs]]


def test_a_stop_that_is_taken_out_waits_and_may_come_in_again(
    session: Session, plates: list[str], now: datetime
) -> None:
    _jobs(session, now)
    batch, run, _ = _plan(session, now)
    stop, vehicle = run.stops[1], str(run.vehicle_id)
    (job,) = stop.jobs
    change_plan(session, COUNTY, batch.id, 1, TakeOut(str(stop.id)), now)
    assert (job.state, job.reason, job.batch_id, job.left_out_of) == ("ready", "taken_out", None, batch.id)
    assert session.get(Stop, stop.id) is None
    change_plan(session, COUNTY, batch.id, 2, MoveStop(str(job.id), vehicle, 1, 1), now)
    assert (job.state, job.reason, job.batch_id, job.left_out_of) == ("batched", None, batch.id, None)
    assert _shape(session, batch)[run.vehicle.plate][0][0] == job.reference


def test_taking_out_the_last_stop_takes_the_run_away(
    session: Session, plates: list[str], now: datetime
) -> None:
    _jobs(session, now, 1)
    batch, run, _ = _plan(session, now)
    change_plan(session, COUNTY, batch.id, 1, TakeOut(str(run.stops[0].id)), now)
    assert (_shape(session, batch), batch.cost_fen) == ({}, 0)


def test_an_infeasible_plan_is_shown_and_not_saved(session: Session, now: datetime) -> None:
    a_courier(session, now)
    weak = a_courier(session, now, people=1, skills=[])
    _jobs(session, now)
    batch, run, _ = _plan(session, now)
    before = _shape(session, batch)
    change = MoveStop(str(run.stops[0].id), str(weak.vehicle_id), 1, 1)
    broken = preview(session, lay_out(session, COUNTY, batch.id, now), change).broken
    assert [(it.rule, it.needed, it.best) for it in broken] == [
        (Rule.too_few_people, "2", "1"), (Rule.skill_missing, "general", ""),
    ]  # fmt: skip
    with pytest.raises(Refused, match="plan_infeasible"):
        change_plan(session, COUNTY, batch.id, 1, change, now)
    assert (_shape(session, batch), batch.plan_number) == (before, 1)


def test_an_older_plan_cannot_be_changed(session: Session, plates: list[str], now: datetime) -> None:
    _jobs(session, now)
    batch, run, idle = _plan(session, now)
    change_plan(session, COUNTY, batch.id, 1, MoveRun(str(run.vehicle_id), idle), now)
    before = _shape(session, batch)
    for act in (
        lambda: change_plan(session, COUNTY, batch.id, 1, MoveRun(idle, str(run.vehicle_id)), now),
        lambda: plan_again(session, COUNTY, batch.id, 1, now),
    ):
        with pytest.raises(Refused, match="plan_changed"):
            act()
    assert (_shape(session, batch), batch.plan_number, batch.state) == (before, 2, BatchState.planned)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda stop, here, idle: MoveStop(stop, idle, 2, 1), "trip_unknown"),
        (lambda stop, here, idle: MoveStop(stop, here, 1, 4), "position_unknown"),
        (lambda stop, here, idle: MoveStop(stop, here, 1, 0), "position_unknown"),
    ],
)
def test_a_place_that_is_not_there_is_refused(
    session: Session, plates: list[str], now: datetime, change: Callable[..., Change], code: str
) -> None:
    _jobs(session, now)
    batch, run, idle = _plan(session, now)
    to = change(str(run.stops[0].id), str(run.vehicle_id), idle)
    with pytest.raises(Refused, match=code):
        preview(session, lay_out(session, COUNTY, batch.id, now), to)


def test_what_is_not_of_this_county_or_batch_is_not_found(
    session: Session, plates: list[str], now: datetime
) -> None:
    _jobs(session, now)
    batch, run, idle = _plan(session, now)
    stop, nobody = run.stops[0], str(batch.id)
    desk = lay_out(session, COUNTY, batch.id, now)
    for change in (TakeOut(nobody), MoveRun(idle, nobody), MoveRun(idle, str(run.vehicle_id)),
                   MoveStop(str(stop.id), nobody, 1, 1)):  # fmt: skip
        with pytest.raises(NotFound):
            preview(session, desk, change)
    for act in (
        lambda: lay_out(session, "610728", batch.id, now),
        lambda: change_plan(session, "610728", batch.id, 1, TakeOut(str(stop.id)), now),
        lambda: lock_run(session, "610728", run.id, True),
        lambda: lock_stop(session, "610728", stop.id, True),
        lambda: plan_again(session, "610728", batch.id, 1, now),
    ):
        with pytest.raises(NotFound):
            act()
    assert (stop.is_locked, run.is_locked) == (False, False)


def test_what_is_locked_is_not_moved(session: Session, plates: list[str], now: datetime) -> None:
    _jobs(session, now)
    batch, run, idle = _plan(session, now)
    here, first, second = str(run.vehicle_id), *(str(stop.id) for stop in run.stops[:2])
    lock_stop(session, COUNTY, run.stops[0].id, True)
    for change in (TakeOut(first), MoveStop(first, idle, 1, 1), MoveRun(here, idle)):
        with pytest.raises(Refused, match="locked"):
            change_plan(session, COUNTY, batch.id, 1, change, now)
    change_plan(session, COUNTY, batch.id, 1, TakeOut(second), now)
    lock_stop(session, COUNTY, run.stops[0].id, False)
    lock_run(session, COUNTY, run.id, True)
    with pytest.raises(Refused, match="locked"):
        change_plan(session, COUNTY, batch.id, 2, TakeOut(first), now)


def test_planning_again_leaves_a_locked_run_and_a_locked_stop_where_they_are(
    session: Session, plates: list[str], now: datetime
) -> None:
    jobs = _jobs(session, now, 4)
    batch, run, idle = _plan(session, now)
    stop = run.stops[3]
    change_plan(session, COUNTY, batch.id, 1, MoveStop(str(stop.id), idle, 1, 1), now)
    lock_stop(session, COUNTY, stop.id, True)
    held = stop.jobs[0].reference
    change_plan(session, COUNTY, batch.id, 2, TakeOut(str(run.stops[0].id)), now)
    plan_again(session, COUNTY, batch.id, 3, now)
    assert (batch.state, {job.state for job in jobs}) == (BatchState.closed, {JobState.batched})
    plan_batch(session, batch.id, now, cpu_seconds=0.5)
    assert (batch.state, batch.plan_number) == (BatchState.planned, 4)
    shape = _shape(session, batch)
    assert sorted(ref for trips in shape.values() for trip in trips for ref in trip) == sorted(
        job.reference for job in jobs
    )
    (kept,) = session.scalars(select(Stop).where(Stop.is_locked)).all()
    assert (str(kept.run.vehicle_id), kept.jobs[0].reference) == (idle, held)

    locked = lock_run(session, COUNTY, kept.run_id, True)
    before, number = (locked.cost_fen, locked.depart_at, [it.id for it in locked.stops]), batch.plan_number
    plan_again(session, COUNTY, batch.id, number, now)
    plan_batch(session, batch.id, now, cpu_seconds=0.5)
    session.expire_all()
    again = session.get_one(Run, locked.id)
    assert (again.cost_fen, again.depart_at, [it.id for it in again.stops]) == before
    assert batch.cost_fen == sum(it.cost_fen for it in batch.runs)


def test_planning_again_is_asked_for_once(session: Session, plates: list[str], now: datetime) -> None:
    _jobs(session, now)
    batch, _, _ = _plan(session, now)
    plan_again(session, COUNTY, batch.id, 1, now)
    with pytest.raises(Refused, match="not_planned"):
        plan_again(session, COUNTY, batch.id, 1, now)
    kinds = session.scalars(select(OutboxRow.dedupe_key).where(OutboxRow.kind == "delivery.batch_closed"))
    assert sorted(key or "" for key in kinds) == [f"batch_closed:{batch.id}", f"batch_closed:{batch.id}:1"]


def test_a_released_plan_is_not_changed(session: Session, plates: list[str], now: datetime) -> None:
    _jobs(session, now)
    batch, run, _ = _plan(session, now)
    stop_id = run.stops[0].id
    release_batch(session, COUNTY, batch.id, now)
    with pytest.raises(Refused, match="not_planned"):
        change_plan(session, COUNTY, batch.id, 1, TakeOut(str(stop_id)), now)
    assert len(run.stops) == 3


def test_what_was_canceled_is_gone_when_its_run_is_changed(
    session: Session, plates: list[str], now: datetime
) -> None:
    _jobs(session, now)
    batch, run, _ = _plan(session, now)
    cancel_job(session, run.stops[0].jobs[0].reference, now)
    session.expire_all()
    left = [stop for stop in run.stops if stop.jobs]
    change_plan(session, COUNTY, batch.id, 1, MoveStop(str(left[0].id), str(run.vehicle_id), 1, 2), now)
    assert [stop.id for stop in batch.runs[0].stops] == [left[1].id, left[0].id]


def test_a_plan_that_was_not_seen_is_not_released(session: Session, plates: list[str], now: datetime) -> None:
    _jobs(session, now)
    batch, run, idle = _plan(session, now)
    change_plan(session, COUNTY, batch.id, 1, MoveRun(str(run.vehicle_id), idle), now)
    with pytest.raises(Refused, match="plan_changed"):
        release_batch(session, COUNTY, batch.id, now, 1)
    assert batch.state is BatchState.planned
    assert release_batch(session, COUNTY, batch.id, now, 2).state is BatchState.released


def test_the_audit_finds_a_job_on_another_batchs_run(
    session: Session, plates: list[str], now: datetime
) -> None:
    (job, *_) = _jobs(session, now)
    _plan(session, now)
    assert list(breaks(session)) == []
    job.batch_id = close_batch(session, COUNTY, DAY, 2, now).id
    session.flush()
    assert list(breaks(session)) == [f"job {job.reference}: is in one batch and on the run of another"]


@pytest.mark.race
def test_what_is_canceled_while_it_is_planned_again_is_on_no_run(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        a_courier(session, now)
        gone, *kept = [job.reference for job in _jobs(session, now)]
        batch_id = a_planned_batch(session, now).id
        plan_again(session, COUNTY, batch_id, 1, now)

    def cancel(_: Progress) -> None:
        with Session(fresh_engine) as other, other.begin():
            cancel_job(other, gone, now)

    with Session(fresh_engine) as session, session.begin():
        plan_batch(session, batch_id, now, cancel, cpu_seconds=1)
    with Session(fresh_engine) as session:
        (run,) = session.get_one(Batch, batch_id).runs
        assert sorted(job.reference for stop in run.stops for job in stop.jobs) == sorted(kept)
        assert session.scalars(select(Job.state).where(Job.reference == gone)).one() is JobState.canceled


@pytest.mark.race
def test_two_waves_planned_at_once_never_share_a_truck(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        a_courier(session, now)
        _jobs(session, now, 2)
        waves = [close_batch(session, COUNTY, DAY, 1, now).id]
        a_ready_job(session, now, recipient_phone="13800000000")
        waves.append(close_batch(session, COUNTY, DAY, 2, now).id)
    left = list(waves)
    _at_once(fresh_engine, 2, lambda session: plan_batch(session, left.pop(), now, cpu_seconds=0.5))
    with Session(fresh_engine) as session:
        first, second = session.scalars(select(Run).order_by(Run.depart_at)).all()
        assert first.vehicle_id == second.vehicle_id
        assert second.depart_at >= first.return_at + timedelta(minutes=20)


@pytest.mark.race
def test_a_plan_is_not_changed_while_another_wave_is_planned(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        a_courier(session, now)
        _jobs(session, now)
        batch = a_planned_batch(session, now)
        batch_id, stop_id = batch.id, str(batch.runs[0].stops[0].id)
        a_ready_job(session, now, recipient_phone="13800000000")
        wave_id = close_batch(session, COUNTY, DAY, 2, now).id
    told: list[str] = []

    def change(_: Progress) -> None:
        with Session(fresh_engine) as other, pytest.raises(Refused) as refused:
            change_plan(other, COUNTY, batch_id, 1, TakeOut(stop_id), now)
        told.append(refused.value.code)

    with Session(fresh_engine) as session, session.begin():
        plan_batch(session, wave_id, now, change, cpu_seconds=1)
    assert set(told) == {"delivery.planning"}
    with Session(fresh_engine) as session:
        assert session.get_one(Batch, batch_id).plan_number == 1


@pytest.mark.race
def test_of_five_operators_at_once_one_changes_the_plan(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        a_courier(session, now)
        _jobs(session, now)
        batch = a_planned_batch(session, now)
        batch_id, stop_id = batch.id, str(batch.runs[0].stops[0].id)
        vehicle = str(batch.runs[0].vehicle_id)

    def move(session: Session) -> str:
        try:
            change_plan(session, COUNTY, batch_id, 1, MoveStop(stop_id, vehicle, 1, 3), now)
        except Refused as refused:
            session.rollback()
            return refused.code
        return "saved"

    assert sorted(_at_once(fresh_engine, 5, move)) == ["delivery.plan_changed"] * 4 + ["saved"]
    with Session(fresh_engine) as session:
        (run,) = session.get_one(Batch, batch_id).runs
        assert [stop.sequence for stop in run.stops] == [1, 2, 3]
        assert str(run.stops[2].id) == stop_id
