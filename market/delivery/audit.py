"""Stops and proofs, recomputed from what couriers' phones told."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.models import CourierEvent, EventKind, EventOutcome, Proof, Stop


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each ending that was booked and that its stop does not bear out."""
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
