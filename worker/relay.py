"""From the outbox to the broker, and again where a message seems lost."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.kernel.outbox import OutboxRow, OutboxState

AT_ONCE = 200
STUCK_AFTER = timedelta(seconds=60)


def relay(session: Session, send: Callable[[uuid.UUID], object], now: datetime) -> int:
    """Hand due rows to `send` and mark them sent; returns how many.

    Rows that another relay holds are skipped. Where `send` raises, nothing is marked: the caller's
    transaction rolls back, and a message that had already left finds its row still to be done, once.
    """
    due = (
        select(OutboxRow.id)
        .where(OutboxRow.state == OutboxState.pending, OutboxRow.due_at <= now)
        .order_by(OutboxRow.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(due).all()
    for row_id in ids:
        send(row_id)
    session.execute(
        update(OutboxRow).where(OutboxRow.id.in_(ids)).values(state=OutboxState.sent, sent_at=now)
    )
    return len(ids)


def sweep(session: Session, now: datetime) -> int:
    """Make rows whose message seems lost due again; returns how many. A row being worked on is skipped."""
    stuck = (
        select(OutboxRow.id)
        .where(OutboxRow.state == OutboxState.sent, OutboxRow.sent_at < now - STUCK_AFTER)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(stuck).all()
    session.execute(update(OutboxRow).where(OutboxRow.id.in_(ids)).values(state=OutboxState.pending))
    return len(ids)
