"""What is for sale of a category and in the green zone, page by page, in one statement that stays short.

The entries are walked in the wanted order until a page is full, and only then is it read what the page shows;
the walk is fenced (`MATERIALIZED`), so that PostgreSQL never joins everything before it sorts. A statement is
put together once: to put it together takes longer than to ask it.
"""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Numeric,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    Text,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from market.catalog.cards import COUNTY, TODAY, Card, card_in, cards_of
from market.catalog.models import Category, LabelRecord
from market.catalog.rules import LabelState
from market.catalog.running_cost import TARIFF_FEN_PER_KWH
from market.kernel.ids import parse_id
from market.search.models import Entry
from market.search.schema import UNKNOWN_COST

PAGE = 24
MOST_COUNTED = 101
"""So much of a category is counted and no more: pages say "100+" from a hundred on."""
MOST_KEY_DIGITS = 15
_UNKNOWN_GRADE = 10  # sorts behind every grade there is
_CATEGORY, _LIMIT = bindparam("category", type_=Text), bindparam("limit", type_=Integer)
_LAST_KEY, _LAST_ID = (
    bindparam("last_key", type_=BigInteger),
    bindparam("last_id", type_=Entry.listing_id.type),
)

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
class Kind:
    """A category, and how much of it is found under every bound but that of the category."""

    code: str
    name_zh: str
    name_en: str
    count: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some listings, the `after` that continues behind them (None at the end), and counts of the zone."""

    cards: Sequence[Card]
    after: str | None
    counts: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category: whether anything of it is for sale, and the newest of it in the zone."""

    code: str
    name_zh: str
    name_en: str
    is_sold: bool
    newest: Card | None


@dataclass(frozen=True, slots=True)
class OfCategory:
    """A category and a page of what is for sale of it."""

    code: str
    name_zh: str
    name_en: str
    page: Page


def shelves(
    session: Session, county_code: str, today: date, beside: ScalarSelect[Any], **values: Any
) -> tuple[list[Shelf], Any]:
    """Every category in its fixed order, with what the county's shops have of it; and the value `beside`.

    `beside` is written once, at the top of a module; `values` are its parameters.
    """
    asked = {"county_code": county_code, "today": today, **values}
    rows = session.execute(_shelves(beside), asked).all()
    every = [Shelf(*[*row[-5:-1], card_in(row, today) if row[0] else None]) for row in rows]
    return every, rows[0][-1] if rows else None


def of_category(
    session: Session,
    county_code: str,
    today: date,
    code: str,
    *,
    order: Order = Order.newest,
    after: str | None = None,
    limit: int = PAGE,
) -> OfCategory | None:
    """What is for sale of the category in the county; None where there is no such category.

    An `after` that is not one of ours starts from the beginning.
    """
    last = _last(order, after)
    values = {"county_code": county_code, "today": today, "category": code, "limit": limit + 1, **last}
    rows = session.execute(_of_category(order, bool(last)), values).all()
    if not rows:
        return None
    page = _page([row for row in rows if row[0]], order, limit, today)
    return OfCategory(*[*rows[0][-3:], page])


def zone(
    session: Session,
    county_code: str,
    today: date,
    *,
    category: str | None = None,
    facets: Facets | None = None,
    subsidy: SubsidyOf | None = None,
    order: Order = Order.newest,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """What is in the green zone on `today` and for sale in the county, with how much there is by category."""
    row, last = _Row(subsidy), _last(order, after)
    within = [Entry.county_code == COUNTY, Entry.zone_until >= TODAY, *row.within(facets or Facets())]
    of_one = [Entry.category_code == _CATEGORY] if category else []
    page = _walk(row, order, bool(last), [*within, *of_one])
    counts = _counts(within)
    found = cards_of(page.c.listing_id, page.c.key, counts).order_by(*_by(order, page))
    values = {"county_code": county_code, "today": today, "category": category, "limit": limit + 1, **last}
    rows = session.execute(found, values).all()
    counted = rows[0][-1] if rows else session.scalar(select(counts), values)
    return _page(rows, order, limit, today, tuple(Kind(*it) for it in json.loads(counted or "[]")))


def _page(rows: Sequence[Any], order: Order, limit: int, today: date, counts: tuple[Kind, ...] = ()) -> Page:
    cards = [card_in(row, today) for row in rows[:limit]]
    after = _cursor(order, cards[-1].id, rows[limit - 1].key) if len(rows) > limit else None
    return Page(cards, after, counts)


@lru_cache(maxsize=4)
def _shelves(beside: ScalarSelect[Any]) -> Select[Any]:
    mine = Entry.county_code == COUNTY, Entry.category_code == Category.code
    newest = (
        select(Entry.listing_id)
        .where(*mine, Entry.zone_until >= TODAY)
        .order_by(Entry.listing_id.desc())
        .limit(1)
        .correlate(Category)
        .lateral("newest")
    )
    is_sold = select(Entry.listing_id).where(*mine).correlate(Category).exists().label("is_sold")
    kinds = (
        select(Category.code, Category.name_zh, Category.name_en, Category.sort, is_sold, newest.c.listing_id)
        .outerjoin(newest, true())
        .cte("kinds")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    cards = cards_of(kinds.c.listing_id).subquery("cards")
    return (
        select(cards, kinds.c.code, kinds.c.name_zh, kinds.c.name_en, kinds.c.is_sold, beside)
        .select_from(kinds)
        .outerjoin(cards, cards.c.id == kinds.c.listing_id)
        .order_by(kinds.c.sort)
    )


@lru_cache(maxsize=2 * len(Order))
def _of_category(order: Order, is_further: bool) -> Select[Any]:
    mine = [Entry.county_code == COUNTY, Entry.category_code == _CATEGORY]
    page = _walk(_Row(None), order, is_further, mine)
    cards = cards_of(page.c.listing_id, page.c.key, page.c.listing_id).subquery("cards")
    return (
        select(cards, Category.code, Category.name_zh, Category.name_en)
        .select_from(Category)
        .outerjoin(cards, true())
        .where(Category.code == _CATEGORY)
        .order_by(*_by(order, cards))
    )


def _walk(row: "_Row", order: Order, is_further: bool, wanted: Sequence[ColumnElement[bool]]) -> CTE:
    """The page's ids, each with the key it is sorted by."""
    key = row.key(order)
    return (
        select(Entry.listing_id, key.label("key"))
        .where(*wanted, *(_behind(order, key) if is_further else ()))
        .order_by(
            *([Entry.listing_id.desc()] if order is Order.newest else _falling(order, key, Entry.listing_id))
        )
        .limit(_LIMIT)
        .cte("page")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _by(order: Order, page: Any) -> list[ColumnElement[Any]]:
    return _falling(order, page.c.key, page.c.listing_id)


def _falling(order: Order, *keys: Any) -> list[ColumnElement[Any]]:
    return [key.desc() for key in keys] if order in FALLING else list(keys)


class _Row:
    """What is filtered and sorted by, as columns of an entry."""

    def __init__(self, subsidy: SubsidyOf | None) -> None:
        self.grade = _grade()
        self.subsidy_fen: Column = literal(0, BigInteger)
        if subsidy:
            self.subsidy_fen = subsidy(Entry.subsidy_category, self.grade, Entry.price_fen)
        self.price_fen: Column = Entry.price_fen - self.subsidy_fen if subsidy else Entry.price_fen

    def within(self, facets: Facets) -> list[ColumnElement[bool]]:
        cost_fen = cast(Entry.cost_key, Numeric) / 10 * literal(TARIFF_FEN_PER_KWH, Numeric)
        bounds: list[tuple[int | None, Callable[[int], ColumnElement[bool]]]] = [
            (facets.grade, self.grade.__le__),
            (facets.price_from_fen, self.price_fen.__ge__),
            (facets.price_upto_fen, self.price_fen.__le__),
            (facets.cost_upto_fen, lambda most: cost_fen <= most),
            (facets.subsidy_from_fen, self.subsidy_fen.__ge__),
        ]
        known = [Entry.cost_key < UNKNOWN_COST] if facets.cost_upto_fen is not None else []
        return [*known, *(holds(bound) for bound, holds in bounds if bound is not None)]

    def key(self, order: Order) -> Column:
        return {
            Order.newest: literal(0, BigInteger),
            Order.price_up: self.price_fen,
            Order.price_down: self.price_fen,
            Order.cost_up: Entry.cost_key,
            Order.subsidy_down: self.subsidy_fen,
            Order.grade_up: func.coalesce(self.grade, _UNKNOWN_GRADE),
        }[order]


def _grade() -> ScalarSelect[int | None]:
    """The best grade that is proven today: `rules.best_grade` in SQL."""
    return (
        select(func.min(LabelRecord.grade))
        .where(
            LabelRecord.product_id == Entry.product_id,
            LabelRecord.state == LabelState.verified,
            or_(LabelRecord.expires_on.is_(None), LabelRecord.expires_on >= TODAY),
        )
        .correlate(Entry)
        .scalar_subquery()
    )


def _counts(wanted: Sequence[ColumnElement[bool]]) -> ColumnElement[str]:
    """``[code, name_zh, name_en, count]`` of every category, as the text of one JSON value."""
    some = (
        select(literal(1).label("one"))
        .select_from(Entry)
        .where(Entry.category_code == Category.code, *wanted)
        .limit(MOST_COUNTED)
        .correlate(Category)
        .lateral("some")
    )
    named = (
        select(
            Category.code,
            Category.name_zh,
            Category.name_en,
            Category.sort,
            func.count(some.c.one).label("n"),
        )
        .outerjoin(some, true())
        .group_by(Category.code)
        .subquery()
    )
    row = func.jsonb_build_array(named.c.code, named.c.name_zh, named.c.name_en, named.c.n)
    every = func.jsonb_agg(aggregate_order_by(row, named.c.sort))
    return select(cast(every, Text)).select_from(named).scalar_subquery().label("counts")


def _cursor(order: Order, last: uuid.UUID, key: int) -> str:
    return str(last) if order is Order.newest else f"{key}:{last}"


def _last(order: Order, after: str | None) -> dict[str, Any]:
    """What the page begins behind, as the statement's parameters; nothing for a strange `after`."""
    value, colon, identifier = (after or "").rpartition(":")
    last = parse_id(identifier)
    if last is None or bool(colon) is (order is Order.newest) or (colon and not _is_key(value)):
        return {}
    return {"last_id": last, "last_key": int(value or 0)}


def _is_key(text: str) -> bool:
    """Whether `text` is a number that a sorted column can hold."""
    return text.isdecimal() and len(text) <= MOST_KEY_DIGITS


def _behind(order: Order, key: Column) -> list[ColumnElement[bool]]:
    if order is Order.newest:
        return [Entry.listing_id < _LAST_ID]
    row, position = tuple_(key, Entry.listing_id), tuple_(_LAST_KEY, _LAST_ID)
    return [row < position if order in FALLING else row > position]
