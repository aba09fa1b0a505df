"""Pieces come in, and counts are put right."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recalled import whole_of
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
    """`quantity` new pieces of a listing are in the shop. Raises as `receive_all`."""
    receive_all(session, {listing_id: quantity}, reason, now, moved_by)


def receive_all(
    session: Session,
    pieces: Mapping[uuid.UUID, int],
    reason: str,
    now: datetime,
    moved_by: uuid.UUID | None = None,
) -> None:
    """New `pieces` by listing are in the shop. Raises Refused(``inventory.quantity``).

    Pieces of a model that is called back are frozen from the start.
    """
    if not all(0 < quantity <= MOST_PIECES for quantity in pieces.values()):
        raise Refused("inventory.quantity", field="quantity", most=MOST_PIECES)
    if not pieces:
        return
    named = select(Listing.id, Listing.product_id).where(Listing.id.in_(pieces))
    products = dict(session.execute(named).all())
    whole = whole_of(session, set(products.values()))
    new = insert(Stock).values(
        listing_id=bindparam("listing"), on_hand=bindparam("pieces"), reserved=0, allocated=0,
        frozen=bindparam("is_frozen"),
    )  # fmt: skip
    rows = [
        {"listing": one, "pieces": pieces[one], "is_frozen": products[one] in whole} for one in sorted(pieces)
    ]
    added = {"on_hand": Stock.on_hand + new.excluded.on_hand}
    session.connection().execute(new.on_conflict_do_update(index_elements=["listing_id"], set_=added), rows)
    for listing_id, quantity in pieces.items():
        session.add(_movement(listing_id, MovementKind.received, quantity, reason, now, moved_by))
    session.flush()
    there = select(Stock).where(Stock.listing_id.in_(pieces)).execution_options(populate_existing=True)
    session.scalars(there).all()


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
    session.add(_movement(listing_id, MovementKind.adjusted, change, reason, now, moved_by))
    session.flush()
    if stock := session.get(Stock, listing_id):
        session.refresh(stock)


def _movement(
    listing_id: uuid.UUID,
    kind: MovementKind,
    quantity: int,
    reason: str,
    now: datetime,
    moved_by: uuid.UUID | None,
) -> Movement:
    return Movement(
        id=new_id(),
        listing_id=listing_id,
        kind=kind,
        quantity=quantity,
        reason=reason.strip() or None,
        moved_by=moved_by,
        moved_at=now,
    )
