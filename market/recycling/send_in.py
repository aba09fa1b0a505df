"""What the consumer does to send a thing in: describe it, answer for its safety, take a quote, post it."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.recycling import custody
from market.recycling.codes import new_code
from market.recycling.events import LabelExpires, MailInReminder, QuoteExpires, TransitOverdue
from market.recycling.models import RecyclingOrder
from market.recycling.prices import in_force
from market.recycling.queries import recycler_for
from market.recycling.rules import (
    LABEL_DAYS,
    QUOTE_DAYS,
    REMIND_AFTER_DAYS,
    TRANSIT_DAYS,
    Safety,
    Valuation,
    danger,
    value,
)
from market.recycling.states import RecyclingState

PICKUP_WITHIN_DAYS = 7
AGES_YEARS = range(51)


def describe(
    session: Session,
    account_id: uuid.UUID,
    county_code: str,
    category_code: str,
    model: str,
    age_years: int,
    faults: Collection[str],
    now: datetime,
) -> RecyclingOrder:
    """Begin an order with what the thing is. Raises Refused.

    ``recycling.category_not_taken`` (not by post, or nobody prices it), ``recycling.age``,
    ``recycling.faults`` for a fault its category does not know.
    """
    category = session.get(Category, category_code)
    if category is None or not category.accepts_mail_in:
        raise Refused("recycling.category_not_taken", field="category_code")
    if age_years not in AGES_YEARS:
        raise Refused("recycling.age", field="age_years")
    if set(faults) - in_force(session, category_code, now).table.fault_codes:
        raise Refused("recycling.faults", field="faults")
    order = RecyclingOrder(
        code=new_code("H"),
        account_id=account_id,
        county_code=county_code,
        category_code=category_code,
        model=model.strip(),
        age_years=age_years,
        faults=sorted(set(faults)),
        state=RecyclingState.draft,
        state_since=now,
        created_at=now,
    )
    session.add(order)
    session.flush()
    custody.record(session, order, custody.CONSUMER, now)
    return order


def quote(
    session: Session, account_id: uuid.UUID, order_id: uuid.UUID, safety: Safety, now: datetime
) -> Valuation:
    """Price a described thing that is safe to post; the quote is good for seven days.

    Raises NotFound, Refused with the danger that keeps it from the post (`rules.danger`),
    ``recycling.category_not_taken`` or ``state.illegal_move``.
    """
    order = own(session, account_id, order_id)
    if refusal := danger(safety):
        raise Refused(refusal)
    prices = in_force(session, order.category_code, now)
    valuation = value(prices.table, order.age_years, order.faults)
    order.price_table_id = prices.id
    order.quote_fen = valuation.value_fen
    order.valid_until = now + timedelta(days=QUOTE_DAYS)
    custody.move(session, order, RecyclingState.quoted, custody.MARKET, now, quote_fen=valuation.value_fen)
    _at(session, QuoteExpires(order.id), now, order.valid_until)
    return valuation


def accept_quote(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """Take the quote: the parcel gets its label, addressed to a licensed recycler of the county.

    Raises NotFound, Refused ``recycling.quote_expired``, ``recycling.no_recycler``, ``state.illegal_move``.
    """
    order = own(session, account_id, order_id)
    if order.valid_until is not None and now >= order.valid_until:
        raise Refused("recycling.quote_expired")
    recycler = recycler_for(session, order.county_code, order.category_code, local_date(now))
    if recycler is None:
        raise Refused("recycling.no_recycler")
    custody.move(
        session, order, RecyclingState.label_issued, custody.CONSUMER, now, recycler=recycler.licence_number
    )
    order.recycler_id = recycler.id
    _at(session, MailInReminder(order.id), now, now + timedelta(days=REMIND_AFTER_DAYS))
    _at(session, LabelExpires(order.id), now, now + timedelta(days=LABEL_DAYS))
    session.flush()


def book_pickup(
    session: Session, account_id: uuid.UUID, order_id: uuid.UUID, day: date, now: datetime
) -> None:
    """Ask the carrier to come on `day`, tomorrow to a week from now.

    Raises NotFound, Refused ``recycling.pickup_day`` (field ``day``), ``state.illegal_move``.
    """
    order = own(session, account_id, order_id)
    today = local_date(now)
    if not today < day <= today + timedelta(days=PICKUP_WITHIN_DAYS):
        raise Refused("recycling.pickup_day", field="day")
    custody.move(
        session, order, RecyclingState.awaiting_pickup, custody.CONSUMER, now, pickup_on=day.isoformat()
    )
    order.pickup_on = day
    session.flush()


def mark_posted(
    session: Session, account_id: uuid.UUID, order_id: uuid.UUID, tracking_number: str, now: datetime
) -> None:
    """The carrier has the parcel. Raises NotFound, Refused ``state.illegal_move``."""
    order = own(session, account_id, order_id)
    order.tracking_number = tracking_number.strip() or None
    custody.move(
        session,
        order,
        RecyclingState.in_transit,
        custody.CONSUMER,
        now,
        tracking_number=order.tracking_number,
    )
    _at(session, TransitOverdue(order.id), now, now + timedelta(days=TRANSIT_DAYS))


def withdraw(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """Give up before the parcel has left. Raises NotFound, Refused ``state.illegal_move``."""
    order = own(session, account_id, order_id)
    custody.move(session, order, RecyclingState.cancelled, custody.CONSUMER, now)


def own(session: Session, account_id: uuid.UUID, order_id: uuid.UUID) -> RecyclingOrder:
    """The person's own order, locked. Raises NotFound."""
    order = custody.lock(session, order_id)
    if order.account_id != account_id:
        raise NotFound
    return order


def _at(
    session: Session,
    timer: QuoteExpires | MailInReminder | LabelExpires | TransitOverdue,
    now: datetime,
    due_at: datetime,
) -> None:
    emit(session, timer, now, due_at=due_at, dedupe_key=f"{timer.kind}:{timer.order_id}")
