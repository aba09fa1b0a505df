"""What was carried to a village station goes on with the truck: a job in the next batch by itself."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.delivery.jobs import create_job, mark_at_hub
from market.kernel.errors import Refused
from market.places.models import County, Station
from market.recycling import custody
from market.recycling.carried import lock_labelled, sign_in, sign_on
from market.recycling.custody_models import Device
from market.recycling.models import RecyclingOrder
from market.recycling.parties import Party, Role
from market.recycling.pick_up import fetch_request

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
    request = fetch_request(
        session,
        order,
        session.get_one(County, station.county_code),
        now,
        job=JOB,
        position=station.position,
        address_text=station.name,
        recipient_name=station.keeper_name,
        recipient_phone=station.phone,
    )
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
