"""What the public may know of the machine with a serial number: its papers, its trace, and open recalls."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from market.catalog import trace
from market.catalog.models import Product
from market.catalog.recall_rule import SERIAL_LENGTH, covers, normalized
from market.catalog.recalled import RecalledSerial, RecallScope
from market.catalog.trace import TraceEvent
from market.inventory.models import SerialNumber
from market.recalls.models import Recall


@dataclass(frozen=True, slots=True)
class Machine:
    """One number's machine: the products that have it (more than one is rare), its events, and its recalls.

    `broken_at` is the place of the first event that was changed after it was written.
    """

    serial: str
    products: Sequence[Product]
    batch: str | None
    events: Sequence[TraceEvent]
    broken_at: int | None
    recalls: Sequence[Recall]
    is_recalled: bool


def machine(session: Session, serial: str) -> Machine | None:
    """What is known of the machine; None where nothing is."""
    number = normalized(serial)
    if len(number) not in SERIAL_LENGTH:
        return None
    events = trace.trail(session, number)
    pieces = session.scalars(
        select(SerialNumber).where(SerialNumber.serial.in_({number, serial.strip()}))
    ).all()
    ids = {piece.product_id for piece in pieces} | {row.product_id for row in events if row.product_id}
    marks = session.scalars(select(RecalledSerial).where(RecalledSerial.serial == number)).all()
    ids |= {mark.product_id for mark in marks}
    batch = next((piece.batch for piece in pieces if piece.batch), None)
    hit = _hit_by(session, number, batch, ids)
    if not events and not ids and not hit:
        return None
    cleared = {mark.reference for mark in marks if mark.cleared_at}
    hit |= {mark.reference for mark in marks}
    return Machine(
        serial=number,
        products=_products(session, ids),
        batch=batch,
        events=events,
        broken_at=trace.broken_at(events),
        recalls=_recalls(session, hit),
        is_recalled=bool(hit - cleared),
    )


def _hit_by(session: Session, number: str, batch: str | None, ids: set[uuid.UUID]) -> set[str]:
    """The references of scopes that cover the number; a run of numbers holds for good, others until ended."""
    return {
        row.reference
        for row in session.scalars(select(RecallScope))
        if (row.first_serial and covers(row.scope, number, batch))
        or (row.ended_at is None and row.product_id in ids and covers(row.scope, number, batch))
    }


def _products(session: Session, ids: set[uuid.UUID]) -> Sequence[Product]:
    papers = selectinload(Product.labels), selectinload(Product.certificates)
    return session.scalars(select(Product).where(Product.id.in_(ids)).options(*papers)).all()


def _recalls(session: Session, references: set[str]) -> Sequence[Recall]:
    ids = [uuid.UUID(reference.removeprefix("recall:")) for reference in references]
    return session.scalars(select(Recall).where(Recall.id.in_(ids)).order_by(Recall.id)).all()
