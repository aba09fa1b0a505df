"""Pay an accepted offer, in points."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.points.earn import grant
from market.points.rules import FEN_PER_POINT
from market.recycling import custody
from market.recycling.states import RecyclingState
from market.recycling.tell import tell


def pay_out(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """Grant the accepted offer as points. Nothing happens the second time.

    Two guards against paying twice: the state under the row's lock, and the grant's own reference.
    """
    order = custody.lock(session, order_id)
    if order.state is not RecyclingState.payout_pending or order.offer_fen is None:
        return
    points = order.offer_fen // FEN_PER_POINT
    grant(session, order.account_id, points, f"recycling:{order.id}", now)
    order.paid_fen = order.offer_fen
    custody.move(session, order, RecyclingState.paid, custody.MARKET, now, points=points)
    tell(session, order, "paid", now, points=points)
