"""What one reference claims of a listing's stock, from reserved through allocated to shipped or released."""

import uuid
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from market.catalog.trace import TraceKind, record
from market.inventory.models import (
    RESERVATION_STATES,
    Movement,
    MovementKind,
    Reservation,
    ReservationState,
    SerialNumber,
    SerialState,
    Stock,
)
from market.inventory.queries import left
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id

# One statement for what a hot product is asked most: its row is locked for as short as can be.
_TAKE = text("""
WITH taken AS (
  UPDATE stock SET reserved = reserved + :quantity
   WHERE listing_id = :listing_id AND on_hand - reserved - allocated >= :quantity AND NOT frozen
     AND NOT EXISTS (SELECT FROM reservations WHERE reference = :reference)
  RETURNING listing_id
), kept AS (
  INSERT INTO reservations (reference, listing_id, quantity, state, created_at, changed_at)
  SELECT :reference, listing_id, :quantity, 'reserved', :now, :now FROM taken
  ON CONFLICT DO NOTHING RETURNING reference
)
SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM kept)
""")


def reserve(session: Session, listing_id: uuid.UUID, quantity: int, reference: str, now: datetime) -> None:
    """Keep `quantity` pieces for `reference`; a reference that has its pieces gets no more.

    Raises Refused(``inventory.short``, field quantity, left=…), or ``inventory.frozen`` where what there is
    was called back: nothing is kept then.
    """
    if quantity <= 0:
        raise ValueError("a reservation is of one piece or more")
    row = {"listing_id": listing_id, "quantity": quantity, "reference": reference, "now": now}
    session.flush()
    was_taken, was_kept = session.connection().execute(_TAKE, row).one()
    if was_taken and not was_kept:  # the same reference came twice at once, and the other was first
        _count(session, listing_id, reserved=-quantity)
    elif not was_taken and session.get(Reservation, reference) is None:
        raise _refusal(session, listing_id)


def _refusal(session: Session, listing_id: uuid.UUID) -> Refused:
    if session.scalar(select(Stock.frozen).where(Stock.listing_id == listing_id)):
        return Refused("inventory.frozen", field="quantity")
    return Refused("inventory.short", field="quantity", left=left(session, [listing_id]).get(listing_id, 0))


def allocate(session: Session, reference: str, now: datetime) -> None:
    """The shop confirmed: the reserved pieces are set aside. Once. Raises NotFound, Refused."""
    found = _move(session, reference, ReservationState.allocated, now)
    if found:
        _count(session, found.listing_id, reserved=-found.quantity, allocated=found.quantity)


def release(session: Session, reference: str, now: datetime) -> None:
    """Nobody will take the pieces: they can be sold again. Once. Raises NotFound, Refused."""
    was = _locked(session, reference).state
    found = _move(session, reference, ReservationState.released, now)
    if found and was is ReservationState.reserved:
        _count(session, found.listing_id, reserved=-found.quantity)
    elif found:
        _count(session, found.listing_id, allocated=-found.quantity)


def ship(session: Session, reference: str, now: datetime) -> None:
    """The allocated pieces left the shop. Once. Raises NotFound, Refused."""
    found = _move(session, reference, ReservationState.shipped, now)
    if found is None:
        return
    _count(session, found.listing_id, on_hand=-found.quantity, allocated=-found.quantity)
    session.add(
        Movement(
            id=new_id(),
            listing_id=found.listing_id,
            kind=MovementKind.shipped,
            quantity=-found.quantity,
            reference=reference,
            moved_at=now,
        )
    )
    session.flush()


def take_back(session: Session, reference: str, now: datetime) -> None:
    """The shipped pieces are in their shop again, their serial numbers with them. Once. Raises as `ship`."""
    found = _move(session, reference, ReservationState.returned, now)
    if found is None:
        return
    _count(session, found.listing_id, on_hand=found.quantity)
    session.add(
        Movement(
            id=new_id(),
            listing_id=found.listing_id,
            kind=MovementKind.returned,
            quantity=found.quantity,
            reference=reference,
            moved_at=now,
        )
    )
    _trace_back(session, reference, now)
    session.execute(
        update(SerialNumber)
        .where(SerialNumber.reference == reference)
        .values(state=SerialState.in_stock, reference=None, sold_at=None)
    )
    session.flush()


def _trace_back(session: Session, reference: str, now: datetime) -> None:
    pieces = select(SerialNumber).where(SerialNumber.reference == reference).order_by(SerialNumber.serial)
    for piece in session.scalars(pieces):
        record(session, piece.serial, TraceKind.taken_back, now, product_id=piece.product_id)


def _locked(session: Session, reference: str) -> Reservation:
    found = session.get(Reservation, reference, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _move(session: Session, reference: str, to: ReservationState, now: datetime) -> Reservation | None:
    """The reservation after its move, or None where it had been made before."""
    found = _locked(session, reference)
    if found.state is to:
        return None
    RESERVATION_STATES.move(found, to)
    found.changed_at = now
    session.flush()
    return found


def _count(
    session: Session, listing_id: uuid.UUID, *, on_hand: int = 0, reserved: int = 0, allocated: int = 0
) -> None:
    session.execute(
        update(Stock)
        .where(Stock.listing_id == listing_id)
        .values(
            on_hand=Stock.on_hand + on_hand,
            reserved=Stock.reserved + reserved,
            allocated=Stock.allocated + allocated,
        )
    )
