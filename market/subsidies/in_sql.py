"""What one piece would get, as an expression that PostgreSQL computes for every row of a list.

`rules.quote` decides; this says the same of a visitor who has used nothing yet, so that lists can be
filtered and sorted by it (tests/subsidies/test_in_sql.py holds the two together).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    SQLColumnExpression,
    case,
    cast,
    func,
    literal,
    null,
)

from market.subsidies.rules import Programme, Rate, Tier

Column = SQLColumnExpression[Any]


def amount_fen(
    programmes: Sequence[Programme],
    left_fen: Mapping[str, int],
    category: Column,
    grade: Column,
    price_fen: Column,
) -> ColumnElement[int]:
    """The best programme's subsidy in fen for one piece, 0 where there is none.

    `category` is the subsidy's category and `grade` the proven one, both null where there is none. All
    programmes are open, and each pays at most what its pot has left.
    """
    options = [_of_one(one, left_fen.get(one.id, 0), category, grade, price_fen) for one in programmes]
    return func.greatest(_fen(0), *options)


def _of_one(
    programme: Programme, left_fen: int, category: Column, grade: Column, price_fen: Column
) -> Column:
    covered = [code for code, limit in programme.quantity_limits.items() if limit > 0]
    tiered = [(category == code, _tiered(tiers, price_fen)) for code, tiers in programme.tiers.items()]
    rated = [(_admits(rate, grade), _rated(rate, price_fen)) for rate in programme.rates]
    amount = case(*tiered, *rated, else_=0) if tiered or rated else literal(0)
    too_dear = price_fen > _fen(programme.ceiling_fen) if programme.ceiling_fen is not None else null()
    return case((category.not_in(covered), 0), (too_dear, 0), (amount > _fen(left_fen), 0), else_=amount)


def _admits(rate: Rate, grade: Column) -> Column:
    return literal(True) if rate.grades is None else grade.in_(sorted(rate.grades))


def _rated(rate: Rate, price_fen: Column) -> Column:
    amount = _share(price_fen, rate.rate)
    return amount if rate.cap_fen is None else func.least(amount, _fen(rate.cap_fen))


def _tiered(tiers: Sequence[Tier], price_fen: Column) -> Column:
    rows = [
        (
            literal(True) if tier.upto_fen is None else price_fen <= _fen(tier.upto_fen),
            _share(price_fen, tier.rate) if tier.rate is not None else _fen(tier.flat_fen or 0),
        )
        for tier in tiers
    ]
    return case(*rows, else_=0) if rows else literal(0)


def _share(price_fen: Column, rate: Decimal) -> Column:
    return cast(func.floor(price_fen * literal(rate, Numeric)), BigInteger)


def _fen(amount: int) -> Column:
    return literal(amount, BigInteger)
