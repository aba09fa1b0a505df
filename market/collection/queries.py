"""Reads of collection: the public's, the county's, the keeper's own points, the person's own bookings."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.catalog.queries import CATEGORIES
from market.collection.kinds import PRICED, kinds_of, typical
from market.collection.models import CollectionPoint, PointItem, PointRoom, Transfer
from market.collection.rules import nearest_first
from market.collection.states import ON_THE_POINT, ItemState, PointState, TransferState
from market.kernel.clock import local_date
from market.kernel.errors import NotFound
from market.kernel.together import Together
from market.places.rules import Position

_BRINGING = Together(
    PRICED,
    CATEGORIES,
    select(PointItem, CollectionPoint)
    .join(CollectionPoint, CollectionPoint.id == PointItem.point_id)
    .where(PointItem.account_id == bindparam("account_id", type_=Uuid()))
    .where(PointItem.state == ItemState.booked)
    .order_by(PointItem.id.desc()),
)


@dataclass(frozen=True, slots=True)
class Bringing:
    """The kinds that points may take, all categories, and what the person has booked and not yet brought."""

    kinds: Sequence[str]
    categories: Sequence[Category]
    bookings: Sequence[tuple[PointItem, CollectionPoint]]


def nearest_open(
    session: Session, county_code: str, kind: str, near: Position, now: datetime
) -> list[tuple[CollectionPoint, int]]:
    """The points that take the kind now and have room for one more, with meters from `near`, nearest first.

    Raises Refused(``recycling.category_not_taken``).
    """
    today, volume_cm3 = local_date(now), typical(session, kind, now).volume_cm3
    found = session.scalars(
        select(CollectionPoint)
        .join(PointRoom, PointRoom.point_id == CollectionPoint.id)
        .where(
            CollectionPoint.county_code == county_code,
            CollectionPoint.state == PointState.open,
            CollectionPoint.opens_on <= today,
            CollectionPoint.closes_on >= today,
            CollectionPoint.load_cm3 + volume_cm3 <= CollectionPoint.capacity_cm3,
            PointRoom.kind == kind,
            PointRoom.load_units < PointRoom.capacity_units,
        )
        .order_by(CollectionPoint.id)
        .execution_options(populate_existing=True)
    )
    return nearest_first(found, near)


def points(session: Session, county_code: str, limit: int = 200) -> Sequence[CollectionPoint]:
    """The county's points, open ones first, those that close first before others."""
    return session.scalars(
        select(CollectionPoint)
        .where(CollectionPoint.county_code == county_code)
        .order_by(CollectionPoint.state == PointState.closed, CollectionPoint.closes_on, CollectionPoint.id)
        .limit(limit)
    ).all()


def public_points(session: Session, county_code: str, on: date) -> Sequence[CollectionPoint]:
    """The points that are open, or will be."""
    return session.scalars(
        select(CollectionPoint)
        .where(
            CollectionPoint.county_code == county_code,
            CollectionPoint.state == PointState.open,
            CollectionPoint.closes_on >= on,
        )
        .order_by(CollectionPoint.opens_on > on, CollectionPoint.name)
    ).all()


def point_in(session: Session, county_code: str, point_id: uuid.UUID) -> CollectionPoint:
    """One point of the county. Raises NotFound."""
    found = session.get(CollectionPoint, point_id)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def kept_by(session: Session, account_id: uuid.UUID) -> Sequence[CollectionPoint]:
    """The points that a person keeps and that are not closed."""
    return session.scalars(
        select(CollectionPoint)
        .where(CollectionPoint.keeper_id == account_id, CollectionPoint.state != PointState.closed)
        .order_by(CollectionPoint.name)
    ).all()


def point_kept_by(session: Session, account_id: uuid.UUID, point_id: uuid.UUID) -> CollectionPoint:
    """One point that the person keeps. Raises NotFound."""
    found = session.get(CollectionPoint, point_id)
    if found is None or found.keeper_id != account_id:
        raise NotFound
    return found


def items_at(session: Session, point_id: uuid.UUID) -> Sequence[PointItem]:
    """What is at a point, the longest there first."""
    return session.scalars(
        select(PointItem)
        .where(PointItem.point_id == point_id, PointItem.state.in_(ON_THE_POINT))
        .order_by(PointItem.held_at, PointItem.id)
    ).all()


def bringing(session: Session, account_id: uuid.UUID) -> Bringing:
    """What a person needs who brings something herself, in one statement."""
    priced, categories, bookings = _BRINGING.read(session, account_id=account_id)
    return Bringing(kinds_of(priced), categories, bookings)


def transfers_of(session: Session, point_id: uuid.UUID, limit: int = 20) -> Sequence[Transfer]:
    """A point's transfers, the latest first."""
    of_point = select(Transfer).where(Transfer.point_id == point_id)
    return session.scalars(of_point.order_by(Transfer.id.desc()).limit(limit)).all()


def transfers_to(session: Session, recycler_id: uuid.UUID, limit: int = 20) -> Sequence[Transfer]:
    """What comes or came to a recycler from points, the latest first."""
    bound = select(Transfer).where(
        Transfer.recycler_id == recycler_id, Transfer.state != TransferState.canceled
    )
    return session.scalars(bound.order_by(Transfer.id.desc()).limit(limit)).all()
