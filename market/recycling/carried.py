"""What is carried to a place: whoever keeps that place signs for it, and it stands there by custody."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.recycling import custody
from market.recycling.custody_models import Device
from market.recycling.freight import release
from market.recycling.models import RecyclingOrder
from market.recycling.parcel import depart
from market.recycling.parties import Party
from market.recycling.pick_up import call_off
from market.recycling.states import BEFORE_TRANSIT, RecyclingState
from market.recycling.ways import Way


def keeper(account_id: uuid.UUID) -> str:
    """How custody names whoever keeps a station or a point."""
    return f"keeper:{account_id}"


def lock_labelled(session: Session, codes: Iterable[str]) -> Sequence[RecyclingOrder]:
    """The orders with these codes, locked in the order of their ids; a code of nothing is left out.

    Before the row of any place: that is everybody's order.
    """
    found = select(RecyclingOrder).where(RecyclingOrder.code.in_([*codes])).order_by(RecyclingOrder.id)
    return session.scalars(found.with_for_update().execution_options(populate_existing=True)).all()


def sign_in(
    session: Session, order: RecyclingOrder, place: Party, name: str, keeper_id: uuid.UUID, now: datetime
) -> None:
    """`place`, called `name`, has a locked order's thing from now on. The second time nothing happens.

    It may have been meant for the post or the courier: she brought it all the same. Raises
    Refused(``recycling.not_carried``, field code) before it has a label and once it is elsewhere.
    """
    there = session.get_one(Device, order.id).holder
    if there == str(place):
        return
    told = {"signed_in": name}
    if order.state in BEFORE_TRANSIT:
        _leave_other_way(session, order, now)
        depart(session, order, keeper(keeper_id), now, holder=place, **told)
    elif order.state is RecyclingState.in_transit and order.way is Way.carry and _is_unsigned(there):
        custody.record(session, order, keeper(keeper_id), now, place, **told)
    else:
        raise Refused("recycling.not_carried", field="code")


def sign_on(
    session: Session, order: RecyclingOrder, taker: Party, by: str, transfer: str, now: datetime
) -> None:
    """`taker` has a locked order's thing, with the others of a transfer. Once, and not from the recycler."""
    device = session.get_one(Device, order.id)
    if order.state is RecyclingState.in_transit and device.holder != str(taker):
        custody.record(session, order, by, now, taker, transfer=transfer)


def standing_at(session: Session, place: Party) -> Sequence[Device]:
    """What stands at a place, the first come first."""
    return session.scalars(select(Device).where(Device.holder == str(place)).order_by(Device.id)).all()


def _is_unsigned(holder: str) -> bool:
    """She said that she has handed it over, and nobody signed."""
    return holder == "post"


def _leave_other_way(session: Session, order: RecyclingOrder, now: datetime) -> None:
    if order.way is Way.courier:
        call_off(session, order, now)
    elif order.way is Way.post:
        release(session, order.id, now)
