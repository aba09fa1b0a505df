"""What the consumer does to send a thing in: describe it, take a quote, hand it over, or give up."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from market.credit.buyers import has_services
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.recycling import custody, prices
from market.recycling.clocks import reminds_at
from market.recycling.codes import new_code
from market.recycling.events import (
    LabelExpires,
    MailInReminder,
    ParcelWanted,
    PickupReminder,
    QuoteExpires,
)
from market.recycling.freight import hold, release
from market.recycling.models import Recycler, RecyclingOrder
from market.recycling.parcel import comes_at, depart, hand_over, parcel_of
from market.recycling.payout_models import Payout
from market.recycling.pick_up import book_courier, call_off
from market.recycling.queries import recyclers_for
from market.recycling.rules import (
    LABEL_DAYS,
    QUOTE_DAYS,
    REMIND_AFTER_DAYS,
    Safety,
    Valuation,
    danger,
    freight_fen,
    hazards,
    value,
)
from market.recycling.states import STATES, RecyclingState
from market.recycling.ways import Way

Timer = QuoteExpires | MailInReminder | LabelExpires | ParcelWanted | PickupReminder
PICKUP_WITHIN_DAYS = 7
TRUSTED_PICKUP_WITHIN_DAYS = 14  # a service that buyers' credit opens
AGES_YEARS = range(51)
MODEL_CHARS = range(1, 61)


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

    ``recycling.category_not_taken`` (nobody prices it), ``recycling.model`` (field model),
    ``recycling.age``, ``recycling.faults`` for a fault its category does not know.
    """
    if len(model.strip()) not in MODEL_CHARS:
        raise Refused("recycling.model", field="model")
    if age_years not in AGES_YEARS:
        raise Refused("recycling.age", field="age_years")
    if set(faults) - prices.in_force(session, category_code, now).table.fault_codes:
        raise Refused("recycling.faults", field="faults")
    order = RecyclingOrder(
        code=new_code("H"),
        account_id=account_id,
        county_code=county_code,
        category_code=category_code,
        model=model.strip(),
        age_years=age_years,
        faults=sorted(set(faults)),
        hazards=[],
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
    """Price a described thing and note its dangers, which close ways; the quote is good for seven days.

    Raises NotFound, Refused ``recycling.category_not_taken`` or ``state.illegal_move``.
    """
    order = own(session, account_id, order_id)
    in_table = prices.in_force(session, order.category_code, now)
    valuation = value(in_table.table, order.age_years, order.faults)
    order.price_table_id = in_table.id
    order.quote_fen = valuation.value_fen
    order.valid_until = now + timedelta(days=QUOTE_DAYS)
    order.hazards = list(hazards(safety))
    told: dict[str, Any] = {"quote_fen": valuation.value_fen, "hazards": order.hazards}
    custody.move(session, order, RecyclingState.quoted, custody.MARKET, now, **told)
    _at(session, QuoteExpires(order.id), now, order.valid_until)
    return valuation


def accept_quote(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """Take the quote: the thing gets its label, addressed to a licensed recycler of the county.

    By post, its freight is held where a campaign pays it, and the carrier is booked; for the courier a job
    is made. Who has chosen nothing goes by post and is paid in points.

    Raises NotFound, Refused with the danger that keeps it from the post (`rules.danger`),
    ``recycling.quote_expired``, ``recycling.no_recycler``, ``state.illegal_move``.
    """
    order = own(session, account_id, order_id)
    if order.valid_until is not None and now >= order.valid_until:
        raise Refused("recycling.quote_expired")
    way = order.way or Way.post
    if way is Way.post and (why := danger(order.hazards)):
        raise Refused(why, field="way")
    recycler = _recycler(session, order, now)
    STATES.step(order.state, RecyclingState.label_issued)
    order.way, order.payout = way, order.payout or Payout.points
    told: dict[str, Any] = {"recycler": recycler.licence_number, "way": way.value, "drop_off": order.drop_off}
    custody.move(session, order, RecyclingState.label_issued, custody.CONSUMER, now, **told)
    order.recycler_id = recycler.id
    if order.way is Way.courier:
        book_courier(session, order, now)
    else:
        _issue_label(session, order, now)
    session.flush()


def pickup_within_days(session: Session, account_id: uuid.UUID) -> int:
    """How many days ahead she may ask the carrier to come."""
    return pickup_days(has_services(session, account_id))


def pickup_days(has_services: bool) -> int:
    """As `pickup_within_days`, of somebody who has the services that credit opens, or has not."""
    return TRUSTED_PICKUP_WITHIN_DAYS if has_services else PICKUP_WITHIN_DAYS


def book_pickup(
    session: Session, account_id: uuid.UUID, order_id: uuid.UUID, day: date, now: datetime
) -> None:
    """Ask the carrier to come on `day`, tomorrow to a week from now; two weeks where her credit opens that.

    Raises NotFound, Refused ``recycling.pickup_day`` (field ``day``), ``state.illegal_move``.
    """
    order = own(session, account_id, order_id)
    today = local_date(now)
    within = pickup_within_days(session, account_id)
    if not today < day <= today + timedelta(days=within):
        raise Refused("recycling.pickup_day", field="day", days=within)
    if order.way is not Way.post:
        raise Refused("state.illegal_move")
    custody.move(
        session, order, RecyclingState.awaiting_pickup, custody.CONSUMER, now, pickup_on=day.isoformat()
    )
    order.pickup_on = day
    session.flush()
    hand_over(session, order.id, comes_at(day), now)
    evening = reminds_at(day)
    if now < evening:
        _at(session, PickupReminder(order.id), now, evening)


def mark_posted(
    session: Session, account_id: uuid.UUID, order_id: uuid.UUID, tracking_number: str, now: datetime
) -> None:
    """The carrier, or the place she carried it to, has it. Without a number the label's own counts; with
    another carrier's no campaign pays.

    Raises NotFound, Refused ``state.illegal_move``, also for what the courier fetches.
    """
    order = own(session, account_id, order_id)
    if order.way is Way.courier:
        raise Refused("state.illegal_move")
    parcel = parcel_of(session, order.id)
    typed = tracking_number.strip()
    order.tracking_number = typed or (parcel.number if parcel else None)
    if order.tracking_number != (parcel.number if parcel else None):
        release(session, order.id, now)
    told = {"tracking_number": order.tracking_number, "drop_off": order.drop_off}
    depart(session, order, custody.CONSUMER, now, **told)
    if parcel is not None and order.tracking_number == parcel.number:
        hand_over(session, order.id, now, now)


def withdraw(session: Session, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> None:
    """Give up before it has left. Raises NotFound, Refused ``state.illegal_move``."""
    order = own(session, account_id, order_id)
    if order.way is Way.courier and order.state is RecyclingState.awaiting_pickup:
        call_off(session, order, now)
    custody.move(session, order, RecyclingState.cancelled, custody.CONSUMER, now)
    release(session, order.id, now)


def own(session: Session, account_id: uuid.UUID, order_id: uuid.UUID) -> RecyclingOrder:
    """The person's own order, locked. Raises NotFound."""
    order = custody.lock(session, order_id)
    if order.account_id != account_id:
        raise NotFound
    return order


def _recycler(session: Session, order: RecyclingOrder, now: datetime) -> Recycler:
    """Who takes it: the yard she carries it to, else the least busy one. Raises as `accept_quote`."""
    able = recyclers_for(session, order.county_code, order.category_code, now)
    named = [one for one in able if order.drop_off == f"recycler:{one.id}"]
    carried_to_yard = (order.drop_off or "").startswith("recycler:")
    if not able or (carried_to_yard and not named):
        raise Refused("recycling.no_recycler")
    return (named or list(able))[0]


def _issue_label(session: Session, order: RecyclingOrder, now: datetime) -> None:
    order.label_until = now + timedelta(days=LABEL_DAYS)
    if order.way is Way.post:
        grams = prices.version(session, order.price_table_id or "").table.typical.weight_grams
        hold(session, order, freight_fen(grams), now)
        _at(session, ParcelWanted(order.id), now, now)
    _at(session, MailInReminder(order.id), now, now + timedelta(days=REMIND_AFTER_DAYS))
    _at(session, LabelExpires(order.id), now, order.label_until)


def _at(session: Session, timer: Timer, now: datetime, due_at: datetime) -> None:
    emit(session, timer, now, due_at=due_at, dedupe_key=f"{timer.kind}:{timer.order_id}")
