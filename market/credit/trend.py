"""How a rating came to be what it is: the score month by month, replayed from the events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from market.credit.criteria import criteria
from market.credit.history import Happened
from market.credit.models import SubjectKind
from market.credit.rules import stand

STEP = timedelta(days=30)
STEPS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """The score, in thousandths, as it stood at a moment."""

    at: datetime
    score: int


def trend(subject_kind: SubjectKind, events: Sequence[Happened], now: datetime) -> list[Point]:
    """A point for each of the last months in which anything was known, and one for now; the oldest first."""
    rules = criteria(subject_kind)
    moments = [now - STEP * back for back in range(STEPS, -1, -1)]
    return [
        Point(at, stand(rules, known, at).score)
        for at in moments
        if (known := [event for event in events if event.at <= at])
    ]
