"""The one way an order changes state: a legal move, and a row of custody chained to the one before."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.chain import GENESIS, chain_hash, first_break
from market.kernel.errors import NotFound
from market.recycling.models import CustodyEvent, RecyclingOrder
from market.recycling.states import STATES, RecyclingState

CONSUMER = "consumer"
CARRIER = "carrier"
CLOCK = "clock"
MARKET = "market"


def recycler(account_id: uuid.UUID) -> str:
    """How custody names a recycler's member of staff."""
    return f"recycler:{account_id}"


def lock(session: Session, order_id: uuid.UUID) -> RecyclingOrder:
    """The order, its row locked until the transaction ends and read anew. Raises NotFound."""
    order = session.get(RecyclingOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound
    return order


def move(
    session: Session, order: RecyclingOrder, to: RecyclingState, by: str, now: datetime, **details: Any
) -> None:
    """Move a locked `order` and record who did it. Raises Refused(``state.illegal_move``).

    `details` are what is worth proving later (weight, seal, offer, reasons); they are hashed, so JSON only.
    """
    STATES.move(order, to)
    order.state_since = now
    record(session, order, by, now, **details)


def record(session: Session, order: RecyclingOrder, by: str, now: datetime, **details: Any) -> None:
    """Write the row for the state that `order` is in."""
    last = session.execute(
        select(CustodyEvent.seq, CustodyEvent.hash)
        .where(CustodyEvent.order_id == order.id)
        .order_by(CustodyEvent.seq.desc())
        .limit(1)
    ).one_or_none()
    seq, previous = (last.seq + 1, last.hash) if last else (0, GENESIS)
    event = CustodyEvent(
        order_id=order.id, seq=seq, state=order.state, by=by, details=details, happened_at=now
    )
    event.hash = chain_hash(previous, _row(event))
    session.add(event)
    session.flush()


def trail(session: Session, order_id: uuid.UUID) -> Sequence[CustodyEvent]:
    """Every move of an order, the first one first."""
    return session.scalars(
        select(CustodyEvent).where(CustodyEvent.order_id == order_id).order_by(CustodyEvent.seq)
    ).all()


def broken_at(events: Sequence[CustodyEvent]) -> int | None:
    """The place of the first row that was changed after it was written; None where none was."""
    return first_break((_row(event), event.hash) for event in events)


def _row(event: CustodyEvent) -> dict[str, Any]:
    return {
        "order": str(event.order_id),
        "seq": event.seq,
        "state": event.state.value,
        "by": event.by,
        "details": event.details,
        "at": event.happened_at.astimezone(UTC).isoformat(),
    }
