"""Reads of groups: what the county's people may join, one's own places, a shop's and a county's groups."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from market.catalog.models import Listing, Product
from market.catalog.queries import WITH_LISTING, labels_of, with_listing
from market.groups.models import GroupOrder, GroupPlace
from market.groups.states import LIVE, GroupState, PlaceState
from market.kernel.errors import NotFound
from market.kernel.together import Together, hang
from market.shops.models import Shop, ShopState

PAGE = 20
_LAST_ID = uuid.UUID(int=2**128 - 1)
_JOINED = (PlaceState.joined, PlaceState.ordered, PlaceState.forfeited)


@dataclass(frozen=True, slots=True)
class Told:
    """A group with the pieces whose deposit is paid."""

    group: GroupOrder
    joined: int

    @property
    def missing(self) -> int:
        """How many pieces are wanting until it comes about."""
        return max(0, self.group.least - self.joined)

    @property
    def left(self) -> int:
        """How many pieces can still be taken."""
        return self.group.most - self.group.taken


def _told(which: Select[GroupOrder]) -> Together:
    """The groups of `which` with their listings, the labels of these, and the pieces that are paid for."""
    ids = which.with_only_columns(GroupOrder.id).limit(bindparam("most", type_=Integer)).subquery()
    told = GroupOrder.id.in_(select(ids.c.id))
    goods = with_listing(select(GroupOrder, *WITH_LISTING).join(Listing, Listing.id == GroupOrder.listing_id))
    products = select(Listing.product_id).join(GroupOrder, GroupOrder.listing_id == Listing.id)
    return Together(
        goods.where(told).order_by(GroupOrder.id.desc()),
        labels_of(products.where(told)),
        select(GroupPlace.group_id, func.sum(GroupPlace.pieces))
        .where(GroupPlace.group_id.in_(select(ids.c.id)), GroupPlace.state.in_(_JOINED))
        .group_by(GroupPlace.group_id),
    )


_SOLD_BY = select(GroupOrder).join(Shop, Shop.id == GroupOrder.shop_id).order_by(GroupOrder.id.desc())
_ONE = _told(select(GroupOrder).where(GroupOrder.id == bindparam("group_id")))
_OF_SHOP = _told(_SOLD_BY.where(Shop.id == bindparam("shop_id")))
_IN_COUNTY = _told(_SOLD_BY.where(Shop.county_code == bindparam("county_code")))
_OPEN = _told(
    _SOLD_BY.where(Shop.county_code == bindparam("county_code"), Shop.state == ShopState.open)
    .where(GroupOrder.state == GroupState.open, GroupOrder.closes_at > bindparam("now"))
    .where(GroupOrder.id < bindparam("after"))
)

_HERS = (GroupPlace.id == bindparam("place_id"), GroupPlace.account_id == bindparam("account_id"))
_OWN_PLACE = Together(
    with_listing(
        select(GroupPlace, GroupOrder, *WITH_LISTING)
        .join(GroupOrder, GroupOrder.id == GroupPlace.group_id)
        .join(Listing, Listing.id == GroupOrder.listing_id)
    ).where(*_HERS),
    labels_of(
        select(Listing.product_id)
        .join(GroupOrder, GroupOrder.listing_id == Listing.id)
        .join(GroupPlace, GroupPlace.group_id == GroupOrder.id)
        .where(*_HERS)
    ),
)


def open_groups(
    session: Session, county_code: str, now: datetime, after: uuid.UUID | None = None, limit: int = PAGE
) -> list[Told]:
    """The groups of the county's open shops that people may join, the newest first, behind `after`."""
    return _read(session, _OPEN, limit, county_code=county_code, now=now, after=after or _LAST_ID)


def group(session: Session, group_id: uuid.UUID) -> Told:
    """One group in any state. Raises NotFound."""
    found = _read(session, _ONE, 1, group_id=group_id)
    if not found:
        raise NotFound
    return found[0]


def groups_of_shop(session: Session, shop_id: uuid.UUID, limit: int = 100) -> list[Told]:
    """The shop's groups, the newest first."""
    return _read(session, _OF_SHOP, limit, shop_id=shop_id)


def groups_in_county(session: Session, county_code: str, limit: int = 100) -> list[Told]:
    """The groups of the county's shops, the newest first."""
    return _read(session, _IN_COUNTY, limit, county_code=county_code)


def places_of(session: Session, account_id: uuid.UUID, limit: int = 50) -> Sequence[GroupPlace]:
    """Somebody's places, the latest first; those that were never paid are left out."""
    return session.scalars(
        select(GroupPlace)
        .where(GroupPlace.account_id == account_id, GroupPlace.state != PlaceState.lapsed)
        .options(_LISTING)
        .order_by(GroupPlace.id.desc())
        .limit(limit)
    ).all()


def place_of(session: Session, account_id: uuid.UUID, group_id: uuid.UUID) -> GroupPlace | None:
    """Somebody's place in a group: the live one, else the last she had."""
    return session.scalar(
        select(GroupPlace)
        .where(GroupPlace.account_id == account_id, GroupPlace.group_id == group_id)
        .order_by(GroupPlace.state.in_(LIVE).desc(), GroupPlace.id.desc())
        .limit(1)
    )


def own_place(session: Session, account_id: uuid.UUID, place_id: uuid.UUID) -> GroupPlace:
    """A place of the person's own with its group and the listing. Raises NotFound."""
    rows, labels = _OWN_PLACE.read(session, place_id=place_id, account_id=account_id)
    if not rows:
        raise NotFound
    hang(Product.labels, [rows[0][4]], labels)
    found: GroupPlace = rows[0][0]
    return found


def wishes(session: Session, shop_id: uuid.UUID, group_id: uuid.UUID) -> list[tuple[dict[str, str], int]]:
    """What the shop is to have made: how many pieces of each choice, nobody named. Raises NotFound."""
    if group(session, group_id).group.shop_id != shop_id:
        raise NotFound
    rows = session.execute(
        select(GroupPlace.chosen, func.sum(GroupPlace.pieces))
        .where(GroupPlace.group_id == group_id)
        .where(GroupPlace.state.in_((PlaceState.joined, PlaceState.ordered)))
        .group_by(GroupPlace.chosen)
        .order_by(func.sum(GroupPlace.pieces).desc(), GroupPlace.chosen)
    )
    return [(chosen, int(pieces)) for chosen, pieces in rows]


def penalty_fen(session: Session, group_id: uuid.UUID) -> int:
    """What a shop that goes back on the group would owe besides the deposits themselves."""
    found = session.scalar(
        select(func.coalesce(func.sum(GroupPlace.deposit_fen), 0)).where(
            GroupPlace.group_id == group_id, GroupPlace.state == PlaceState.joined
        )
    )
    return int(found or 0)


_LISTING = joinedload(GroupPlace.group).joinedload(GroupOrder.listing).joinedload(Listing.product)


def _read(session: Session, told: Together, limit: int, **values: Any) -> list[Told]:
    goods, labels, pieces = told.read(session, most=limit, **values)
    hang(Product.labels, {row[3] for row in goods}, labels)
    joined = {group_id: int(paid) for group_id, paid in pieces}
    return [Told(row[0], joined.get(row[0].id, 0)) for row in goods]
