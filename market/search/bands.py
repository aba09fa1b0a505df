"""Prices and grades as terms: a few numbers on each entry, so that the term index narrows by them as well.

A price carries the number of its band of 100 yuan, of 200, of 400 and so on (dyadic intervals, as in a
segment tree): any range of bands is then a handful of numbers, of which one or none is on a price. A grade
carries every grade that it is at least as good as. Both only narrow: what an entry really costs, and whether
its label still stands, is asked of its columns. Words' terms are hashes; these numbers are few enough that
one of them is a word's once in a million terms, and even then a column decides.
"""

from sqlalchemy import DDL

BAND_FEN = 100_00
LEVELS = 7
LAST_GRADE = 5
_LEVEL = 100_000
_LAST_BAND = _LEVEL - 1
_WATER = 10

# For the triggers; `between`, `grade` and `water` ask for what it gives.
BANDS = DDL(f"""
CREATE FUNCTION search_bands(price_fen bigint, grade bigint, water bigint) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT ARRAY(
  SELECT ({_LEVEL} * (level + 1) + least(price_fen / ({BAND_FEN} << level), {_LAST_BAND}))::int
  FROM generate_series(0, {LEVELS - 1}) level
  UNION ALL SELECT generate_series(grade, {LAST_GRADE})::int
  UNION ALL SELECT generate_series({_WATER} + water, {_WATER + LAST_GRADE})::int
) $$
""")  # noqa: S608 - numbers of ours


def between(least_fen: int, most_fen: int) -> list[int]:
    """Numbers of which every price from `least_fen` to `most_fen` has one, and none of another band any."""
    low, high = (min(fen // BAND_FEN, _LAST_BAND) for fen in (least_fen, most_fen))
    found: list[int] = []
    for level in range(LEVELS - 1):
        if low > high:
            return found
        if low % 2:
            found.append(_number(level, low))
            low += 1
        if not high % 2:
            found.append(_number(level, high))
            high -= 1
        low, high = low // 2, high // 2
    return found + [_number(LEVELS - 1, band) for band in range(low, high + 1)]


def grade(worst: int) -> int:
    """The number that whatever is of `worst` energy or water grade or better has."""
    return min(worst, LAST_GRADE)


def water(worst: int) -> int:
    """The same of the water label's grade."""
    return _WATER + min(worst, LAST_GRADE)


def _number(level: int, band: int) -> int:
    return _LEVEL * (level + 1) + band
