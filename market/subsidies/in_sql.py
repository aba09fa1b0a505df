"""What one piece would get, as an expression that PostgreSQL computes for every row of a list.

`rules.quote` decides; this says the same of a visitor who has used nothing yet, so that lists can be
filtered and sorted by it (tests/subsidies/test_in_sql.py holds the two together).
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    SQLColumnExpression,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
)

from market.subsidies.rules import Offer, is_running
from market.subsidies.schema import Rate, Tier

Column = SQLColumnExpression[Any]


def amount_fen(
    offers: Sequence[Offer],
    county_code: str,
    now: datetime,
    category: Column,
    grade: Column,
    price_fen: Column,
) -> ColumnElement[int]:
    """The best offer's subsidy in fen for one piece bought in the county at `now`, 0 where there is none.

    `category` is the subsidy's category and `grade` the proven one, both null where there is none.
    """
    open_to_anybody = [offer for offer in offers if _may_pay_a_visitor(offer, county_code, now)]
    options = [_of_one(offer, category, grade, price_fen) for offer in open_to_anybody]
    return func.greatest(_fen(0), *options)


def _may_pay_a_visitor(offer: Offer, county_code: str, now: datetime) -> bool:
    one = offer.programme
    asks_more = one.rural_hukou_required or one.requires_trade_in or one.total_limit == 0
    return is_running(one, now) and one.applies_in(county_code) and not asks_more


def _of_one(offer: Offer, category: Column, grade: Column, price_fen: Column) -> Column:
    programme = offer.programme
    covered = [code for code, limit in programme.quantity_limits.items() if limit > 0]
    tiered = [(category == code, _tiered(tiers or (), price_fen)) for code, tiers in programme.tiers.items()]
    rated = [(_admits(rate, grade), _rated(rate, price_fen)) for rate in programme.rates]
    amount = case(*tiered, *rated, else_=0) if tiered or rated else literal(0)
    fits = [category.in_(covered), amount <= _fen(offer.left_fen)]
    if programme.ceiling_fen is not None:
        ceiling = _fen(programme.ceiling_fen)
        fits.append(price_fen <= ceiling if programme.ceiling_inclusive else price_fen < ceiling)
    return case((and_(*fits), amount), else_=0)


def _admits(rate: Rate, grade: Column) -> Column:
    if rate.grades is None:
        return literal(True)
    known = grade.in_(sorted(one for one in rate.grades if one is not None))
    return or_(known, grade.is_(None)) if None in rate.grades else known


def _rated(rate: Rate, price_fen: Column) -> Column:
    if rate.rate is None:
        return _fen(0)
    amount = _share(price_fen, rate.rate)
    return amount if rate.cap_fen is None else func.least(amount, _fen(rate.cap_fen))


def _tiered(tiers: Sequence[Tier], price_fen: Column) -> Column:
    rows = [
        (
            literal(True) if tier.upto_fen is None else price_fen <= _fen(tier.upto_fen),
            _share(price_fen, tier.rate)
            if tier.rate is not None
            else func.least(_fen(tier.flat_fen or 0), price_fen),
        )
        for tier in tiers
    ]
    return case(*rows, else_=0) if rows else literal(0)


def _share(price_fen: Column, rate: Decimal) -> Column:
    return cast(func.floor(price_fen * literal(rate, Numeric)), BigInteger)


def _fen(amount: int) -> Column:
    return literal(amount, BigInteger)
