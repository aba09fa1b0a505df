"""What every template may use: money, times, days, masked numbers and fresh ids."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import Flask
from flask_babel import format_date, format_datetime, gettext

from market.delivery.windows import Hours, asked_window
from market.kernel import clock
from market.kernel.money import format_yuan
from market.people.rules import mask_phone
from market.web.delivery_text import is_old_appliance
from market.web.language import spoken
from market.web.spec_text import spec_name, spec_value

# The first mark that a user agent carries is its name: every browser also claims to be some other.
_BROWSERS = (
    ("WeChat", "MicroMessenger"),
    ("Edge", "Edg"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS"),
    ("Linux", "Linux"),
)


def local_time(moment: datetime) -> str:
    """`moment` on the clocks in China, to the minute."""
    return str(format_datetime(moment, "yyyy-MM-dd HH:mm"))


def _unbroken_time(moment: datetime) -> str:
    """The same on a page, whose lines must not end within a date."""
    return local_time(moment).replace("-", "\N{NON-BREAKING HYPHEN}")


def local_hour(moment: datetime) -> str:
    """The hour of `moment` on the clocks in China, to the minute."""
    return str(format_datetime(moment, "HH:mm"))


def hours_of(jobs: Iterable[Hours]) -> str:
    """When somebody is there for all `jobs`, on the clock; empty where any hour will do."""
    asked = asked_window(jobs)
    return f"{asked[0]:%H:%M}–{asked[1]:%H:%M}" if asked else ""


def local_day(day: date | datetime) -> str:
    """The calendar day in China, as the reader's language writes it, with the day of the week."""
    if isinstance(day, datetime):
        day = clock.local_date(day)
    return str(format_date(day, "full" if spoken() == "zh" else "EEE d MMM yyyy"))


def _unbroken_day(day: date | datetime) -> str:
    """The same on a page, whose lines must not end within the name of the day of the week."""
    return local_day(day).replace("星期", "星\N{WORD JOINER}期\N{WORD JOINER}")


def local_name(thing: Any) -> str:
    """The name of a category, a product, or an order line's snapshot, in the reader's language."""
    read = thing.get if isinstance(thing, Mapping) else partial(getattr, thing)
    return str((None if spoken() == "zh" else read("name_en")) or read("name_zh"))


def device(user_agent: str) -> str:
    """The browser and system that `user_agent` names, as people call them."""
    found = [name for name, mark in _BROWSERS if mark in user_agent][:1]
    found += [name for name, mark in _SYSTEMS if mark in user_agent][:1]
    return " · ".join(found) or gettext("不认识的设备")


def register(app: Flask) -> None:
    """The filters and globals every template may use."""
    app.jinja_env.filters.update(
        yuan=format_yuan,
        local_time=_unbroken_time,
        local_hour=local_hour,
        hours_of=hours_of,
        local_day=_unbroken_day,
        local_name=local_name,
        spec_name=spec_name,
        spec_value=spec_value,
        masked_phone=mask_phone,
        device=device,
        is_old_appliance=is_old_appliance,
    )
