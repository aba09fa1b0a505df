"""Money for an order went back: so do the points that were earned on it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.ledger.post import post
from market.ledger.rules import (
    POINTS_PROGRAMME,
    credit,
    debit,
    points_available,
    points_debt,
    points_pending,
)
from market.points import rules
from market.points.account import alive_lots, locked_lot, spent_of
from market.points.models import LotState, PointsAccount, PointsLot


def take_back(session: Session, reference: str, refunded_fen: int, paid_fen: int, now: datetime) -> None:
    """Of what `reference` earned on `paid_fen`, keep only the share of what has not been refunded.

    `refunded_fen` counts every refund so far, so a repeat is harmless. What is no longer in its lot is taken
    from her other points, and what she has spent beyond them becomes a debt. Points that lapsed unspent are
    gone anyway. Nothing happens where nothing was earned.
    """
    lot_id = session.scalar(select(PointsLot.id).where(PointsLot.reference == reference))
    found = locked_lot(session, lot_id) if lot_id else None
    if found is None:
        return
    row, lot = found
    target = rules.taken_back(lot.points, refunded_fen, paid_fen)
    wanted = target - lot.taken_back
    if wanted <= 0:
        return
    lot.taken_back = target
    pending, available, debt = _collect(session, row, lot, wanted, now)
    row.pending -= pending
    row.available -= available
    row.debt += debt
    lines = [
        debit(points_pending(row.account_id), pending),
        debit(points_available(row.account_id), available),
        debit(points_debt(row.account_id), debt),
        credit(POINTS_PROGRAMME, pending + available + debt),
    ]
    post(session, "points.taken_back", reference, f"points:take_back:{lot.id}:{target}", lines, now)
    session.flush()


def _collect(
    session: Session, row: PointsAccount, lot: PointsLot, wanted: int, now: datetime
) -> tuple[int, int, int]:
    """Take `wanted` points out of lots: how many were pending, how many available, how many are owed."""
    spent = spent_of(session, lot.id)
    own = min(wanted, lot.remaining)
    lot.remaining -= own
    if lot.state is LotState.pending:
        return own, 0, 0
    # Only what she has spent is missed: the rest of a lapsed lot is nobody's any more.
    missing, taken = min(wanted - own, spent), own
    for other in alive_lots(session, row.account_id, now):
        part = min(missing, other.remaining)
        other.remaining -= part
        taken += part
        missing -= part
    return 0, taken, missing
