"""Working days in China: the State Council moves holidays and weekends anew each year. Pure.

The table `data/public_holidays.json` has each year with its source and confidence. A year that is not there
counts Monday to Friday, and `unknown_years` says so.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Year:
    """Which weekdays nobody works, and which days of a weekend everybody does."""

    source: str
    confidence: str
    days_off: frozenset[date]
    worked: frozenset[date]


@cache
def known() -> dict[int, Year]:
    """The years whose holidays are known."""
    text = files("market.places").joinpath("data/public_holidays.json").read_text(encoding="utf-8")
    return {
        int(year): Year(
            source=row["source"],
            confidence=row["confidence"],
            days_off=frozenset(day for first, last in row["days_off"] for day in _days(first, last)),
            worked=frozenset(date.fromisoformat(day) for day in row["worked"]),
        )
        for year, row in json.loads(text).items()
    }


def is_working_day(day: date) -> bool:
    """Whether offices work on that day in China."""
    year = known().get(day.year)
    if year is not None and (day in year.days_off or day in year.worked):
        return day in year.worked
    return day.weekday() < _SATURDAY


def after_working_days(start: date, days: int) -> date:
    """The day that is `days` working days after `start`, which itself does not count."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def unknown_years(start: date, end: date) -> list[int]:
    """The years from `start` to `end` that count Monday to Friday for want of the State Council's word."""
    return [year for year in range(start.year, end.year + 1) if year not in known()]


def _days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
