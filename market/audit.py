"""Recompute every book from its rows: what `market audit` prints, and exits 1 for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.aftersales import audit as aftersales
from market.cash import audit as cash
from market.catalog import audit as catalog
from market.collection import audit as collection
from market.credit import audit as credit
from market.delivery import audit as delivery
from market.fairs import audit as fairs
from market.groups import audit as groups
from market.inventory import audit as stock
from market.invoices import audit as invoices
from market.kernel.outbox import OutboxRow, OutboxState
from market.kernel.seal import Seal
from market.ledger import audit as ledger
from market.orders import audit as orders
from market.oversight import audit as oversight
from market.payments import audit as payments
from market.points import audit as points
from market.privacy import sealed
from market.recalls import audit as recalls
from market.recycling import audit as recycling
from market.scenes import audit as scenes
from market.search import audit as search
from market.settlements import audit as settlements
from market.settlements.bank_account import SEAL_PURPOSE
from market.shops import audit as shops
from market.subsidies import audit as subsidies

OVERDUE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that does not add up, in the book where it was found."""

    book: str
    detail: str


def run(session: Session, now: datetime, secrets: Sequence[str] = ()) -> list[Break]:
    """Every break in every book; an empty list is a clean audit. What is sealed is read with `secrets`."""
    books = {
        "ledger": ledger.breaks(session),
        "stock": stock.breaks(session),
        "points": points.breaks(session),
        "subsidies": subsidies.breaks(session),
        "delivery": delivery.breaks(session),
        "cash": cash.breaks(session),
        "orders": orders.breaks(session),
        "invoices": invoices.breaks(session),
        "payments": payments.breaks(session),
        "settlements": settlements.breaks(session),
        "recycling": recycling.breaks(session),
        "aftersales": aftersales.breaks(session),
        "recalls": recalls.breaks(session),
        "oversight": oversight.breaks(session),
        "collection": collection.breaks(session),
        "credit": credit.breaks(session),
        "shops": shops.breaks(session),
        "pictures": catalog.lost_pictures(session),
        "zone": catalog.breaks(session, now),
        "scenes": scenes.breaks(session),
        "groups": groups.breaks(session),
        "fairs": fairs.breaks(session),
        "search": search.breaks(session),
        "outbox": _outbox_breaks(session, now),
    }
    if secrets:
        books["seals"] = sealed.unreadable(session, secrets)
        books["bank files"] = settlements.changed_files(session, Seal(secrets, SEAL_PURPOSE))
    return [Break(book, detail) for book, details in books.items() for detail in details]


def _outbox_breaks(session: Session, now: datetime) -> Iterator[str]:
    for row in session.scalars(select(OutboxRow).where(OutboxRow.state == OutboxState.dead)):
        yield f"{row.kind} {row.id} was given up after {row.attempts} attempts: {row.last_error}"
    overdue = select(OutboxRow).where(
        OutboxRow.state.in_((OutboxState.pending, OutboxState.sent)),
        OutboxRow.due_at < now - OVERDUE_AFTER,
        OutboxRow.created_at < now - OVERDUE_AFTER,
    )
    for row in session.scalars(overdue):
        yield f"{row.kind} {row.id} has been due since {row.due_at:%Y-%m-%d %H:%M} UTC"
