"""The county admits, suspends, readmits or closes a shop."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.shops.models import SHOP_STATES, Shop, ShopState
from market.shops.queries import shop_in_county


def change_state(
    session: Session, county_code: str, shop_id: uuid.UUID, to: ShopState, reason: str, now: datetime
) -> Shop:
    """Put a shop of the county in state `to`; opening it needs no reason, everything else does.

    Raises NotFound where it is another county's; Refused(``shops.reason_missing`` | ``state.illegal_move``).
    """
    shop = shop_in_county(session, county_code, shop_id, lock=True)
    if shop is None:
        raise NotFound
    if to is not ShopState.open and not reason.strip():
        raise Refused("shops.reason_missing", field="reason")
    SHOP_STATES.move(shop, to)
    shop.state_reason = reason.strip() or None
    shop.state_since = now
    session.flush()
    return shop
