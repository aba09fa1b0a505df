"""What happens when time is up. Each is safe to run twice, early, or long after the order moved on."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.recycling import custody
from market.recycling.rules import assess_by
from market.recycling.states import AWAITING_ANSWER, RecyclingState
from market.recycling.tell import tell

BEFORE_TRANSIT = frozenset({RecyclingState.label_issued, RecyclingState.awaiting_pickup})


def expire_quote(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """A quote that nobody took lapses."""
    order = custody.lock(session, order_id)
    if order.state is RecyclingState.quoted and order.valid_until is not None and now >= order.valid_until:
        custody.move(session, order, RecyclingState.expired, custody.CLOCK, now)
        tell(session, order, "quote_expired", now)


def remind_to_post(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """A label lies unused: a friendly word, once."""
    order = custody.lock(session, order_id)
    if order.state in BEFORE_TRANSIT:
        tell(session, order, "remind", now)


def expire_label(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """A label that was never used lapses, and with it the price."""
    order = custody.lock(session, order_id)
    if order.state in BEFORE_TRANSIT:
        custody.move(session, order, RecyclingState.expired, custody.CLOCK, now)
        tell(session, order, "label_expired", now)


def miss_parcel(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """A parcel is long overdue: it counts as lost, until it turns up after all."""
    order = custody.lock(session, order_id)
    if order.state is RecyclingState.in_transit:
        custody.move(session, order, RecyclingState.lost_in_transit, custody.CLOCK, now)
        tell(session, order, "lost", now)


def note_late_assessment(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """48 hours are over and the parcel is unopened: the recycler's rating and the consumer hear of it."""
    order = custody.lock(session, order_id)
    if order.state is not RecyclingState.received or order.received_at is None or order.recycler_id is None:
        return
    if now < assess_by(order.received_at):
        return
    record_event(session, SubjectKind.recycler, order.recycler_id, "assessed_late", order.code, now)
    tell(session, order, "assessment_late", now)


def return_unanswered(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """No answer to a re-offer, or no unlocking, in time: silence never accepts, the device goes home free."""
    order = custody.lock(session, order_id)
    if order.state not in AWAITING_ANSWER or order.answer_by is None or now < order.answer_by:
        return
    order.answer_by = None
    custody.move(session, order, RecyclingState.auto_return, custody.CLOCK, now)
    tell(session, order, "auto_return", now)
