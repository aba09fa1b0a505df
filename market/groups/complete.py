"""The goods are there: each place becomes an order, or its time runs out."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import ListingState
from market.groups import deposits, rules
from market.groups.events import CompletionEnds, CompletionReminder
from market.groups.lock import count_taken, lock_group, lock_own_place, lock_place, lock_places
from market.groups.models import GroupOrder, GroupPlace
from market.groups.penalty import owe_penalty
from market.groups.rules import Fate
from market.groups.states import GROUP_STATES, PLACE_STATES, GroupState, PlaceState
from market.groups.tell import tell_buyer
from market.inventory.receive import receive
from market.inventory.reserve import release, reserve
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.orders.cart import CartEntry
from market.orders.checkout import Choices, checkout_reserved
from market.orders.models import Fulfillment, Order, ShopOrder
from market.orders.recalled import RECALLED
from market.orders.shop_closed import CLOSED
from market.orders.undo import BUYER_ASKED, CANNOT_REACH, DECLINES
from market.people.models import Account
from market.shops.models import ShopState

# Why a shop declines although its buyer would have taken it.
SHOPS_OWN = {CLOSED, *DECLINES} - {BUYER_ASKED, CANNOT_REACH}


def make_ready(
    session: Session, shop_id: uuid.UUID, group_id: uuid.UUID, by_id: uuid.UUID, now: datetime
) -> GroupOrder:
    """All that was ordered has been made and is in the shop: it is received into stock and kept for those who
    wait, who now have their days to pay the rest. Unchanged the second time.

    Raises NotFound where it is another shop's; Refused: ``group.not_confirmed``, ``group.late`` after the day
    it had named.
    """
    group = lock_group(session, group_id)
    if group.shop_id != shop_id:
        raise NotFound
    if group.state is GroupState.ready:
        return group
    if group.state is not GroupState.confirmed:
        raise Refused("group.not_confirmed")
    if now >= group.make_by:
        raise Refused("group.late")
    GROUP_STATES.move(group, GroupState.ready)
    group.complete_by = now + timedelta(days=group.complete_days)
    places = lock_places(session, group.id, PlaceState.joined)
    receive(session, group.listing_id, group.taken, f"group:{group.id}", now, by_id)
    for place in places:
        reserve(session, group.listing_id, place.pieces, place.reservation, now)
        tell_buyer(session, place, "group.ready", now)
    remind_at = group.complete_by - rules.REMIND_BEFORE
    key = f"group_completion:{group.id}"
    emit(session, CompletionReminder(group.id), now, due_at=remind_at, dedupe_key=f"{key}:reminder")
    emit(session, CompletionEnds(group.id), now, due_at=group.complete_by, dedupe_key=f"{key}:ends")
    return group


def entry_of(place: GroupPlace) -> CartEntry:
    """The line that the place becomes: at the price agreed, or less where it costs less alone by now."""
    listing, group = place.group.listing, place.group
    off_fen = max(0, listing.price_fen - group.price_of(group.taken)) * place.pieces
    return CartEntry(listing, place.pieces, listing.is_for_sale, off_fen, place.chosen)


def complete(
    session: Session, account: Account, place_id: uuid.UUID, choices: Choices, key: str, now: datetime
) -> Order:
    """Place the order of what was made for her; the deposit counts towards it. Twice gives the same order.

    Raises NotFound where it is not hers; Refused(``group.not_due``), and as `checkout`.
    """
    place = lock_own_place(session, account.id, place_id)
    if place.state is PlaceState.ordered and place.order_id is not None:
        return session.get_one(Order, place.order_id)
    if not is_due(place, now):
        raise Refused("group.not_due")
    entry = entry_of(place)
    release(session, place.reservation, now)
    order = checkout_reserved(session, account, choices, entry, place.deposit_fen, key, now)
    PLACE_STATES.move(place, PlaceState.ordered)
    place.order_id = order.id
    session.flush()
    return order


def is_due(place: GroupPlace, now: datetime) -> bool:
    """Whether the rest can be paid now."""
    by = place.group.complete_by
    return (
        place.state is PlaceState.joined
        and place.group.state is GroupState.ready
        and by is not None
        and (now < by)
        and _leaves_a_rest(place)
    )


def order_undone(session: Session, shop_order_id: uuid.UUID, now: datetime) -> None:
    """The order of a place was undone: she may place another, has her deposit back, or forfeits it. Once."""
    shop_order = session.get_one(ShopOrder, shop_order_id)
    found = select(GroupPlace.id).where(GroupPlace.order_id == shop_order.order_id)
    place_id = session.scalar(found)
    if place_id is None:
        return
    place = lock_place(session, place_id)
    if place.state is not PlaceState.ordered or place.order_id != shop_order.order_id:
        return
    # What a recall stops is canceled too, and not by her.
    by_buyer = shop_order.state is Fulfillment.canceled and shop_order.reason != RECALLED
    complete_by = place.group.complete_by or now
    undone_at = max(step.at for step in shop_order.steps)
    fate = rules.fate_of(by_buyer, _could_be_bought(place), undone_at, now, complete_by)
    if fate is Fate.again and _keep_again(session, place, now):
        return
    if fate is Fate.forfeit:
        deposits.forfeit(session, place, now)
        return
    _return(session, place, now)
    if shop_order.decline_code in SHOPS_OWN:
        owe_penalty(session, place, now)


def remind(session: Session, group_id: uuid.UUID, now: datetime) -> None:
    """Tell those who have not paid the rest that their time is nearly over. Harmless late and twice."""
    group = lock_group(session, group_id)
    if group.state is not GroupState.ready or group.complete_by is None or now >= group.complete_by:
        return
    for place in lock_places(session, group_id, PlaceState.joined):
        tell_buyer(session, place, "group.remind", now)


def end_completion(session: Session, group_id: uuid.UUID, now: datetime) -> None:
    """The days to pay the rest are over: what was not bought can be sold to others, and its deposit is
    forfeit, unless it could not be bought: then it goes back, double where the shop kept it back itself.
    Harmless early and twice."""
    group = lock_group(session, group_id)
    if group.state is not GroupState.ready or group.complete_by is None or now < group.complete_by:
        return
    for place in lock_places(session, group_id, PlaceState.joined):
        release(session, place.reservation, now)
        if _could_be_bought(place):
            deposits.forfeit(session, place, now)
        else:
            _return(session, place, now)
            if _held_back(place):
                owe_penalty(session, place, now)
    GROUP_STATES.move(group, GroupState.closed)
    group.ended_at = now
    session.flush()


def _could_be_bought(place: GroupPlace) -> bool:
    is_offered = place.group.listing.is_for_sale and place.group.state is not GroupState.canceled
    return is_offered and _leaves_a_rest(place)


def _leaves_a_rest(place: GroupPlace) -> bool:
    return rules.leaves_a_rest(place.deposit_fen, place.group.listing.price_fen * place.pieces)


def _held_back(place: GroupPlace) -> bool:
    """Whether the shop itself does not sell what it had made for her."""
    listing = place.group.listing
    return listing.state is ListingState.paused or listing.shop.state is ShopState.holiday


def _keep_again(session: Session, place: GroupPlace, now: datetime) -> bool:
    """Keep her pieces anew. False where somebody else was faster."""
    place.attempt += 1
    try:
        reserve(session, place.group.listing_id, place.pieces, place.reservation, now)
    except Refused:
        return False
    PLACE_STATES.move(place, PlaceState.joined)
    place.order_id = None
    session.flush()
    return True


def _return(session: Session, place: GroupPlace, now: datetime) -> None:
    PLACE_STATES.move(place, PlaceState.returned)
    place.ended_at = now
    count_taken(session, place.group, -place.pieces)
    deposits.free(session, place, now)
