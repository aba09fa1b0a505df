"""Custody against the documents of what was sold, wiped and dismantled, and the mass balance."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.recycling.custody import Thing, broken_at
from market.recycling.custody_models import (
    CustodyEvent,
    Device,
    Handover,
    HandoverLine,
    Resale,
    WipeCertificate,
)
from market.recycling.mass_balance import Balance, by_recycler, weighed
from market.recycling.models import DESTROYING, DeviceKind, PriceTableRow, RecyclingOrder, TradeIn
from market.recycling.parties import Role
from market.recycling.states import HandoverState

_NAMES = {DeviceKind.mail_in: "recycling order", DeviceKind.trade_in: "trade-in"}


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each thing whose custody does not bear out what is said of it."""
    yield from _chain_breaks(session)
    yield from _without_document(session)
    yield from _unwiped(session)
    yield from _sold_destroyed(session)
    for recycler, balance in by_recycler(session):
        if not balance.holds:
            yield f"recycler {recycler.licence_number}: {_difference(balance)}"


def _difference(balance: Balance) -> str:
    known, received = balance.accounted, balance.received
    return (
        f"received {received.count} things of {received.grams} g,"
        f" accounted for are {known.count} of {known.grams} g"
    )


def _chain_breaks(session: Session) -> Iterator[str]:
    trails: dict[uuid.UUID, list[CustodyEvent]] = defaultdict(list)
    for event in session.scalars(select(CustodyEvent).order_by(CustodyEvent.device_id, CustodyEvent.seq)):
        trails[event.device_id].append(event)
    scale = {row.device_id: row.grams for row in session.execute(weighed())}
    devices = {device.id: device for device in session.scalars(select(Device))}
    orders = session.scalars(select(RecyclingOrder).order_by(RecyclingOrder.id))
    trade_ins = session.scalars(select(TradeIn).order_by(TradeIn.id))
    for thing in chain[Thing](orders, trade_ins):
        yield from _thing_breaks(thing, devices.get(thing.id), trails[thing.id], scale.get(thing.id))


def _thing_breaks(
    thing: Thing, device: Device | None, trail: Sequence[CustodyEvent], grams: int | None
) -> Iterator[str]:
    name = f"{_NAMES[DeviceKind.trade_in if isinstance(thing, TradeIn) else DeviceKind.mail_in]} {thing.code}"
    place = broken_at(trail)
    if place is not None:
        yield f"{name}: custody row {place} was changed"
    if not trail or trail[-1].state != thing.state.value:
        yield f"{name}: custody does not end in {thing.state.value}"
    if device is None:
        return
    holders = [event.details["holder"] for event in trail if "holder" in event.details]
    if device.holder != (holders[-1] if holders else Role.consumer.value):
        yield f"{name}: custody does not say that {device.holder} holds it"
    if device.weight_grams != grams:
        yield f"{name}: weighs {device.weight_grams} g, custody says {grams} g"


def _without_document(session: Session) -> Iterator[str]:
    """Sold or dismantled by custody, and no document says so; or the other way round."""
    manifests = (
        select(HandoverLine.device_id)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .where(Handover.state == HandoverState.taken, Handover.taker_role == Role.dismantler)
    )
    for end, documents in (("buyer", select(Resale.device_id)), ("dismantler", manifests)):
        held = func.split_part(Device.holder, ":", 1) == end
        for device in session.scalars(select(Device).where(held != Device.id.in_(documents))):
            yield f"{device.code}: custody and the documents differ on whether a {end} has it"


def _unwiped(session: Session) -> Iterator[str]:
    """Resold, may hold data, and there is no certificate."""
    may_hold = select(PriceTableRow.category_code).where(PriceTableRow.prices["holds_data"].as_boolean())
    rows = select(Device.code).where(
        Device.id.in_(select(Resale.device_id)),
        Device.category_code.in_(may_hold),
        Device.id.not_in(select(WipeCertificate.device_id)),
    )
    for code in session.scalars(rows):
        yield f"{code}: was resold without a wipe certificate"


def _sold_destroyed(session: Session) -> Iterator[str]:
    """Resold though its memory was destroyed: it is scrap."""
    rows = (
        select(Device.code)
        .join(WipeCertificate, WipeCertificate.device_id == Device.id)
        .join(Resale, Resale.device_id == Device.id)
        .where(WipeCertificate.method.in_(DESTROYING))
    )
    for code in session.scalars(rows):
        yield f"{code}: was destroyed and resold"
