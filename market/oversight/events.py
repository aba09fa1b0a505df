"""The clocks of oversight."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class DrawDue:
    """The hour of an announced draw."""

    kind: ClassVar[str] = "oversight.draw_due"
    draw_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class RectificationDue:
    """The day by which a finding was to be put right is over."""

    kind: ClassVar[str] = "oversight.rectification_due"
    finding_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class CaseDue:
    """The time to take a case up, or to answer it, is over."""

    kind: ClassVar[str] = "oversight.case_due"
    case_id: uuid.UUID
