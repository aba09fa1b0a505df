"""What happens when time is up. Each is safe to run twice, early, or long after the order moved on."""

import uuid
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.clock import at, local_date
from market.kernel.outbox import emit
from market.recycling import custody, freight
from market.recycling.custody_models import Device
from market.recycling.events import ReturnDue
from market.recycling.models import RecyclingOrder
from market.recycling.parties import Party
from market.recycling.rules import LABEL_DAYS, REMIND_AFTER_DAYS, TRANSIT_DAYS, assess_by, pay_by, return_by
from market.recycling.states import AWAITING_ANSWER, BEFORE_TRANSIT, GOING_HOME, RecyclingState
from market.recycling.tell import tell

REMINDER_HOUR = time(18)


def expire_quote(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """A quote that nobody took lapses."""
    order = custody.lock(session, order_id)
    if order.state is RecyclingState.quoted and order.valid_until is not None and now >= order.valid_until:
        custody.move(session, order, RecyclingState.expired, custody.CLOCK, now)
        tell(session, order, "quote_expired", now)


def remind_to_post(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """A label lies unused: a friendly word, once."""
    order = custody.lock(session, order_id)
    if order.state is not RecyclingState.label_issued or order.label_until is None:
        return
    if order.label_until - timedelta(days=LABEL_DAYS - REMIND_AFTER_DAYS) <= now:
        tell(session, order, "remind", now)


def reminds_at(pickup_on: date) -> datetime:
    """The evening before the carrier comes."""
    return at(pickup_on - timedelta(days=1), REMINDER_HOUR)


def remind_of_pickup(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """The carrier comes tomorrow: once, and not for a day that is over."""
    order = custody.lock(session, order_id)
    if order.state is not RecyclingState.awaiting_pickup or order.pickup_on is None:
        return
    if reminds_at(order.pickup_on) <= now and local_date(now) <= order.pickup_on:
        tell(session, order, "pickup_tomorrow", now, day=order.pickup_on.isoformat())


def expire_label(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """A label that was never used lapses, and with it the price and the freight that was held."""
    order = custody.lock(session, order_id)
    if order.state in BEFORE_TRANSIT and order.label_until is not None and order.label_until <= now:
        custody.move(session, order, RecyclingState.expired, custody.CLOCK, now)
        freight.release(session, order.id, now)
        tell(session, order, "label_expired", now)


def miss_parcel(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """A parcel is long overdue: it counts as lost, until it turns up after all. What a keeper, a courier of a
    transfer or a recycler has signed for is not lost: it stands there."""
    order = custody.lock(session, order_id)
    if _is_signed_for(session, order_id):
        return
    overdue_at = order.state_since + timedelta(days=TRANSIT_DAYS)
    if order.state is RecyclingState.in_transit and overdue_at <= now:
        custody.move(session, order, RecyclingState.lost_in_transit, custody.CLOCK, now)
        tell(session, order, "lost", now)


def _is_signed_for(session: Session, order_id: uuid.UUID) -> bool:
    """By a person: a post's word, or her own, is none."""
    holder = session.scalar(select(Device.holder).where(Device.id == order_id))
    return bool(holder) and Party.read(holder or "").id != ""


def note_late_assessment(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """48 hours are over and the parcel is unopened: the recycler's rating and the consumer hear of it."""
    order = custody.lock(session, order_id)
    if order.state is not RecyclingState.received or order.received_at is None or order.recycler_id is None:
        return
    if now < assess_by(order.received_at):
        return
    record_event(session, SubjectKind.recycler, order.recycler_id, "assessed_late", order.code, now)
    tell(session, order, "assessment_late", now)


def note_late_payout(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """Two hours after the offer was accepted the money is not there: the consumer hears of it, once."""
    order = custody.lock(session, order_id)
    if order.state is RecyclingState.payout_pending and now >= pay_by(order.state_since):
        tell(session, order, "payout_late", now)


def return_unanswered(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """No answer to a re-offer, or no unlocking, in time: silence never accepts, the device goes home free."""
    order = custody.lock(session, order_id)
    if order.state not in AWAITING_ANSWER or order.answer_by is None or now < order.answer_by:
        return
    order.answer_by = None
    custody.move(session, order, RecyclingState.auto_return, custody.CLOCK, now)
    await_return(session, order, now)
    tell(session, order, "auto_return", now)


def await_return(session: Session, order: RecyclingOrder, now: datetime) -> None:
    """From now on three days run until a locked order's device is to be on its way home."""
    key = f"{ReturnDue.kind}:{order.id}:{order.state_since.isoformat()}"
    emit(session, ReturnDue(order.id), now, due_at=return_by(now), dedupe_key=key)


def note_late_return(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """Three days are over and the device has not been posted home: its owner hears of it, once."""
    order = custody.lock(session, order_id)
    if order.state in GOING_HOME and now >= return_by(order.state_since):
        tell(session, order, "return_late", now)
