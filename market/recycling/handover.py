"""Things change hands: one party offers them under a one-time code, another takes them by it."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.recycling import custody
from market.recycling.actors import actors_of
from market.recycling.codes import new_code
from market.recycling.custody import Thing
from market.recycling.custody_models import Device, Handover, HandoverLine
from market.recycling.held import refuse_offered, to_state
from market.recycling.licence import refuse_unlicensed
from market.recycling.models import Recycler, TradeIn
from market.recycling.parties import Party, Role
from market.recycling.states import HANDOVER_STATES, HandoverState
from market.recycling.states import TradeInState as T
from market.recycling.trade_in import collect

VALID = timedelta(hours=24)
MOST_THINGS = 100
READY: dict[tuple[Role, Role], frozenset[str]] = {
    (Role.consumer, Role.courier): frozenset({T.awaiting_pickup, T.not_handed_in}),
    (Role.courier, Role.hub): frozenset({T.collected}),
    (Role.hub, Role.recycler): frozenset({T.collected}),
    (Role.recycler, Role.hub): frozenset({T.going_home}),
    (Role.recycler, Role.dismantler): frozenset({"graded", "hazard_hold"}),
}
"""Who hands on to whom with both ends signing, and in which states a thing goes that way.

A parcel's way is the carrier's: its number and the recycler's scale sign for it.
"""


def offer(
    session: Session,
    giver: Party,
    staff_id: uuid.UUID,
    county_code: str,
    taker: Party,
    device_ids: Collection[uuid.UUID],
    now: datetime,
) -> Handover:
    """Offer things that `giver` holds to `taker`, or to any of its role where it has no id; good for a day.

    Raises NotFound for what the giver does not hold; Refused ``recycling.nothing_chosen`` (field devices),
    ``recycling.offered_already``, ``recycling.not_ready`` (device), ``recycling.not_licensed``.
    """
    if not 0 < len(set(device_ids)) <= MOST_THINGS:
        raise Refused("recycling.nothing_chosen", field="devices", most=MOST_THINGS)
    if (giver.role, taker.role) not in READY:
        raise NotFound
    things = custody.lock_things(session, device_ids)
    for thing, device in things:
        _refuse_unready(session, thing, device, giver, staff_id, taker.role, now)
    _check_licence(session, taker, [device for _, device in things], now)
    made = Handover(
        id=new_id(),
        county_code=county_code,
        number=new_code("LD") if taker.role is Role.dismantler else None,
        code=new_code("Q"),
        giver=str(giver),
        taker_role=taker.role,
        taker=str(taker) if taker.id else None,
        state=HandoverState.open,
        offered_by_id=staff_id,
        offered_at=now,
        valid_until=now + VALID,
    )
    session.add(made)
    session.flush()
    for _, device in things:
        session.add(HandoverLine(handover_id=made.id, device_id=device.id, weight_grams=device.weight_grams))
        device.handover_id = made.id
    session.flush()
    return made


def take(session: Session, account_id: uuid.UUID, code: str, now: datetime) -> Handover:
    """Take what is offered under `code`, for the party that the account works for. Again: unchanged.

    Raises Refused, each with field code: ``recycling.code_unknown``, ``recycling.handover_taken`` by
    another, ``recycling.handover_over``, ``recycling.not_for_you``; and ``recycling.not_licensed``.
    """
    found = with_code(session, code, for_update=True)
    taker = _taker(session, found, account_id)
    if taker is None:
        raise Refused("recycling.not_for_you", field="code")
    if found.state is HandoverState.taken:
        return _taken_before(found, taker)
    if found.state is not HandoverState.open or now >= found.valid_until:
        raise Refused("recycling.handover_over", field="code")
    things = custody.lock_things(session, device_ids(session, found.id))
    if any(device.handover_id != found.id or device.holder != found.giver for _, device in things):
        raise Refused("recycling.handover_over", field="code")
    _check_licence(session, taker, [device for _, device in things], now)
    HANDOVER_STATES.move(found, HandoverState.taken)
    found.taker, found.taken_by_id, found.taken_at = str(taker), account_id, now
    for thing, _ in things:
        _hand(session, found, thing, taker, now)
    session.flush()
    return found


def withdraw(session: Session, giver: Party, handover_id: uuid.UUID, now: datetime) -> None:
    """Take an offer back. Raises NotFound for another's, Refused(``state.illegal_move``)."""
    found = session.get(Handover, handover_id, with_for_update=True, populate_existing=True)
    if found is None or found.giver != str(giver):
        raise NotFound
    HANDOVER_STATES.move(found, HandoverState.withdrawn)
    session.flush()


def with_code(session: Session, code: str, *, for_update: bool = False) -> Handover:
    """The hand-over with that code, typed in any case. Raises Refused(``recycling.code_unknown``)."""
    query = select(Handover).where(Handover.code == code.strip().upper())
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise Refused("recycling.code_unknown", field="code")
    return found


def device_ids(session: Session, handover_id: uuid.UUID) -> list[uuid.UUID]:
    """The things of a hand-over."""
    return list(
        session.scalars(select(HandoverLine.device_id).where(HandoverLine.handover_id == handover_id))
    )


def _taker(session: Session, found: Handover, account_id: uuid.UUID) -> Party | None:
    """Which of the account's parties it is meant for: the named one, or any courier of the county."""
    for actor in actors_of(session, account_id):
        named = found.state is HandoverState.open and found.taker is not None
        near = found.taker_role is not Role.courier or actor.county_code == found.county_code
        if actor.party.role is found.taker_role and near and (not named or found.taker == str(actor.party)):
            return actor.party
    return None


def _taken_before(found: Handover, taker: Party) -> Handover:
    if found.taker != str(taker):
        raise Refused("recycling.handover_taken", field="code")
    return found


def _refuse_unready(
    session: Session,
    thing: Thing,
    device: Device,
    giver: Party,
    staff_id: uuid.UUID,
    to: Role,
    now: datetime,
) -> None:
    if device.holder != str(giver) or (giver.role is Role.consumer and thing.account_id != staff_id):
        raise NotFound
    refuse_offered(session, device, now)
    if thing.state.value not in READY[giver.role, to]:
        raise Refused("recycling.not_ready", device=device.code)


def _check_licence(session: Session, taker: Party, devices: list[Device], now: datetime) -> None:
    if taker.role in (Role.recycler, Role.dismantler) and taker.id:
        firm = session.get_one(Recycler, uuid.UUID(taker.id), populate_existing=True)
        refuse_unlicensed(firm, (device.category_code for device in devices), local_date(now))


def _hand(session: Session, found: Handover, thing: Thing, taker: Party, now: datetime) -> None:
    """One thing of a taken hand-over is the taker's, and its custody has both signatures."""
    by = f"{taker.role.value}:{found.taken_by_id}"
    giver = Party.read(found.giver)
    signed = {"handover": str(found.id)}
    if giver.role is not Role.consumer:
        signed["given_by"] = str(found.offered_by_id)
    if taker.role is Role.dismantler:
        to_state(session, thing, "dismantled", by, now, taker, manifest=found.number, **signed)
    elif taker.role is Role.courier and isinstance(thing, TradeIn):
        collect(session, thing, taker, by, now, **signed)
    else:
        if taker.role is Role.recycler:
            thing.recycler_id = uuid.UUID(taker.id)
        custody.record(session, thing, by, now, taker, **signed)
