"""Working days as the State Council sets them; Monday to Friday where its word for a year is not known."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.places.working_days import after_working_days, is_working_day, known, unknown_years


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (date(2026, 11, 23), 2, date(2026, 11, 25)),  # from a Monday
        (date(2026, 11, 26), 2, date(2026, 11, 30)),  # over a weekend
        (date(2026, 11, 28), 2, date(2026, 12, 1)),  # from a Saturday
        (date(2026, 11, 23), 10, date(2026, 12, 7)),
        (date(2026, 11, 23), 15, date(2026, 12, 14)),
    ],
)
def test_working_days_leave_out_the_day_itself_and_weekends(start, days, expected):
    assert after_working_days(start, days) == expected


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(1, 40))
def test_so_many_working_days_lie_between(start, days):
    end = after_working_days(start, days)
    between = [start + timedelta(days=step) for step in range(1, (end - start).days + 1)]
    assert sum(map(is_working_day, between)) == days
    assert is_working_day(end)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (date(2026, 9, 30), 2, date(2026, 10, 9)),  # over the National Day week
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # over the Spring Festival
        (date(2025, 1, 24), 2, date(2025, 1, 27)),  # a Sunday and a Monday
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # over two years
    ],
)
def test_holidays_are_left_out_and_moved_weekends_count(start, days, expected):
    assert after_working_days(start, days) == expected


def test_a_year_that_is_not_known_counts_monday_to_friday_and_says_so():
    assert is_working_day(date(2031, 10, 1))
    assert not is_working_day(date(2031, 10, 4))
    assert unknown_years(date(2026, 12, 28), date(2027, 1, 11)) == [2027]
    assert unknown_years(date(2025, 12, 28), date(2026, 1, 11)) == []


def test_each_year_has_a_source_and_moves_only_weekends():
    for number, year in known().items():
        assert (year.source != "", year.confidence in ("high", "medium", "low")) == (True, True)
        assert {day.weekday() for day in year.worked} <= {5, 6}
        assert not year.worked & year.days_off
        assert {day.year for day in year.worked | year.days_off} == {number}
