"""The one timer of a shop's money."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ItemDue:
    """An item's return window is over."""

    kind: ClassVar[str] = "settlements.item_due"
    item_id: uuid.UUID
