"""Bring a thing to a point: book the nearest that takes it, and hand it over there."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.collection.events import BookingLapses
from market.collection.kinds import typical
from market.collection.models import CollectionPoint, PointItem
from market.collection.queries import nearest_open
from market.collection.rules import BOOKED_DAYS
from market.collection.states import ITEM_STATES, ItemState
from market.collection.take_room import ask_truck, give_back, is_nearly_full, lock, take_room
from market.kernel.errors import Refused
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.places.rules import Position
from market.recycling.carried import lock_labelled, sign_in
from market.recycling.codes import new_code
from market.recycling.models import RecyclingOrder
from market.recycling.parties import Party, Role
from market.recycling.rules import Typical

CODE_CHARS = range(4, 41)


def route(
    session: Session, county_code: str, account_id: uuid.UUID, kind: str, near: Position, now: datetime
) -> PointItem:
    """Book the nearest point that takes the kind and has room for it; the next one where that is full by now.

    Raises Refused(``collection.no_point`` | ``recycling.category_not_taken``).
    """
    for point, _meters in nearest_open(session, county_code, kind, near, now):
        try:
            return book(session, point, account_id, kind, now)
        except Refused as refused:
            if refused.code == "recycling.category_not_taken":
                raise
    raise Refused("collection.no_point")


def book(
    session: Session, point: CollectionPoint, account_id: uuid.UUID, kind: str, now: datetime
) -> PointItem:
    """Keep room for a thing for seven days; its code opens it at the point. Raises Refused as `take_room`."""
    usual = typical(session, kind, now)
    take_room(session, point.id, kind, usual.volume_cm3, now)
    item = _item(point.id, kind, usual, ItemState.booked, now)
    item.account_id, item.expires_at = account_id, now + timedelta(days=BOOKED_DAYS)
    session.add(item)
    session.flush()
    key = f"{BookingLapses.kind}:{item.id}"
    emit(session, BookingLapses(item.id), now, due_at=item.expires_at, dedupe_key=key)
    return item


def drop_off(
    session: Session, point: CollectionPoint, keeper_id: uuid.UUID, code: str, now: datetime
) -> PointItem:
    """The keeper takes in what was booked under `code`, or under that of its order; scanned twice it is there
    once. What has an order is signed for in its custody.

    Raises Refused ``collection.code`` (unknown, another point's or no longer kept; field code) and
    ``recycling.not_carried``.
    """
    item = _booked_as(session, point, code.strip().upper())
    if item is None:
        raise Refused("collection.code", field="code")
    orders = lock_labelled(session, [item.brought_code or ""])
    there = lock(session, point.id)
    session.refresh(item, with_for_update=True)
    if item.state in (ItemState.held, ItemState.awaiting_truck, ItemState.gone):
        return item
    if item.state is not ItemState.booked:
        raise Refused("collection.code", field="code")
    _sign(session, orders, point, keeper_id, now)
    ITEM_STATES.move(item, ItemState.held)
    item.held_at, item.received_by_id = now, keeper_id
    session.flush()
    if is_nearly_full(there):
        ask_truck(session, there, now)
    return item


def take_in(
    session: Session,
    point: CollectionPoint,
    keeper_id: uuid.UUID,
    kind: str,
    brought_code: str,
    now: datetime,
) -> PointItem:
    """The keeper takes in what somebody just brought, with the code on its label where it has one.

    Raises Refused ``collection.brought_code``, ``collection.brought_already`` (field brought_code),
    ``recycling.not_carried``, and as `take_room`.
    """
    label = brought_code.strip().upper() or None
    if label and len(label) not in CODE_CHARS:
        raise Refused("collection.brought_code", field="brought_code")
    if label and (booked := _booked_as(session, point, label)) and booked.state is ItemState.booked:
        return drop_off(session, point, keeper_id, label, now)
    orders = lock_labelled(session, [label or ""])
    usual = typical(session, kind, now)
    item = _item(point.id, kind, usual, ItemState.held, now)
    item.brought_code, item.held_at, item.received_by_id = label, now, keeper_id
    try:
        with session.begin_nested():
            _sign(session, orders, point, keeper_id, now)
            take_room(session, point.id, kind, usual.volume_cm3, now)
            session.add(item)
            session.flush()
    except IntegrityError as error:
        if "brought_code" not in str(error.orig):
            raise
        raise Refused("collection.brought_already", field="brought_code") from error
    return item


def lapse(session: Session, item_id: uuid.UUID, now: datetime) -> None:
    """Nobody came with it: its room is free again. Safe early, late and again."""
    known = session.get(PointItem, item_id)
    if known is None:
        return
    lock(session, known.point_id)
    session.refresh(known, with_for_update=True)
    if known.state is ItemState.booked and known.expires_at is not None and now >= known.expires_at:
        let_go(session, known, "lapsed", now)


def let_go(session: Session, item: PointItem, kind: str | None, now: datetime) -> None:
    """Give up a booking whose point is locked, and tell whose it is; not where `kind` is None."""
    ITEM_STATES.move(item, ItemState.lapsed)
    item.brought_code = None  # its order may be booked for again
    point = give_back(session, item.point_id, [item])
    if item.account_id is not None and kind is not None:
        params = {"code": item.code, "point": point.name}
        key = f"collection.{kind}:{item.id}"
        notify(session, item.account_id, f"collection.{kind}", params, now, dedupe_key=key)


def _booked_as(session: Session, point: CollectionPoint, code: str) -> PointItem | None:
    known = (PointItem.code == code) | (PointItem.brought_code == code)
    return session.scalars(
        select(PointItem).where(known, PointItem.point_id == point.id).order_by(PointItem.id)
    ).first()


def _sign(
    session: Session,
    orders: Sequence[RecyclingOrder],
    point: CollectionPoint,
    keeper_id: uuid.UUID,
    now: datetime,
) -> None:
    for order in orders:
        sign_in(session, order, Party(Role.point, str(point.id)), point.name, keeper_id, now)


def _item(point_id: uuid.UUID, kind: str, usual: Typical, state: ItemState, now: datetime) -> PointItem:
    return PointItem(
        code=new_code("P"),
        point_id=point_id,
        kind=kind,
        state=state,
        weight_grams=usual.weight_grams,
        volume_cm3=usual.volume_cm3,
        longest_side_mm=usual.longest_side_mm,
        people=usual.people,
        created_at=now,
    )
