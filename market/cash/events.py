"""What happened to cash."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CashBanked:
    """The cash taken for `reference` is in the bank."""

    kind: ClassVar[str] = "cash.banked"
    reference: str


@dataclass(frozen=True, slots=True)
class CashHandedIn:
    """A courier's cash was counted at the hub."""

    kind: ClassVar[str] = "cash.handed_in"
    hand_in_id: uuid.UUID
