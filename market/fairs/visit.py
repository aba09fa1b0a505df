"""Somebody is there: she may say so, and buy what is there."""

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.fairs.models import Fair, FairGoods, FairState, FairStop
from market.fairs.plan_fair import lock_fair
from market.fairs.take_part import keep, lock_goods
from market.kernel.errors import NotFound, Refused
from market.orders.cart import CartEntry
from market.orders.checkout import Choices, checkout_reserved
from market.orders.models import Order
from market.people.models import Account


def count_visitor(session: Session, stop_id: uuid.UUID, now: datetime) -> None:
    """One visitor more, nobody named. The door counts a browser once.

    Raises NotFound; Refused(``fair.not_now``) but while the stop is on.
    """
    on = (
        update(FairStop)
        .where(FairStop.id == stop_id, FairStop.starts_at <= now, FairStop.ends_at > now)
        .where(FairStop.fair_id.in_(select(Fair.id).where(Fair.state == FairState.planned)))
        .values(visitors=FairStop.visitors + 1)
        .returning(FairStop.id)
    )
    if session.scalar(on) is None:
        if session.get(FairStop, stop_id) is None:
            raise NotFound
        raise Refused("fair.not_now")


def is_on(fair: Fair, now: datetime) -> bool:
    """Whether one of its stops is on now."""
    return fair.state is FairState.planned and any(
        stop.starts_at <= now < stop.ends_at for stop in fair.stops
    )


def buy(
    session: Session,
    account: Account,
    goods_id: uuid.UUID,
    pieces: int,
    choices: Choices,
    key: str,
    now: datetime,
) -> Order:
    """Buy of what is set aside for the fair, by an ordinary order; it is brought as any other is.

    The same `key` gives the same order. Raises NotFound; Refused: ``fair.not_now``, ``fair.short`` (field
    pieces, left=…), and as `checkout`.
    """
    known = session.get(FairGoods, goods_id)
    if known is None:
        raise NotFound
    fair = lock_fair(session, known.fair_id)
    placed = session.scalar(select(Order).where(Order.account_id == account.id, Order.placement_key == key))
    if placed is not None:
        return placed
    if not is_on(fair, now):
        raise Refused("fair.not_now")
    goods = lock_goods(session, fair.id, known.listing_id)
    if goods is None or not 1 <= pieces <= goods.left:
        raise Refused("fair.short", field="pieces", left=goods.left if goods else 0)
    keep(session, goods, goods.left - pieces, now)
    goods.sold += pieces
    return checkout_reserved(session, account, choices, entry_of(goods, pieces), 0, key, now)


def entry_of(goods: FairGoods, pieces: int) -> CartEntry:
    """The line that so many pieces become, at the price they have in the shop."""
    return CartEntry(goods.listing, pieces, goods.listing.is_for_sale)
