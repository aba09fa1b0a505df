"""Find listings, page by page, in one statement that takes about as long whatever was asked.

What is found is first probed through the term index, up to `Reach.cap` of it. Where that is all, it is
sorted as it is. Where there is more, the entries are walked in the wanted order, `Reach.walk` at most, until
a page is full. Where neither reaches (much is found, but little of it near the start), what was probed is
sorted, and the page says that it is a part. Both are fenced (`MATERIALIZED`): left to itself, PostgreSQL
takes 170-520 ms to sort a common word, or to walk past everything for a rare one.
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
    ScalarSelect,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Integer

from market.catalog.cards import COUNTY, TODAY, Card, card_in, cards_of
from market.kernel.ids import parse_id
from market.search import bands
from market.search.asked import Asked, Between, Kind
from market.search.browse import SubsidyOf
from market.search.models import TIERS, Entry
from market.words.segment import needed_grams, term, terms

PAGE = 24
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
_BY_TERM = {Kind.trait, Kind.category, Kind.brand}
Column = SQLColumnExpression[Any]
Bounds = list[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one statement looks: what it probes and counts at most, and what it walks past for a page."""

    cap: int = 1_000
    walk: int = 2_500


FAR = Reach()


@dataclass(frozen=True, slots=True)
class Found:
    """Some listings, the `after` that continues behind them, and how much there is.

    `total` is exact unless `is_more`: then there are more than that, and so are the `facets`' counts (value
    to count, by column). `is_part` says that only so many of them were sorted, whichever came first.
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
    reach: Reach = FAR,
) -> Found:
    """What the county's shops have on show of what was `asked`; a strange `after` starts at the front."""
    if any(one.kind in _BY_SUBSIDY for one in asked.filters):
        asks = statement(asked, subsidy=subsidy, order=order, after=after, limit=limit, reach=reach)
    else:
        asks = _asks(asked, order, after, limit, reach)
    found = session.execute(asks, {"county_code": county_code, "today": today}).all()
    if not found:
        return Found()
    first, shown = found[0], found[:limit]
    last = shown[-1]
    return Found(
        cards=[card_in(row, today) for row in shown],
        after=f"{last.key}:{last.id}" if len(found) > limit else None,
        total=min(first.total, reach.cap),
        is_more=first.total > reach.cap,
        is_part=first.way == "part",
        facets=_facets(first.facets),
    )


@lru_cache(maxsize=_MOST_ASKED)
def _asks(asked: Asked, order: Order, after: str | None, limit: int, reach: Reach) -> Select[Any]:
    """What is asked again and again is put together once: that takes longer than to ask it."""
    return statement(asked, order=order, after=after, limit=limit, reach=reach)


def statement(
    asked: Asked,
    *,
    subsidy: SubsidyOf | None = None,
    order: Order = Order.relevance,
    after: str | None = None,
    limit: int = PAGE,
    reach: Reach = FAR,
) -> Select[Any]:
    """The one statement that `find` makes, of the parameters ``county_code`` and ``today``."""
    holds, narrowed = _holds(asked), _narrowed(asked, subsidy)
    probe = _probe(asked, holds, narrowed, order, reach)
    total = _total_of(probe)
    near = _near(asked, [*holds, *narrowed], order, after, total, reach)
    page = _page(probe, total, near, order, after, limit + 1, reach)
    found = cards_of(page.c.listing_id, page.c.key, page.c.way, total.label("total"), _counted(probe))
    return found.order_by(*_by(order, page.c.key, page.c.listing_id))


def _probe(asked: Asked, holds: Bounds, narrowed: Bounds, order: Order, reach: Reach) -> CTE:
    """What fits, by its terms tier by tier, where it is asked for by any: one that suffices ends it."""
    columns = {
        "listing_id": Entry.listing_id,
        "key": _key(order, asked),
        "plain": _walk_key(order),
        "category_code": Entry.category_code,
        "brand": Entry.brand,
        "grade": case((_stands(Entry.grade_until), Entry.grade)),
        "water_grade": case((_stands(Entry.water_until), Entry.water_grade)),
    }
    entries: Select[*tuple[Any, ...]] = select(*(column.label(name) for name, column in columns.items()))
    entries = entries.where(Entry.county_code == COUNTY)
    if not holds:
        return _fenced(entries.where(*narrowed).limit(reach.cap + 1), "probe")
    # Terms alone lead to a tier's entries: PostgreSQL would read a whole category's index beside them.
    entries = entries.add_columns(and_(true(), *narrowed).label("fits")).where(*holds)
    tiers = [_fenced(entries.where(text(tier)), f"tier_{number}") for number, tier in enumerate(TIERS)]
    fitting = (select(*(tier.c[name] for name in columns)).where(tier.c.fits) for tier in tiers)
    return _fenced(select(union_all(*fitting).limit(reach.cap + 1).subquery()), "probe")


def _fenced(rows: Select[*tuple[Any, ...]], name: str) -> CTE:
    """What is planned on its own, and read no further than somebody asks."""
    return rows.cte(name).prefix_with("MATERIALIZED", dialect="postgresql")


def _near(
    asked: Asked,
    wanted: Bounds,
    order: Order,
    after: str | None,
    total: ColumnElement[int],
    reach: Reach,
) -> CTE:
    """The next entries in order, of the kind asked for, and whether they fit; none if the probe has all.

    They are read as they are asked for, so that a walk ends where its page is full.
    """
    key = _column(order)
    category = next((one.value for one in asked.filters if one.kind is Kind.category), None)
    entries: Select[*tuple[Any, ...]] = (
        select(Entry.listing_id, _walk_key(order).label("key"), and_(true(), *wanted).label("fits"))
        .where(
            Entry.county_code == COUNTY,
            *([Entry.category_code == category] if category else []),
            *_behind(order, key, Entry.listing_id, after),
            total > reach.cap,
        )
        .order_by(*_by(order, key, Entry.listing_id))
        .limit(reach.walk)
    )
    return _fenced(entries, "near")


def _page(
    probe: CTE,
    total: ColumnElement[int],
    near: CTE,
    order: Order,
    after: str | None,
    limit: int,
    reach: Reach,
) -> CTE:
    """The page's ids by the first way that reaches."""
    walk = _fenced(select(near.c.listing_id, near.c.key).where(near.c.fits).limit(limit), "walk")
    # A walk reaches if it fills the page, or if there was nothing more to walk past.
    reaches = or_(_count_of(walk) >= limit, _count_of(near) < reach.walk)
    key = case((total > reach.cap, probe.c.plain), else_=probe.c.key)
    way = case((total > reach.cap, "part"), else_="all").label("way")
    probed = (
        select(probe.c.listing_id, key.label("key"), way)
        .where(*_behind(order, key, probe.c.listing_id, after), or_(total <= reach.cap, not_(reaches)))
        .order_by(*_by(order, key, probe.c.listing_id))
        .limit(limit)
    ).subquery()
    walked = select(walk.c.listing_id, walk.c.key, literal("walk").label("way"))
    return union_all(select(probed), walked.where(total > reach.cap, reaches)).cte("page")


def _total_of(probe: CTE) -> ScalarSelect[int]:
    """How much was probed, counted once, however often it is asked for."""
    counted = _fenced(select(func.count().label("total")).select_from(probe), "counted")
    return select(counted.c.total).scalar_subquery()


def _count_of(rows: CTE) -> ScalarSelect[int]:
    return select(func.count()).select_from(rows).scalar_subquery()


def _holds(asked: Asked) -> Bounds:
    """What the terms of an entry have to hold."""
    needed = [term("gram", gram) for word in asked.words for gram in needed_grams(word)]
    needed += [term(one.kind.value, one.value) for one in asked.filters if one.kind in _BY_TERM]
    if not needed:
        return []
    holds: Bounds = [Entry.terms.op("@>")(_array(sorted({*needed, *_grades(asked)})))]
    prices = _prices(asked)
    return [*holds, Entry.terms.op("&&")(_array(prices))] if prices else holds


def _grades(asked: Asked) -> list[int]:
    number = {Kind.grade: bands.grade, Kind.water: bands.water}
    return [number[one.kind](int(one.value)) for one in asked.filters if one.kind in number]


def _prices(asked: Asked) -> list[int]:
    """What narrows to a range of prices; nothing for one without an end."""
    least = [int(one.value) for one in asked.filters if one.kind is Kind.price_from]
    most = [int(one.value) for one in asked.filters if one.kind is Kind.price_upto]
    return bands.between(max(least, default=0), min(most)) if most else []


def _narrowed(asked: Asked, subsidy: SubsidyOf | None) -> Bounds:
    return [bound for one in asked.filters for bound in _bounds(one.kind, one.value, subsidy)]


def _array(numbers: Sequence[int]) -> Column:
    """A parameter, so that whatever is asked in the same way has one statement, and one plan."""
    return bindparam(None, list(numbers), ARRAY(Integer), unique=True)


def _bounds(kind: Kind, value: str, subsidy: SubsidyOf | None) -> Bounds:
    match kind:
        case Kind.category:
            return [Entry.category_code == value]
        case Kind.brand:
            return [func.lower(Entry.brand) == value]
        case Kind.price_from:
            return [Entry.price_fen >= int(value)]
        case Kind.price_upto:
            return [Entry.price_fen <= int(value)]
        case Kind.paid_from:
            return [_paid_fen(subsidy) >= int(value)]
        case Kind.paid_upto:
            return [_paid_fen(subsidy) <= int(value)]
        case Kind.grade:
            return [Entry.grade <= int(value), _stands(Entry.grade_until)]
        case Kind.water:
            return [Entry.water_grade <= int(value), _stands(Entry.water_until)]
        case Kind.size:
            return _of_size(Between.read(value))
        case Kind.subsidized if subsidy:
            return [_subsidy_fen(subsidy) > 0]
    return []


def _subsidy_fen(subsidy: SubsidyOf) -> Column:
    grade = case((_stands(Entry.grade_until), Entry.grade))
    return subsidy(Entry.subsidy_category, grade, Entry.price_fen)


def _paid_fen(subsidy: SubsidyOf | None) -> Column:
    """What somebody pays for whom it is the first subsidised piece."""
    return Entry.price_fen - _subsidy_fen(subsidy) if subsidy else Entry.price_fen


def _of_size(size: Between) -> Bounds:
    bounds = [Entry.size_unit == size.unit]
    if size.least is not None:
        bounds.append(Entry.size >= size.least)
    if size.most is not None:
        bounds.append(Entry.size <= size.most)
    return bounds


def _stands(until: Column) -> ColumnElement[bool]:
    return or_(until.is_(None), until >= TODAY)


def _column(order: Order) -> Any:
    """What the entries are indexed by for that order; of the newest, the id alone."""
    return {
        Order.relevance: Entry.score,
        Order.price_up: Entry.price_fen,
        Order.price_down: Entry.price_fen,
        Order.cost_up: Entry.cost_key,
        Order.newest: None,
        Order.rating: Entry.rating,
    }[order]


def _walk_key(order: Order) -> Column:
    column = _column(order)
    return literal(0, BigInteger) if column is None else column


def _key(order: Order, asked: Asked) -> Column:
    """What the probed are sorted by: by relevance, whole words above parts, what it is above what it has."""
    if order is not Order.relevance:
        return _walk_key(order)
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


def _behind(order: Order, key: Any, listing_id: Any, after: str | None) -> Bounds:
    value, _, identifier = (after or "").partition(":")
    last = parse_id(identifier)
    if last is None or not value.isdecimal() or len(value) > _MOST_KEY_DIGITS:
        return []
    if key is None:
        return [listing_id < last]
    row, position = tuple_(key, listing_id), tuple_(literal(int(value), BigInteger), literal(last))
    return [row < position if order in _FALLING else row > position]


def _counted(probe: CTE) -> ColumnElement[str]:
    """How many were probed of every facet's values, in JSON: the facets, all but one null, and the count."""
    columns = [probe.c[name] for name in _FACETS]
    counted = (
        select(*columns, func.count().label("n"))
        .group_by(func.grouping_sets(*map(tuple_, columns)))
        .subquery()
    )
    row = func.json_build_array(*counted.c)
    return cast(select(func.json_agg(row)).select_from(counted).scalar_subquery(), Text).label("facets")


def _facets(written: str | None) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {name: {} for name in _FACETS}
    for *values, count in json.loads(written or "[]"):
        for name, value in zip(_FACETS, values, strict=True):
            if value is not None:
                found[name][str(value)] = count
    return found
