"""When and where a fair is, and who is near it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

MOST_STOPS, MOST_PIECES = 30, 99
LONGEST_STOP = timedelta(hours=14)
AHEAD = timedelta(days=180)
EARLY = timedelta(hours=2)  # shops arrive and set up before the public does


@dataclass(frozen=True, slots=True)
class StopDraft:
    """Where it stands, in which village or town, and from when to when."""

    region_code: str
    venue: str
    starts_at: datetime
    ends_at: datetime


def are_in_order(stops: Sequence[StopDraft], now: datetime) -> bool:
    """Whether every stop ends after it began, on its day, and one van is at one place at a time."""
    sound = all(
        now < stop.starts_at < stop.ends_at <= stop.starts_at + LONGEST_STOP and stop.starts_at - now <= AHEAD
        for stop in stops
    )
    return sound and all(before.ends_at <= after.starts_at for before, after in pairwise(stops))
