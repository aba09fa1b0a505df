"""Take room at a point, or give it back: one conditional UPDATE each, never above 100 %.

The point's row first, then its room's, as everywhere.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.collection.events import PointNearlyFull
from market.collection.models import CollectionPoint, PointItem, PointRoom
from market.collection.states import PointState
from market.kernel.clock import local_date
from market.kernel.errors import Refused
from market.kernel.outbox import emit


def take_room(session: Session, point_id: uuid.UUID, kind: str, volume_cm3: int, now: datetime) -> None:
    """Take room for one thing, and sound the alarm where that makes the point nearly full.

    Raises Refused(``collection.not_open`` | ``collection.kind`` | ``collection.full``), and then has taken
    nothing and holds no row.
    """
    with session.begin_nested():
        if not (_take_volume(session, point_id, volume_cm3, now) and _take_unit(session, point_id, kind)):
            raise Refused(_why_not(session, point_id, kind, now))
    _alarm(session, point_id, now)


def give_back(session: Session, point_id: uuid.UUID, items: Sequence[PointItem]) -> CollectionPoint:
    """Take the load of `items` off their point, which is locked and answered with what it then is."""
    point = lock(session, point_id)
    point.load_cm3 -= sum(item.volume_cm3 for item in items)
    for kind, units in sorted(Counter(item.kind for item in items).items()):
        room = session.get_one(PointRoom, (point_id, kind), with_for_update=True, populate_existing=True)
        room.load_units -= units
    session.flush()
    if not is_nearly_full(point):
        point.alarmed_at = None
    session.flush()
    return point


def lock(session: Session, point_id: uuid.UUID) -> CollectionPoint:
    """The point and its rooms, locked to the end of the transaction and read anew."""
    point = session.scalars(
        select(CollectionPoint)
        .where(CollectionPoint.id == point_id)
        .with_for_update(of=CollectionPoint)
        .execution_options(populate_existing=True)
    ).one()
    session.refresh(point, ["room"])
    return point


def is_nearly_full(point: CollectionPoint) -> bool:
    """Whether its volume or any of its kinds is at the alarm."""
    return point.volume.is_nearly_full or any(room.units.is_nearly_full for room in point.room)


def _take_volume(session: Session, point_id: uuid.UUID, volume_cm3: int, now: datetime) -> bool:
    today = local_date(now)
    taken = session.execute(
        update(CollectionPoint)
        .where(
            CollectionPoint.id == point_id,
            CollectionPoint.state == PointState.open,
            CollectionPoint.opens_on <= today,
            CollectionPoint.closes_on >= today,
            CollectionPoint.load_cm3 + volume_cm3 <= CollectionPoint.capacity_cm3,
        )
        .values(load_cm3=CollectionPoint.load_cm3 + volume_cm3)
        .returning(CollectionPoint.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _take_unit(session: Session, point_id: uuid.UUID, kind: str) -> bool:
    taken = session.execute(
        update(PointRoom)
        .where(
            PointRoom.point_id == point_id,
            PointRoom.kind == kind,
            PointRoom.load_units < PointRoom.capacity_units,
        )
        .values(load_units=PointRoom.load_units + 1)
        .returning(PointRoom.kind)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _why_not(session: Session, point_id: uuid.UUID, kind: str, now: datetime) -> str:
    point = session.get_one(CollectionPoint, point_id, populate_existing=True)
    if point.state is not PointState.open or not point.opens_on <= local_date(now) <= point.closes_on:
        return "collection.not_open"
    known = session.get(PointRoom, (point_id, kind))
    return "collection.full" if known and known.capacity_units else "collection.kind"


def _alarm(session: Session, point_id: uuid.UUID, now: datetime) -> None:
    point = lock(session, point_id)
    if is_nearly_full(point):
        if point.alarmed_at is None:
            point.alarmed_at = now
            session.flush()
        ask_truck(session, point, now)


def ask_truck(session: Session, point: CollectionPoint, now: datetime) -> None:
    """Have a nearly full point emptied of what is there; its alarm sounds once."""
    emit(session, PointNearlyFull(point.id), now)
