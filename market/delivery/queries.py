"""What each actor sees of delivery: not yours is not found."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session, joinedload

from market.delivery import planner
from market.delivery.closed_days import closed_on
from market.delivery.models import (
    Batch,
    BatchProgress,
    BatchShare,
    Courier,
    CourierEvent,
    EventKind,
    EventOutcome,
    Job,
    JobState,
    Kept,
    Proof,
    Run,
    RunState,
    Stop,
    Vehicle,
)
from market.delivery.rules import delivery_day
from market.places.models import County


def next_day(county: County, now: datetime) -> date:
    """The day on which what is handed in now is carried."""
    return delivery_day(county.cutoff, now, closed_on(county))


def courier_of(session: Session, account_id: uuid.UUID) -> Courier | None:
    """The courier the person is, or None."""
    return session.scalar(select(Courier).where(Courier.account_id == account_id))


def sheet(session: Session, courier_id: uuid.UUID) -> Sequence[Run]:
    """The courier's released and begun runs, the earliest first."""
    return session.scalars(
        select(Run)
        .where(Run.courier_id == courier_id, Run.state.in_((RunState.released, RunState.underway)))
        .order_by(Run.depart_at)
    ).all()


def stop_of(session: Session, courier_id: uuid.UUID, stop_id: uuid.UUID) -> Stop | None:
    """One stop of the courier's own runs, once they are released."""
    return session.scalar(
        select(Stop)
        .join(Stop.run)
        .where(Stop.id == stop_id, Run.courier_id == courier_id, Run.state != RunState.planned)
        .options(joinedload(Stop.proof))
    )


def batches(session: Session, county_code: str, limit: int = 30) -> Sequence[Batch]:
    """The county's batches, the latest first."""
    return session.scalars(
        select(Batch)
        .where(Batch.county_code == county_code)
        .order_by(Batch.day.desc(), Batch.wave.desc())
        .limit(limit)
    ).all()


def batch_of(session: Session, county_code: str, batch_id: uuid.UUID) -> Batch | None:
    """One batch of the county's."""
    return session.scalar(select(Batch).where(Batch.id == batch_id, Batch.county_code == county_code))


def progress(session: Session, batch_id: uuid.UUID) -> BatchProgress | None:
    """How far planning is."""
    return session.get(BatchProgress, batch_id)


def record_progress(session: Session, batch_id: uuid.UUID, told: planner.Progress, now: datetime) -> None:
    """Write down how far planning is, in a transaction of its own."""
    percent = min(100, round(told.share * 100))
    values = {"percent": percent, "cost_fen": told.cost_fen, "left_out": told.left_out, "updated_at": now}
    step = [[percent, told.cost_fen]] if told.cost_fen else []  # nothing is planned yet
    grown = case(
        (BatchProgress.cost_fen == told.cost_fen, BatchProgress.steps),
        else_=BatchProgress.steps.op("||")(literal(step, JSONB)),
    )
    session.execute(
        insert(BatchProgress)
        .values(batch_id=batch_id, steps=step, **values)
        .on_conflict_do_update(index_elements=["batch_id"], set_=values | {"steps": grown})
    )


def record_shares_progress(session: Session, batch_id: uuid.UUID, share: float, now: datetime) -> None:
    """Write down how far the sharing of a planned batch's cost is, in a transaction of its own."""
    values = {"shares_percent": min(100, round(share * 100)), "updated_at": now}
    session.execute(
        insert(BatchProgress)
        .values(batch_id=batch_id, percent=100, cost_fen=0, left_out=0, **values)
        .on_conflict_do_update(index_elements=["batch_id"], set_=values)
    )


def shares_of(session: Session, batch_id: uuid.UUID) -> Sequence[BatchShare]:
    """What each party bears of the batch, the largest part first."""
    return session.scalars(
        select(BatchShare)
        .where(BatchShare.batch_id == batch_id)
        .order_by(BatchShare.share_fen.desc(), BatchShare.party)
    ).all()


def references_of(session: Session, batch_id: uuid.UUID, party: str) -> Sequence[str]:
    """What the party has on the batch's runs, by the jobs' references."""
    return session.scalars(
        select(Job.reference)
        .join(Job.stop)
        .join(Stop.run)
        .where(Run.batch_id == batch_id, Job.party == party)
        .order_by(Job.reference)
    ).all()


def jobs(session: Session, county_code: str, states: Sequence[JobState]) -> Sequence[Job]:
    """The county's jobs in `states`, the earliest promised first."""
    return session.scalars(
        select(Job)
        .where(Job.county_code == county_code, Job.state.in_(states))
        .order_by(Job.promised_on, Job.id)
        .limit(500)
    ).all()


def fleet(session: Session, county_code: str) -> Sequence[tuple[Vehicle, Courier | None]]:
    """The county's vehicles with their usual couriers, by plate."""
    rows = session.execute(
        select(Vehicle, Courier)
        .outerjoin(Courier, Courier.vehicle_id == Vehicle.id)
        .where(Vehicle.county_code == county_code)
        .order_by(Vehicle.plate)
    )
    return [(vehicle, courier) for vehicle, courier in rows]


def couriers(session: Session, county_code: str) -> Sequence[Courier]:
    """The county's couriers by name."""
    return session.scalars(
        select(Courier).where(Courier.county_code == county_code).order_by(Courier.name)
    ).all()


def proof_of(session: Session, reference: str) -> Proof | None:
    """What was left with the job of `reference`; the caller has checked whose it is. Refused: nothing was."""
    of_job = select(Proof).join(Proof.stop).join(Stop.jobs).where(Job.reference == reference)
    return session.scalar(of_job.where(Job.state != JobState.refused))


def pickup_code_of(session: Session, reference: str) -> str | None:
    """What the recipient says to have the goods of `reference`; the caller has checked whose they are."""
    return session.scalar(select(Job.pickup_code).where(Job.reference == reference))


def stop_for(session: Session, reference: str) -> Stop | None:
    """Where the job of `reference` is on a released run; the caller has checked whose it is."""
    on_run = Job.reference == reference, Run.state.in_((RunState.released, RunState.underway))
    return session.scalar(select(Stop).join(Stop.jobs).join(Stop.run).where(*on_run))


def kept_at(session: Session, station_id: uuid.UUID) -> Sequence[Kept]:
    """What stands at the station, the longest first."""
    standing = select(Kept).where(Kept.station_id == station_id, Kept.ended_at.is_(None))
    return session.scalars(standing.order_by(Kept.left_at, Kept.job_id)).all()


def kept_too_long(session: Session, county_code: str, now: datetime) -> Sequence[Kept]:
    """What nobody came for in time, in all of the county's stations."""
    late = Kept.ended_at.is_(None), Kept.keep_until <= now, Job.county_code == county_code
    return session.scalars(select(Kept).join(Kept.job).where(*late).order_by(Kept.left_at)).all()


def is_underway(session: Session, reference: str) -> bool:
    """Whether a courier is out for the job of `reference`."""
    underway = Job.reference == reference, Job.state == JobState.underway
    return session.scalar(select(Job.id).where(*underway)) is not None


def is_done(session: Session, reference: str) -> bool:
    """Whether the job of `reference` is through, although its news may still be on the way."""
    found = select(Job.id).where(Job.reference == reference, Job.state == JobState.done)
    return session.scalar(found) is not None


def is_on_the_road(session: Session, reference: str) -> bool:
    """Whether a vehicle is out for the job of `reference`, or has it and the news is still on the way."""
    found = select(Job.id).where(
        Job.reference == reference, Job.state.in_((JobState.scheduled, JobState.underway, JobState.done))
    )
    return session.scalar(found) is not None


def endings_of(session: Session, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, CourierEvent]:
    """By stop, or by run where that cannot go on: the last ending that a phone told.

    Booked, undone and doubled ones are left out: the stop itself says it.
    """
    told = (EventOutcome.held, EventOutcome.open, EventOutcome.conflict, EventOutcome.refused)
    rows = session.scalars(
        select(CourierEvent)
        .where(
            CourierEvent.run_id.in_(run_ids),
            CourierEvent.kind.in_((EventKind.done, EventKind.failed, EventKind.run_failed)),
            CourierEvent.outcome.in_(told),
        )
        .order_by(CourierEvent.received_at, CourierEvent.sequence)
    )
    return {row.stop_id or row.run_id: row for row in rows if row.run_id is not None}


def signature_of(session: Session, stop_id: uuid.UUID) -> list[list[int]]:
    """The strokes that the goods were signed for with, each as x, y, x, y … in thousandths; may be none."""
    found = session.scalar(
        select(CourierEvent.payload)
        .where(
            CourierEvent.stop_id == stop_id,
            CourierEvent.kind == EventKind.signature,
            CourierEvent.outcome == EventOutcome.applied,
        )
        .order_by(CourierEvent.sequence.desc())
        .limit(1)
    )
    return found.get("strokes", []) if found else []


def arrivals(session: Session, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """By stop: when a phone first told that its courier was there."""
    rows = session.execute(
        select(CourierEvent.stop_id, func.min(CourierEvent.recorded_at))
        .where(CourierEvent.run_id.in_(run_ids), CourierEvent.kind == EventKind.arrive)
        .where(CourierEvent.stop_id.is_not(None), CourierEvent.outcome == EventOutcome.applied)
        .group_by(CourierEvent.stop_id)
    )
    return {stop_id: at for stop_id, at in rows if stop_id is not None}


def breakdowns(session: Session, run_ids: Sequence[uuid.UUID]) -> Sequence[CourierEvent]:
    """What phones told of runs that could not go on, the earliest first."""
    return session.scalars(
        select(CourierEvent)
        .where(
            CourierEvent.run_id.in_(run_ids),
            CourierEvent.kind == EventKind.run_failed,
            CourierEvent.outcome.in_((EventOutcome.open, EventOutcome.applied)),
        )
        .order_by(CourierEvent.recorded_at)
    ).all()


def left_out_of(session: Session, batch_id: uuid.UUID) -> Sequence[Job]:
    """What the batch's plan left out, or its operator took out, and what waits still."""
    left = select(Job).where(Job.left_out_of == batch_id, Job.state == JobState.ready)
    return session.scalars(left.order_by(Job.id)).all()


def totals(session: Session, county_code: str, state: JobState) -> tuple[int, int, int]:
    """How many of the county's jobs are in `state`, and their grams and cm³ together."""
    sums = func.coalesce(func.sum(Job.weight_grams), 0), func.coalesce(func.sum(Job.volume_cm3), 0)
    of_county = select(func.count(), *sums).where(Job.county_code == county_code, Job.state == state)
    count, grams, cm3 = session.execute(of_county).one()
    return count, int(grams), int(cm3)


def orders_in_batch(session: Session, batch_id: uuid.UUID) -> set[str]:
    """The numbers of the orders that a batch carries or carried."""
    stops = select(Stop.id).join(Run, Run.id == Stop.run_id).where(Run.batch_id == batch_id)
    found = select(Job.order_number).where(or_(Job.batch_id == batch_id, Job.stop_id.in_(stops)))
    return set(session.scalars(found))
