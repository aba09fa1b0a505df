"""Find listings, page by page, in one statement that takes about as long whatever was asked.

What is found is first probed through the term index, up to `CAP` of it. Where that is all, it is sorted as
it is. Where there is more, the entries are walked in the wanted order, `WALK` at most, until a page is full.
Where neither reaches (much is found, but little of it near the start), what was probed is sorted, and the
page says that it is a part. Both are fenced (`MATERIALIZED`): left to itself, PostgreSQL takes 170-520 ms to
sort a common word, or to walk past everything for a rare one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Integer

from market.catalog.cards import COUNTY, TODAY, Card, card_in, cards_of
from market.kernel.ids import parse_id
from market.search.asked import Asked, Between, Kind
from market.search.browse import SubsidyOf
from market.search.models import Entry
from market.words.segment import needed_grams, term, terms

PAGE = 24
CAP = 2_000
WALK = 4_000
_SURE = 2 * 10**6  # what whole words in a title weigh against the score
_MOST_KEY_DIGITS = 16
_MOST_ASKED = 64


class Order(StrEnum):
    relevance = "relevance"
    price_up = "price_up"
    price_down = "price_down"
    cost_up = "cost_up"
    newest = "newest"
    rating = "rating"


_FALLING = {Order.relevance, Order.price_down, Order.newest}
_FACETS = ("category_code", "brand", "grade", "water_grade")
_BY_SUBSIDY = {Kind.subsidized, Kind.paid_from, Kind.paid_upto}
Column = SQLColumnExpression[Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Some listings, the `after` that continues behind them, and how much there is.

    `total` is exact unless `is_more`: then there are more than that, and so are the `facets`' counts (value
    to count, by column). `is_part` says that only the best `CAP` were sorted.
    """

    cards: Sequence[Card] = ()
    after: str | None = None
    total: int = 0
    is_more: bool = False
    is_part: bool = False
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def find(
    session: Session,
    county_code: str,
    asked: Asked,
    today: date,
    *,
    subsidy: SubsidyOf | None = None,
    order: Order = Order.relevance,
    after: str | None = None,
    limit: int = PAGE,
) -> Found:
    """What the county's shops have on show of what was `asked`; a strange `after` starts at the front."""
    if any(one.kind in _BY_SUBSIDY for one in asked.filters):
        asks = statement(asked, subsidy=subsidy, order=order, after=after, limit=limit)
    else:
        asks = _asks(asked, order, after, limit)
    found = session.execute(asks, {"county_code": county_code, "today": today}).all()
    if not found:
        return Found()
    first, shown = found[0], found[:limit]
    last = shown[-1]
    return Found(
        cards=[card_in(row, today) for row in shown],
        after=f"{last.key}:{last.id}" if len(found) > limit else None,
        total=min(first.total, CAP),
        is_more=first.total > CAP,
        is_part=first.way == "part",
        facets=_facets(first.facets),
    )


@lru_cache(maxsize=_MOST_ASKED)
def _asks(asked: Asked, order: Order, after: str | None, limit: int) -> Select[Any]:
    """What is asked again and again is put together once: that takes longer than to ask it."""
    return statement(asked, order=order, after=after, limit=limit)


def statement(
    asked: Asked,
    *,
    subsidy: SubsidyOf | None = None,
    order: Order = Order.relevance,
    after: str | None = None,
    limit: int = PAGE,
) -> Select[Any]:
    """The one statement that `find` makes, of the parameters ``county_code`` and ``today``."""
    probe = _probe(asked, subsidy, order)
    page, total = _page(probe, asked, subsidy, order, after, limit + 1)
    facets = cast(_counted(probe), Text).label("facets")
    found = cards_of(page.c.listing_id, page.c.key, page.c.way, total.label("total"), facets)
    return found.order_by(*_by(order, page.c.key, page.c.listing_id))


def _probe(asked: Asked, subsidy: SubsidyOf | None, order: Order) -> CTE:
    proven = case((_stands(Entry.grade_until), Entry.grade)).label("grade")
    water = case((_stands(Entry.water_until), Entry.water_grade)).label("water_grade")
    return (
        select(
            Entry.listing_id,
            _key(order, asked).label("key"),
            _walk_key(order, _ENTRY).label("plain"),
            Entry.category_code,
            Entry.brand,
            proven,
            water,
        )
        .where(Entry.county_code == COUNTY, *_wanted(asked, subsidy))
        .limit(CAP + 1)
        .cte("probe")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _page(
    probe: CTE,
    asked: Asked,
    subsidy: SubsidyOf | None,
    order: Order,
    after: str | None,
    limit: int,
) -> tuple[CTE, Any]:
    """The page's ids by the first way that reaches, and how many were probed."""
    total = _count_of(probe)
    near = _near(asked, order, after, total)
    walk = _walk(near, asked, subsidy, order, limit)
    # A walk reaches if it fills the page, or if there was nothing more to walk past.
    reaches = or_(_count_of(walk) >= limit, _count_of(near) < WALK)
    key = case((total > CAP, probe.c.plain), else_=probe.c.key)
    way = case((total > CAP, "part"), else_="all").label("way")
    probed = (
        select(probe.c.listing_id, key.label("key"), way)
        .where(*_behind(order, key, probe.c.listing_id, after), or_(total <= CAP, not_(reaches)))
        .order_by(*_by(order, key, probe.c.listing_id))
        .limit(limit)
    ).subquery()
    walked = select(walk.c.listing_id, walk.c.key, literal("walk").label("way")).where(total > CAP, reaches)
    return union_all(select(probed), walked).cte("page"), total


def _count_of(rows: CTE) -> Any:
    return select(func.count()).select_from(rows).scalar_subquery()


def _near(asked: Asked, order: Order, after: str | None, total: Any) -> CTE:
    """The next `WALK` entries in order, of the kind that is asked for; none where the probe has all."""
    key = _column(order)
    category = next((one.value for one in asked.filters if one.kind is Kind.category), None)
    return (
        select(Entry)
        .where(
            Entry.county_code == COUNTY,
            *([Entry.category_code == category] if category else []),
            *_behind(order, key, Entry.listing_id, after),
            total > CAP,
        )
        .order_by(*_by(order, key, Entry.listing_id))
        .limit(WALK)
        .cte("near")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _walk(near: CTE, asked: Asked, subsidy: SubsidyOf | None, order: Order, limit: int) -> CTE:
    """The first of those near that fit: they come in order, so it stops when the page is full."""
    row = _Row({column.name: near.c[column.name] for column in Entry.__table__.columns})
    return (
        select(near.c.listing_id, _walk_key(order, row).label("key"))
        .where(*_wanted(asked, subsidy, row))
        .limit(limit)
        .cte("walk")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


class _Row:
    """An entry's columns, of the table or of a subquery."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns

    def __getattr__(self, name: str) -> Column:
        return self._columns[name]


_ENTRY = _Row({column.name: column for column in Entry.__table__.columns})


def _wanted(asked: Asked, subsidy: SubsidyOf | None, row: _Row = _ENTRY) -> list[ColumnElement[bool]]:
    needed = [term("gram", gram) for word in asked.words for gram in needed_grams(word)]
    needed += [term("trait", one.value) for one in asked.filters if one.kind is Kind.trait]
    found: list[ColumnElement[bool]] = []
    if needed:
        found.append(row.terms.op("@>")(_array(sorted(set(needed)))))
    for one in asked.filters:
        found += _narrowed(one.kind, one.value, subsidy, row)
    return found


def _array(numbers: Sequence[int]) -> Column:
    """Written into the statement as it is sent, so that every plan is made for these terms."""
    written = "{" + ",".join(map(str, numbers)) + "}"
    return cast(bindparam(None, written, Text, unique=True, literal_execute=True), ARRAY(Integer))


def _narrowed(kind: Kind, value: str, subsidy: SubsidyOf | None, row: _Row) -> list[ColumnElement[bool]]:
    match kind:
        case Kind.category:
            return [row.category_code == value]
        case Kind.brand:
            return [func.lower(row.brand) == value]
        case Kind.price_from:
            return [row.price_fen >= int(value)]
        case Kind.price_upto:
            return [row.price_fen <= int(value)]
        case Kind.paid_from:
            return [_paid_fen(subsidy, row) >= int(value)]
        case Kind.paid_upto:
            return [_paid_fen(subsidy, row) <= int(value)]
        case Kind.grade:
            return [row.grade <= int(value), _stands(row.grade_until)]
        case Kind.water:
            return [row.water_grade <= int(value), _stands(row.water_until)]
        case Kind.size:
            return _of_size(Between.read(value), row)
        case Kind.subsidized if subsidy:
            return [_subsidy_fen(subsidy, row) > 0]
    return []


def _subsidy_fen(subsidy: SubsidyOf, row: _Row) -> Column:
    grade = case((_stands(row.grade_until), row.grade))
    return subsidy(row.subsidy_category, grade, row.price_fen)


def _paid_fen(subsidy: SubsidyOf | None, row: _Row) -> Column:
    """What somebody pays for whom it is the first subsidised piece."""
    return row.price_fen - _subsidy_fen(subsidy, row) if subsidy else row.price_fen


def _of_size(size: Between, row: _Row) -> list[ColumnElement[bool]]:
    bounds = [row.size_unit == size.unit]
    if size.least is not None:
        bounds.append(row.size >= size.least)
    if size.most is not None:
        bounds.append(row.size <= size.most)
    return bounds


def _stands(until: Column) -> ColumnElement[bool]:
    return or_(until.is_(None), until >= TODAY)


def _column(order: Order, row: Any = Entry) -> Any:
    """What the entries are indexed by for that order; of the newest, the id alone."""
    return {
        Order.relevance: row.score,
        Order.price_up: row.price_fen,
        Order.price_down: row.price_fen,
        Order.cost_up: row.cost_key,
        Order.newest: None,
        Order.rating: row.rating,
    }[order]


def _walk_key(order: Order, row: _Row) -> Column:
    column = _column(order, row)
    return literal(0, BigInteger) if column is None else column


def _key(order: Order, asked: Asked) -> Column:
    """What the probed are sorted by: by relevance, whole words above parts, what it is above what it has."""
    if order is not Order.relevance:
        return _walk_key(order, _ENTRY)
    sure: Column = Entry.score
    for kind in ("word", "key") if asked.words else ():
        all_of = Entry.terms.op("@>")(_array(terms(kind, _asked_terms(asked))))
        sure = sure + cast(cast(all_of, Integer), BigInteger) * _SURE
    return sure


def _asked_terms(asked: Asked) -> list[str]:
    return [word.replace("-", "").replace("/", "") if word.isascii() else word for word in asked.words]


def _by(order: Order, key: Any, listing_id: Any) -> list[Any]:
    keys = [listing_id] if key is None else [key, listing_id]
    return [one.desc() for one in keys] if order in _FALLING else keys


def _behind(order: Order, key: Any, listing_id: Any, after: str | None) -> list[ColumnElement[bool]]:
    value, _, identifier = (after or "").partition(":")
    last = parse_id(identifier)
    if last is None or not value.isdecimal() or len(value) > _MOST_KEY_DIGITS:
        return []
    if key is None:
        return [listing_id < last]
    row, position = tuple_(key, listing_id), tuple_(literal(int(value), BigInteger), literal(last))
    return [row < position if order in _FALLING else row > position]


def _counted(probe: CTE) -> Any:
    """Every facet's values with how many were probed, as one JSON value: ``[facet, value, count]``."""
    counted = union_all(
        *(
            _count(probe.c[name], name).where(probe.c[name].is_not(None)).group_by(probe.c[name])
            for name in _FACETS
        )
    ).subquery()
    row = func.jsonb_build_array(counted.c.facet, counted.c.value, counted.c.n)
    return select(func.jsonb_agg(row)).select_from(counted).scalar_subquery()


def _count(column: Any, facet: str) -> Any:
    counted = func.count().label("n")
    return select(literal(facet).label("facet"), cast(column, Text).label("value"), counted)


def _facets(text: str | None) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {name: {} for name in _FACETS}
    for facet, value, count in json.loads(text or "[]"):
        found[facet][value] = count
    return found
