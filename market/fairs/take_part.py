"""A shop takes part: it sets goods aside, and says that it is there."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.queries import listing_of
from market.fairs import rules
from market.fairs.models import Fair, FairGoods, FairShop, FairState
from market.fairs.plan_fair import lock_fair
from market.inventory.reserve import release, reserve
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.shops.models import Shop


def bring(
    session: Session, shop: Shop, fair_id: uuid.UUID, listing_id: uuid.UUID, pieces: int, now: datetime
) -> FairGoods | None:
    """Have `pieces` of a listing set aside for the fair, those sold there included; 0 takes the rest back.

    The shop joins with the first. None where nothing was set aside and nothing is.

    Raises NotFound where the fair is another county's or the listing another shop's; Refused: ``fair.over``,
    ``fair.pieces`` (field pieces, most=…), ``fair.sold`` (field pieces, sold=…), ``fair.not_for_sale`` (field
    listing_id), ``inventory.short``, ``inventory.frozen``.
    """
    fair = _own_fair(session, shop, fair_id)
    listing = listing_of(session, shop.id, listing_id)
    if listing is None:
        raise NotFound
    if fair.state is not FairState.planned or now >= fair.ends_at:
        raise Refused("fair.over")
    if not 0 <= pieces <= rules.MOST_PIECES:
        raise Refused("fair.pieces", field="pieces", most=rules.MOST_PIECES)
    _join(session, fair, shop, now)
    goods = lock_goods(session, fair.id, listing.id)
    if goods is None:
        if pieces == 0:
            return None
        if not listing.is_for_sale:
            raise Refused("fair.not_for_sale", field="listing_id")
        goods = FairGoods(id=new_id(), fair_id=fair.id, listing_id=listing.id, brought=pieces)
        session.add(goods)
        session.flush()
        reserve(session, listing.id, pieces, goods.reservation, now)
        return goods
    if pieces < goods.sold:
        raise Refused("fair.sold", field="pieces", sold=goods.sold)
    keep(session, goods, pieces - goods.sold, now)
    if pieces == 0:
        session.delete(goods)
        session.flush()
        return None
    goods.brought = pieces
    session.flush()
    return goods


def arrive(session: Session, shop: Shop, fair_id: uuid.UUID, now: datetime) -> Fair:
    """The shop is at the spot. The first time counts.

    Raises NotFound where it does not take part; Refused(``fair.not_now``) but while a stop is on, or is about
    to begin.
    """
    fair = _own_fair(session, shop, fair_id)
    row = session.get(FairShop, (fair.id, shop.id))
    if row is None:
        raise NotFound
    if row.arrived_at is None:
        if fair.state is not FairState.planned or not _is_about(fair, now):
            raise Refused("fair.not_now")
        row.arrived_at = now
        session.flush()
    return fair


def keep(session: Session, goods: FairGoods, pieces: int, now: datetime) -> None:
    """Have exactly `pieces` of locked goods reserved. Raises Refused as `reserve`."""
    if pieces == goods.left:
        return
    if goods.left:
        release(session, goods.reservation, now)
    goods.attempt += 1
    if pieces:
        reserve(session, goods.listing_id, pieces, goods.reservation, now)


def lock_goods(session: Session, fair_id: uuid.UUID, listing_id: uuid.UUID) -> FairGoods | None:
    """What is set aside of a listing, unchanged by others until this transaction ends."""
    return session.scalar(
        select(FairGoods)
        .where(FairGoods.fair_id == fair_id, FairGoods.listing_id == listing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _own_fair(session: Session, shop: Shop, fair_id: uuid.UUID) -> Fair:
    fair = lock_fair(session, fair_id)
    if fair.county_code != shop.county_code:
        raise NotFound
    return fair


def _join(session: Session, fair: Fair, shop: Shop, now: datetime) -> None:
    session.execute(
        insert(FairShop).values(fair_id=fair.id, shop_id=shop.id, joined_at=now).on_conflict_do_nothing()
    )
    session.expire(fair, ["shops"])


def _is_about(fair: Fair, now: datetime) -> bool:
    return any(stop.starts_at - rules.EARLY <= now < stop.ends_at for stop in fair.stops)
