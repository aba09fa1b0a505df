"""The one clock of an appliance."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SafeLifeOver:
    """An appliance's safe life is over, unless its dates were changed since."""

    kind: ClassVar[str] = "savings.safe_life_over"
    appliance_id: uuid.UUID
