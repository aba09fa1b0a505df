"""A transfer on its way: collected, handed to another recycler, or called off where nobody may take it."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.collection.empty import JOB, tell_county
from market.collection.models import CollectionPoint, PointItem, Transfer
from market.collection.states import (
    ITEM_STATES,
    POINT_STATES,
    TAKES_ROOM,
    TRANSFER_STATES,
    ItemState,
    PointState,
    TransferState,
)
from market.collection.take_room import give_back, lock
from market.delivery.jobs import cancel_job
from market.delivery.queries import is_underway
from market.kernel.clock import local_date
from market.recycling.carried import lock_labelled, sign_on
from market.recycling.models import Recycler
from market.recycling.parties import Party, Role
from market.recycling.queries import is_licensed, recycler_for


def transfer_collected(
    session: Session, job_reference: str, now: datetime, courier_id: uuid.UUID | None = None
) -> None:
    """The courier has taken the load: it is off the point. Once, and nothing for jobs of other rooms.

    A closing point that is empty now is closed.
    """
    orders = lock_labelled(session, codes_on(session, job_reference))
    found = _locked(session, job_reference)
    if found is None or found.state is not TransferState.planned:
        return
    licensed = _taker_of_all(session, found, now)
    if licensed is not None and not _may_take(session, found.recycler_id, now):
        found.recycler_id = licensed.id
    TRANSFER_STATES.move(found, TransferState.collected)
    found.collected_at = now
    for item in found.items:
        ITEM_STATES.move(item, ItemState.gone)
    for order in orders if courier_id else []:
        taker = Party(Role.courier, str(courier_id))
        sign_on(session, order, taker, f"courier:{courier_id}", found.number, now)
    point = give_back(session, found.point_id, found.items)
    close_if_empty(session, point)


def reassign(session: Session, recycler_id: uuid.UUID, now: datetime) -> None:
    """A recycler has stopped: transfers that are planned for it go to another, or wait at their point again
    where nobody is licensed. Safe to repeat."""
    bound = select(Transfer.id).where(
        Transfer.recycler_id == recycler_id, Transfer.state == TransferState.planned
    )
    for transfer_id in session.scalars(bound.order_by(Transfer.id)).all():
        _reassign(session, f"{JOB}:{transfer_id}", now)


def codes_on(session: Session, job_reference: str) -> Sequence[str]:
    """The labels of what a transfer's job carries; none for jobs of other rooms."""
    kind, _, transfer_id = job_reference.partition(":")
    if kind != JOB:
        return []
    of_transfer = PointItem.transfer_id == uuid.UUID(transfer_id)
    found = select(PointItem.brought_code).where(of_transfer, PointItem.brought_code.is_not(None))
    return [code for code in session.scalars(found) if code]


def close_if_empty(session: Session, point: CollectionPoint) -> None:
    """A closing point whose last thing has left is closed."""
    taken = select(PointItem.id).where(PointItem.point_id == point.id, PointItem.state.in_(TAKES_ROOM))
    if point.state is PointState.closing and session.scalar(taken.limit(1)) is None:
        POINT_STATES.move(point, PointState.closed)
    session.flush()


def _locked(session: Session, job_reference: str) -> Transfer | None:
    """The transfer of a job, its point locked before it."""
    kind, _, transfer_id = job_reference.partition(":")
    known = session.get(Transfer, uuid.UUID(transfer_id)) if kind == JOB else None
    if known is None:
        return None
    lock(session, known.point_id)
    session.refresh(known, with_for_update=True)
    return known


def _reassign(session: Session, job_reference: str, now: datetime) -> None:
    found = _locked(session, job_reference)
    if found is None or found.state is not TransferState.planned:
        return
    other = _taker_of_all(session, found, now)
    if other is not None:
        found.recycler_id = other.id
        session.flush()
    elif not is_underway(session, job_reference):
        _call_off(session, found, now)


def _taker_of_all(session: Session, found: Transfer, now: datetime) -> Recycler | None:
    """Somebody who is licensed for everything of a transfer."""
    kinds = {item.kind for item in found.items}
    takers = [recycler_for(session, found.point.county_code, kind, local_date(now)) for kind in sorted(kinds)]
    return next((taker for taker in takers if taker and kinds <= set(taker.scope)), None)


def _may_take(session: Session, recycler_id: uuid.UUID, now: datetime) -> bool:
    recycler = session.get_one(Recycler, recycler_id, populate_existing=True)
    return is_licensed(recycler, local_date(now))


def _call_off(session: Session, found: Transfer, now: datetime) -> None:
    """Nobody may take it: it stays at the point, and the county hears of it."""
    cancel_job(session, f"{JOB}:{found.id}", now)
    TRANSFER_STATES.move(found, TransferState.canceled)
    for item in list(found.items):
        item.transfer_id = None
        ITEM_STATES.move(item, ItemState.held)
    session.flush()
    session.expire(found, ["items"])
    tell_county(session, found.point, "collection.no_recycler", str(found.id), now)
