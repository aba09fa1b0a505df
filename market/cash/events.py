"""What happened to cash."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CashBanked:
    """The cash taken for `reference` is in the bank."""

    kind: ClassVar[str] = "cash.banked"
    reference: str
