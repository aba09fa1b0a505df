"""Housekeeping of the kernel's own tables, and of what is sealed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from market.kernel import shown
from market.kernel.once import IdempotencyKey
from market.kernel.outbox import OutboxRow, OutboxState
from market.kernel.seal import Seal
from market.privacy import sealed

KEEP_DONE = timedelta(days=30)
KEEP_KEYS = timedelta(days=7)


def tidy(session: Session, now: datetime) -> None:
    """Drop old outbox rows and idempotency keys nobody can still be retrying; fold `shown`'s counts."""
    session.execute(
        delete(OutboxRow).where(OutboxRow.state == OutboxState.done, OutboxRow.done_at < now - KEEP_DONE)
    )
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEEP_KEYS))
    shown.fold(session)


def renew_seals(engine: Engine, secrets: Sequence[str]) -> int:
    """Seal with the newest key what an earlier one sealed: how many values. Cut off, it goes on next time."""
    renewed = 0
    for column in sealed.SEALED:
        seal = Seal(secrets, column.purpose)
        with Session(engine) as session:
            rows = sealed.stale(session, column, seal)
        for part in sealed.in_parts(rows):
            with Session(engine) as session, session.begin():
                renewed += sealed.renew(session, column, part, seal)
    return renewed
