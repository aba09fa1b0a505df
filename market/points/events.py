"""Timers of lots."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class LotVests:
    """A pending lot's return window is over."""

    kind: ClassVar[str] = "points.lot_vests"
    lot_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class LotExpires:
    """A lot's life is over; what remains of it lapses."""

    kind: ClassVar[str] = "points.lot_expires"
    lot_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class LotLapsesSoon:
    """A lot has so many days left."""

    kind: ClassVar[str] = "points.lot_lapses_soon"
    lot_id: uuid.UUID
    days: int
