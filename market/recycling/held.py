"""What a recycler holds, locked, and the moves that its own things share however they came."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from market.catalog.trace import TraceKind, record
from market.kernel.errors import NotFound, Refused
from market.recycling import custody
from market.recycling.custody import Thing
from market.recycling.custody_models import Device, Handover, WipeCertificate
from market.recycling.models import DESTROYING, Recycler, RecyclingOrder
from market.recycling.parties import Party, Role
from market.recycling.states import HandoverState, RecyclingState, TradeInState
from market.recycling.tell import tell, tell_trade_in

ENDED = {"resold": "ended_resold", "dismantled": "ended_dismantled"}
TRACED = frozenset({"wiped", "resold", "dismantled"})
PUBLIC = ("standard", "method", "mark", "manifest")


def party_of(recycler: Recycler) -> Party:
    """How custody knows a recycler or dismantler."""
    return Party(Role.dismantler if recycler.kind.value == "dismantler" else Role.recycler, str(recycler.id))


def held(session: Session, recycler: Recycler, device_id: uuid.UUID) -> tuple[Thing, Device]:
    """A thing that `recycler` holds, locked. Raises NotFound."""
    thing, device = custody.lock_thing(session, device_id)
    if device.holder != str(party_of(recycler)):
        raise NotFound
    return thing, device


def refuse_offered(session: Session, device: Device, now: datetime) -> None:
    """Raise Refused(``recycling.offered_already``) while a locked device waits for another to take it."""
    offer = session.get(Handover, device.handover_id, populate_existing=True) if device.handover_id else None
    if offer is not None and offer.state is HandoverState.open and now < offer.valid_until:
        raise Refused("recycling.offered_already", device=device.code)


def to_state(
    session: Session,
    thing: Thing,
    state: str,
    by: str,
    now: datetime,
    holder: Party | None = None,
    **details: Any,
) -> None:
    """Move a locked thing on, which `holder` then has: its order or trade-in has a state of that name.

    Raises Refused(``state.illegal_move``).
    """
    if isinstance(thing, RecyclingOrder):
        custody.move(session, thing, RecyclingState(state), by, now, holder, **details)
    else:
        custody.move_trade_in(session, thing, TradeInState(state), by, now, holder, **details)
    if state in TRACED:
        _trace(session, thing, TraceKind(state), now, details)
    if state in ENDED:
        _tell_end(session, thing, state, now)


def _trace(session: Session, thing: Thing, kind: TraceKind, now: datetime, details: dict[str, Any]) -> None:
    """What happened to the machine itself, where its number is known: not under which order."""
    serial = details.get("serial_number") or session.get_one(Device, thing.id).serial_number
    if serial:
        record(session, serial, kind, now, details={key: details[key] for key in PUBLIC if key in details})


def _tell_end(session: Session, thing: Thing, state: str, now: datetime) -> None:
    """Whose it was hears once where it ended, with its number where that is known: its trace is public."""
    device, proof = session.get_one(Device, thing.id), session.get(WipeCertificate, thing.id)
    kind = "ended_destroyed" if proof and proof.method in DESTROYING else ENDED[state]
    told = {"serial": device.serial_number} if device.serial_number else {}
    if isinstance(thing, RecyclingOrder):
        tell(session, thing, kind, now, **told)
    else:
        tell_trade_in(session, thing, kind, "once", now, **told)
