"""An owner has lost phone and recovery codes: the county takes the second factor off, and says why."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.notices.notify import notify
from market.people.models import Account
from market.people.second_factor import forget
from market.shops.history import STAFF, note
from market.shops.models import ShopStaff
from market.shops.queries import shop_in_county


def reset_factor(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    shop_id: uuid.UUID,
    account_id: uuid.UUID,
    reason: str,
    now: datetime,
) -> None:
    """The owner may set up a new one. Kept in the shop's history, and told to the owner.

    Raises NotFound where it is another county's, nobody of that shop, or there is nothing to take off;
    Refused: ``shops.own_review``, ``shops.reason_missing`` (field reason).
    """
    shop = shop_in_county(session, county_code, shop_id, lock=True)
    member = session.get(ShopStaff, account_id)
    if shop is None or member is None or member.shop_id != shop_id:
        raise NotFound
    if account_id == operator_id:
        raise Refused("shops.own_review")
    if not reason.strip():
        raise Refused("shops.reason_missing", field="reason")
    if not forget(session, account_id):
        raise NotFound
    name = session.get_one(Account, account_id).name
    note(session, shop_id, STAFF, "factor_reset", f"{name}：{reason.strip()}", operator_id, now)
    about = {"shop": shop.name, "reason": reason.strip()}
    notify(session, account_id, "shops.factor_reset", about, now, f"shop:{shop_id}")
