"""The outbox: every effect beyond the transaction that caused it, and every clock, is a row here.

A row is written by `emit` in the transaction of its cause. `worker.relay` sends due rows to Celery by id;
the task does the work and marks the row done in one transaction. A message may come twice, late or never:
the row is the truth. A future `due_at` is a timer that survives the loss of the broker.
"""

import uuid
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from sqlalchemy import DDL, Index, text
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.kernel.db import Base, Id
from market.kernel.ids import new_id


class OutboxState(StrEnum):
    pending = "pending"
    sent = "sent"
    done = "done"
    dead = "dead"


class OutboxRow(Base):
    """One thing to do. `kind` finds its handlers in `worker/handlers.py`; `payload` carries ids only."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_outbox_sent", "sent_at", postgresql_where=text("state = 'sent'")),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.pending)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
    last_error: Mapped[str | None]


_ONCE = insert(OutboxRow).on_conflict_do_nothing(index_elements=["dedupe_key"])

AUDIT_VIEW = DDL("CREATE VIEW audit_outbox AS SELECT id, kind, state, attempts, due_at FROM outbox")
sqlalchemy_event.listen(OutboxRow.__table__, "after_create", AUDIT_VIEW)
sqlalchemy_event.listen(OutboxRow.__table__, "before_drop", DDL("DROP VIEW IF EXISTS audit_outbox"))


class Event(Protocol):
    """A frozen dataclass in the past tense, with the class attribute `kind`."""

    kind: ClassVar[str]


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def emit(
    session: Session,
    event: Event,
    now: datetime,
    *,
    due_at: datetime | None = None,
    dedupe_key: str | None = None,
) -> None:
    """Write `event` to be handled at `due_at` (at once by default).

    With a `dedupe_key` the second row of the same key is left out: once means once.
    """
    if not is_dataclass(event) or isinstance(event, type):
        raise TypeError("an event is an instance of a dataclass")
    payload = {name: _plain(value) for name, value in asdict(event).items()}
    row = {
        "id": new_id(),
        "kind": event.kind,
        "payload": payload,
        "state": OutboxState.pending,
        "attempts": 0,
        "due_at": due_at or now,
        "created_at": now,
        "dedupe_key": dedupe_key,
    }
    session.flush()
    session.connection().execute(_ONCE, row)
