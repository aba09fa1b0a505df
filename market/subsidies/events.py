"""What happened to claims, and what subsidies ask to be done later."""

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


@dataclass(frozen=True, slots=True)
class CouponLapses:
    """A coupon that nobody has used by now is gone."""

    kind: ClassVar[str] = "subsidies.coupon_lapses"
    coupon_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class RoundCloses:
    """A lottery's registration is over: it is to be drawn."""

    kind: ClassVar[str] = "subsidies.round_closes"
    round_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class VersionBegins:
    """A published version is in force from now: what the version before has left is its own."""

    kind: ClassVar[str] = "subsidies.version_begins"
    programme_id: str
