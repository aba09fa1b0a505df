"""Write down what became of a shop."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.shops.models import ShopChange

SHOP = "shop"
STAFF = "staff"
HOLIDAY = "holiday"


def note(
    session: Session,
    shop_id: uuid.UUID,
    what: str,
    became: str,
    reason: str,
    by_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Add a line to the shop's history; `by_id` is None where the clock did it."""
    session.add(
        ShopChange(shop_id=shop_id, what=what, became=became, reason=reason, by_id=by_id, changed_at=now)
    )
    session.flush()
