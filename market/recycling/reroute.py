"""What was bound for a recycler that may not take it any more goes to another, and its people hear of it.

Called with the county's recyclers locked; orders are locked after them, in id order, and then trade-ins.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.notices.notify import notify
from market.recycling import custody
from market.recycling.models import Recycler, RecyclingOrder, TradeIn
from market.recycling.queries import recycler_for
from market.recycling.states import FOR_A_PERSON, ON_ITS_WAY, TradeInState
from market.recycling.tell import tell_trade_in

UNSETTLED = (TradeInState.reoffer, *sorted(FOR_A_PERSON))


def move_on(session: Session, recycler: Recycler, now: datetime, only: Collection[str] | None = None) -> int:
    """Take from `recycler` every mail-in order that it has not received and every trade-in at the hub that is
    not settled, or of them those of the categories `only`; how many. Where nobody else is licensed they wait
    without one."""
    orders = select(RecyclingOrder).where(RecyclingOrder.recycler_id == recycler.id)
    old_ones = select(TradeIn).where(TradeIn.recycler_id == recycler.id)
    if only is not None:
        orders = orders.where(RecyclingOrder.category_code.in_(only))
        old_ones = old_ones.where(TradeIn.category_code.in_(only))
    for order in (moved := _locked(session, orders)):
        _readdress(session, order, now)
    for old in (handed := _unsettled(session, old_ones)):
        _hand_over(session, old, now)
    session.flush()
    return len(moved) + len(handed)


def place_waiting(session: Session, county_code: str, now: datetime) -> int:
    """Give what waits in the county without a recycler to one that is licensed; how many got one."""
    orders = select(RecyclingOrder).where(
        RecyclingOrder.county_code == county_code, RecyclingOrder.recycler_id.is_(None)
    )
    old_ones = select(TradeIn).where(TradeIn.county_code == county_code, TradeIn.recycler_id.is_(None))
    placed = [_readdress(session, order, now) for order in _locked(session, orders)]
    placed += [_hand_over(session, old, now) for old in _unsettled(session, old_ones)]
    session.flush()
    return sum(placed)


def _locked(session: Session, which: Select[RecyclingOrder]) -> Sequence[RecyclingOrder]:
    found = which.where(RecyclingOrder.state.in_(ON_ITS_WAY)).order_by(RecyclingOrder.id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).all()


def _unsettled(session: Session, which: Select[TradeIn]) -> Sequence[TradeIn]:
    found = which.where(TradeIn.state.in_(UNSETTLED)).order_by(TradeIn.id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).all()


def _readdress(session: Session, order: RecyclingOrder, now: datetime) -> bool:
    """Address a locked order anew. False where there is nobody to address it to."""
    before = order.recycler_id
    other = recycler_for(session, order.county_code, order.category_code, local_date(now))
    if other is None and before is None:
        return False
    order.recycler_id = other.id if other else None
    licence = other.licence_number if other else None
    custody.record(session, order, custody.MARKET, now, rerouted_to=licence)
    kind = "recycling.rerouted" if other else "recycling.waits_for_recycler"
    notify(
        session,
        order.account_id,
        kind,
        {"code": order.code, "recycler": other.name if other else ""},
        now,
        reference=f"recycling:{order.id}",
        dedupe_key=f"{kind}:{order.id}:{before}:{now.isoformat()}",
    )
    return other is not None


def _hand_over(session: Session, old: TradeIn, now: datetime) -> bool:
    """Another recycler takes an unsettled trade-in over, on the terms that its buyer was offered."""
    before = old.recycler_id
    other = recycler_for(session, old.county_code, old.category_code, local_date(now))
    old.recycler_id = other.id if other else None
    if other is not None:
        tell_trade_in(session, old, "rerouted", f"{before}:{now.isoformat()}", now, recycler=other.name)
    return other is not None
