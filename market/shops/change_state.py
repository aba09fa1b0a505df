"""The county opens, suspends, readmits or closes a shop."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.outbox import emit
from market.shops.checklist import unmet
from market.shops.decide_paper import reviewed_shop
from market.shops.events import ShopClosed
from market.shops.history import SHOP, note
from market.shops.models import SHOP_STATES, Shop, ShopState

COUNTYS_OWN = (ShopState.open, ShopState.suspended, ShopState.closed)


def change_state(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    shop_id: uuid.UUID,
    to: ShopState,
    reason: str,
    now: datetime,
) -> Shop:
    """Put a shop of the county in state `to`; opening it needs no reason, everything else does.

    It opens only with every paper it needs accepted or waived. One that closes takes back what it has not
    handed over (`ShopClosed`). Raises NotFound where it is another county's; Refused:
    ``shops.own_review``, ``shops.reason_missing`` (field reason), ``shops.papers_missing`` (paper, count),
    ``state.illegal_move``, also for a state that is not the county's to give.
    """
    shop = reviewed_shop(session, county_code, operator_id, shop_id)
    if to not in COUNTYS_OWN:
        raise Refused("state.illegal_move", thing=SHOP, now=shop.state.value, to=to.value)
    if to is not ShopState.open and not reason.strip():
        raise Refused("shops.reason_missing", field="reason")
    if to is ShopState.open and (missing := unmet(session, shop)):
        raise Refused("shops.papers_missing", field="to", paper=missing[0].name_zh, count=len(missing))
    SHOP_STATES.move(shop, to)
    shop.state_reason = reason.strip() or None
    shop.state_since = now
    # A holiday that was ahead does not outlive what the county decides.
    shop.holiday_from = shop.holiday_until = shop.holiday_words = None
    session.flush()
    note(session, shop_id, SHOP, to, reason.strip(), operator_id, now)
    if to is ShopState.closed:
        emit(session, ShopClosed(shop_id), now, dedupe_key=f"shop_closed:{shop_id}")
    return shop
