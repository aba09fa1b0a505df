"""Sold pieces come back from their buyer: onto the shelf, or written off."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.catalog.trace import TraceKind, record
from market.inventory.models import Movement, MovementKind, SerialNumber, SerialState, Stock
from market.inventory.receive import adjust
from market.kernel.errors import Refused
from market.kernel.ids import new_id


def come_back(
    session: Session,
    listing_id: uuid.UUID,
    quantity: int,
    written_off: int,
    write_off_reason: str,
    reference: str,
    now: datetime,
    moved_by: uuid.UUID | None = None,
) -> None:
    """`quantity` sold pieces are in their shop again; `written_off` of them cannot be sold, for a reason.

    Both are movements, so that the shelf's history tells of every piece. Once per `reference`. Raises Refused
    as `adjust`, and ValueError where more is written off than came.
    """
    if not 0 <= written_off <= quantity:
        raise ValueError(f"{written_off} of {quantity} pieces cannot be written off")
    if quantity == 0 or _came_before(session, listing_id, reference):
        return
    session.execute(
        update(Stock).where(Stock.listing_id == listing_id).values(on_hand=Stock.on_hand + quantity)
    )
    session.add(
        Movement(
            id=new_id(),
            listing_id=listing_id,
            kind=MovementKind.returned,
            quantity=quantity,
            reference=reference,
            moved_by=moved_by,
            moved_at=now,
        )
    )
    session.flush()
    if written_off:
        adjust(session, listing_id, -written_off, write_off_reason, now, moved_by)


def take_serials_back(
    session: Session, sold_for: str, serials: Sequence[str], now: datetime, *, sellable: bool
) -> None:
    """The pieces with these numbers, sold for the reference `sold_for`, may be sold again or never.

    Raises Refused(``inventory.serial_not_hers``, field serials) for a number that was not sold for it.
    """
    pieces = session.scalars(
        select(SerialNumber)
        .where(SerialNumber.reference == sold_for, SerialNumber.serial.in_(serials))
        .order_by(SerialNumber.id)
        .with_for_update()
    ).all()
    if strange := sorted(set(serials) - {piece.serial for piece in pieces}):
        raise Refused("inventory.serial_not_hers", field="serials", serial=strange[0])
    for piece in pieces:
        piece.state = SerialState.in_stock if sellable else SerialState.written_off
        piece.reference = piece.sold_at = None
        record(session, piece.serial, TraceKind.taken_back, now, product_id=piece.product_id)
    session.flush()


def serials_of(session: Session, reference: str) -> list[str]:
    """The numbers of the pieces that were sold for `reference`."""
    found = select(SerialNumber.serial).where(SerialNumber.reference == reference)
    return list(session.scalars(found.order_by(SerialNumber.serial)))


def _came_before(session: Session, listing_id: uuid.UUID, reference: str) -> bool:
    """The stock row first: of two that bring the same pieces back, the second finds them there."""
    session.scalar(select(Stock.listing_id).where(Stock.listing_id == listing_id).with_for_update())
    known = select(Movement.id).where(Movement.reference == reference, Movement.kind == MovementKind.returned)
    return session.scalar(known) is not None
