"""What came back, against its custody and what was paid for it."""

import uuid
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.points.models import PointsLot
from market.points.rules import FEN_PER_POINT
from market.recycling.custody import broken_at
from market.recycling.models import CustodyEvent, RecyclingOrder


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each order whose custody was changed, ends elsewhere, or was paid otherwise."""
    rows: dict[uuid.UUID, list[CustodyEvent]] = {}
    for event in session.scalars(select(CustodyEvent).order_by(CustodyEvent.order_id, CustodyEvent.seq)):
        rows.setdefault(event.order_id, []).append(event)
    for order in session.scalars(select(RecyclingOrder).order_by(RecyclingOrder.id)):
        trail = rows.get(order.id, [])
        place = broken_at(trail)
        if place is not None:
            yield f"recycling order {order.code}: custody row {place} was changed"
        if not trail or trail[-1].state is not order.state:
            yield f"recycling order {order.code}: custody does not end in {order.state.value}"
        if (order.paid_fen or 0) != _granted_fen(session, order.id):
            yield f"recycling order {order.code}: {order.paid_fen or 0} fen paid, other points granted"


def _granted_fen(session: Session, order_id: uuid.UUID) -> int:
    points = select(func.coalesce(func.sum(PointsLot.points), 0)).where(
        PointsLot.reference == f"recycling:{order_id}"
    )
    return int(session.scalar(points) or 0) * FEN_PER_POINT
