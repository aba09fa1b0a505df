"""A parcel with its carrier: booked, handed over, followed by scans that come twice, late or in any order."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.clock import at as local_moment
from market.kernel.outbox import emit
from market.recycling import custody, freight, prices
from market.recycling.carrier import Carrier, Scan, Shipment
from market.recycling.events import ParcelCheckDue, TransitOverdue
from market.recycling.models import RecyclingOrder
from market.recycling.parcel_models import Parcel, ParcelScan, ScanKind
from market.recycling.queries import in_order
from market.recycling.rules import TRANSIT_DAYS
from market.recycling.states import BEFORE_TRANSIT, TRACKED, RecyclingState
from market.recycling.tell import tell

PICKUP_HOUR = time(10)


def book_parcel(session: Session, carrier: Carrier, order_id: uuid.UUID, now: datetime) -> None:
    """Get the label's number from `carrier`. Once; nothing where it has arrived or goes with another carrier.

    She may have handed it over before the carrier answered.
    """
    order = custody.lock(session, order_id)
    if order.state not in TRACKED or order.tracking_number or session.get(Parcel, order_id):
        return
    grams = prices.version(session, order.price_table_id or "").table.typical.weight_grams
    parcel = Parcel(
        order_id=order_id,
        carrier=carrier.code,
        number=carrier.book(order.code, grams),
        booked_at=now,
    )
    session.add(parcel)
    session.flush()
    if order.state is RecyclingState.in_transit:
        order.tracking_number = parcel.number
        hand_over(session, order_id, order.state_since, now)
    elif order.pickup_on is not None:
        hand_over(session, order_id, comes_at(order.pickup_on), now)


def comes_at(day: date) -> datetime:
    """When a carrier that was booked for `day` comes by."""
    return local_moment(day, PICKUP_HOUR)


def hand_over(session: Session, order_id: uuid.UUID, at: datetime, now: datetime) -> None:
    """The carrier has the parcel at `at`, or comes for it then: from there on it is asked what it scanned."""
    parcel = session.get(Parcel, order_id)
    if parcel is None:
        return
    parcel.handed_over_at = at
    session.flush()
    ask_at(session, order_id, at, now)


def ask_at(session: Session, order_id: uuid.UUID, at: datetime, now: datetime) -> None:
    """Ask the carrier at `at`, once for each such moment."""
    key = f"{ParcelCheckDue.kind}:{order_id}:{at.isoformat()}"
    emit(session, ParcelCheckDue(order_id), now, due_at=at, dedupe_key=key)


def follow(session: Session, carrier: Carrier, order_id: uuid.UUID, now: datetime) -> None:
    """Ask `carrier` what became of the parcel, and when to ask again. Safe at any time, and twice."""
    order = custody.lock(session, order_id)
    parcel = session.get(Parcel, order_id)
    if parcel is None or parcel.carrier != carrier.code or order.state not in TRACKED:
        return
    shipment = Shipment(parcel.number, parcel.handed_over_at)
    take_scans(session, order, carrier.scans(shipment, now), now)
    again_at = carrier.ask_again_at(shipment, now)
    if again_at is not None and order.state in TRACKED:
        ask_at(session, order_id, again_at, now)


def take_scans(session: Session, order: RecyclingOrder, said: Iterable[Scan], now: datetime) -> None:
    """Keep what is new of a locked order's scans, and let the order follow from all of them.

    Where the order ends does not depend on the order in which scans come, nor on how often.
    """
    for scan in said:
        _keep(session, order.id, scan, now)
    known = scans(session, order.id)
    if not known:
        return
    is_lost = known[-1].kind is ScanKind.lost
    if order.state in BEFORE_TRANSIT:
        _set_out(session, order, now)
    if is_lost and order.state is RecyclingState.in_transit:
        custody.move(session, order, RecyclingState.lost_in_transit, custody.CARRIER, now)
        tell(session, order, "lost", now)
    elif not is_lost and order.state is RecyclingState.lost_in_transit and _is_found(session, order, known):
        custody.move(session, order, RecyclingState.in_transit, custody.CARRIER, now, found=True)


def depart(session: Session, order: RecyclingOrder, by: str, now: datetime, **details: Any) -> None:
    """A locked order is on its way; `details` go into custody. Raises Refused(``state.illegal_move``)."""
    custody.move(session, order, RecyclingState.in_transit, by, now, **details)
    freight.commit(session, order.id, now)
    key = f"{TransitOverdue.kind}:{order.id}"
    emit(session, TransitOverdue(order.id), now, due_at=now + timedelta(days=TRANSIT_DAYS), dedupe_key=key)


def scans(session: Session, order_id: uuid.UUID) -> Sequence[ParcelScan]:
    """What the carrier has said of a parcel, by when it happened."""
    return in_order(session.scalars(select(ParcelScan).where(ParcelScan.order_id == order_id)))


def parcel_of(session: Session, order_id: uuid.UUID) -> Parcel | None:
    """The order's parcel; None where none was booked, or not yet."""
    return session.get(Parcel, order_id)


def _set_out(session: Session, order: RecyclingOrder, now: datetime) -> None:
    """The carrier has it, whether or not she has said so."""
    parcel = session.get_one(Parcel, order.id)
    order.tracking_number = parcel.number
    depart(session, order, custody.CARRIER, now, tracking_number=parcel.number)


def _is_found(session: Session, order: RecyclingOrder, known: Sequence[ParcelScan]) -> bool:
    """Whether the carrier has seen the parcel since it counted as lost, by its own word or the clock's."""
    said_lost = [scan.happened_at for scan in known if scan.kind is ScanKind.lost]
    by_carrier = custody.trail(session, order.id)[-1].by == custody.CARRIER
    lost_at = said_lost[-1] if said_lost and by_carrier else order.state_since
    return known[-1].happened_at > lost_at


def _keep(session: Session, order_id: uuid.UUID, scan: Scan, now: datetime) -> None:
    session.execute(
        insert(ParcelScan)
        .values(
            order_id=order_id,
            event_id=scan.event_id,
            kind=scan.kind,
            place=scan.place,
            happened_at=scan.happened_at,
            reported_at=now,
        )
        .on_conflict_do_nothing()
    )
