"""A point's load is what its items say, and nothing waits for a truck that nobody has asked for."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.collection.empty import JOB
from market.collection.models import CollectionPoint, PointItem, PointRoom, Transfer
from market.collection.states import TAKES_ROOM, PointState, TransferState
from market.delivery.models import Job, JobState


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each point whose load is another, closed point with things, or transfer adrift."""
    yield from _volume_breaks(session)
    yield from _unit_breaks(session)
    yield from _transfer_breaks(session)


def _volume_breaks(session: Session) -> Iterator[str]:
    there = (
        select(PointItem.point_id, func.sum(PointItem.volume_cm3).label("cm3"))
        .where(PointItem.state.in_(TAKES_ROOM))
        .group_by(PointItem.point_id)
        .subquery()
    )
    cm3 = func.coalesce(there.c.cm3, 0)
    rows = select(CollectionPoint.name, CollectionPoint.load_cm3, cm3, CollectionPoint.state).outerjoin(
        there, there.c.point_id == CollectionPoint.id
    )
    for name, load_cm3, items_cm3, state in session.execute(rows.order_by(CollectionPoint.id)):
        if load_cm3 != items_cm3:
            yield f"point {name}: load {load_cm3} cm3, its items {items_cm3} cm3"
        if state is PointState.closed and items_cm3:
            yield f"point {name}: closed with {items_cm3} cm3 there"


def _unit_breaks(session: Session) -> Iterator[str]:
    there = (
        select(PointItem.point_id, PointItem.kind, func.count().label("units"))
        .where(PointItem.state.in_(TAKES_ROOM))
        .group_by(PointItem.point_id, PointItem.kind)
        .subquery()
    )
    units = func.coalesce(there.c.units, 0)
    rows = (
        select(CollectionPoint.name, PointRoom.kind, PointRoom.load_units, units)
        .join(CollectionPoint, CollectionPoint.id == PointRoom.point_id)
        .outerjoin(there, (there.c.point_id == PointRoom.point_id) & (there.c.kind == PointRoom.kind))
        .where(PointRoom.load_units != units)
    )
    for name, kind, load_units, found in session.execute(rows):
        yield f"point {name}: {load_units} units of {kind} on its books, {found} there"


def _transfer_breaks(session: Session) -> Iterator[str]:
    gone = (JobState.canceled, JobState.refused)
    rows = (
        select(Transfer.number)
        .outerjoin(Job, Job.reference == func.concat(f"{JOB}:", Transfer.id))
        .where(Transfer.state == TransferState.planned, Job.id.is_(None) | Job.state.in_(gone))
    )
    for number in session.scalars(rows):
        yield f"transfer {number}: no job fetches it"
