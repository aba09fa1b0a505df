"""What a buyer has chosen so far in checkout, kept in her session until she places the order."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import session

from market.delivery.windows import DayPart
from market.kernel.ids import parse_id
from market.orders.cart import CartEntry
from market.orders.checkout import Choices
from market.orders.models import PaymentMethod, Place
from market.orders.quote import Options, TradeInAnswers
from market.people.models import Address

_KEY = "checkout"


@dataclass(frozen=True, slots=True)
class Draft:
    """Choices as plain values. A door delivery paid online, with nothing else, until she says otherwise."""

    address_id: str = ""
    place: str = Place.door.value
    station_id: str = ""
    station_consent: bool = False
    day_part: str = DayPart.any.value
    payment_method: str = PaymentMethod.stripe.value
    points: int = 0
    trade_in: dict[str, Any] | None = None

    def options(self, account_id: uuid.UUID, address: Address) -> Options:
        """What the price depends on."""
        return Options(address.county_code, account_id, Place(self.place), self.points, self.answers())

    def choices(self, address: Address, expected_payable_fen: int) -> Choices:
        """What checkout is told."""
        return Choices(
            address_id=address.id,
            place=Place(self.place),
            payment_method=PaymentMethod(self.payment_method),
            expected_payable_fen=expected_payable_fen,
            station_id=parse_id(self.station_id),
            station_consent=self.station_consent,
            day_part=DayPart(self.day_part),
            points=self.points,
            trade_in=self.answers(),
        )

    def shown(self, address: Address, entries: Sequence[CartEntry]) -> str:
        """The mark of all that a page showed but its price: another tab, or signing in anew, may change it.

        The address counts as it is written, because it can be edited under the same id.
        """
        where = (address.recipient_name, address.phone, address.village_code, address.detail)
        lines = sorted((str(entry.listing.id), entry.quantity) for entry in entries)
        chosen = {**asdict(self), "address_id": str(address.id), "where": where, "lines": lines}
        return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()[:32]

    def answers(self) -> TradeInAnswers | None:
        """What she said of the old appliance, if she hands one in."""
        return TradeInAnswers(**self.trade_in) if self.trade_in else None


def load() -> Draft:
    """The draft of this session, a fresh one where there is none."""
    return Draft(**session.get(_KEY, {}))


def change(**values: Any) -> None:
    """Keep `values` in the draft."""
    session[_KEY] = asdict(replace(load(), **values))


def forget() -> None:
    """The order has been placed."""
    session.pop(_KEY, None)
