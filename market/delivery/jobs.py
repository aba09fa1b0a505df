"""Hand a job in, say that it is at the hub, take it back."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.delivery.drive import end_run_if_over
from market.delivery.models import (
    JOB_STATES,
    STOP_STATES,
    Job,
    JobKind,
    JobState,
    Run,
    RunState,
    Stop,
    StopState,
)
from market.delivery.pickup_code import new_pickup_code
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.places.rules import Position

CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One thing to carry: what it is, where to, by when, and what to do there.

    `party` is who the carriage is for: a shop's id, or `COUNTY`. `earliest` and `latest`: any hour will do
    where they are None.
    """

    county_code: str
    kind: str
    reference: str
    order_number: str
    party: str
    place: str
    station_id: uuid.UUID | None
    station_consent_at: datetime | None
    position: Position
    address_text: str
    recipient_name: str
    recipient_phone: str
    weight_grams: int
    volume_cm3: int
    longest_side_mm: int
    people: int
    skills: frozenset[str]
    service_seconds: int
    promised_on: date
    cash_due_fen: int
    items: tuple[tuple[str, int], ...]
    earliest: time | None = None
    latest: time | None = None


def create_job(session: Session, request: JobRequest, now: datetime) -> Job:
    """The job of `request.reference`, waiting for its goods to reach the hub. Once per reference.

    Raises Refused(``delivery.station_consent``) for a station drop without the recipient's consent.
    """
    if request.place == "station" and request.station_consent_at is None:
        raise Refused("delivery.station_consent")
    # To a station nothing is installed, and its keeper helps to unload.
    at_door = request.place == "door"
    session.execute(
        insert(Job)
        .values(
            id=new_id(),
            county_code=request.county_code,
            kind=JobKind(request.kind),
            reference=request.reference,
            order_number=request.order_number,
            party=request.party,
            state=JobState.waiting,
            place=request.place,
            station_id=request.station_id,
            station_consent_at=request.station_consent_at,
            lat=request.position.lat,
            lon=request.position.lon,
            position_source=request.position.source,
            address_text=request.address_text,
            recipient_name=request.recipient_name,
            recipient_phone=request.recipient_phone,
            weight_grams=request.weight_grams,
            volume_cm3=request.volume_cm3,
            longest_side_mm=request.longest_side_mm,
            people=request.people if at_door else 1,
            skills=sorted(request.skills) if at_door else [],
            service_seconds=request.service_seconds if at_door else 0,
            promised_on=request.promised_on,
            earliest=request.earliest,
            latest=request.latest,
            cash_due_fen=request.cash_due_fen,
            items=[list(item) for item in request.items],
            pickup_code=new_pickup_code() if request.kind == JobKind.deliver else None,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["reference"])
    )
    return session.scalars(select(Job).where(Job.reference == request.reference)).one()


def mark_at_hub(session: Session, reference: str, now: datetime) -> None:
    """The goods are at the hub (or there is nothing to wait for): the job may be batched. Once."""
    job = _locked(session, reference)
    if job is not None and job.state is JobState.waiting:
        JOB_STATES.move(job, JobState.ready)
        session.flush()


def cancel_job(session: Session, reference: str, now: datetime) -> None:
    """The job is not wanted any more; its place is free. Nothing happens where there is none, or twice.

    A stop that has nothing left to do is over. Raises Refused(``state.illegal_move``) where the job is done.
    """
    run = _locked_run(session, reference)
    job = _locked(session, reference)
    if job is None or job.state is JobState.canceled:
        return
    JOB_STATES.move(job, JobState.canceled)
    stop, job.stop = job.stop, None
    session.flush()
    if stop is not None and not stop.jobs and stop.state is StopState.pending:
        STOP_STATES.move(stop, StopState.failed)
        stop.reason, stop.ended_at = CANCELED, now
        if run is not None and run.state is RunState.underway:
            end_run_if_over(run)
        session.flush()


def _locked_run(session: Session, reference: str) -> Run | None:
    """The run the job is on: locked before the job, in the order of whoever drives it."""
    of_job = select(Stop.run_id).join(Stop.jobs).where(Job.reference == reference)
    return session.scalar(select(Run).where(Run.id.in_(of_job)).with_for_update(of=Run))


def _locked(session: Session, reference: str) -> Job | None:
    locked = select(Job).where(Job.reference == reference).with_for_update()
    return session.scalar(locked.execution_options(populate_existing=True))
