"""Which pieces a recall is of: in the shops, on their way, and with their buyers."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recall_rule import Scope, may_cover, normalized
from market.catalog.recalled import mark
from market.catalog.trace import TraceKind, record
from market.delivery.queries import proof_of
from market.inventory.freeze import pieces_of
from market.inventory.models import SerialNumber, SerialState
from market.kernel.ids import new_id
from market.orders.models import Fulfillment, Order, OrderLine, ShopOrder
from market.orders.recalled import STOPPABLE, lines_of_product
from market.orders.trace import known_serials
from market.payments.queries import pieces_given_back
from market.recalls.models import Recall, RecallUnit
from market.recalls.states import UnitState
from market.shops.models import Shop


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece that is hit: with its buyer's account and order line where she has it."""

    key: str
    serial: str | None
    listing_id: uuid.UUID
    county_code: str
    account_id: uuid.UUID | None = None
    order_line_id: uuid.UUID | None = None


def in_shops(session: Session, product_id: uuid.UUID, scope: Scope) -> list[Piece]:
    """The pieces in shops whose number says that they are hit."""
    counties = {
        row[0]: row[1]
        for row in session.execute(
            select(Listing.id, Shop.county_code)
            .join(Shop, Shop.id == Listing.shop_id)
            .where(Listing.product_id == product_id)
        )
    }
    return [
        Piece(f"serial:{normalized(row.serial)}", row.serial, row.listing_id, counties[row.listing_id])
        for row in pieces_of(session, product_id)
        if row.state is SerialState.in_stock and may_cover(scope, row.serial, row.batch)
    ]


def delivered(session: Session, product_id: uuid.UUID, scope: Scope) -> list[Piece]:
    """The pieces that buyers have and that are hit; one without a number is, until it is known better."""
    batches = {row.serial: row.batch for row in pieces_of(session, product_id)}
    lines = lines_of_product(session, product_id, [Fulfillment.delivered])
    return [piece for row in lines for piece in _of_line(session, *row, scope, batches)]


def under_way(session: Session, product_id: uuid.UUID, scope: Scope) -> list[ShopOrder]:
    """The undelivered shop orders that have to stop.

    Where only some pieces are called back, what is still in its shop is served with others; what has left it
    is stopped unless its numbers say that it is safe.
    """
    parts = {}
    for line, part, _order in lines_of_product(session, product_id, STOPPABLE):
        if _must_stop(session, line, part, scope):
            parts[part.id] = part
    return list(parts.values())


def write_down(session: Session, recall: Recall, pieces: Sequence[Piece], now: datetime) -> None:
    """Keep the pieces as the recall's units. Twice is once."""
    for piece in pieces:
        row = insert(RecallUnit).values(
            id=new_id(),
            recall_id=recall.id,
            key=piece.key,
            serial=piece.serial,
            listing_id=piece.listing_id,
            county_code=piece.county_code,
            account_id=piece.account_id,
            order_line_id=piece.order_line_id,
            state=UnitState.listed,
            cost_fen=0,
            note="",
            changed_at=now,
        )
        session.execute(row.on_conflict_do_nothing(index_elements=["recall_id", "key"]))
    known = [piece.serial for piece in pieces if piece.serial]
    mark(session, recall.reference, recall.product_id, known, now)
    for serial in sorted(known):
        details = {"recall": recall.code}
        record(session, serial, TraceKind.recalled, now, product_id=recall.product_id, details=details)


def give_to_buyers(session: Session, recall: Recall, pieces: Sequence[Piece], now: datetime) -> None:
    """Pieces that were counted in a shop are with these buyers now."""
    for piece in pieces:
        found = select(RecallUnit).where(RecallUnit.recall_id == recall.id, RecallUnit.key == piece.key)
        unit = session.scalars(found.with_for_update()).one()
        if unit.account_id is None:
            unit.account_id, unit.order_line_id = piece.account_id, piece.order_line_id
            unit.county_code, unit.state, unit.changed_at = piece.county_code, UnitState.listed, now
    session.flush()


def _of_line(
    session: Session,
    line: OrderLine,
    part: ShopOrder,
    order: Order,
    scope: Scope,
    batches: dict[str, str | None],
) -> Iterator[Piece]:
    serials = known_serials(session, line, proof_of(session, part.reference))
    left = line.quantity - pieces_given_back(session, line.id)
    unknown = [None] * max(0, left - len(serials))
    for number, serial in enumerate([*serials, *unknown], start=1):
        if may_cover(scope, serial, batches.get(serial) if serial else None):
            key = f"serial:{normalized(serial)}" if serial else f"line:{line.id}:{number}"
            yield Piece(key, serial, line.listing_id, order.county_code, order.account_id, line.id)


def _must_stop(session: Session, line: OrderLine, part: ShopOrder, scope: Scope) -> bool:
    if scope.is_whole:
        return True
    if part.state in (Fulfillment.placed, Fulfillment.confirmed):
        return False
    sold = session.scalars(select(SerialNumber).where(SerialNumber.reference == line.reference)).all()
    unknown = len(sold) < line.quantity
    return unknown or any(may_cover(scope, piece.serial, piece.batch) for piece in sold)
