"""Stops and proofs, from what phones told; shares, from the cost they share; a job's batch, from its run."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.delivery.models import (
    Batch,
    BatchShare,
    CourierEvent,
    EventKind,
    EventOutcome,
    Job,
    JobState,
    Proof,
    Run,
    Stop,
)


def breaks(session: Session) -> Iterator[str]:
    """Sentences: endings that their stops do not bear out, stray jobs, shares that do not sum up."""
    yield from _endings(session)
    yield from _strays(session)
    yield from _shares(session)


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


def _shares(session: Session) -> Iterator[str]:
    """Shares are the plan's cost, or, where that is above everyone's alone, what all cost alone."""
    shares, alone = func.sum(BatchShare.share_fen), func.sum(BatchShare.alone_fen)
    rows = session.execute(
        select(Batch.id, Batch.alone_fen, func.least(Batch.cost_fen, Batch.alone_fen), shares, alone)
        .outerjoin(BatchShare, BatchShare.batch_id == Batch.id)
        .group_by(Batch.id)
        .order_by(Batch.id)
        .having((Batch.alone_fen.is_distinct_from(alone)) | (func.least(Batch.cost_fen, alone) != shares))
    )
    for batch_id, alone_fen, shared_fen, told_fen, told_alone_fen in rows:
        yield (
            f"batch {batch_id}: {shared_fen} of {alone_fen} fen to share, "
            f"shares of {told_fen} of {told_alone_fen} fen"
        )
