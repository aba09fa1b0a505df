"""Stops and proofs, recomputed from what couriers' phones told; and that a job is in one batch only."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.models import CourierEvent, EventKind, EventOutcome, Job, JobState, Proof, Run, Stop


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each ending that its stop does not bear out, and each job on another batch's run."""
    yield from _endings(session)
    yield from _strays(session)


def _endings(session: Session) -> Iterator[str]:
    booked = (
        select(CourierEvent.event_id, CourierEvent.kind, Stop.id, Stop.state, Proof.stop_id)
        .join(Stop, Stop.id == CourierEvent.stop_id)
        .outerjoin(Proof, Proof.stop_id == Stop.id)
        .where(
            CourierEvent.kind.in_((EventKind.done, EventKind.failed)),
            CourierEvent.outcome == EventOutcome.applied,
        )
        .order_by(CourierEvent.id)
    )
    for event_id, kind, stop_id, state, proof_id in session.execute(booked):
        is_borne_out = state.value == kind.value and (kind is EventKind.failed or proof_id is not None)
        if not is_borne_out:
            yield f"stop {stop_id}: told {kind} by {event_id}, but is {state}"


def _strays(session: Session) -> Iterator[str]:
    in_batch = Job.state.in_((JobState.batched, JobState.scheduled, JobState.underway))
    strays = select(Job.reference).join(Job.stop).join(Stop.run).where(in_batch, Run.batch_id != Job.batch_id)
    for reference in session.scalars(strays.order_by(Job.reference)):
        yield f"job {reference}: is in one batch and on the run of another"
