"""Do one outbox row, once."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.outbox import OutboxRow, OutboxState
from market.kernel.redact import redact
from worker.handlers import Handler

ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
ERROR_CHARS = 500


def work(
    session: Session, row_id: uuid.UUID, handlers: Mapping[str, tuple[Handler, ...]], now: datetime
) -> OutboxState | None:
    """Run the row's handlers and mark it, in the caller's transaction. Returns what became of it.

    None where there is nothing left to do. A failure undoes the handlers' work, and the row becomes due
    again later, or `dead` after `ATTEMPTS`.
    """
    # Waits for the lock: a message often arrives before the relay that sent it has committed, and a row
    # that was skipped then would rest until the sweeper finds it.
    row = session.scalar(
        select(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.state.in_((OutboxState.pending, OutboxState.sent)))
        .with_for_update()
    )
    if row is None:
        return None
    try:
        with session.begin_nested():
            for handler in handlers[row.kind]:
                handler(session, row.payload, now)
    except Exception as error:  # whatever a handler raises, the row must say so
        _postpone(row, f"{type(error).__name__}: {error}", now)
    else:
        row.state, row.done_at, row.last_error = OutboxState.done, now, None
    session.flush()
    return row.state


def wait_after(attempts: int) -> timedelta:
    """How long a row rests after its n-th failure."""
    return min(FIRST_WAIT * int(3 ** (attempts - 1)), LONGEST_WAIT)


def _postpone(row: OutboxRow, error: str, now: datetime) -> None:
    row.attempts += 1
    row.last_error = redact(error)[:ERROR_CHARS]
    row.due_at = now + wait_after(row.attempts)
    row.state = OutboxState.dead if row.attempts >= ATTEMPTS else OutboxState.pending
