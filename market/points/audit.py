"""Points in the rows against points in the book."""

from collections.abc import Iterator

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from market.ledger.queries import balance
from market.ledger.rules import points_available, points_debt, points_pending
from market.points.models import LotState, PointsAccount, PointsLot


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each buyer whose row, lots and ledger disagree."""
    lots = {
        account_id: (int(available), int(pending))
        for account_id, available, pending in session.execute(
            select(
                PointsLot.account_id,
                func.sum(case((PointsLot.state == LotState.available, PointsLot.remaining), else_=0)),
                func.sum(case((PointsLot.state == LotState.pending, PointsLot.remaining), else_=0)),
            ).group_by(PointsLot.account_id)
        )
    }
    for row in session.scalars(select(PointsAccount)):
        told = (row.available, row.pending)
        booked = (
            balance(session, points_available(row.account_id)),
            balance(session, points_pending(row.account_id)),
        )
        summed = lots.get(row.account_id, (0, 0))
        owed = balance(session, points_debt(row.account_id))
        if owed != row.debt:
            yield f"points owed by {row.account_id}: row {row.debt}, book {owed}"
        if not told == booked == summed:
            yield f"points of {row.account_id}: row {told}, book {booked}, lots {summed}"
