"""Find listings: by category, zone and what they cost to buy and to run, page by page."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    ScalarSelect,
    SQLColumnExpression,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from market.catalog.evidence import ZoneMembership
from market.catalog.models import Category, LabelRecord, Listing, ListingState, Product
from market.catalog.queries import whole
from market.catalog.rules import LabelState
from market.catalog.running_cost import TARIFF_FEN_PER_KWH
from market.kernel.ids import parse_id
from market.shops.models import ON_SHOW, Shop

PAGE = 24
MOST_KEY_DIGITS = 15
_UNKNOWN = 10 ** (MOST_KEY_DIGITS - 1)  # sorts behind every grade and every running cost there is

Column = SQLColumnExpression[Any]
SubsidyOf = Callable[[Column, Column, Column], ColumnElement[int]]
"""The subsidy in fen of one piece, from its subsidy category, proven grade and price, as columns."""


class Order(StrEnum):
    newest = "newest"
    price_up = "price_up"
    price_down = "price_down"
    cost_up = "cost_up"
    subsidy_down = "subsidy_down"
    grade_up = "grade_up"


class Counted(StrEnum):
    """What is counted by category beside the rows: nothing, what is found, or all that is for sale."""

    nothing = "nothing"
    found = "found"
    on_sale = "on_sale"


FALLING = {Order.newest, Order.price_down, Order.subsidy_down}


@dataclass(frozen=True, slots=True)
class Facets:
    """Bounds on what is found, each included. Prices are after the subsidy, costs are of electricity a year.

    What has no known running cost is left out as soon as one is asked for.
    """

    grade: int | None = None
    price_from_fen: int | None = None
    price_upto_fen: int | None = None
    cost_upto_fen: int | None = None
    subsidy_from_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """How much of a category is found with every bound but that of the category."""

    code: str
    name_zh: str
    name_en: str
    count: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some listings, the `after` that continues behind them (None at the end), and counts if asked for.

    `shops` is how many of the county's shops offer each listing's model now; `beside` what was asked for too.
    """

    listings: Sequence[Listing]
    after: str | None
    counts: tuple[Found, ...] = ()
    shops: Mapping[uuid.UUID, int] = field(default_factory=dict)
    beside: Any = None


def browse(
    session: Session,
    county_code: str,
    today: date,
    *,
    category: str | None = None,
    zone: bool = False,
    facets: Facets | None = None,
    subsidy: SubsidyOf | None = None,
    order: Order = Order.newest,
    after: str | None = None,
    limit: int = PAGE,
    count: Counted = Counted.nothing,
    beside: ScalarSelect[Any] | None = None,
) -> Page:
    """What is for sale in the county: of a category, in the zone on `today`.

    In one statement, which reads the value `beside` too. An `after` that is not one of ours starts from the
    beginning.
    """
    row = _Row(today, subsidy)
    on_sale: list[ColumnElement[bool]] = [
        Listing.state == ListingState.active,
        Shop.state.in_(ON_SHOW),
        Shop.county_code == county_code,
    ]
    wanted = [
        *on_sale,
        *([in_zone(today)] if zone else []),
        *row.within(facets or Facets()),
    ]
    of_category = [Product.category_code == category] if category else []
    key = row.key(order)
    counted_by = {Counted.nothing: None, Counted.found: wanted, Counted.on_sale: on_sale}[count]
    counts = _counts(counted_by) if counted_by else None
    once = func.jsonb_build_array(*(null() if value is None else value for value in (counts, beside)))
    rows = session.execute(
        _joined(select(Listing, key, once, shops_offering(county_code)))
        .where(*wanted, *of_category, *_behind(order, key, after))
        .options(*whole(few=True))
        .order_by(*_by(order, key))
        .limit(limit + 1)
    )
    found = rows.unique(lambda row: row[0].id).all()
    counted, along = found[0][2] if found else session.scalar(select(once)) or (None, None)
    return Page(
        [listing for listing, *_ in found[:limit]],
        _cursor(order, *found[limit - 1][:2]) if len(found) > limit else None,
        tuple(Found(*one) for one in counted or ()),
        {listing.id: shops for listing, *_, shops in found},
        along,
    )


def in_zone(today: date) -> ColumnElement[bool]:
    """Whether the product is in the zone: past its last day it is not, closed by the worker or not."""
    return (
        select(ZoneMembership.id)
        .where(
            ZoneMembership.product_id == Product.id,
            ZoneMembership.until.is_(None),
            or_(ZoneMembership.last_day.is_(None), ZoneMembership.last_day >= today),
        )
        .correlate(Product)
        .exists()
    )


class _Row:
    """What is filtered and sorted by, as columns of a listing's row."""

    def __init__(self, today: date, subsidy: SubsidyOf | None) -> None:
        self.grade = _grade(today)
        self.subsidy_fen: Column = literal(0, BigInteger)
        if subsidy:
            self.subsidy_fen = subsidy(Category.subsidy_category, self.grade, Listing.price_fen)
        self.price_fen: Column = Listing.price_fen - self.subsidy_fen if subsidy else Listing.price_fen

    def within(self, facets: Facets) -> list[ColumnElement[bool]]:
        cost_fen = Product.yearly_kwh * literal(TARIFF_FEN_PER_KWH, Numeric)
        bounds: list[tuple[int | None, Callable[[int], ColumnElement[bool]]]] = [
            (facets.grade, self.grade.__le__),
            (facets.price_from_fen, self.price_fen.__ge__),
            (facets.price_upto_fen, self.price_fen.__le__),
            (facets.cost_upto_fen, cost_fen.__le__),
            (facets.subsidy_from_fen, self.subsidy_fen.__ge__),
        ]
        return [holds(bound) for bound, holds in bounds if bound is not None]

    def key(self, order: Order) -> Column:
        tenths = func.coalesce(cast(Product.yearly_kwh * 10, BigInteger), _UNKNOWN)
        return {
            Order.newest: literal(0, BigInteger),
            Order.price_up: self.price_fen,
            Order.price_down: self.price_fen,
            Order.cost_up: tenths,
            Order.subsidy_down: self.subsidy_fen,
            Order.grade_up: func.coalesce(self.grade, _UNKNOWN),
        }[order]


def _grade(today: date) -> ScalarSelect[int | None]:
    """The best grade that is proven today: `rules.best_grade` in SQL."""
    return (
        select(func.min(LabelRecord.grade))
        .where(
            LabelRecord.product_id == Product.id,
            LabelRecord.state == LabelState.verified,
            or_(LabelRecord.expires_on.is_(None), LabelRecord.expires_on >= today),
        )
        .correlate(Product)
        .scalar_subquery()
    )


def _joined(query: Any) -> Any:
    return query.select_from(Listing).join(Listing.shop).join(Listing.product).join(Product.category)


def shops_offering(county_code: str) -> ScalarSelect[int]:
    """How many shops of the county offer the row's model."""
    other, shop = aliased(Listing), aliased(Shop)
    return (
        select(func.count(other.shop_id.distinct()))
        .join(shop, shop.id == other.shop_id)
        .where(
            other.product_id == Listing.product_id,
            other.state == ListingState.active,
            shop.county_code == county_code,
            shop.state.in_(ON_SHOW),
        )
        .correlate(Listing)
        .scalar_subquery()
    )


def _counts(wanted: Sequence[ColumnElement[bool]]) -> ScalarSelect[Any]:
    """``[code, name_zh, name_en, count]`` of every category, as one JSON value beside the rows."""
    counted = _joined(select(Product.category_code, func.count().label("found")))
    by_code = counted.where(*wanted).group_by(Product.category_code).subquery()
    named = (
        select(
            Category.code,
            Category.name_zh,
            Category.name_en,
            Category.sort,
            func.coalesce(by_code.c.found, 0).label("found"),
        )
        .outerjoin(by_code, by_code.c.category_code == Category.code)
        .order_by(Category.sort)
        .subquery()
    )
    row = func.jsonb_build_array(named.c.code, named.c.name_zh, named.c.name_en, named.c.found)
    return select(func.jsonb_agg(row)).select_from(named).scalar_subquery()


def _by(order: Order, key: Column) -> tuple[SQLColumnExpression[Any], ...]:
    if order is Order.newest:
        return (Listing.id.desc(),)
    return (key.desc(), Listing.id.desc()) if order in FALLING else (key, Listing.id)


def _cursor(order: Order, last: Listing, key: int) -> str:
    return str(last.id) if order is Order.newest else f"{key}:{last.id}"


def _is_key(text: str) -> bool:
    """Whether `text` is a number that a sorted column can hold."""
    return text.isdecimal() and len(text) <= MOST_KEY_DIGITS


def _behind(order: Order, key: Column, after: str | None) -> list[ColumnElement[bool]]:
    value, colon, identifier = (after or "").rpartition(":")
    last = parse_id(identifier)
    if last is None or bool(colon) is (order is Order.newest) or (colon and not _is_key(value)):
        return []
    if order is Order.newest:
        return [Listing.id < last]
    row, position = tuple_(key, Listing.id), (int(value), last)
    return [row < position if order in FALLING else row > position]
