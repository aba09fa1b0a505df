"""What subsidies ask to be done later."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


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
