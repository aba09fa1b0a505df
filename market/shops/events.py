"""What happened to shops, and the timers they have."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ShopClosed:
    """A shop sells no more; what it had not handed over goes back to its buyers."""

    kind: ClassVar[str] = "shops.closed"
    shop_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class HolidayTurns:
    """A holiday begins or is over."""

    kind: ClassVar[str] = "shops.holiday_turns"
    shop_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PaperExpires:
    """The last day of a paper is over, unless it was renewed."""

    kind: ClassVar[str] = "shops.paper_expires"
    paper_id: uuid.UUID
