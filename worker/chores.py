"""Housekeeping of the kernel's own tables."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from market.kernel.once import IdempotencyKey
from market.kernel.outbox import OutboxRow, OutboxState

KEEP_DONE = timedelta(days=30)
KEEP_KEYS = timedelta(days=7)


def tidy(session: Session, now: datetime) -> None:
    """Drop outbox rows done long ago, and idempotency keys nobody can still be retrying."""
    session.execute(
        delete(OutboxRow).where(OutboxRow.state == OutboxState.done, OutboxRow.done_at < now - KEEP_DONE)
    )
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEEP_KEYS))
