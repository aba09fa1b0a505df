"""What ends a group's first life: the deadline, or somebody who calls it off."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.groups import deposits
from market.groups.events import GroupBereft
from market.groups.join import end_unpaid
from market.groups.lock import count_taken, lock_group, lock_places
from market.groups.models import GroupOrder
from market.groups.penalty import owe_penalty
from market.groups.states import GROUP_STATES, PLACE_STATES, GroupState, PlaceState
from market.groups.tell import tell_buyer, tell_shop
from market.inventory.reserve import release
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.orders.shop_closed import WORDS as CLOSED_WORDS

LATE = "late"  # the shop had not had it made by the day it had named
CAME_ABOUT = (GroupState.confirmed, GroupState.ready)
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
    group.agreed_price_fen = group.price_of(group.taken)
    GROUP_STATES.move(group, GroupState.confirmed)
    for place in lock_places(session, group.id, PlaceState.joined):
        tell_buyer(session, place, "group.confirmed", now)
    tell_shop(session, group, "group.to_be_made", now)


def cancel_by_shop(
    session: Session, shop_id: uuid.UUID, group_id: uuid.UUID, reason: str, now: datetime
) -> GroupOrder:
    """The shop calls a group off that is still open; every deposit goes back.

    Raises NotFound where it is another shop's; Refused: ``group.reason`` (field reason), ``group.too_late``
    once it has come about: then `withdraw_by_shop`.
    """
    group = lock_group(session, group_id)
    if group.shop_id != shop_id:
        raise NotFound
    if group.state not in (GroupState.open, GroupState.canceled):
        raise Refused("group.too_late")
    return _cancel(session, group, reason, now)


def withdraw_by_shop(
    session: Session, shop_id: uuid.UUID, group_id: uuid.UUID, reason: str, now: datetime
) -> GroupOrder:
    """The shop cannot deliver what came about: every deposit that no order has taken up goes back double.

    Raises NotFound where it is another shop's; Refused: ``group.reason`` (field reason),
    ``state.illegal_move`` where it has not come about, or is over.
    """
    group = lock_group(session, group_id)
    if group.shop_id != shop_id:
        raise NotFound
    if group.state not in (*CAME_ABOUT, GroupState.canceled):
        raise Refused("state.illegal_move")
    return _cancel(session, group, reason, now, shop_at_fault=True)


def cancel_by_county(
    session: Session,
    county_code: str,
    group_id: uuid.UUID,
    reason: str,
    now: datetime,
    *,
    shop_at_fault: bool = False,
) -> GroupOrder:
    """The county calls a group off at any time; deposits that no order has taken up go back, double where the
    shop is at fault and it had come about.

    Raises NotFound where it is another county's; Refused: ``group.reason`` (field reason),
    ``state.illegal_move`` where it is over.
    """
    group = lock_group(session, group_id)
    if group.listing.shop.county_code != county_code:
        raise NotFound
    return _cancel(session, group, reason, now, shop_at_fault=shop_at_fault)


def shop_closed(session: Session, shop_id: uuid.UUID, now: datetime) -> None:
    """The shop is no more: none of its groups will come to anything. Once for each.

    Each ends by itself: whoever hears of the shop's end may hold stock, which is locked after a group.
    """
    under_way = select(GroupOrder.id).where(
        GroupOrder.shop_id == shop_id, GroupOrder.state.in_((GroupState.open, *CAME_ABOUT))
    )
    for group_id in session.scalars(under_way.order_by(GroupOrder.id)).all():
        emit(session, GroupBereft(group_id), now, dedupe_key=f"group_bereft:{group_id}")


def end_with_shop(session: Session, group_id: uuid.UUID, now: datetime) -> None:
    """Its shop has closed: deposits go back, double where it had come about. Harmless twice."""
    group = lock_group(session, group_id)
    if not GROUP_STATES.is_end(group.state):
        _cancel(session, group, CLOSED_WORDS, now, shop_at_fault=True)


def end_late(session: Session, group_id: uuid.UUID, now: datetime) -> None:
    """The goods are not there on the day that was named: deposits go back double. Harmless early, twice."""
    group = lock_group(session, group_id)
    if group.state is GroupState.confirmed and now >= group.make_by:
        _cancel(session, group, LATE, now, shop_at_fault=True)


def _cancel(
    session: Session, group: GroupOrder, reason: str, now: datetime, *, shop_at_fault: bool = False
) -> GroupOrder:
    if group.state is GroupState.canceled:
        return group
    if len(reason.strip()) not in REASON_CHARS:
        raise Refused("group.reason", field="reason")
    was_ready = group.state is GroupState.ready
    GROUP_STATES.step(group.state, GroupState.canceled)
    for place in lock_places(session, group.id, PlaceState.held):
        end_unpaid(session, place, now)
    # Before it came about nobody was bound (Civil Code art. 587 speaks of a debt that is not performed).
    group.shop_at_fault = shop_at_fault and group.state in CAME_ABOUT
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
        if group.shop_at_fault:
            owe_penalty(session, place, now)
    session.flush()
