"""Rows are locked in one order: payment, group, place, cart, stock."""

import uuid

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.groups.models import GroupOrder, GroupPlace
from market.groups.states import PlaceState
from market.kernel.errors import NotFound


def lock_group(session: Session, group_id: uuid.UUID) -> GroupOrder:
    """The group, unchanged by others until this transaction ends. Raises NotFound."""
    found = session.get(GroupOrder, group_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def lock_place(session: Session, place_id: uuid.UUID) -> GroupPlace:
    """The place and its group, both locked. Raises NotFound."""
    group_id = session.scalar(select(GroupPlace.group_id).where(GroupPlace.id == place_id))
    if group_id is None:
        raise NotFound
    lock_group(session, group_id)
    return session.get_one(GroupPlace, place_id, with_for_update=True, populate_existing=True)


def lock_own_place(session: Session, account_id: uuid.UUID, place_id: uuid.UUID) -> GroupPlace:
    """As `lock_place`, of the person's own. Raises NotFound where it is somebody else's."""
    owned = select(GroupPlace.id).where(GroupPlace.id == place_id, GroupPlace.account_id == account_id)
    if session.scalar(owned) is None:
        raise NotFound
    return lock_place(session, place_id)


def lock_places(session: Session, group_id: uuid.UUID, *states: PlaceState) -> list[GroupPlace]:
    """The places of a locked group that are in `states`, the first made first."""
    rows = session.scalars(
        select(GroupPlace)
        .where(GroupPlace.group_id == group_id, GroupPlace.state.in_(states))
        .order_by(GroupPlace.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(rows)


def count_taken(session: Session, group: GroupOrder, change: int) -> None:
    """Pieces are taken, or free again; a CHECK stands behind the most there can be."""
    session.execute(
        update(GroupOrder).where(GroupOrder.id == group.id).values(taken=GroupOrder.taken + change)
    )
    session.refresh(group, ["taken"])
