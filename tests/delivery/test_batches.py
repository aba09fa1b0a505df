"""Batches: closed once, planned once, every job in exactly one or waiting with a reason."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_batch, close_due_batches
from market.delivery.jobs import cancel_job, create_job, mark_at_hub
from market.delivery.models import Batch, BatchState, Job, JobState, Run, RunState, Stop, StopState, Vehicle
from market.delivery.plan_batch import plan_batch, release_batch
from market.delivery.planner import Progress
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from tests.builders.delivery import DAY, a_courier, a_planned_batch, a_ready_job, a_request, a_run_underway
from tests.builders.places import a_county, a_station


def _kinds(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))


def test_a_job_is_created_once_per_reference(session: Session, now: datetime) -> None:
    a_county(session)
    request = a_request()
    assert create_job(session, request, now).id == create_job(session, request, now).id


def test_nothing_goes_to_a_station_without_the_recipients_consent(session: Session, now: datetime) -> None:
    station = a_station(session)
    session.flush()
    with pytest.raises(Refused, match="station_consent"):
        create_job(session, a_request(place="station", station_id=station.id), now)
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_only_goods_at_the_hub_are_batched(session: Session, now: datetime) -> None:
    a_courier(session, now)
    absent = create_job(session, a_request(), now)
    ready = a_ready_job(session, now)
    batch = close_batch(session, "610924", DAY, 1, now)
    assert (ready.batch_id, ready.state) == (batch.id, JobState.batched)
    assert (absent.batch_id, absent.state) == (None, JobState.waiting)


def test_closing_again_changes_nothing(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    batch = close_batch(session, "610924", DAY, 1, now)
    late = a_ready_job(session, now)
    assert close_batch(session, "610924", DAY, 1, now).id == batch.id
    assert late.state is JobState.ready
    assert _kinds(session).count("delivery.batch_closed") == 1


def test_the_clock_closes_a_county_after_its_cut_off_only(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    assert close_due_batches(session, now) == []
    (batch,) = close_due_batches(session, now + timedelta(hours=8))
    assert (batch.day, batch.wave, batch.state) == (DAY, 1, BatchState.closed)


def test_jobs_of_one_address_are_one_stop(session: Session, now: datetime) -> None:
    a_courier(session, now)
    new = a_ready_job(session, now)
    old = a_ready_job(session, now, kind="collect")
    elsewhere = a_ready_job(session, now, address_text="焕古镇街道 3 号", recipient_phone="13912345679")
    a_planned_batch(session, now)
    assert new.stop_id == old.stop_id
    assert elsewhere.stop_id not in (None, new.stop_id)


def test_planning_twice_is_planning_once(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    batch = a_planned_batch(session, now)
    plan_batch(session, batch.id, now, cpu_seconds=0.5)
    assert session.scalar(select(func.count()).select_from(Run)) == 1
    assert session.scalar(select(func.count()).select_from(Stop)) == 1


def test_what_no_vehicle_can_carry_waits_with_the_reason(session: Session, now: datetime) -> None:
    a_courier(session, now, people=1)
    pump = a_ready_job(session, now)
    parcel = a_ready_job(session, now, people=1, recipient_phone="13912345679")
    a_planned_batch(session, now)
    assert (pump.state, pump.batch_id, pump.reason) == (JobState.ready, None, "too_few_people")
    assert parcel.state is JobState.batched


def test_a_batch_without_a_run_is_over(session: Session, now: datetime) -> None:
    a_county(session)
    job = a_ready_job(session, now)
    assert a_planned_batch(session, now).state is BatchState.done
    assert job.reason == "no_vehicle"


def test_releasing_tells_of_each_job_once(session: Session, now: datetime) -> None:
    a_courier(session, now)
    job = a_ready_job(session, now)
    batch = a_planned_batch(session, now)
    release_batch(session, "610924", batch.id, now)
    assert (batch.state, job.state) == (BatchState.released, JobState.scheduled)
    assert _kinds(session).count("delivery.job_scheduled") == 1
    with pytest.raises(Refused, match="illegal_move"):
        release_batch(session, "610924", batch.id, now)


def test_another_countys_batch_is_not_found(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    batch = a_planned_batch(session, now)
    with pytest.raises(NotFound):
        release_batch(session, "610728", batch.id, now)
    assert session.get_one(Batch, batch.id).state is BatchState.planned


def test_a_canceled_job_frees_its_place(session: Session, now: datetime) -> None:
    a_courier(session, now)
    job = a_ready_job(session, now)
    a_planned_batch(session, now)
    cancel_job(session, job.reference, now)
    cancel_job(session, job.reference, now)
    mark_at_hub(session, job.reference, now)
    assert (job.state, job.stop_id) == (JobState.canceled, None)


def test_a_stop_with_nothing_left_to_do_is_over(session: Session, now: datetime) -> None:
    courier = a_courier(session, now)
    gone = a_ready_job(session, now)
    kept = a_ready_job(session, now, recipient_phone="13912345679")
    run = a_run_underway(session, courier, now)
    stop = gone.stop
    cancel_job(session, gone.reference, now)
    assert stop is not None
    assert (stop.state, stop.reason) == (StopState.failed, "canceled")
    assert run.state is RunState.underway
    cancel_job(session, kept.reference, now)
    assert (run.state, run.batch.state) == (RunState.done, BatchState.done)


def test_what_is_canceled_while_it_is_planned_is_on_no_run(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        a_courier(session, now)
        gone = a_ready_job(session, now).reference
        kept = a_ready_job(session, now, recipient_phone="13912345679").reference
        batch_id = close_batch(session, "610924", DAY, 1, now).id

    def cancel(_: Progress) -> None:
        with Session(fresh_engine) as other, other.begin():
            cancel_job(other, gone, now)

    with Session(fresh_engine) as session, session.begin():
        plan_batch(session, batch_id, now, cancel, cpu_seconds=1)
        release_batch(session, "610924", batch_id, now)
    with Session(fresh_engine) as session:
        states = {job.reference: job.state for job in session.scalars(select(Job))}
        assert states == {gone: JobState.canceled, kept: JobState.scheduled}
        assert session.scalar(select(func.count()).select_from(Stop)) == 1


def test_a_station_that_waits_for_more_than_a_truckful_is_visited_twice(
    session: Session, now: datetime
) -> None:
    courier = a_courier(session, now)
    assert courier.vehicle_id is not None
    grams = session.get_one(Vehicle, courier.vehicle_id).type.capacity_grams
    here = {"place": "door", "address_text": "红椿镇 七里村 3 号", "recipient_phone": "13900000001"}
    for _ in range(3):
        a_ready_job(session, now, weight_grams=grams // 2, **here)
    batch = a_planned_batch(session, now)
    stops = [stop for run in batch.runs for stop in run.stops]
    assert sorted(len(stop.jobs) for stop in stops) == [1, 2]
    assert session.scalars(select(Job).where(Job.state == JobState.ready)).all() == []
