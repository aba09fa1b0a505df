"""The hours in which somebody is there to take the goods. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol

from market.kernel.clock import at


class Hours(Protocol):
    """What is bound to some hours, or to none."""

    @property
    def earliest(self) -> time | None: ...
    @property
    def latest(self) -> time | None: ...


class DayPart(StrEnum):
    """What a buyer may ask for."""

    any = "any"
    morning = "morning"
    afternoon = "afternoon"


# The market's own: what people in villages mean by them, noon's rest left out.
HOURS: dict[DayPart, tuple[time | None, time | None]] = {
    DayPart.any: (None, None),
    DayPart.morning: (time(8), time(12)),
    DayPart.afternoon: (time(13), time(18)),
}


def window(jobs: Iterable[Hours]) -> tuple[time, time] | None:
    """From when until when all `jobs` may be served together; None where there is no such hour."""
    known = [(job.earliest or time.min, job.latest or time.max) for job in jobs]
    opens = max((earliest for earliest, _ in known), default=time.min)
    closes = min((latest for _, latest in known), default=time.max)
    return (opens, closes) if opens < closes else None


def asked_window(jobs: Iterable[Hours]) -> tuple[time, time] | None:
    """The hours that were asked for; None where any will do."""
    hours = window(jobs)
    return None if hours == (time.min, time.max) else hours


def cut(start: datetime, end: datetime, jobs: Iterable[Hours], day: date) -> tuple[datetime, datetime]:
    """The part of ``start``–``end`` within the jobs' hours; all of it where they have none in common."""
    hours = asked_window(jobs)
    if hours is None:
        return start, end
    within = max(start, at(day, hours[0])), min(end, at(day, hours[1]))
    return within if within[0] < within[1] else (start, end)
