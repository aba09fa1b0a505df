"""Points go out on an order, and come back when it is undone."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.ledger.models import Entry
from market.ledger.post import post
from market.ledger.rules import POINTS_PROGRAMME, credit, debit, points_available
from market.points.account import alive_lots, locked, pay_debt
from market.points.models import LotState, PointsLot, PointsSpend


def spend(session: Session, account_id: uuid.UUID, points: int, reference: str, now: datetime) -> None:
    """Take `points` for `reference`, first-expiring lots first.

    Raises Refused(``points.short`` | ``points.debt``, field ``points``) where fewer are available, or where
    points are owed for money that was refunded; nothing changes then.
    """
    if points <= 0:
        return
    row = locked(session, account_id)
    if row.debt:
        raise Refused("points.debt", field="points", debt=row.debt)
    lots = alive_lots(session, account_id, now)
    left = sum(lot.remaining for lot in lots)
    if points > left:
        raise Refused("points.short", field="points", left=left)
    row.available -= points
    for lot in lots:
        part = min(points, lot.remaining)
        lot.remaining -= part
        points -= part
        session.add(PointsSpend(reference=reference, lot_id=lot.id, points=part, restored=0, created_at=now))
        if not points:
            break
    session.flush()
    _post(session, account_id, reference, f"points:spend:{reference}", now)


def restore(
    session: Session, account_id: uuid.UUID, points: int, reference: str, key: str, now: datetime
) -> None:
    """Give `points` of `reference`'s spend back to the lots they came from, which keep their expiry.

    What belongs to a lot that has lapsed meanwhile is lost. `key` makes it happen once. Raises ValueError
    where more would come back than was spent.
    """
    row = locked(session, account_id)
    entry_key = f"points:restore:{key}"
    spends = session.execute(
        select(PointsSpend, PointsLot)
        .join(PointsLot, PointsLot.id == PointsSpend.lot_id)
        .where(PointsSpend.reference == reference)
        .order_by(PointsLot.expires_at.desc(), PointsLot.id)
        .with_for_update()
    ).all()
    if session.scalar(select(Entry.id).where(Entry.key == entry_key)):
        return
    if points > sum(spent.points - spent.restored for spent, _ in spends):
        raise ValueError(f"{reference} never spent {points} points")
    alive = 0
    for spent, lot in spends:
        part = min(points, spent.points - spent.restored)
        spent.restored += part
        points -= part
        if lot.state is LotState.available and lot.expires_at > now:
            lot.remaining += part
            alive += part
    lines = [debit(POINTS_PROGRAMME, alive), credit(points_available(account_id), alive)]
    post(session, "points.restored", reference, entry_key, lines, now)
    row.available += alive
    pay_debt(session, row, [lot for _, lot in spends if lot.expires_at > now], f"restore:{key}", now)


def _post(session: Session, account_id: uuid.UUID, reference: str, key: str, now: datetime) -> None:
    points = (
        session.scalar(select(func.sum(PointsSpend.points)).where(PointsSpend.reference == reference)) or 0
    )
    lines = [debit(points_available(account_id), int(points)), credit(POINTS_PROGRAMME, int(points))]
    post(session, "points.spent", reference, key, lines, now)
