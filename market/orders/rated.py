"""What an order's end says of its shop, its courier and its buyer. Safe twice, and for other references."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.buyers import record_of_buyer
from market.credit.couriers import carried_whole
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.delivery.models import Job, Kept, KeptEnd
from market.kernel.clock import local_date
from market.orders.models import Order, ShopOrder
from market.orders.queries import by_reference

NOBODY_HOME = "nobody_home"


def delivered(session: Session, shop_order_id: uuid.UUID, now: datetime) -> None:
    """A shop completed an order."""
    found = session.get_one(ShopOrder, shop_order_id)
    record_event(session, SubjectKind.shop, found.shop_id, "order_completed", found.reference, now)


def job_done(
    session: Session, reference: str, courier_id: uuid.UUID, done_at: datetime, carried_at: datetime
) -> None:
    """Goods are with their buyer: whole, and as she had agreed to take them."""
    found = by_reference(session, reference)
    if found is None:
        return
    carried_whole(session, courier_id, reference, carried_at)
    kind = "was_at_home" if done_at == carried_at else "fetched_in_time"
    record_of_buyer(session, _buyer(session, found), kind, reference, done_at)


def job_failed(session: Session, reference: str, reason: str, now: datetime) -> None:
    """Nobody was there at the time that she had agreed to; once a day."""
    found = by_reference(session, reference)
    if found is not None and reason == NOBODY_HOME:
        key = f"{reference}:{local_date(now)}"
        record_of_buyer(session, _buyer(session, found), "was_not_home", key, now)


def job_refused(session: Session, reference: str, now: datetime) -> None:
    """Goods waited at a station in vain. To refuse them at a door is her right, and counts for nothing."""
    found = by_reference(session, reference)
    sent_back = (
        select(Kept.job_id)
        .join(Job, Job.id == Kept.job_id)
        .where(Job.reference == reference, Kept.ended_by == KeptEnd.sent_back)
    )
    if found is not None and session.scalar(sent_back) is not None:
        record_of_buyer(session, _buyer(session, found), "not_fetched", reference, now)


def _buyer(session: Session, shop_order: ShopOrder) -> uuid.UUID:
    return session.scalars(select(Order.account_id).where(Order.id == shop_order.order_id)).one()
