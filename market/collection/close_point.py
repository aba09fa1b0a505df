"""A point closes, by hand or by its date: what is there is fetched, and what was booked is told."""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.collection.bring import let_go
from market.collection.empty import plan_emptying
from market.collection.keep_point import lock_in_county, ring_when_over
from market.collection.models import CollectionPoint, PointItem
from market.collection.rules import ends_at
from market.collection.states import POINT_STATES, ItemState, PointState, Why
from market.collection.take_room import lock
from market.collection.transfers import close_if_empty
from market.kernel.clock import local_date
from market.kernel.errors import Refused

REASON_CHARS = range(1, 201)
DATE_OVER = "date_over"  # the reason where the clock closes a point


def close_point(
    session: Session, county_code: str, point_id: uuid.UUID, reason: str, now: datetime
) -> CollectionPoint:
    """Take in no more from now on: bookings are given up and told, and what is there is asked to be fetched.

    It is closed when the last thing has left. Raises NotFound, Refused ``collection.reason`` (field reason),
    ``state.illegal_move``.
    """
    if len(reason.strip()) not in REASON_CHARS:
        raise Refused("collection.reason", field="reason")
    point = lock_in_county(session, county_code, point_id)
    if point.state is not PointState.open:
        raise Refused("state.illegal_move")
    _close(session, point, reason.strip(), now)
    return point


def reopen_point(
    session: Session, county_code: str, point_id: uuid.UUID, closes_on: date, now: datetime
) -> CollectionPoint:
    """Take things in again, until `closes_on`. Raises NotFound, Refused ``collection.dates``,
    ``state.illegal_move``."""
    point = lock_in_county(session, county_code, point_id)
    if closes_on < max(local_date(now), point.opens_on):
        raise Refused("collection.dates", field="closes_on")
    POINT_STATES.move(point, PointState.open)
    point.closed_reason, point.closes_on = None, closes_on
    session.flush()
    ring_when_over(session, point, now)
    return point


def end(session: Session, point_id: uuid.UUID, now: datetime) -> None:
    """The last day is over: as `close_point`, by the clock. Safe early, late and again."""
    if session.get(CollectionPoint, point_id) is None:
        return
    point = lock(session, point_id)
    if point.state is PointState.open and now >= ends_at(point.closes_on):
        _close(session, point, DATE_OVER, now)


def _close(session: Session, point: CollectionPoint, reason: str, now: datetime) -> None:
    POINT_STATES.move(point, PointState.closing)
    point.closed_reason = reason
    session.flush()
    booked = select(PointItem).where(PointItem.point_id == point.id, PointItem.state == ItemState.booked)
    for item in session.scalars(booked.order_by(PointItem.id).with_for_update()).all():
        let_go(session, item, "point_closed", now)
    plan_emptying(session, point.id, Why.closing, now)
    close_if_empty(session, point)
