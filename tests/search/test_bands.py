"""Prices and grades as terms narrow, and never leave out what is asked for."""

import pytest
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from market.search.bands import BAND_FEN, between, grade, water

_fen = st.integers(0, 40_000_00)


def of(session: Session, price_fen: int, energy: int | None = None, tap: int | None = None) -> set[int]:
    asked = {"price": price_fen, "grade": energy, "water": tap}
    return set(session.scalar(text("SELECT search_bands(:price, :grade, :water)"), asked) or ())


@pytest.mark.parametrize(
    ("least_fen", "most_fen", "numbers"),
    [
        (150_000, 250_000, {100_015, 400_002, 200_012}),
        (0, 99_99, {100_000}),
        (100_00, 99_99, set()),
    ],
)
def test_a_range_is_a_handful_of_numbers(least_fen: int, most_fen: int, numbers: set[int]) -> None:
    assert set(between(least_fen, most_fen)) == numbers


@law(max_examples=300)
@given(_fen, _fen, _fen)
def test_a_price_has_one_number_of_a_range_if_its_band_is_in_it_and_none_if_not(
    price_fen: int, one_fen: int, other_fen: int
) -> None:
    least_fen, most_fen = sorted((one_fen, other_fen))
    on_price = {100_000 * (level + 1) + price_fen // (BAND_FEN << level) for level in range(7)}
    asked = between(least_fen, most_fen)
    is_in = least_fen // BAND_FEN <= price_fen // BAND_FEN <= most_fen // BAND_FEN
    assert (len(on_price.intersection(asked)), len(asked) <= 20 or most_fen > 12_800_00) == (is_in, True)


def test_the_database_gives_a_price_the_numbers_that_are_asked_for(session: Session) -> None:
    assert of(session, 1_799_00) == {100_017, 200_008, 300_004, 400_002, 500_001, 600_000, 700_000}
    assert of(session, 10**12) & set(between(10**11, 10**13)) != set()


def test_a_grade_has_the_number_of_every_grade_it_is_at_least_as_good_as(session: Session) -> None:
    found = of(session, 0, 2, 3)
    assert {worst for worst in range(1, 7) if grade(worst) in found} == {2, 3, 4, 5, 6}
    assert {worst for worst in range(1, 7) if water(worst) in found} == {3, 4, 5, 6}
    assert min(of(session, 0)) >= 100_000
