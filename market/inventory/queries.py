"""Reads of stock. A door asks the catalog first whether the listing is the actor's."""

import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Row, Select, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from market.catalog.models import Listing, ListingState
from market.inventory.models import Movement, SerialNumber, Stock
from market.people.models import Account


class LedgerRow(NamedTuple):
    """A movement, the pieces on hand after it, and the name of who made it."""

    movement: Movement
    balance: int
    moved_by: str | None


def left(session: Session, listing_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many pieces of each listing can still be sold; one that never had any is left out."""
    return {row[0]: row[1] for row in session.execute(left_of(list(listing_ids)))}


def left_of(listing_ids: Sequence[uuid.UUID] | Select[uuid.UUID]) -> Select[uuid.UUID, int]:
    """Those listings with how many pieces of each can still be sold, for `kernel.together`."""
    pieces = case((Stock.frozen, 0), else_=Stock.on_hand - Stock.reserved - Stock.allocated)
    return select(Stock.listing_id, pieces.label("pieces")).where(Stock.listing_id.in_(listing_ids))


def stock(session: Session, listing_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Stock]:
    """The stock rows of the listings that have one."""
    rows = session.scalars(select(Stock).where(Stock.listing_id.in_(list(listing_ids))))
    return {row.listing_id: row for row in rows}


def pieces_known(
    session: Session, references: Sequence[str], serials: Sequence[str]
) -> Sequence[SerialNumber]:
    """The pieces that went to any of the references, and those that have any of the numbers."""
    return session.scalars(
        select(SerialNumber)
        .where(or_(SerialNumber.reference.in_(references), SerialNumber.serial.in_(serials)))
        .order_by(SerialNumber.serial)
    ).all()


def running_low(session: Session, shop_id: uuid.UUID, limit: int = 10) -> Sequence[Row[Listing, int]]:
    """The shop's listings on sale that have their `low_at` pieces left to sell or fewer, the fewest first."""
    pieces = func.coalesce(Stock.on_hand - Stock.reserved - Stock.allocated, 0)
    return session.execute(
        select(Listing, pieces)
        .outerjoin(Stock, Stock.listing_id == Listing.id)
        .options(joinedload(Listing.product))
        .where(Listing.shop_id == shop_id, Listing.state == ListingState.active, pieces <= Listing.low_at)
        .order_by(pieces, Listing.id)
        .limit(limit)
    ).all()


def movements(session: Session, listing_id: uuid.UUID, limit: int = 50) -> Sequence[Movement]:
    """The changes of a listing's pieces on hand, the latest first."""
    return session.scalars(
        select(Movement).where(Movement.listing_id == listing_id).order_by(Movement.id.desc()).limit(limit)
    ).all()


def stock_ledger(
    session: Session, listing_id: uuid.UUID, *, after: uuid.UUID | None = None, limit: int = 50
) -> list[LedgerRow]:
    """A listing's movements with their running balance, the latest first, behind the movement `after`."""
    running = (
        select(Movement.id, func.sum(Movement.quantity).over(order_by=Movement.id).label("balance"))
        .where(Movement.listing_id == listing_id)
        .subquery()
    )
    rows = (
        select(Movement, running.c.balance, Account.name)
        .join(running, running.c.id == Movement.id)
        .outerjoin(Account, Account.id == Movement.moved_by)
        .order_by(Movement.id.desc())
        .limit(limit)
    )
    if after is not None:
        rows = rows.where(Movement.id < after)
    return [LedgerRow(movement, int(balance), name) for movement, balance, name in session.execute(rows)]
