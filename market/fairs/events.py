"""The one clock of a fair."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FairEnds:
    """Its last stop is over: what was not sold goes back."""

    kind: ClassVar[str] = "fairs.ends"
    fair_id: uuid.UUID
