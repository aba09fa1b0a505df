"""Stops and proofs, recomputed from what couriers' phones told; shares, from the cost they share."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.delivery.models import Batch, BatchShare, CourierEvent, EventKind, EventOutcome, Proof, Stop


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each ending its stop does not bear out, and for shares that do not sum up."""
    yield from _ending_breaks(session)
    yield from _share_breaks(session)


def _ending_breaks(session: Session) -> Iterator[str]:
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


def _share_breaks(session: Session) -> Iterator[str]:
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
