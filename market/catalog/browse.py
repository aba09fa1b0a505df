"""Find listings: by category, zone and words, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from market.catalog.models import LabelRecord, Listing, ListingState, Product
from market.catalog.queries import whole
from market.catalog.rules import ZONE_GRADE, LabelState, term_grams
from market.kernel.ids import parse_id
from market.shops.models import Shop, ShopState

PAGE = 24
MOST_TERMS = 6
MOST_PRICE_DIGITS = 15


class Order(StrEnum):
    newest = "newest"
    price_up = "price_up"
    price_down = "price_down"


@dataclass(frozen=True, slots=True)
class Page:
    """Some listings, and the `after` that continues behind them (None at the end)."""

    listings: Sequence[Listing]
    after: str | None


def browse(
    session: Session,
    county_code: str,
    today: date,
    *,
    category: str | None = None,
    zone: bool = False,
    q: str | None = None,
    order: Order = Order.newest,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """What is for sale in the county: of a category, proven green on `today`, holding every word of `q`.

    An `after` that is not one of ours starts from the beginning.
    """
    wanted = [
        Listing.state == ListingState.active,
        Shop.state == ShopState.open,
        Shop.county_code == county_code,
        *([Product.category_code == category] if category else []),
        *([_in_zone(today)] if zone else []),
        *map(_holds, (q or "").lower().split()[:MOST_TERMS]),
        *_behind(order, after),
    ]
    found = session.scalars(
        select(Listing)
        .join(Listing.shop)
        .join(Listing.product)
        .where(*wanted)
        .options(*whole())
        .order_by(*_by(order))
        .limit(limit + 1)
    ).all()
    return Page(found[:limit], _cursor(order, found[limit - 1]) if len(found) > limit else None)


def _in_zone(today: date) -> ColumnElement[bool]:
    return (
        select(LabelRecord.id)
        .where(
            LabelRecord.product_id == Product.id,
            LabelRecord.state == LabelState.verified,
            LabelRecord.grade <= ZONE_GRADE,
            or_(LabelRecord.expires_on.is_(None), LabelRecord.expires_on >= today),
        )
        .exists()
    )


def _holds(term: str) -> ColumnElement[bool]:
    """The pairs narrow it down by index; the text decides, since pairs may lie apart."""
    return and_(
        Product.search_grams.contains(term_grams(term)), Product.search_text.contains(term, autoescape=True)
    )


def _by(order: Order) -> tuple[SQLColumnExpression[Any], ...]:
    return {
        Order.newest: (Listing.id.desc(),),
        Order.price_up: (Listing.price_fen, Listing.id),
        Order.price_down: (Listing.price_fen.desc(), Listing.id.desc()),
    }[order]


def _cursor(order: Order, last: Listing) -> str:
    return str(last.id) if order is Order.newest else f"{last.price_fen}:{last.id}"


def _is_price(text: str) -> bool:
    """Whether `text` is a number that a price column can hold."""
    return text.isdecimal() and len(text) <= MOST_PRICE_DIGITS


def _behind(order: Order, after: str | None) -> list[ColumnElement[bool]]:
    price, colon, identifier = (after or "").rpartition(":")
    last = parse_id(identifier)
    if last is None or bool(colon) is (order is Order.newest) or (colon and not _is_price(price)):
        return []
    if order is Order.newest:
        return [Listing.id < last]
    row, position = tuple_(Listing.price_fen, Listing.id), (int(price), last)
    return [row > position if order is Order.price_up else row < position]
