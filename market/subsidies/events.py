"""What happened to claims."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ClaimDisallowed:
    """The state will not pay `amount_fen` of the claim of the order line `reference`: its shop bears it.

    Negative where goods came back for which the shop had borne it. Once per `key`.
    """

    kind: ClassVar[str] = "subsidies.claim_disallowed"
    claim_id: uuid.UUID
    reference: str
    key: str
    amount_fen: int


def borne_key(key: str) -> str:
    """The key of the entry with which a shop has borne it."""
    return f"subsidy:borne:{key}"
