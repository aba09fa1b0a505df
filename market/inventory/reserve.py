"""What one reference claims of a listing's stock, from reserved through allocated to shipped or released."""

import uuid
from datetime import datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

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


def reserve(session: Session, listing_id: uuid.UUID, quantity: int, reference: str, now: datetime) -> None:
    """Keep `quantity` pieces for `reference`; a reference that has its pieces gets no more.

    Raises Refused(``inventory.short``, field quantity, left=…): nothing is kept then.
    """
    if quantity <= 0:
        raise ValueError("a reservation is of one piece or more")
    # One statement for what a hot product is asked most: its row is locked for as short as can be.
    known = select(Reservation.reference).where(Reservation.reference == reference).exists()
    enough = Stock.on_hand - Stock.reserved - Stock.allocated >= quantity
    taken = (
        update(Stock)
        .where(Stock.listing_id == listing_id, enough, ~known)
        .values(reserved=Stock.reserved + quantity)
        .returning(Stock.listing_id)
        .cte("taken")
    )
    row = {
        "reference": literal(reference),
        "listing_id": taken.c.listing_id,
        "quantity": literal(quantity),
        "state": literal(ReservationState.reserved, Reservation.state.type),
        "created_at": literal(now),
        "changed_at": literal(now),
    }
    kept = (
        insert(Reservation)
        .from_select(list(row), select(*row.values()))
        .on_conflict_do_nothing()
        .returning(Reservation.reference)
        .cte("kept")
    )
    was_taken, was_kept = session.execute(
        select(
            select(func.count()).select_from(taken).scalar_subquery(),
            select(func.count()).select_from(kept).scalar_subquery(),
        )
    ).one()
    if was_taken and not was_kept:  # the same reference came twice at once, and the other was first
        _count(session, listing_id, reserved=-quantity)
    elif not was_taken and session.get(Reservation, reference) is None:
        raise Refused(
            "inventory.short", field="quantity", left=left(session, [listing_id]).get(listing_id, 0)
        )


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
    session.execute(
        update(SerialNumber)
        .where(SerialNumber.reference == reference)
        .values(state=SerialState.in_stock, reference=None, sold_at=None)
    )
    session.flush()


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
