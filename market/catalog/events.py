"""What happens to what is for sale."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ZoneStayEnds:
    """A product's last day in the green zone is over."""

    kind: ClassVar[str] = "catalog.zone_stay_ends"
    product_id: uuid.UUID
