"""Who offers one model: the county's offers side by side, and the order that pages show them in."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, and_, bindparam, case, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from market.catalog.evidence import ProductRecall
from market.catalog.models import Listing, ListingState, Product
from market.catalog.queries import whole
from market.credit.effects import offer_order, offer_rank
from market.credit.models import Rating, Review, SubjectKind
from market.inventory.models import Stock
from market.places.models import County
from market.shops.models import ON_SHOW, Shop, ShopState

_LEFT = case((Stock.frozen, 0), else_=func.coalesce(Stock.on_hand - Stock.reserved - Stock.allocated, 0))


_RECALLED = (
    select(ProductRecall.id)
    .where(ProductRecall.product_id == Listing.product_id, ProductRecall.lifted_at.is_(None))
    .correlate(Listing)
    .exists()
)
_REVIEWED = select(Review.id).where(Review.listing_id == bindparam("listing_id")).exists()


class OfferOrder(StrEnum):
    """What a visitor may have offers ordered by; each page says which it is."""

    pays = "pays"
    rating = "rating"
    stock = "stock"


@dataclass(frozen=True, slots=True)
class OnOffer:
    """A listing with what decides between shops: the shop's rating (None: new) and the pieces left."""

    listing: Listing
    rating: Rating | None
    left: int

    @property
    def letter(self) -> str | None:
        """The shop's letter, None before it has one."""
        return self.rating.letter if self.rating else None


Sorted = TypeVar("Sorted")


def offers_by_county(session: Session, product_id: uuid.UUID) -> list[tuple[County, list[OnOffer]]]:
    """Every county that runs a market, by code, with what its open shops offer of it, in one statement."""
    rows = session.execute(_by_county(), {"product_id": product_id}).unique()
    found: dict[str, tuple[County, list[OnOffer]]] = {}
    for county, listing, rating, pieces in rows:
        offered = found.setdefault(county.code, (county, []))[1]
        if listing is not None:
            offered.append(OnOffer(listing, rating, pieces))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class WithOthers:
    """A listing on show among all offers of its model in its county, its own too, the lowest price first."""

    own: OnOffer
    is_recalled: bool
    is_reviewed: bool
    offers: list[OnOffer]


def with_others(session: Session, listing_id: uuid.UUID) -> WithOthers | None:
    """The listing, if people may see it: active, and its shop open or on holiday. In one statement."""
    rows = session.execute(_with_others(), {"listing_id": listing_id})
    found = rows.unique(lambda row: row[0].id).all()
    offers = [OnOffer(*row[:3]) for row in found]
    own = next((offer for offer in offers if offer.listing.id == listing_id), None)
    return WithOthers(own, found[0][3], found[0][4], offers) if own else None


# Put together once: that takes several times as long as to ask.
@cache
def _by_county() -> Select[Any]:
    offered = and_(
        Listing.shop_id == Shop.id,
        Listing.product_id == bindparam("product_id"),
        Listing.state == ListingState.active,
    )
    return (
        _with_stock_and_rating(
            select(County, Listing, Rating, _LEFT)
            .select_from(County)
            .outerjoin(Shop, and_(Shop.county_code == County.code, Shop.state == ShopState.open))
            .outerjoin(Listing, offered)
        )
        .options(*whole(few=True))
        .order_by(County.code, Listing.price_fen, Listing.id)
    )


@cache
def _with_others() -> Select[Any]:
    asked, asked_shop = aliased(Listing), aliased(Shop)
    return (
        _with_stock_and_rating(
            select(Listing, Rating, _LEFT, _RECALLED, _REVIEWED)
            .join(Listing.shop)
            .join(asked, asked.product_id == Listing.product_id)
            .join(
                asked_shop, and_(asked_shop.id == asked.shop_id, asked_shop.county_code == Shop.county_code)
            )
        )
        .where(asked.id == bindparam("listing_id"))
        .where(Listing.state == ListingState.active, Shop.state.in_(ON_SHOW))
        .options(*whole(few=True), joinedload(Listing.product).joinedload(Product.certificates))
        .order_by(Listing.price_fen, Listing.id)
    )


def _with_stock_and_rating(found: Select[Any]) -> Select[Any]:
    return found.outerjoin(Stock, Stock.listing_id == Listing.id).outerjoin(
        Rating, and_(Rating.subject_kind == SubjectKind.shop, Rating.subject_id == Shop.id)
    )


def in_order(
    offers: Iterable[Sorted], of: Callable[[Sorted], tuple[OnOffer, int]], order: OfferOrder
) -> Sequence[Sorted]:
    """`offers` as the page says; `of` gives what is offered and what the buyer pays for it, in fen.

    What is sold out comes last, whatever the order. By default as `credit.effects.offer_order` publishes it.
    """

    def place(offer: Sorted) -> tuple[bool, int, tuple[bool, int, int], uuid.UUID]:
        found, paid_fen = of(offer)
        first = {
            OfferOrder.pays: 0,
            OfferOrder.rating: offer_rank(found.letter),
            OfferOrder.stock: -found.left,
        }[order]
        return found.left <= 0, first, offer_order(found.letter, paid_fen), found.listing.id

    return sorted(offers, key=place)


def product_by_barcode(session: Session, gtin: str) -> uuid.UUID | None:
    """The model that a barcode is on, its own or one of its variants'."""
    own = session.scalar(select(Product.id).where(Product.gtin == gtin))
    of_variant = select(Listing.product_id).where(Listing.gtin == gtin).order_by(Listing.id).limit(1)
    return own or session.scalar(of_variant)
