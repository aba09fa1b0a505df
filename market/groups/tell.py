"""What those in a group, and its shop, are told."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.groups.models import GroupOrder, GroupPlace
from market.kernel.clock import local_date
from market.notices.notify import notify
from market.shops.models import ShopStaff


def tell_buyer(session: Session, place: GroupPlace, kind: str, now: datetime, **more: object) -> None:
    """A notice to whoever has the place, once for each time that it enters its state."""
    params = {**_about(place.group), "fen": place.deposit_fen, **more}
    key = f"{kind}:{place.id}:{place.attempt}:{place.given_back_fen}"
    notify(session, place.account_id, kind, params, now, f"group:{place.group_id}", key)


def tell_shop(session: Session, group: GroupOrder, kind: str, now: datetime) -> None:
    """A notice to everybody in the shop, once."""
    staff = select(ShopStaff.account_id).where(ShopStaff.shop_id == group.shop_id)
    for account_id in session.scalars(staff.order_by(ShopStaff.account_id)):
        key = f"{kind}:{group.id}:{account_id}"
        notify(session, account_id, kind, _about(group), now, f"group:{group.id}", key)


def _about(group: GroupOrder) -> dict[str, object]:
    by = group.complete_by or group.make_by
    return {
        "title": group.listing.product.name_zh,
        "pieces": group.taken,
        "reason": group.cancel_reason or "",
        "day": local_date(by).isoformat(),
    }
