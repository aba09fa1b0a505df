"""The one way a thing changes state or hands: a legal move, and a row of custody chained to the one before.

It is the same for what came by post and for what was traded in.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.chain import GENESIS, chain_hash, first_break
from market.kernel.errors import NotFound
from market.recycling.custody_models import CustodyEvent, Device
from market.recycling.models import DeviceKind, RecyclingOrder, TradeIn
from market.recycling.parties import CONSUMER as AT_HOME
from market.recycling.parties import POST, Party, Role
from market.recycling.states import STATES, TRADE_IN_STATES, RecyclingState, TradeInState

CONSUMER = "consumer"
CARRIER = "carrier"
CLOCK = "clock"
MARKET = "market"

Thing = RecyclingOrder | TradeIn

_IN_THE_POST = frozenset(
    {RecyclingState.in_transit, RecyclingState.lost_in_transit, RecyclingState.return_shipping}
)


def recycler(account_id: uuid.UUID) -> str:
    """How custody names a recycler's member of staff."""
    return f"recycler:{account_id}"


def lock(session: Session, order_id: uuid.UUID) -> RecyclingOrder:
    """The order, its row locked until the transaction ends and read anew. Raises NotFound."""
    order = session.get(RecyclingOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound
    return order


def lock_thing(session: Session, device_id: uuid.UUID) -> tuple[Thing, Device]:
    """The order or trade-in, then its device, both locked and read anew. Raises NotFound."""
    kind = session.scalar(select(Device.kind).where(Device.id == device_id))
    table: Any = TradeIn if kind is DeviceKind.trade_in else RecyclingOrder
    thing: Thing | None = session.get(table, device_id, with_for_update=True, populate_existing=True)
    device = session.get(Device, device_id, with_for_update=True, populate_existing=True)
    if thing is None or device is None:
        raise NotFound
    return thing, device


def lock_things(session: Session, device_ids: Iterable[uuid.UUID]) -> list[tuple[Thing, Device]]:
    """Several things, locked in the order of their ids. Raises NotFound."""
    return [lock_thing(session, device_id) for device_id in sorted(set(device_ids))]


def move(
    session: Session,
    order: RecyclingOrder,
    to: RecyclingState,
    by: str,
    now: datetime,
    holder: Party | None = None,
    **details: Any,
) -> None:
    """Move a locked `order` and record who did it. Raises Refused(``state.illegal_move``).

    `details` are what is worth proving later (weight, seal, offer, reasons); they are hashed, so JSON only.
    Unless a `holder` is named, the state says who has it: the post, the recycler that received it, or its
    owner again.
    """
    STATES.move(order, to)
    order.state_since = now
    record(session, order, by, now, holder or _holder_in(order), **details)


def move_trade_in(
    session: Session,
    old: TradeIn,
    to: TradeInState,
    by: str,
    now: datetime,
    holder: Party | None = None,
    **details: Any,
) -> None:
    """Move a locked trade-in, which `holder` has from now on. Raises as `move`."""
    TRADE_IN_STATES.move(old, to)
    record(session, old, by, now, holder, **details)


def record(
    session: Session, thing: Thing, by: str, now: datetime, holder: Party | None = None, **details: Any
) -> None:
    """Write the row for the state that `thing` is in, and for who holds it from now on.

    The first row of a thing makes its device: it is at its owner's, unless it is told otherwise.
    """
    device = session.get(Device, thing.id) or _enter(session, thing, now)
    if holder is not None and str(holder) != device.holder:
        details |= {"from": device.holder, "holder": str(holder)}
        device.holder = str(holder)
    device.weight_grams = details.get("weight_grams", device.weight_grams)
    last = session.execute(
        select(CustodyEvent.seq, CustodyEvent.hash)
        .where(CustodyEvent.device_id == thing.id)
        .order_by(CustodyEvent.seq.desc())
        .limit(1)
    ).one_or_none()
    seq, previous = (last.seq + 1, last.hash) if last else (0, GENESIS)
    event = CustodyEvent(
        device_id=thing.id, seq=seq, state=thing.state.value, by=by, details=details, happened_at=now
    )
    event.hash = chain_hash(previous, _row(event))
    session.add(event)
    session.flush()


def trail(session: Session, device_id: uuid.UUID) -> Sequence[CustodyEvent]:
    """Every move of a thing, the first one first."""
    return session.scalars(
        select(CustodyEvent).where(CustodyEvent.device_id == device_id).order_by(CustodyEvent.seq)
    ).all()


def broken_at(events: Sequence[CustodyEvent]) -> int | None:
    """The place of the first row that was changed after it was written; None where none was."""
    return first_break((_row(event), event.hash) for event in events)


def _enter(session: Session, thing: Thing, now: datetime) -> Device:
    device = Device(
        id=thing.id,
        kind=DeviceKind.trade_in if isinstance(thing, TradeIn) else DeviceKind.mail_in,
        code=thing.code,
        county_code=thing.county_code,
        category_code=thing.category_code,
        holder=str(AT_HOME),
        created_at=now,
    )
    session.add(device)
    session.flush()
    return device


def _holder_in(order: RecyclingOrder) -> Party | None:
    """Who holds a parcel in the state it has just reached; None where that does not change."""
    if order.state in _IN_THE_POST:
        return POST
    if order.state is RecyclingState.returned:
        return AT_HOME
    if order.state is RecyclingState.received:
        return Party(Role.recycler, str(order.recycler_id))
    return None


def _row(event: CustodyEvent) -> dict[str, Any]:
    return {
        "order": str(event.device_id),  # named as in the first rows, whose hashes stand
        "seq": event.seq,
        "state": str(event.state),
        "by": event.by,
        "details": event.details,
        "at": event.happened_at.astimezone(UTC).isoformat(),
    }
