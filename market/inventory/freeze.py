"""Pieces that are called back may not be promised to anybody, from one moment on."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.inventory.models import SerialNumber, SerialState, Stock


def freeze(session: Session, listing_ids: Collection[uuid.UUID]) -> None:
    """From now on nobody gets a piece of these listings: who has begun to take one waits and is refused.

    Rows are locked in the order of their ids, as checkouts do.
    """
    _set(session, listing_ids, frozen=True)


def thaw(session: Session, listing_ids: Collection[uuid.UUID]) -> None:
    """The pieces that are left may be sold again."""
    _set(session, listing_ids, frozen=False)


def pieces_of(session: Session, product_id: uuid.UUID) -> Sequence[SerialNumber]:
    """Every piece of the product whose number is known, in the shops and sold."""
    return session.scalars(
        select(SerialNumber).where(SerialNumber.product_id == product_id).order_by(SerialNumber.serial)
    ).all()


def sold_to(session: Session, reference: str) -> Sequence[SerialNumber]:
    """The pieces that went to the reference."""
    return session.scalars(
        select(SerialNumber)
        .where(SerialNumber.reference == reference, SerialNumber.state == SerialState.sold)
        .order_by(SerialNumber.serial)
    ).all()


def _set(session: Session, listing_ids: Collection[uuid.UUID], *, frozen: bool) -> None:
    session.execute(
        select(Stock.listing_id)
        .where(Stock.listing_id.in_(list(listing_ids)))
        .order_by(Stock.listing_id)
        .with_for_update()
    )
    session.execute(update(Stock).where(Stock.listing_id.in_(list(listing_ids))).values(frozen=frozen))
