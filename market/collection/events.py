"""What happens at points, and their clocks."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PointNearlyFull:
    """A point's load has reached the alarm."""

    kind: ClassVar[str] = "collection.point_nearly_full"
    point_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PointEnds:
    """The day after a point's last: a clock. Prolonged meanwhile, it rings for nothing."""

    kind: ClassVar[str] = "collection.point_ends"
    point_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class BookingLapses:
    """A booked thing has not come in time."""

    kind: ClassVar[str] = "collection.booking_lapses"
    item_id: uuid.UUID
