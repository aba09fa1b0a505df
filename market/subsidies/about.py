"""What a claim is about: what was bought from whom at what price, as it was when it was paid."""

import hashlib
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class About:
    """The order line as the claim keeps it. `price_fen` and `filed_price_fen` are of one piece.

    `money_fen` is the buyer's own for the line, `labels` are record numbers, and the position is where it is
    to be delivered.
    """

    shop_id: uuid.UUID
    shop_name: str
    order_number: str
    listing_id: uuid.UUID
    product_id: uuid.UUID
    title: str
    brand: str
    model: str
    gtin: str | None
    labels: tuple[str, ...]
    quantity: int
    price_fen: int
    filed_price_fen: int
    money_fen: int
    claimant: str
    ordered_at: datetime
    needs_install: bool
    lat: float
    lon: float

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self) | {
            "shop_id": str(self.shop_id),
            "listing_id": str(self.listing_id),
            "product_id": str(self.product_id),
            "labels": list(self.labels),
            "ordered_at": self.ordered_at.isoformat(),
        }


def read(data: dict[str, Any]) -> About:
    """What `plain` kept."""
    ids = {name: uuid.UUID(data[name]) for name in ("shop_id", "listing_id", "product_id")}
    return About(
        **data
        | ids
        | {"labels": tuple(data["labels"]), "ordered_at": datetime.fromisoformat(data["ordered_at"])}
    )


def digest(text: str) -> str:
    """What an address, a telephone or a means of payment is compared by: equal for equal, and no more."""
    return hashlib.sha256("".join(text.split()).lower().encode()).hexdigest()
