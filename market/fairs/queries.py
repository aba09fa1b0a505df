"""Reads of fairs: what comes near, what is on a van, what a shop has set aside."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, case, func, select
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.sql.selectable import ScalarSelect

from market.catalog.models import Listing, Product
from market.catalog.queries import WITH_LISTING, labels_of, with_listing
from market.fairs.models import Fair, FairGoods, FairShop, FairState, FairStop
from market.kernel.clock import at
from market.kernel.errors import NotFound
from market.kernel.together import Together, hang
from market.places.models import Region
from market.shops.models import ShopStaff

PAGE = 20
_COUNTY, _TOWNSHIP = 6, 9
_GOODS = (
    joinedload(FairGoods.listing).joinedload(Listing.shop),
    joinedload(FairGoods.listing).joinedload(Listing.product).joinedload(Product.category),
    joinedload(FairGoods.listing).joinedload(Listing.product).selectinload(Product.labels),
)
_STOP_ALONE = joinedload(FairStop.fair).options(lazyload(Fair.stops), lazyload(Fair.shops))
_ITS_FAIR = select(FairStop.fair_id).where(FairStop.id == bindparam("stop_id")).scalar_subquery()
_ITS_GOODS = select(Listing.product_id).join(FairGoods, FairGoods.listing_id == Listing.id)
_STOP = Together(
    select(FairStop, Fair, Region)
    .join(Fair, Fair.id == FairStop.fair_id)
    .join(Region, Region.code == FairStop.region_code)
    .where(Fair.id == _ITS_FAIR)
    .order_by(FairStop.starts_at),
    select(FairShop).where(FairShop.fair_id == _ITS_FAIR).order_by(FairShop.joined_at),
    with_listing(select(FairGoods, *WITH_LISTING).join(Listing, Listing.id == FairGoods.listing_id))
    .where(FairGoods.fair_id == _ITS_FAIR)
    .order_by(Listing.shop_id, FairGoods.id),
    labels_of(_ITS_GOODS.where(FairGoods.fair_id == _ITS_FAIR)),
    select(Region)
    .join(FairStop, FairStop.region_code.startswith(Region.code))
    .where(FairStop.id == bindparam("stop_id"))
    .order_by(Region.code),
    select(ShopStaff.shop_id).where(ShopStaff.account_id == bindparam("account_id", type_=Uuid())),
)

_ONE_GOODS = Together(
    with_listing(
        select(FairGoods, *WITH_LISTING, Fair)
        .join(Listing, Listing.id == FairGoods.listing_id)
        .join(Fair, Fair.id == FairGoods.fair_id)
    ).where(FairGoods.id == bindparam("goods_id")),
    labels_of(_ITS_GOODS.where(FairGoods.id == bindparam("goods_id"))),
    select(FairStop)
    .join(FairGoods, FairGoods.fair_id == FairStop.fair_id)
    .where(FairGoods.id == bindparam("goods_id"))
    .order_by(FairStop.starts_at),
)


@dataclass(frozen=True, slots=True)
class Visited:
    """A stop with all that its page shows: its region's lineage, the goods, and the reader's own shop."""

    stop: FairStop
    lineage: Sequence[Region]
    goods: Sequence[FairGoods]
    own_shop_id: uuid.UUID | None


def visited(session: Session, stop_id: uuid.UUID, account_id: uuid.UUID | None) -> Visited:
    """One stop, in one statement. Raises NotFound."""
    stops, shops, goods, labels, lineage, own = _STOP.read(session, stop_id=stop_id, account_id=account_id)
    found = next((stop for stop, *_rest in stops if stop.id == stop_id), None)
    if found is None:
        raise NotFound
    hang(Fair.stops, [found.fair], [stop for stop, *_rest in stops])
    hang(Fair.shops, [found.fair], shops)
    hang(Product.labels, {row[3] for row in goods}, labels)
    return Visited(found, lineage, [row[0] for row in goods], next(iter(own), None))


@dataclass(frozen=True, slots=True)
class NearStop:
    """A stop as a page names it beside other things."""

    id: uuid.UUID
    title: str
    kind: str
    region: str
    venue: str
    starts_at: datetime
    ends_at: datetime


def next_near(session: Session, region: str, day: date, limit: int = 3) -> Sequence[FairStop]:
    """The stops from `day` on that are next for who lives in `region` (a code of a village, a township or the
    county): those in her village first, then in her township, then in her county, each by their time."""
    found = _near(select(FairStop), limit).options(_STOP_ALONE)
    return session.scalars(found, near_values(region, day)).all()


def near_values(region: str, day: date) -> dict[str, Any]:
    """The parameters of `NEAR_AS_JSON` that say where and from when on."""
    return {
        "near_region": region,
        "near_township": region[:_TOWNSHIP],
        "near_county": region[:_COUNTY],
        "near_from": at(day, time()),
    }


def near_stops(rows: Sequence[Sequence[str]] | None) -> list[NearStop]:
    """The stops in the value of `NEAR_AS_JSON`."""
    return [
        NearStop(
            uuid.UUID(key),
            title,
            kind,
            where,
            venue,
            datetime.fromisoformat(starts),
            datetime.fromisoformat(ends),
        )
        for key, title, kind, where, venue, starts, ends in rows or ()
    ]


def _near(found: Select[Any], limit: int) -> Select[Any]:
    near = case(
        (FairStop.region_code == bindparam("near_region"), 0),
        (func.left(FairStop.region_code, _TOWNSHIP) == bindparam("near_township"), 1),
        else_=2,
    )
    return (
        found.join(Fair, Fair.id == FairStop.fair_id)
        .where(Fair.county_code == bindparam("near_county"), Fair.state == FairState.planned)
        .where(FairStop.ends_at > bindparam("near_from"))
        .order_by(near, FairStop.starts_at, FairStop.id)
        .limit(limit)
    )


def _near_as_json(limit: int) -> ScalarSelect[Any]:
    what: list[Any] = [FairStop.id, Fair.title, Fair.kind, Region.name, FairStop.venue]
    named = select(*what, FairStop.starts_at, FairStop.ends_at)
    found = _near(named, limit).join(Region, Region.code == FairStop.region_code).subquery()
    return select(func.jsonb_agg(func.jsonb_build_array(*found.c))).scalar_subquery()


NEAR_AS_JSON = _near_as_json(2)
"""The two that `next_near` finds first as one value, for a statement that reads more: see `near_stops`."""


_COMING_STOPS = (
    select(FairStop, Fair, Region)
    .join(Fair, Fair.id == FairStop.fair_id)
    .join(Region, Region.code == FairStop.region_code)
    .where(Fair.county_code == bindparam("county_code"), Fair.state == FairState.planned)
    .where(FairStop.ends_at > bindparam("now"))
    .order_by(FairStop.starts_at, FairStop.id)
    .limit(100)
)
_COMING = Together(
    _COMING_STOPS,
    select(Region).where(Region.parent_code == bindparam("county_code")).order_by(Region.code),
)


def coming_with_townships(
    session: Session, county_code: str, now: datetime
) -> tuple[list[FairStop], Sequence[Region]]:
    """The county's stops that are on or still to come, by their time, and its townships by code."""
    stops, townships = _COMING.read(session, county_code=county_code, now=now)
    return [row[0] for row in stops], townships


def coming(session: Session, county_code: str, now: datetime, limit: int = 100) -> Sequence[FairStop]:
    """The county's stops that are on or still to come, by their time."""
    return session.scalars(
        select(FairStop)
        .join(Fair, Fair.id == FairStop.fair_id)
        .options(_STOP_ALONE)
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
    """Something that is set aside, with the stops of its fair. Raises NotFound."""
    rows, labels, stops = _ONE_GOODS.read(session, goods_id=goods_id)
    if not rows:
        raise NotFound
    hang(Product.labels, [rows[0][3]], labels)
    found: FairGoods = rows[0][0]
    hang(Fair.stops, [found.fair], stops)
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
