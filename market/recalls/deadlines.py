"""When the law wants what of a recall (facts §6.6). Pure.

A day counts from the day after; a duty may be done until the end of its last day in China. Working days are
those of `market.places.working_days`.
"""

import calendar
from datetime import date, datetime, time, timedelta

from market.kernel.clock import at, local_date
from market.places.working_days import after_working_days

REPORT_WORKING_DAYS = 2
PLAN_WORKING_DAYS = 10
SUMMARY_WORKING_DAYS = 15
PROGRESS_MONTHS = 3
RECORD_YEARS = 5
SHELF_HOURS = 24  # no law: how fast a shop should have looked


def after_months(start: date, months: int) -> date:
    """The same day `months` later; the last of its month where that month is shorter."""
    place = start.month - 1 + months
    year, month = start.year + place // 12, place % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def end_of(day: date) -> datetime:
    """The moment at which `day` is over in China."""
    return at(day + timedelta(days=1), time())


def due_in_working_days(since: datetime, days: int) -> datetime:
    """Until when something that is to be done within so many working days of `since` may be done."""
    return end_of(after_working_days(local_date(since), days))


def progress_due(published_at: datetime, number: int) -> datetime:
    """Until when the `number`-th progress report (from 1) may be filed."""
    return end_of(after_months(local_date(published_at), PROGRESS_MONTHS * number))


def keep_until(closed_at: datetime) -> date:
    """The last day for which a closed recall's records have to be kept."""
    return after_months(local_date(closed_at), 12 * RECORD_YEARS)


def shelf_due(published_at: datetime) -> datetime:
    """By when a shop should have looked on its shelf."""
    return published_at + timedelta(hours=SHELF_HOURS)
