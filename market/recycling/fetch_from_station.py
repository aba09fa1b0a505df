"""What was carried to a village station goes on with the truck: a job in the next batch by itself."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from market.delivery.closed_days import closed_on
from market.delivery.jobs import JobRequest, create_job, mark_at_hub
from market.delivery.models import COUNTY
from market.delivery.rules import delivery_day
from market.kernel.errors import Refused
from market.places.models import County, Station
from market.recycling import custody, prices
from market.recycling.carried import lock_labelled, sign_in, sign_on
from market.recycling.custody_models import Device
from market.recycling.models import RecyclingOrder
from market.recycling.parties import Party, Role
from market.recycling.pick_up import FETCH_SECONDS, WITHIN_DAYS

JOB = "from_station"  # the job that fetches an order's thing from its station is ``from_station:`` and its id


def take_in_at_station(
    session: Session, station: Station, code: str, keeper_id: uuid.UUID, now: datetime
) -> RecyclingOrder:
    """The keeper signs for the thing with this label, and the truck is asked for. The second time nothing
    happens.

    Raises Refused(``recycling.not_carried``, field code), also for another county's label.
    """
    orders = lock_labelled(session, [code])
    if not orders or orders[0].county_code != station.county_code:
        raise Refused("recycling.not_carried", field="code")
    order, place = orders[0], Party(Role.station, str(station.id))
    if session.get_one(Device, order.id).holder == str(place):
        return order
    sign_in(session, order, place, station.name, keeper_id, now)
    request = _request(session, order, station, now)
    create_job(session, request, now)
    mark_at_hub(session, request.reference, now)  # nothing has to come to the hub first
    return order


def fetched(session: Session, reference: str, courier_id: uuid.UUID, now: datetime) -> None:
    """The courier has taken it along: it is off the station by custody. Nothing for other jobs, the second
    time, or where somebody else had fetched it before."""
    kind, _, order_id = reference.partition(":")
    if kind != JOB:
        return
    order = custody.lock(session, uuid.UUID(order_id))
    if session.get_one(Device, order.id).holder.startswith(f"{Role.station.value}:"):
        taker = Party(Role.courier, str(courier_id))
        sign_on(session, order, taker, f"courier:{courier_id}", order.code, now)


def _request(session: Session, order: RecyclingOrder, station: Station, now: datetime) -> JobRequest:
    """One thing, weighing what is typical, at the station; it may wait for a run that comes by anyway."""
    county = session.get_one(County, station.county_code)
    typical = prices.version(session, order.price_table_id or "").table.typical
    first = delivery_day(county.cutoff, now, closed_on(county))
    return JobRequest(
        county_code=order.county_code,
        kind="collect",
        reference=f"{JOB}:{order.id}",
        order_number=order.code,
        party=COUNTY,
        place="door",
        station_id=None,
        station_consent_at=None,
        position=station.position,
        address_text=station.name,
        recipient_name=station.keeper_name,
        recipient_phone=station.phone,
        weight_grams=typical.weight_grams,
        volume_cm3=typical.volume_cm3,
        longest_side_mm=typical.longest_side_mm,
        people=typical.people,
        skills=frozenset(),
        service_seconds=FETCH_SECONDS,
        promised_on=first + timedelta(days=WITHIN_DAYS - 1),
        cash_due_fen=0,
        items=((order.model, 1),),
    )
