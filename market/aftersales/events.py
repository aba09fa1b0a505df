"""The timers of returns and repairs: an event whose row is due later."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ReturnDue:
    """A return has waited long enough in the state it was in."""

    kind: ClassVar[str] = "aftersales.return_due"
    return_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class RepairDue:
    """A repair has waited long enough in the state it was in."""

    kind: ClassVar[str] = "aftersales.repair_due"
    repair_id: uuid.UUID
