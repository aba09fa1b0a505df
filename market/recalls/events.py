"""What happens to recalls, and the timer that their duties have."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RecallPublished:
    """Sale has stopped: what is under way is to be stopped, and buyers are to be told."""

    kind: ClassVar[str] = "recalls.published"
    recall_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class DutyDue:
    """The last moment for a legal duty is over."""

    kind: ClassVar[str] = "recalls.duty_due"
    duty_id: uuid.UUID
