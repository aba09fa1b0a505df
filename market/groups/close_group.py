"""What ends a group's first life: the deadline, or somebody who calls it off."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.groups import deposits
from market.groups.join import end_unpaid
from market.groups.lock import count_taken, lock_group, lock_places
from market.groups.models import GroupOrder
from market.groups.states import GROUP_STATES, PLACE_STATES, GroupState, PlaceState
from market.groups.tell import tell_buyer, tell_shop
from market.inventory.reserve import release
from market.kernel.errors import NotFound, Refused

LATE = "late"  # the shop had not had it made by the day it had named
REASON_CHARS = range(2, 201)


def close_group(session: Session, group_id: uuid.UUID, now: datetime) -> None:
    """The deadline is over: the group comes about, or every deposit goes back. Harmless early and twice.

    What counts is what was paid before the deadline, whenever this is looked at.
    """
    group = lock_group(session, group_id)
    if group.state is not GroupState.open or now < group.closes_at:
        return
    for place in lock_places(session, group.id, PlaceState.held):
        end_unpaid(session, place, now)
    if group.taken < group.least:
        GROUP_STATES.move(group, GroupState.missed)
        _give_up(session, group, "group.missed", now)
        return
    GROUP_STATES.move(group, GroupState.confirmed)
    for place in lock_places(session, group.id, PlaceState.joined):
        tell_buyer(session, place, "group.confirmed", now)
    tell_shop(session, group, "group.to_be_made", now)


def cancel_by_shop(
    session: Session, shop_id: uuid.UUID, group_id: uuid.UUID, reason: str, now: datetime
) -> GroupOrder:
    """The shop calls a group off that is still open; every deposit goes back.

    Raises NotFound where it is another shop's; Refused: ``group.reason`` (field reason), ``group.too_late``
    once it has come about: then only the county may.
    """
    group = lock_group(session, group_id)
    if group.shop_id != shop_id:
        raise NotFound
    if group.state not in (GroupState.open, GroupState.canceled):
        raise Refused("group.too_late")
    return _cancel(session, group, reason, now)


def cancel_by_county(
    session: Session, county_code: str, group_id: uuid.UUID, reason: str, now: datetime
) -> GroupOrder:
    """The county calls a group off at any time; deposits that no order has taken up go back.

    Raises NotFound where it is another county's; Refused: ``group.reason`` (field reason),
    ``state.illegal_move`` where it is over.
    """
    group = lock_group(session, group_id)
    if group.listing.shop.county_code != county_code:
        raise NotFound
    return _cancel(session, group, reason, now)


def end_late(session: Session, group_id: uuid.UUID, now: datetime) -> None:
    """The goods are not there on the day that was named: deposits go back. Harmless early and twice."""
    group = lock_group(session, group_id)
    if group.state is GroupState.confirmed and now >= group.make_by:
        _cancel(session, group, LATE, now)


def _cancel(session: Session, group: GroupOrder, reason: str, now: datetime) -> GroupOrder:
    if group.state is GroupState.canceled:
        return group
    if len(reason.strip()) not in REASON_CHARS:
        raise Refused("group.reason", field="reason")
    was_ready = group.state is GroupState.ready
    GROUP_STATES.step(group.state, GroupState.canceled)
    for place in lock_places(session, group.id, PlaceState.held):
        end_unpaid(session, place, now)
    group.state, group.cancel_reason = GroupState.canceled, reason.strip()
    _give_up(session, group, "group.late" if reason == LATE else "group.canceled", now, was_ready=was_ready)
    return group


def _give_up(
    session: Session, group: GroupOrder, kind: str, now: datetime, *, was_ready: bool = False
) -> None:
    group.ended_at = now
    for place in lock_places(session, group.id, PlaceState.joined):
        if was_ready:
            release(session, place.reservation, now)
        PLACE_STATES.move(place, PlaceState.returned)
        place.ended_at = now
        count_taken(session, group, -place.pieces)
        tell_buyer(session, place, kind, now)
        deposits.free(session, place, now)
    session.flush()
