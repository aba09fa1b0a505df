"""What a county's operator has to do with things sent in: transfers to make, lost parcels to claim for."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.recycling.models import RecyclingOrder
from market.recycling.payout_models import BankPayout
from market.recycling.states import RecyclingState


def payouts_due(
    session: Session, county_code: str, limit: int = 100
) -> Sequence[tuple[RecyclingOrder, BankPayout]]:
    """What the county's bank has yet to pay, the longest owed first."""
    rows = session.execute(
        select(RecyclingOrder, BankPayout)
        .join(BankPayout, BankPayout.order_id == RecyclingOrder.id)
        .where(
            RecyclingOrder.county_code == county_code,
            BankPayout.amount_fen.is_not(None),
            BankPayout.paid_at.is_(None),
        )
        .order_by(RecyclingOrder.state_since, RecyclingOrder.id)
        .limit(limit)
    )
    return [(order, due) for order, due in rows]


def lost_parcels(session: Session, county_code: str, limit: int = 100) -> Sequence[RecyclingOrder]:
    """The county's parcels that count as lost, the longest lost first."""
    return session.scalars(
        select(RecyclingOrder)
        .where(
            RecyclingOrder.county_code == county_code,
            RecyclingOrder.state == RecyclingState.lost_in_transit,
        )
        .order_by(RecyclingOrder.state_since, RecyclingOrder.id)
        .limit(limit)
    ).all()
