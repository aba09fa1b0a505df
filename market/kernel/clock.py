"""Time. Only doors, tasks and the command line call `now`; everything else takes it as an argument."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """`moment` as the clocks in China show it."""
    return moment.astimezone(SHANGHAI)


def local_date(moment: datetime) -> date:
    """The calendar day in China at `moment`."""
    return local(moment).date()


def at(day: date, hour: time) -> datetime:
    """The moment, in UTC, at which clocks in China show `hour` on `day`."""
    return datetime.combine(day, hour, SHANGHAI).astimezone(UTC)
