"""Scores of few and old observations; formulas and test vectors are those of facts §4.2.

Integers and fractions throughout: a replay gives the same last digit in any order and on any machine.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from math import isqrt

PPM = 1_000_000
Z_95 = Fraction(196, 100)
PRIOR_STARS = Fraction(9, 2)
PRIOR_WEIGHT = 10
HALF_LIFE_DAYS = 180
_ROOT_SCALE = 10**15


def wilson_lower(share: Fraction, n: Fraction | int) -> Fraction | None:
    """The lower end of the 95 % interval of a `share` seen in `n` trials; None where there was no trial."""
    if n <= 0:
        return None
    z2 = Z_95 * Z_95
    spread = Z_95 * _root((share * (1 - share) + z2 / (4 * n)) / n)
    return max(Fraction(0), (share + z2 / (2 * n) - spread) / (1 + z2 / n))


def bayesian_mean(
    total: Fraction | int, n: Fraction | int, prior: Fraction = PRIOR_STARS, weight: int = PRIOR_WEIGHT
) -> Fraction:
    """The mean of `n` values summing to `total`, drawn to `prior` as if `weight` such values came first."""
    return (prior * weight + total) / (weight + n)


def decay_ppm(age: timedelta) -> int:
    """What an event of this `age` still counts, in millionths: half after each 180 days.

    Whole days count; the future counts as now.
    """
    return _decayed(max(0, age.days))


def effective_n(weights: Iterable[int]) -> Fraction:
    """How many equal weights say as much as these: (Σw)² / Σw² (Kish)."""
    known = [weight for weight in weights if weight > 0]
    squares = sum(weight * weight for weight in known)
    return Fraction(sum(known) ** 2, squares) if squares else Fraction(0)


def milli(value: Fraction) -> int:
    """`value` in thousandths, rounded half to even."""
    return round(value * 1000)


@cache
def _decayed(days: int) -> int:
    with localcontext() as context:
        context.prec = 40
        return int((PPM * Decimal(2) ** (Decimal(-days) / HALF_LIFE_DAYS)).to_integral_value())


def _root(value: Fraction) -> Fraction:
    return Fraction(isqrt(value.numerator * _ROOT_SCALE**2 // value.denominator), _ROOT_SCALE)
