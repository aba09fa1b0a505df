"""Old things on their way from hand to hand, for tests."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.people.models import Account
from market.recycling import handover
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.custody_models import Device, Handover
from market.recycling.held import party_of
from market.recycling.models import Recycler, RecyclerKind, RecyclerStaff, TradeIn
from market.recycling.parties import Party, Role
from market.recycling.trade_in import open_trade_in, trade_in_collected
from tests.builders.delivery import a_courier
from tests.builders.people import an_operator
from tests.builders.recycling import a_recycler, a_recycler_clerk, price_tables


def a_dismantler(session: Session, now: datetime, county_code: str = "610924") -> Recycler:
    """The county's licensed dismantler, whose first member of staff signs; the same one every time."""
    found = session.scalars(
        select(Recycler).where(Recycler.county_code == county_code, Recycler.kind == RecyclerKind.dismantler)
    ).first()
    if found is None:
        found = a_recycler(session, now, county_code, "青垣拆解厂")
        found.kind = RecyclerKind.dismantler
    return found


def staff_of(session: Session, recycler: Recycler) -> uuid.UUID:
    """Somebody who works there."""
    found = session.scalars(
        select(RecyclerStaff.account_id).where(RecyclerStaff.recycler_id == recycler.id)
    ).first()
    return found or a_recycler_clerk(session, recycler, recycler.created_at).id


def to_the_dismantler(
    session: Session, recycler: Recycler, clerk: Account, device_ids: Sequence[uuid.UUID], now: datetime
) -> Handover:
    """Offered by the recycler's clerk, taken by the dismantler."""
    dismantler = a_dismantler(session, now, recycler.county_code)
    offered = handover.offer(
        session, party_of(recycler), clerk.id, recycler.county_code, party_of(dismantler), device_ids, now
    )
    return handover.take(session, staff_of(session, dismantler), offered.code, now)


def to_the_recycler(session: Session, old: TradeIn, recycler: Recycler, now: datetime) -> None:
    """From the courier that has it to the hub, and from there to the recycler; each signs."""
    operator = an_operator(session, now, old.county_code)
    hub = Party(Role.hub, old.county_code)
    giver = Party.read(session.get_one(Device, old.id).holder)
    offered = handover.offer(session, giver, operator.id, old.county_code, hub, [old.id], now)
    handover.take(session, operator.id, offered.code, now)
    to = party_of(recycler)
    offered = handover.offer(session, hub, operator.id, old.county_code, to, [old.id], now)
    handover.take(session, staff_of(session, recycler), offered.code, now)


def a_taken_over_fridge(
    session: Session, buyer: Account, recycler: Recycler, clerk: Account, now: datetime
) -> TradeIn:
    """Traded in as told, weighed at 61.5 kg and the recycler's own."""
    price_tables(session)
    old = open_trade_in(
        session, buyer.id, recycler.county_code, f"order:{new_id()}", "fridge", 12, True, True, now
    )
    trade_in_collected(session, f"trade_in:{old.id}", now, a_courier(session, now).id)
    to_the_recycler(session, old, recycler, now)
    return assess_trade_in(session, recycler, clerk.id, old.id, 61_500, 12, [], "", None, now)
