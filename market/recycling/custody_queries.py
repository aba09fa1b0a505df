"""Reads of custody: what a party holds, can give and has signed for."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Text as SqlText
from sqlalchemy import and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.kernel.errors import NotFound
from market.recycling.actors import actors_of
from market.recycling.custody_models import Device, Handover, HandoverLine, Resale, WipeCertificate
from market.recycling.handover import READY
from market.recycling.models import (
    DeviceGrade,
    Recycler,
    RecyclerKind,
    RecyclerState,
    RecyclingOrder,
    TradeIn,
)
from market.recycling.parties import Party, Role
from market.recycling.states import HandoverState


@dataclass(frozen=True, slots=True)
class Held:
    """A device with what it is, and the state and grade of its order or trade-in."""

    device: Device
    category: Category
    state: str
    grade: DeviceGrade | None


def ready_for(session: Session, giver: Party, to: Role, now: datetime) -> list[Held]:
    """What `giver` holds and can hand on to `to` now, the longest there first."""
    offered = and_(Handover.state == HandoverState.open, Handover.valid_until > now)
    waiting = select(Handover.id).where(Handover.id == Device.handover_id, offered).exists()
    return [
        found
        for found in held_by(session, giver, without=waiting)
        if found.state in READY.get((giver.role, to), ())
    ]


def held_by(session: Session, party: Party, *, without: object = None, limit: int = 500) -> list[Held]:
    """Everything that `party` holds."""
    state = func.coalesce(cast(RecyclingOrder.state, SqlText), cast(TradeIn.state, SqlText))
    query = (
        select(Device, Category, state, RecyclingOrder.grade, TradeIn.grade)
        .join(Category, Category.code == Device.category_code)
        .outerjoin(RecyclingOrder, RecyclingOrder.id == Device.id)
        .outerjoin(TradeIn, TradeIn.id == Device.id)
        .where(Device.holder == str(party))
        .order_by(Device.id)
        .limit(limit)
    )
    if without is not None:
        query = query.where(~without)  # type: ignore[operator]  # a condition
    return [
        Held(device, kind, at, mailed or traded)
        for device, kind, at, mailed, traded in session.execute(query)
    ]


def waiting_offer(session: Session, device_id: uuid.UUID, now: datetime) -> Handover | None:
    """The offer under which a device waits for somebody to take it."""
    return session.scalars(
        select(Handover)
        .join(Device, Device.handover_id == Handover.id)
        .where(Device.id == device_id, Handover.state == HandoverState.open, Handover.valid_until > now)
    ).one_or_none()


def handovers_of(session: Session, party: Party, limit: int = 30) -> Sequence[Handover]:
    """What `party` has offered or taken, the latest first; nothing that was withdrawn."""
    mine = or_(Handover.giver == str(party), Handover.taker == str(party))
    return session.scalars(
        select(Handover)
        .where(mine, Handover.state != HandoverState.withdrawn)
        .order_by(Handover.id.desc())
        .limit(limit)
    ).all()


def handover_of(session: Session, account_id: uuid.UUID, handover_id: uuid.UUID) -> Handover:
    """A hand-over that the account has a part in, or that is in its county. Raises NotFound."""
    found = session.get(Handover, handover_id)
    if found is None:
        raise NotFound
    if found.offered_by_id == account_id:
        return found
    for actor in actors_of(session, account_id):
        ends = str(actor.party) in (found.giver, found.taker)
        if ends or (actor.party.role is Role.hub and actor.county_code == found.county_code):
            return found
    raise NotFound


def lines(session: Session, handover_id: uuid.UUID) -> list[tuple[HandoverLine, Device, Category]]:
    """The things of a hand-over that the caller may see, by code."""
    rows = session.execute(
        select(HandoverLine, Device, Category)
        .join(Device, Device.id == HandoverLine.device_id)
        .join(Category, Category.code == Device.category_code)
        .where(HandoverLine.handover_id == handover_id)
        .order_by(Device.code)
    )
    return [(line, device, category) for line, device, category in rows]


def takers(session: Session, county_code: str, to: Role, on: date) -> Sequence[Recycler]:
    """The county's recyclers, or every dismantler, whose licence holds on that day."""
    kind = RecyclerKind.dismantler if to is Role.dismantler else RecyclerKind.collector
    query = select(Recycler).where(
        Recycler.kind == kind,
        Recycler.state == RecyclerState.active,
        literal(on).between(Recycler.valid_from, Recycler.valid_to),
    )
    if to is Role.recycler:
        query = query.where(Recycler.county_code == county_code)
    return session.scalars(query.order_by(Recycler.county_code != county_code, Recycler.name)).all()


def certified(
    session: Session, account_id: uuid.UUID, device_id: uuid.UUID
) -> tuple[Device, WipeCertificate]:
    """The certificate of a device that was the person's, or that the account's party holds or wiped.

    Raises NotFound.
    """
    device, proof = session.get(Device, device_id), session.get(WipeCertificate, device_id)
    if device is None or proof is None:
        raise NotFound
    thing = session.get(RecyclingOrder, device_id) or session.get_one(TradeIn, device_id)
    own = thing.account_id == account_id
    for actor in actors_of(session, account_id):
        firm = actor.party.role is Role.recycler and actor.party.id == str(thing.recycler_id)
        own |= firm or (actor.party.role is Role.hub and actor.county_code == device.county_code)
    if not own:
        raise NotFound
    return device, proof


def resale(session: Session, device_id: uuid.UUID) -> Resale | None:
    """The document of a device's sale as 旧货, where there is one."""
    return session.get(Resale, device_id)
