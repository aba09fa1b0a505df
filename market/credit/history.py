"""What of a subject's events still counts, once those that amend others are taken into account. Pure."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from market.kernel.ids import new_id

REVIEW = "reviewed"
REVISED = "revised"
WEIGHED = "weighed"
VOIDED = "voided"
AMENDMENTS = frozenset({REVISED, WEIGHED, VOIDED})
CRITERIA_CHANGED = "criteria_changed"
FULL_WEIGHT = 1000
NEW = 5  # below so many events a subject is new, and not yet rated


@dataclass(frozen=True, slots=True)
class Happened:
    """One recorded event. `stars` (1 to 5) only for a review, new or revised.

    `amends` is the event that a voiding, a revision or a weighing is about; `weight_milli` (0 to 1000) is
    what a weighing says the review counts.
    """

    kind: str
    at: datetime
    stars: int | None = None
    weight_milli: int | None = None
    id: uuid.UUID = field(default_factory=new_id, compare=False)
    amends: uuid.UUID | None = field(default=None, compare=False)

    @property
    def counted_milli(self) -> int:
        """What it counts before it ages."""
        return FULL_WEIGHT if self.weight_milli is None else self.weight_milli


def in_force(events: Iterable[Happened]) -> list[Happened]:
    """The events that stand, each as last amended, in the order in which they happened.

    The order of `events` does not matter. A voided event counts for nothing, nor does what it amended.
    """
    ordered = sorted(events, key=_when)
    voided = {event.amends for event in ordered if event.kind == VOIDED}
    standing = {event.id: event for event in ordered if event.kind not in AMENDMENTS}
    for event in ordered:
        if event.amends in standing and event.id not in voided and event.kind != VOIDED:
            standing[event.amends] = _amended(standing[event.amends], event)
    return [event for event in standing.values() if event.id not in voided]


def _amended(event: Happened, by: Happened) -> Happened:
    if by.kind == REVISED:
        return replace(event, stars=by.stars)
    return replace(event, weight_milli=by.weight_milli)


def _when(event: Happened) -> tuple[datetime, str, int, int]:
    return (event.at, event.kind, event.stars or 0, event.counted_milli)
