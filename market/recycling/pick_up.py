"""A thing that the county's courier fetches on a delivery run: its job, and what becomes of it."""

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from market.delivery.closed_days import closed_on
from market.delivery.jobs import JobRequest, cancel_job, create_job, mark_at_hub
from market.delivery.models import COUNTY
from market.delivery.rules import delivery_day
from market.kernel.clock import local_date
from market.people.queries import address as own_address
from market.places.models import County
from market.places.queries import full_name, lineage_in_county, rough_position
from market.places.rules import Position
from market.recycling import custody, prices
from market.recycling.models import RecyclingOrder
from market.recycling.parcel import depart
from market.recycling.parties import Party, Role
from market.recycling.states import RecyclingState
from market.recycling.tell import tell
from market.recycling.ways import Hazard

JOB = "recycling"  # the job that fetches an order's thing is ``recycling:`` and its id
FETCH_SECONDS = 300  # to look at it and load it; an estimate
WITHIN_DAYS = 3  # a villager waits for a run that comes by anyway, but not longer
COURIER = "courier"


def book_courier(session: Session, order: RecyclingOrder, now: datetime) -> None:
    """Ask the county's delivery to fetch a locked order's thing within three days of its next run.

    Raises NotFound where her address is gone.
    """
    request = pickup_request(session, order, now)
    create_job(session, request, now)
    mark_at_hub(session, request.reference, now)  # there is nothing to wait for
    order.pickup_on = request.promised_on
    to, day = RecyclingState.awaiting_pickup, request.promised_on.isoformat()
    custody.move(session, order, to, custody.MARKET, now, pickup_on=day)


def pickup_request(session: Session, order: RecyclingOrder, now: datetime) -> JobRequest:
    """What the delivery is asked: one thing, weighing what is typical, at her address."""
    address = own_address(session, order.account_id, order.address_id or uuid.UUID(int=0))
    regions, county = lineage_in_county(session, address.village_code)
    return fetch_request(
        session,
        order,
        county,
        now,
        job=JOB,
        position=address.position or rough_position(regions, county),
        address_text=f"{full_name(regions)}{address.detail}",
        recipient_name=address.recipient_name,
        recipient_phone=address.phone,
    )


def fetch_request(
    session: Session,
    order: RecyclingOrder,
    county: County,
    now: datetime,
    *,
    job: str,
    position: Position,
    address_text: str,
    recipient_name: str,
    recipient_phone: str,
) -> JobRequest:
    """Fetch an order's thing, weighing what is typical, from wherever it stands.

    Its reference is `job` and the order's id. It may wait some days for a run that comes by anyway.
    """
    typical = prices.version(session, order.price_table_id or "").table.typical
    first = delivery_day(county.cutoff, now, closed_on(county))
    return JobRequest(
        county_code=order.county_code,
        kind="collect",
        reference=f"{job}:{order.id}",
        order_number=order.code,
        party=COUNTY,
        place="door",
        station_id=None,
        station_consent_at=None,
        position=position,
        address_text=address_text,
        recipient_name=recipient_name,
        recipient_phone=recipient_phone,
        weight_grams=typical.weight_grams,
        volume_cm3=typical.volume_cm3,
        longest_side_mm=typical.longest_side_mm,
        people=typical.people,
        skills=frozenset({"gas"}) if Hazard.gas_residue in order.hazards else frozenset(),
        service_seconds=FETCH_SECONDS,
        promised_on=first + timedelta(days=WITHIN_DAYS - 1),
        cash_due_fen=0,
        items=((order.model, 1),),
    )


def call_off(session: Session, order: RecyclingOrder, now: datetime) -> None:
    """The courier need not come. Raises Refused(``state.illegal_move``) where he has it already."""
    cancel_job(session, f"{JOB}:{order.id}", now)


def pickup_scheduled(session: Session, reference: str, day: date, now: datetime) -> None:
    """The pick-up is on a released run of `day`. Nothing for other jobs, or once the thing has gone."""
    order = _of_job(session, reference)
    if order is None or order.state is not RecyclingState.awaiting_pickup:
        return
    order.pickup_on = day
    session.flush()
    tell(session, order, "pickup_scheduled", now, once=day.isoformat(), day=day.isoformat())


def picked_up(session: Session, reference: str, done_at: datetime, now: datetime) -> None:
    """The courier has the thing since `done_at`. Nothing for other jobs, or the second time."""
    order = _of_job(session, reference)
    if order is None or order.state is not RecyclingState.awaiting_pickup:
        return
    depart(session, order, COURIER, now, holder=Party(Role.courier), picked_up_at=done_at.isoformat())
    tell(session, order, "picked_up", now)


def pickup_failed(session: Session, reference: str, reason: str, now: datetime) -> None:
    """The courier came and went without it; the job waits for the next run. Once for each try."""
    order = _of_job(session, reference)
    if order is None or order.state is not RecyclingState.awaiting_pickup:
        return
    day = local_date(now).isoformat()
    tries = custody.trail(session, order.id)
    if any(row.details.get("failed_on") == day for row in tries):
        return
    custody.record(session, order, COURIER, now, failed_on=day, reason=reason)
    tell(session, order, "pickup_failed", now, once=day)


def _of_job(session: Session, reference: str) -> RecyclingOrder | None:
    kind, _, order_id = reference.partition(":")
    return custody.lock(session, uuid.UUID(order_id)) if kind == JOB else None
