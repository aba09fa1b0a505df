"""A machine's life by its serial number: who made it, where it was sold, delivered, repaired and taken apart.

Each event is a row chained by hash to the one before it, and never changed. No row says whose it was.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, CheckConstraint, ForeignKey, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.catalog.recall_rule import SERIAL_LENGTH, normalized
from market.kernel.chain import GENESIS, chain_hash, first_break
from market.kernel.db import Base


class TraceKind(StrEnum):
    """What can happen to a machine."""

    received = "received"
    sold = "sold"
    taken_back = "taken_back"
    delivered = "delivered"
    installed = "installed"
    subsidized = "subsidized"
    repaired = "repaired"
    recalled = "recalled"
    remedied = "remedied"
    wiped = "wiped"
    resold = "resold"
    dismantled = "dismantled"


class TraceEvent(Base):
    """One thing that happened to the machine of a serial number."""

    __tablename__ = "trace_events"
    __table_args__ = (CheckConstraint("seq >= 0", name="seq"),)

    serial: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TraceKind]
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("products.id"))
    details: Mapped[dict[str, Any]]
    happened_at: Mapped[datetime]
    hash: Mapped[str]


def record(
    session: Session,
    serial: str,
    kind: TraceKind,
    now: datetime,
    *,
    product_id: uuid.UUID | None = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """Write down what happened to a machine. `details` are hashed and public: nothing of a person's.

    The same thing (kind and details) is written once, until the machine comes back to its shop. A text that
    cannot be a serial number is left out.
    """
    number = normalized(serial)
    if len(number) not in SERIAL_LENGTH:
        return
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"trace:{number}", 0))))
    earlier, said = trail(session, number), dict(details or {})
    if any(row.kind is kind and row.details == said for row in _this_time(earlier, kind)):
        return
    last = earlier[-1] if earlier else None
    row = TraceEvent(
        serial=number,
        seq=last.seq + 1 if last else 0,
        kind=kind,
        product_id=product_id,
        details=said,
        happened_at=now,
    )
    row.hash = chain_hash(last.hash if last else GENESIS, _plain(row))
    session.add(row)
    session.flush()


def trail(session: Session, serial: str) -> Sequence[TraceEvent]:
    """Everything written down of the machine, the first thing first."""
    return session.scalars(
        select(TraceEvent).where(TraceEvent.serial == normalized(serial)).order_by(TraceEvent.seq)
    ).all()


def broken_at(events: Sequence[TraceEvent]) -> int | None:
    """The place of the first row that was changed after it was written; None where none was."""
    return first_break((_plain(row), row.hash) for row in events)


def _this_time(events: Sequence[TraceEvent], kind: TraceKind) -> Sequence[TraceEvent]:
    """The events since the machine was last back in a shop; for its coming back, since it was last sold."""
    turn = TraceKind.sold if kind is TraceKind.taken_back else TraceKind.taken_back
    start = max((row.seq for row in events if row.kind is turn), default=-1)
    return [row for row in events if row.seq > start]


def _plain(row: TraceEvent) -> dict[str, Any]:
    return {
        "serial": row.serial,
        "seq": row.seq,
        "kind": row.kind.value,
        "product": str(row.product_id) if row.product_id else None,
        "details": row.details,
        "at": row.happened_at.astimezone(UTC).isoformat(),
    }


event.listen(
    TraceEvent.__table__,
    "after_create",
    DDL(
        """
        CREATE OR REPLACE FUNCTION trace_keep_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'a trace is kept as written' USING ERRCODE = 'restrict_violation'; END $$;
        CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON trace_events
        FOR EACH ROW EXECUTE FUNCTION trace_keep_as_written();
        """
    ),
)
