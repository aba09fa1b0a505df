"""A thing that is sent in is carried to a collection point: room is booked there under its order's code."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from market.collection.bring import book, let_go
from market.collection.models import CollectionPoint, PointItem
from market.collection.queries import nearest_open
from market.collection.rules import kinds_of
from market.collection.states import ItemState
from market.collection.take_room import lock
from market.kernel.errors import Refused
from market.places.rules import Position
from market.recycling.choose import choose_way
from market.recycling.drop_off import DropOffPlace
from market.recycling.models import RecyclingOrder
from market.recycling.send_in import own
from market.recycling.ways import Way

PLACE = "point"
BOOKING = select(PointItem).where(
    PointItem.brought_code == bindparam("brought_code"), PointItem.state == ItemState.booked
)
"""What `booking` asks, for `kernel.together`."""


def points_for(
    session: Session, order: RecyclingOrder, near: Position, now: datetime
) -> list[tuple[CollectionPoint, int]]:
    """The open points with room for the order's thing and its dangers, with meters, the nearest first."""
    first, *others = kinds_of(order.category_code, order.hazards)
    try:
        found = nearest_open(session, order.county_code, first, near, now)
    except Refused:
        return []
    return [(point, meters) for point, meters in found if _has_room(point, others)]


def carry_to_point(
    session: Session,
    account_id: uuid.UUID,
    order_id: uuid.UUID,
    point_id: uuid.UUID,
    near: Position,
    now: datetime,
) -> PointItem:
    """The thing is carried to the point, where room is kept for it under its own code; the way is chosen.

    Raises NotFound; Refused ``collection.full`` (field drop_off) where the point has no room for it by now,
    and as `choose_way`.
    """
    order, key = own(session, account_id, order_id), f"{PLACE}:{point_id}"
    known = booking(session, order.code)
    if known is None or known.point_id != point_id:
        give_up(session, order.code, now)
        known = _book(session, order, point_id, near, now)
    choose_way(session, account_id, order_id, Way.carry, now, drop_off=key, kept_room_at=key)
    return known


def give_up(session: Session, order_code: str, now: datetime) -> None:
    """She brings it elsewhere, or not at all: the room that was kept is free again. Safe to repeat."""
    known = booking(session, order_code)
    if known is None:
        return
    lock(session, known.point_id)
    session.refresh(known, with_for_update=True)
    if known.state is ItemState.booked:
        let_go(session, known, None, now)


def booking(session: Session, order_code: str) -> PointItem | None:
    """The room that is kept for an order's thing."""
    return session.scalars(BOOKING, {"brought_code": order_code}).one_or_none()


def place_of(session: Session, order: RecyclingOrder) -> DropOffPlace | None:
    """The point that the order's thing is carried to."""
    kind, _, point_id = (order.drop_off or "").partition(":")
    found = session.get(CollectionPoint, uuid.UUID(point_id)) if kind == PLACE else None
    return DropOffPlace(order.drop_off or "", found.name, found.address, found.phone) if found else None


def _book(
    session: Session, order: RecyclingOrder, point_id: uuid.UUID, near: Position, now: datetime
) -> PointItem:
    able = {point.id: point for point, _ in points_for(session, order, near, now)}
    try:
        if point_id not in able:
            raise Refused("collection.full")
        item = book(session, able[point_id], order.account_id, order.category_code, now)
    except Refused as refused:
        raise Refused(refused.code, field="drop_off") from refused
    item.brought_code = order.code
    session.flush()
    return item


def _has_room(point: CollectionPoint, kinds: Collection[str]) -> bool:
    free = {room.kind for room in point.room if room.load_units < room.capacity_units}
    return set(kinds) <= free
