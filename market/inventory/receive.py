"""Pieces come in, and counts are put right."""

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recalled import is_whole
from market.inventory.models import Movement, MovementKind, Stock
from market.inventory.queries import left
from market.kernel.errors import Refused
from market.kernel.ids import new_id

MOST_PIECES = 100_000


def receive(
    session: Session,
    listing_id: uuid.UUID,
    quantity: int,
    reason: str,
    now: datetime,
    moved_by: uuid.UUID | None = None,
) -> None:
    """`quantity` new pieces of a listing are in the shop. Raises Refused(``inventory.quantity``).

    Pieces of a model that is called back are frozen from the start.
    """
    if not 0 < quantity <= MOST_PIECES:
        raise Refused("inventory.quantity", field="quantity", most=MOST_PIECES)
    product_id = session.scalars(select(Listing.product_id).where(Listing.id == listing_id)).one()
    session.execute(
        insert(Stock)
        .values(
            listing_id=listing_id,
            on_hand=quantity,
            reserved=0,
            allocated=0,
            frozen=is_whole(session, product_id),
        )
        .on_conflict_do_update(index_elements=["listing_id"], set_={"on_hand": Stock.on_hand + quantity})
        .execution_options(synchronize_session=False)
    )
    _record(session, listing_id, MovementKind.received, quantity, reason, now, moved_by)


def adjust(
    session: Session,
    listing_id: uuid.UUID,
    change: int,
    reason: str,
    now: datetime,
    moved_by: uuid.UUID | None = None,
) -> None:
    """A count found `change` pieces more, or fewer where it is negative, for a `reason` that is kept.

    Raises Refused: ``inventory.no_change``, ``inventory.quantity``, ``inventory.promised`` (field quantity),
    ``inventory.reason_missing`` (field reason). Promised pieces cannot be counted away.
    """
    if not reason.strip():
        raise Refused("inventory.reason_missing", field="reason")
    if change == 0:
        raise Refused("inventory.no_change", field="quantity")
    if abs(change) > MOST_PIECES:
        raise Refused("inventory.quantity", field="quantity", most=MOST_PIECES)
    changed = session.execute(
        update(Stock)
        .where(Stock.listing_id == listing_id, Stock.on_hand + change >= Stock.reserved + Stock.allocated)
        .values(on_hand=Stock.on_hand + change)
        .returning(Stock.listing_id)
    ).first()
    if changed is None:
        raise Refused(
            "inventory.promised", field="quantity", left=left(session, [listing_id]).get(listing_id, 0)
        )
    _record(session, listing_id, MovementKind.adjusted, change, reason, now, moved_by)


def _record(
    session: Session,
    listing_id: uuid.UUID,
    kind: MovementKind,
    quantity: int,
    reason: str,
    now: datetime,
    moved_by: uuid.UUID | None,
) -> None:
    session.add(
        Movement(
            id=new_id(),
            listing_id=listing_id,
            kind=kind,
            quantity=quantity,
            reason=reason.strip() or None,
            moved_by=moved_by,
            moved_at=now,
        )
    )
    session.flush()
    if stock := session.get(Stock, listing_id):
        session.refresh(stock)
