"""Reads of fairs: what comes near, what is on a van, what a shop has set aside."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import case, select
from sqlalchemy.orm import Session, joinedload

from market.catalog.models import Listing, Product
from market.fairs.models import Fair, FairGoods, FairState, FairStop
from market.kernel.clock import at
from market.kernel.errors import NotFound

PAGE = 20
_COUNTY, _TOWNSHIP = 6, 9
_GOODS = (
    joinedload(FairGoods.listing).joinedload(Listing.shop),
    joinedload(FairGoods.listing).joinedload(Listing.product).joinedload(Product.category),
    joinedload(FairGoods.listing).joinedload(Listing.product).selectinload(Product.labels),
)


def next_near(session: Session, region: str, day: date, limit: int = 3) -> Sequence[FairStop]:
    """The stops from `day` on that are next for who lives in `region` (a code of a village, a township or the
    county): those in her village first, then in her township, then in her county, each by their time."""
    near = case(
        (FairStop.region_code == region, 0),
        (FairStop.region_code.startswith(region[:_TOWNSHIP]) & (len(region) >= _TOWNSHIP), 1),
        else_=2,
    )
    return session.scalars(
        select(FairStop)
        .join(Fair, Fair.id == FairStop.fair_id)
        .options(joinedload(FairStop.fair))
        .where(Fair.county_code == region[:_COUNTY], Fair.state == FairState.planned)
        .where(FairStop.ends_at > at(day, time()))
        .order_by(near, FairStop.starts_at, FairStop.id)
        .limit(limit)
    ).all()


def coming(session: Session, county_code: str, now: datetime, limit: int = 100) -> Sequence[FairStop]:
    """The county's stops that are on or still to come, by their time."""
    return session.scalars(
        select(FairStop)
        .join(Fair, Fair.id == FairStop.fair_id)
        .options(joinedload(FairStop.fair))
        .where(Fair.county_code == county_code, Fair.state == FairState.planned, FairStop.ends_at > now)
        .order_by(FairStop.starts_at, FairStop.id)
        .limit(limit)
    ).all()


def stop(session: Session, stop_id: uuid.UUID) -> FairStop:
    """One stop with its fair. Raises NotFound."""
    found = session.get(FairStop, stop_id, options=[joinedload(FairStop.fair)])
    if found is None:
        raise NotFound
    return found


def goods_of(session: Session, fair_id: uuid.UUID, shop_id: uuid.UUID | None = None) -> Sequence[FairGoods]:
    """What is set aside for a fair, by shop; of one shop where it is named."""
    found = (
        select(FairGoods)
        .join(Listing, Listing.id == FairGoods.listing_id)
        .where(FairGoods.fair_id == fair_id)
        .options(*_GOODS)
        .order_by(Listing.shop_id, FairGoods.id)
    )
    return session.scalars(found.where(Listing.shop_id == shop_id) if shop_id else found).all()


def goods(session: Session, goods_id: uuid.UUID) -> FairGoods:
    """Something that is set aside. Raises NotFound."""
    found = session.scalar(select(FairGoods).where(FairGoods.id == goods_id).options(*_GOODS))
    if found is None:
        raise NotFound
    return found


def fairs_in_county(session: Session, county_code: str, limit: int = 50) -> Sequence[Fair]:
    """All of the county's fairs, the latest first."""
    found = select(Fair).where(Fair.county_code == county_code).order_by(Fair.ends_at.desc(), Fair.id)
    return session.scalars(found.limit(limit)).all()


def fair_of_county(session: Session, county_code: str, fair_id: uuid.UUID) -> Fair:
    """One fair of the county. Raises NotFound."""
    found = session.get(Fair, fair_id)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found
