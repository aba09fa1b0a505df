"""Template filters: money, times, days and masked numbers."""

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date, format_datetime, get_locale

from market.kernel import clock
from market.kernel.ids import new_id
from market.kernel.money import format_yuan
from market.people.rules import mask_phone


def local_time(moment: datetime) -> str:
    """`moment` on the clocks in China, to the minute."""
    return str(format_datetime(moment, "yyyy-MM-dd HH:mm"))


def local_day(day: date | datetime) -> str:
    """The calendar day in China, as the reader's language writes it, with the day of the week."""
    if isinstance(day, datetime):
        day = clock.local_date(day)
    return str(format_date(day, "full" if _is_chinese() else "EEE d MMM yyyy"))


def _is_chinese() -> bool:
    return str(get_locale()).startswith("zh")


def register(app: Flask) -> None:
    """The filters every template may use."""
    app.jinja_env.globals["new_id"] = new_id
    app.jinja_env.filters.update(
        yuan=format_yuan, local_time=local_time, local_day=local_day, masked_phone=mask_phone
    )
