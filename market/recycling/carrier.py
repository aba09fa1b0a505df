"""What the room asks of a carrier, and the simulated one that ships with it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from market.recycling.parcel_models import ScanKind


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel as its carrier knows it. `handed_over_at` is when the carrier has it or comes for it."""

    number: str
    handed_over_at: datetime | None


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing a carrier says of a parcel; the same `event_id` is the same thing said again."""

    event_id: str
    kind: ScanKind
    place: str
    happened_at: datetime


class Carrier(Protocol):
    """A carrier's interface. Scans may come twice, late and in any order; nobody relies on more."""

    code: str

    def book(self, order_code: str, weight_grams: int) -> str:
        """The number of the label for a parcel that says `order_code`. The same code, the same number."""
        ...

    def scans(self, shipment: Shipment, now: datetime) -> Sequence[Scan]:
        """Everything it says of the parcel by `now`."""
        ...

    def ask_again_at(self, shipment: Shipment, now: datetime) -> datetime | None:
        """When it may have more to say; None where nothing is under way or everything is said."""
        ...


LEG = timedelta(minutes=2)
# What happens n legs after the parcel was handed over, and with how many legs' delay it is reported: the
# departure reaches us after the van is out, as it does in life.
_LEGS = (
    (0, ScanKind.picked_up, "县城营业点", 0),
    (1, ScanKind.at_depot, "县转运中心", 0),
    (2, ScanKind.departed, "县转运中心", 2),
    (3, ScanKind.out_for_delivery, "工业路营业点", 0),
    (5, ScanKind.delivered, "收件单位", 0),
)


class SimulatedCarrier:
    """A carrier of this market's own, for a county without a contract: minutes stand for hours.

    It keeps nothing: what it says follows from the parcel and the time. It repeats itself, newest first.
    """

    code = "demo"

    def book(self, order_code: str, weight_grams: int) -> str:
        """See `Carrier`."""
        digits = int(hashlib.sha256(order_code.encode()).hexdigest(), 16) % 10**11
        return f"LX{digits:011d}"

    def scans(self, shipment: Shipment, now: datetime) -> Sequence[Scan]:
        """See `Carrier`."""
        start = shipment.handed_over_at
        if start is None:
            return ()
        return [
            Scan(f"{shipment.number}-{legs}", kind, place, start + legs * LEG)
            for legs, kind, place, late in reversed(_LEGS)
            if start + (legs + late) * LEG <= now
        ]

    def ask_again_at(self, shipment: Shipment, now: datetime) -> datetime | None:
        """See `Carrier`."""
        start = shipment.handed_over_at
        if start is None:
            return None
        reports = sorted(start + (legs + late) * LEG for legs, _kind, _place, late in _LEGS)
        return next((moment for moment in reports if moment > now), None)


SIMULATED: Carrier = SimulatedCarrier()
