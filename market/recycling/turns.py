"""Whose turn it is with an order, and until when: what an operator sees where something is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.clock import at
from market.recycling import rules
from market.recycling.models import RecyclingOrder
from market.recycling.payout_models import Payout
from market.recycling.states import RecyclingState as S
from market.recycling.ways import Way

_END_OF_DAY = timedelta(days=1)
_MIDNIGHT = time()
SHORTEST = timedelta(hours=rules.PAY_HOURS)
FOR_SOMEBODY = (
    S.label_issued, S.awaiting_pickup, S.in_transit, S.lost_in_transit, S.received, S.inspecting, S.reoffer,
    S.locked_device, S.offer_accepted, S.payout_pending, S.rejected, S.auto_return, S.return_shipping,
    S.return_refused, S.hazard_hold,
)  # fmt: skip


class Who(StrEnum):
    """Who has to do something."""

    consumer = "consumer"
    carrier = "carrier"
    courier = "courier"
    recycler = "recycler"
    county = "county"
    market = "market"


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, and by when."""

    who: Who
    due_at: datetime


def turn(order: RecyclingOrder) -> Turn | None:
    """Whose turn it is; None where nobody waits for anybody."""
    since = order.state_since
    days = {
        S.in_transit: (_bearer(order), rules.TRANSIT_DAYS),
        S.lost_in_transit: (Who.county, rules.CLAIM_DAYS),
        S.rejected: (Who.recycler, rules.RETURN_WITHIN_DAYS),
        S.auto_return: (Who.recycler, rules.RETURN_WITHIN_DAYS),
        S.return_shipping: (Who.carrier, rules.TRANSIT_DAYS),
        S.return_refused: (Who.consumer, rules.ANSWER_DAYS),
        S.hazard_hold: (Who.recycler, rules.HAZARD_DAYS),
    }
    if order.state in days:
        who, count = days[order.state]
        return Turn(who, since + timedelta(days=count))
    if order.state in (S.offer_accepted, S.payout_pending):
        return Turn(Who.county if order.payout is Payout.yuan else Who.market, rules.pay_by(since))
    if order.state in (S.received, S.inspecting) and order.received_at is not None:
        return Turn(Who.recycler, rules.assess_by(order.received_at))
    if order.answer_by is not None:
        return Turn(Who.consumer, order.answer_by)
    return _before_transit(order)


def late(
    session: Session, county_code: str, now: datetime, limit: int = 200
) -> Sequence[tuple[RecyclingOrder, Turn]]:
    """The county's orders whose turn is over, the longest over first."""
    waiting = session.scalars(
        select(RecyclingOrder)
        .where(
            RecyclingOrder.county_code == county_code,
            RecyclingOrder.state.in_(FOR_SOMEBODY),
            RecyclingOrder.state_since <= now - SHORTEST,
        )
        .order_by(RecyclingOrder.state_since)
        .limit(10 * limit)
    )
    turns = [(order, found) for order in waiting if (found := turn(order)) and found.due_at <= now]
    return sorted(turns, key=lambda pair: (pair[1].due_at, pair[0].id))[:limit]


def _before_transit(order: RecyclingOrder) -> Turn | None:
    if order.state is S.awaiting_pickup and order.pickup_on is not None:
        return Turn(_bearer(order), at(order.pickup_on, _MIDNIGHT) + _END_OF_DAY)
    if order.state is S.label_issued and order.label_until is not None:
        return Turn(Who.consumer, order.label_until)
    return None


def _bearer(order: RecyclingOrder) -> Who:
    return Who.courier if order.way is Way.courier else Who.carrier
