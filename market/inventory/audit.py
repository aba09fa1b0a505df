"""Recompute stock from its movements and reservations."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.inventory.models import Movement, Reservation, ReservationState, Stock


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each listing whose stock its movements or reservations do not bear out."""
    moved = _total(Movement.quantity, Movement.listing_id == Stock.listing_id)
    promised = [
        _total(Reservation.quantity, Reservation.listing_id == Stock.listing_id, Reservation.state == state)
        for state in (ReservationState.reserved, ReservationState.allocated)
    ]
    rows = session.execute(
        select(Stock.listing_id, Stock.on_hand, Stock.reserved, Stock.allocated, moved, *promised)
    )
    for listing_id, on_hand, reserved, allocated, *sums in rows:
        told, found = (on_hand, reserved, allocated), tuple(map(int, sums))
        if told != found:
            yield f"stock of listing {listing_id}: row {told}, movements and reservations {found}"


def _total(quantity: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(select(func.sum(quantity)).where(*where).scalar_subquery(), 0)
